//! Verdicts: what can be said of a whole flow, from what was observed.
//!
//! Each has a stable id (`verdict-<id>` in the language files, with `.` and `_` as `-`), says whether it is
//! good, worth care or bad (RFC 9700), and points at the exchange that shows it.

use serde::{Deserialize, Serialize};
use shared::flow::{ExchangeId, Outcome, Party, ValueKind, ValuePlace};

use super::flow::Grant;
use super::hop::Hop;

/// How a verdict is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// As RFC 9700 wants it.
    Good,
    /// Not wrong, but worth knowing.
    Care,
    /// Against RFC 9700, or an attack that was refused.
    Bad,
}

impl Judgement {
    /// The name in JSON and in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Care => "care",
            Self::Bad => "bad",
        }
    }
}

/// One thing that can be said of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Its stable id: `pkce.s256_used`.
    pub id: String,
    /// How it is meant.
    pub outcome: Judgement,
    /// The exchange that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeId>,
}

/// All verdicts there are, with their meaning. Pages and the documentation list them from here.
pub const ALL: &[(&str, Judgement)] = &[
    ("pkce.s256_used", Judgement::Good),
    ("pkce.plain_used", Judgement::Bad),
    ("pkce.not_used", Judgement::Care),
    ("pkce.verifier_mismatch", Judgement::Bad),
    ("state.checked", Judgement::Good),
    ("state.sent", Judgement::Care),
    ("state.left_to_pkce", Judgement::Good),
    ("state.left_to_nonce", Judgement::Care),
    ("state.not_sent", Judgement::Care),
    ("state.mismatch", Judgement::Bad),
    ("iss.checked", Judgement::Good),
    ("client.authenticated", Judgement::Good),
    ("client.public", Judgement::Care),
    ("password.only_at_auth_server", Judgement::Good),
    ("password.seen_by_client", Judgement::Bad),
    ("token.in_url", Judgement::Bad),
    ("token.back_channel_only", Judgement::Good),
    ("code.replayed", Judgement::Bad),
    ("device.confirmed", Judgement::Good),
    ("device.slowed_down", Judgement::Care),
    ("refresh.rotated", Judgement::Good),
    ("refresh.reused", Judgement::Bad),
    ("consent.denied", Judgement::Care),
    ("scope.narrowed", Judgement::Care),
    ("id_token.verified", Judgement::Good),
    ("api.called", Judgement::Good),
];

/// Collects verdicts.
struct Collector<'h> {
    hops: &'h [&'h Hop],
    found: Vec<Verdict>,
}

impl<'h> Collector<'h> {
    /// Says `id` of the flow, shown by `hop`.
    fn say(&mut self, id: &str, hop: &Hop) {
        if let Some((id, outcome)) = ALL.iter().find(|(known, _)| *known == id) {
            self.found.push(Verdict {
                id: (*id).to_owned(),
                outcome: *outcome,
                exchange: Some(hop.id().clone()),
            });
        }
    }

    /// The first hop of which `holds` is true.
    fn first(&self, holds: impl Fn(&Hop) -> bool) -> Option<&'h Hop> {
        self.hops.iter().copied().find(|hop| holds(hop))
    }

    /// Says `id` if a hop shows it; whether it did.
    fn if_any(&mut self, id: &str, holds: impl Fn(&Hop) -> bool) -> bool {
        let shown = self.first(holds);
        if let Some(hop) = shown {
            self.say(id, hop);
        }
        shown.is_some()
    }

    /// Says `id` if the check ended so somewhere.
    fn if_check(&mut self, id: &str, check: &str, outcome: Outcome) -> bool {
        self.if_any(id, |hop| hop.check(check) == Some(outcome))
    }
}

/// What can be said of the flow with these hops.
#[must_use]
pub fn verdicts_of(hops: &[&Hop], grant: Grant) -> Vec<Verdict> {
    let mut said = Collector {
        hops,
        found: Vec::new(),
    };
    request(&mut said, grant);
    secrets(&mut said);
    tokens(&mut said);
    said.found
}

/// PKCE, `state`, `iss`, consent: the authorization request and its answer.
fn request(said: &mut Collector<'_>, grant: Grant) {
    if let Some(asked) = said.first(Hop::states_authorization) {
        let challenge = asked
            .asked("code_challenge")
            .is_some_and(|text| !text.is_empty());
        match (challenge, asked.asked("code_challenge_method").as_deref()) {
            (true, Some("S256")) => said.say("pkce.s256_used", asked),
            (true, _) => said.say("pkce.plain_used", asked),
            (false, _) if grant == Grant::AuthorizationCode => said.say("pkce.not_used", asked),
            (false, _) => {}
        }
        let state = asked.asked("state").is_some_and(|text| !text.is_empty());
        let mismatch = said.if_check("state.mismatch", "state.matches", Outcome::Failed);
        if !mismatch && !said.if_check("state.checked", "state.matches", Outcome::Passed) {
            said.say(
                if state {
                    "state.sent"
                } else {
                    instead_of_state(asked)
                },
                asked,
            );
        }
    }
    said.if_check("pkce.verifier_mismatch", "pkce.s256", Outcome::Failed);
    said.if_check("iss.checked", "iss.matches", Outcome::Passed);
    said.if_any("consent.denied", |hop| {
        hop.answered("error") == Some("access_denied")
    });
}

/// What ties the answer to the browser that asked where no `state` does (RFC 9700 §2.1): PKCE, which this server
/// supports, or in OpenID Connect the nonce of the ID token.
fn instead_of_state(asked: &Hop) -> &'static str {
    let given = |name: &str| asked.asked(name).is_some_and(|text| !text.is_empty());
    let list = |name: &str| asked.asked(name).as_deref().map(words).unwrap_or_default();
    let (types, scope) = (list("response_type"), list("scope"));
    // A verifier guards the code alone: what comes beside it in the browser would be taken from anybody.
    if types == ["code"] && given("code_challenge") {
        return "state.left_to_pkce";
    }
    let brings_id_token = |kind: &String| kind == "code" || kind == "id_token";
    let id_token = types.iter().any(brings_id_token) && scope.iter().any(|one| one == "openid");
    if id_token && given("nonce") {
        "state.left_to_nonce"
    } else {
        "state.not_sent"
    }
}

/// Who showed which secret to whom.
fn secrets(said: &mut Collector<'_>) {
    if !said.if_check(
        "client.authenticated",
        "client.authenticated",
        Outcome::Passed,
    ) {
        said.if_any("client.public", |hop| {
            hop.is_token_request() && hop.is_success() && hop.sent("client_secret").is_none()
        });
    }
    let carries_password = |hop: &Hop| {
        hop.carries(
            ValueKind::Password,
            &[ValuePlace::RequestBody, ValuePlace::RequestQuery],
        )
    };
    let by_client = |hop: &Hop| {
        hop.exchange.to == Party::ClientApp
            || (hop.is_token_request() && hop.sent("grant_type") == Some("password"))
    };
    let seen = said.if_any("password.seen_by_client", |hop| {
        carries_password(hop) && by_client(hop)
    });
    if !seen {
        said.if_any("password.only_at_auth_server", |hop| {
            carries_password(hop) && hop.exchange.to == Party::AuthServer
        });
    }
}

/// What became of the tokens.
fn tokens(said: &mut Collector<'_>) {
    use ValuePlace::{
        BrowserFragment, RedirectFragment, RedirectQuery, RequestQuery, ResponseBody,
    };
    let in_url = said.if_any("token.in_url", |hop| {
        let places = [
            RequestQuery,
            RedirectQuery,
            RedirectFragment,
            BrowserFragment,
        ];
        hop.carries(ValueKind::AccessToken, &places)
    });
    if !in_url {
        said.if_any("token.back_channel_only", |hop| {
            hop.is_token_request() && hop.carries(ValueKind::AccessToken, &[ResponseBody])
        });
    }
    said.if_check("device.confirmed", "user_code.confirmed", Outcome::Passed);
    said.if_check(
        "device.slowed_down",
        "device_code.interval",
        Outcome::Failed,
    );
    said.if_check("code.replayed", "code.unused", Outcome::Failed);
    said.if_any("refresh.rotated", rotates);
    said.if_check("refresh.reused", "refresh_token.current", Outcome::Failed);
    let asked = said.hops.iter().find_map(|hop| {
        let asks = hop.states_authorization()
            || hop.is_device_authorization_request()
            || hop.is_token_request();
        let scope = hop.asked("scope").filter(|_| asks);
        scope.as_deref().map(words)
    });
    if let Some(asked) = asked {
        said.if_any("scope.narrowed", |hop| {
            let given = hop
                .answered("scope")
                .filter(|_| hop.is_token_request())
                .map(words);
            given.is_some_and(|given| given.len() < asked.len())
        });
    }
    said.if_check("id_token.verified", "id_token.signature", Outcome::Passed);
    said.if_any("api.called", |hop| {
        hop.exchange.to == Party::ResourceServer
            && hop.carries(ValueKind::AccessToken, &[ValuePlace::RequestHeader])
            && hop.is_success()
    });
}

/// Whether a refresh gave a new refresh token for the old one (RFC 9700 §4.14.2).
fn rotates(hop: &Hop) -> bool {
    let refresh = |place| {
        let mut values = hop.exchange.values.iter();
        values.find(|value| value.kind == ValueKind::RefreshToken && value.place == place)
    };
    match (
        refresh(ValuePlace::RequestBody),
        refresh(ValuePlace::ResponseBody),
    ) {
        (Some(old), Some(new)) => old.hash != new.hash,
        _ => false,
    }
}

fn words(scope: &str) -> Vec<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use shared::flow::Party;

    use super::super::sample::received;
    use super::*;

    #[test]
    fn without_state_pkce_or_a_nonce_ties_the_answer_to_the_browser() {
        let pkce = "&code_challenge=c&code_challenge_method=S256";
        for (query, said) in [
            (format!("response_type=code{pkce}"), "state.left_to_pkce"),
            (
                format!("response_type=code&scope=openid&nonce=n{pkce}"),
                "state.left_to_pkce",
            ),
            (
                "response_type=code&scope=openid&nonce=n".to_owned(),
                "state.left_to_nonce",
            ),
            (
                "response_type=id_token&scope=openid&nonce=n".to_owned(),
                "state.left_to_nonce",
            ),
            (
                format!("response_type=code%20id_token&scope=openid&nonce=n{pkce}"),
                "state.left_to_nonce",
            ),
            (format!("response_type=code&state=s{pkce}"), "state.sent"),
            // No ID token brings the nonce back.
            (
                "response_type=code&scope=photos:read&nonce=n".to_owned(),
                "state.not_sent",
            ),
            (
                "response_type=token&scope=openid&nonce=n".to_owned(),
                "state.not_sent",
            ),
            // The token in front needs no verifier.
            (
                format!("response_type=code%20token{pkce}"),
                "state.not_sent",
            ),
            (
                "response_type=code&scope=openid".to_owned(),
                "state.not_sent",
            ),
        ] {
            let path = format!("/authorize?client_id=web&{query}");
            let sample = received(0, Party::Browser, Party::AuthServer, "GET", &path);
            let hop = Hop::new(sample.0, 0);
            let verdicts = verdicts_of(&[&hop], Grant::AuthorizationCode);
            let about_state: Vec<_> = verdicts
                .iter()
                .map(|verdict| verdict.id.as_str())
                .filter(|id| id.starts_with("state."))
                .collect();
            assert_eq!(about_state, [said], "{query}");
        }
    }
}
