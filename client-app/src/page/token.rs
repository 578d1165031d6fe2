//! A token opened: its three parts, every claim explained, and what the published keys say of it.

use serde_json::{Map, Value};
use shared::flow::Check;
use shared::page::Frame;

use super::{CheckLine, Explained, moment};
use crate::jwt::{Jwt, seconds};

/// The claims that are moments (RFC 7519 §2 `NumericDate`).
const MOMENTS: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

/// The order in which claims are read; others follow by name.
const ORDER: [&str; 9] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "client_id",
    "scope",
    "iat",
    "exp",
    "auth_time",
];

/// A token that is shown.
#[derive(Clone, Debug)]
pub(crate) struct TokenView {
    /// The token as it came.
    pub(crate) raw: String,
    /// Header, payload and signature; `None` for an opaque token.
    pub(crate) parts: Option<[String; 3]>,
    /// The members of the header.
    pub(crate) header: Vec<Explained>,
    /// The claims.
    pub(crate) claims: Vec<Explained>,
    /// What was verified.
    pub(crate) checks: Vec<CheckLine>,
}

impl TokenView {
    /// The view of `token` at `now` (realm time, seconds).
    pub(crate) fn new(frame: &Frame, token: &str, checks: &[Check], now: i64) -> Self {
        let jwt = Jwt::decode(token);
        let explained = |members: &Map<String, Value>, header: bool| {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| {
                let place = ORDER.iter().position(|known| known == name);
                place.unwrap_or(ORDER.len())
            });
            members
                .into_iter()
                .map(|(name, value)| member(frame, (name, value), header, now))
                .collect::<Vec<_>>()
        };
        let header = jwt.as_ref().map(|jwt| explained(&jwt.header, true));
        let claims = jwt.as_ref().map(|jwt| explained(&jwt.claims, false));
        Self {
            raw: token.to_owned(),
            header: header.unwrap_or_default(),
            claims: claims.unwrap_or_default(),
            parts: jwt.map(|jwt| jwt.parts),
            checks: CheckLine::all(frame, checks),
        }
    }
}

fn member(frame: &Frame, (name, value): (&str, &Value), header: bool, now: i64) -> Explained {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let explained = Explained::new(frame, name, text);
    if header {
        let sentence = frame.find(format!("claim-header-{name}"));
        return explained.saying(sentence.unwrap_or_default());
    }
    let explained = match frame.about("claim", name) {
        Some(sentence) => explained.saying(sentence),
        None => explained,
    };
    let when = seconds(value).filter(|_| MOMENTS.contains(&name));
    let human = when.map(|when| {
        let distance = moment::distance(frame, when, now);
        format!("{} ({distance})", moment::utc(when))
    });
    Explained {
        human: human.unwrap_or_default(),
        ..explained
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::page::Language;

    use super::*;
    use crate::page::samples::frame;

    /// Every claim that a token of the auth server can hold: access tokens (RFC 9068, exchanged, bound, after a
    /// step-up), ID tokens, logout tokens, and the proofs of the client app.
    const CLAIMS: [&str; 27] = [
        "iss",
        "sub",
        "aud",
        "azp",
        "client_id",
        "scope",
        "iat",
        "exp",
        "nbf",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "at_hash",
        "c_hash",
        "sid",
        "jti",
        "gid",
        "cnf",
        "act",
        "may_act",
        "events",
        "htm",
        "htu",
        "ath",
        "name",
        "address",
    ];

    #[test]
    fn every_claim_of_ours_has_a_sentence_in_every_language() {
        for language in [Language::En, Language::ZhCn] {
            let frame = frame(language);
            let silent: Vec<_> = CLAIMS
                .iter()
                .filter(|name| {
                    member(&frame, (name, &json!(1)), false, 0)
                        .sentence
                        .is_empty()
                })
                .collect();
            assert!(silent.is_empty(), "{language:?}: {silent:?}");
        }
        let english = frame(Language::En);
        let stranger = member(&english, ("made_up", &json!(1)), false, 0);
        assert!(stranger.sentence.is_empty());
    }
}
