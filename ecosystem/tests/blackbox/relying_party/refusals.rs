//! What the client app refuses: one lie a test, and the check that catches it. Nobody is signed in afterwards.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecosystem::Ecosystem;
use serde_json::{Value, json};

use super::liar::{CLIENT, Liar};
use crate::support::{Browser, Page, Request, World, encode};

/// The access token that the liar gives.
const TOKEN: &str = "an-access-token";

/// A world whose client app knows the liar.
pub(super) struct Trap {
    pub(super) liar: Liar,
    pub(super) world: World,
    pub(super) browser: Browser,
}

/// What the client app sent the browser away with.
pub(super) struct Sent {
    pub(super) state: String,
    nonce: String,
}

impl Trap {
    pub(super) async fn new() -> Self {
        let liar = Liar::start().await;
        let started = Ecosystem::builder().provider(liar.provider()).start().await;
        let ecosystem = started.unwrap_or_else(|error| panic!("{error}"));
        Self {
            liar,
            world: World::at_root(Arc::new(ecosystem)),
            browser: Browser::new(),
        }
    }

    /// Begins a sign-in at the liar.
    pub(super) async fn away(&mut self, choices: &[(&str, &str)]) -> Sent {
        let page = self.browser.open(&self.world.app("/sign-in")).await;
        let mut fields = vec![("provider", "liar")];
        fields.extend(choices);
        let page = self
            .browser
            .press_until(&page, "sign-in", &fields, &self.liar.issuer)
            .await;
        let location = page
            .response
            .header("location")
            .unwrap_or_else(|| panic!("{}", page.response.text()));
        let url = url::Url::parse(location).unwrap();
        let of = |name: &str| {
            url.query_pairs()
                .find(|(given, _)| given == name)
                .unwrap()
                .1
                .into_owned()
        };
        Sent {
            state: of("state"),
            nonce: of("nonce"),
        }
    }

    /// Comes back with these parameters in the query.
    async fn back(&mut self, parameters: &[(&str, &str)]) -> Page {
        let url = self
            .world
            .app(&format!("/sign-in/callback?{}", encode(parameters)));
        self.browser.open(&url).await
    }

    /// An honest ID token for what was sent, changed.
    pub(super) fn id_token(
        &self,
        sent: &Sent,
        change: impl FnOnce(&mut Value, &mut Value),
    ) -> String {
        let now = shared::time::wall_clock_us() / 1_000_000;
        let mut header = json!({"alg": "ES256", "kid": "liar-1", "typ": "JWT"});
        let mut claims = json!({
            "iss": self.liar.issuer, "sub": "mallory", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": sent.nonce, "at_hash": half_hash(TOKEN),
        });
        change(&mut header, &mut claims);
        self.liar.sign(&header, &claims)
    }

    /// The whole code flow with an ID token that was changed; where it ends.
    pub(super) async fn with(
        &mut self,
        choices: &[(&str, &str)],
        change: impl FnOnce(&mut Value, &mut Value),
    ) -> Page {
        let sent = self.away(choices).await;
        let id_token = self.id_token(&sent, change);
        self.tokens(&id_token);
        self.liar
            .say("/userinfo", json!({"sub": "mallory", "name": "Mallory"}));
        let issuer = self.liar.issuer.clone();
        self.back(&[("code", "c"), ("state", &sent.state), ("iss", &issuer)])
            .await
    }

    pub(super) fn tokens(&self, id_token: &str) {
        self.liar.say(
            "/token",
            json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}),
        );
    }

    /// Signs out at the client app alone.
    pub(super) async fn forget(&mut self) {
        let page = self.browser.open(&self.world.app("/sign-in")).await;
        self.browser.press(&page, "forget", &[]).await;
    }

    /// The check of this id failed on the page, and nobody is signed in.
    pub(super) async fn refused(&mut self, page: &Page, check: &str) {
        let text = page.response.text();
        let line = format!("<li class=\"check check-failed\" data-check=\"{check}\"");
        assert!(
            page.response.status >= 400,
            "{check}: {}",
            page.response.status
        );
        assert!(
            text.contains(&line),
            "{check} did not say no: {}",
            crate::support::plain(&text)
        );
        let home = self.browser.open(&self.world.app("/sign-in")).await;
        assert!(
            !home.response.text().contains("id=\"account\""),
            "{check}: somebody is signed in"
        );
    }
}

fn half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

#[tokio::test]
async fn an_honest_answer_of_another_provider_is_taken() {
    let mut trap = Trap::new().await;
    let page = trap.with(&[], |_, _| {}).await;
    assert!(
        page.response.text().contains("Signed in as Mallory"),
        "{}",
        page.response.text()
    );
}

/// One lie about the ID token, and the check that catches it.
async fn lie(check: &str, change: impl FnOnce(&mut Value, &mut Value)) {
    let mut trap = Trap::new().await;
    let page = trap.with(&[], change).await;
    trap.refused(&page, check).await;
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    lie("id_token.issuer", |_, claims| {
        claims["iss"] = json!("https://op.example");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_for_another_client_is_refused() {
    lie("id_token.audience", |_, claims| {
        claims["aud"] = json!("somebody");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_for_several_without_azp_is_refused() {
    lie("id_token.azp", |_, claims| {
        claims["aud"] = json!([CLIENT, "somebody"]);
    })
    .await;
}

#[tokio::test]
async fn an_id_token_whose_azp_is_another_is_refused() {
    lie("id_token.azp", |_, claims| {
        claims["azp"] = json!("somebody");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_with_another_nonce_is_refused() {
    lie("id_token.nonce", |_, claims| {
        claims["nonce"] = json!("recorded-before");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_without_a_nonce_is_refused() {
    lie("id_token.nonce", |_, claims| {
        claims.as_object_mut().unwrap().remove("nonce");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_of_another_access_token_is_refused() {
    lie("id_token.at_hash", |_, claims| {
        claims["at_hash"] = json!(half_hash("another"));
    })
    .await;
}

#[tokio::test]
async fn an_unsigned_id_token_is_refused() {
    lie("id_token.algorithm", |header, _| {
        header["alg"] = json!("none");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_by_a_shared_key_is_refused() {
    lie("id_token.algorithm", |header, _| {
        header["alg"] = json!("HS256");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_of_an_unknown_key_is_refused() {
    lie("id_token.signature", |header, _| {
        header["kid"] = json!("liar-2");
    })
    .await;
}

#[tokio::test]
async fn an_id_token_that_claims_another_algorithm_is_refused() {
    lie("id_token.signature", |header, _| {
        header["alg"] = json!("RS256");
    })
    .await;
}

#[tokio::test]
async fn an_expired_id_token_is_refused() {
    lie("id_token.not_expired", |_, claims| {
        claims["exp"] = json!(1_000);
    })
    .await;
}

#[tokio::test]
async fn an_id_token_from_the_future_is_refused() {
    lie("id_token.issued_at", |_, claims| {
        claims["iat"] = json!(4_000_000_000_u64);
    })
    .await;
}

#[tokio::test]
async fn an_id_token_that_was_changed_is_refused() {
    let mut trap = Trap::new().await;
    let sent = trap.away(&[]).await;
    let token = trap.id_token(&sent, |_, _| {});
    let other = trap.id_token(&sent, |_, claims| claims["sub"] = json!("alice"));
    let (head, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    trap.tokens(&format!("{head}.{signature}"));
    let issuer = trap.liar.issuer.clone();
    let page = trap
        .back(&[("code", "c"), ("state", &sent.state), ("iss", &issuer)])
        .await;
    trap.refused(&page, "id_token.signature").await;
}

#[tokio::test]
async fn a_callback_that_nobody_asked_for_is_refused() {
    let mut trap = Trap::new().await;
    let issuer = trap.liar.issuer.clone();
    for state in ["", "invented"] {
        let page = trap
            .back(&[("code", "c"), ("state", state), ("iss", &issuer)])
            .await;
        trap.refused(&page, "state.matches").await;
    }
}

#[tokio::test]
async fn a_state_is_good_once_and_for_the_browser_that_was_sent_away_with_it() {
    let mut trap = Trap::new().await;
    let sent = trap.away(&[]).await;
    let issuer = trap.liar.issuer.clone();
    let answer = [
        ("code", "c"),
        ("state", sent.state.as_str()),
        ("iss", issuer.as_str()),
    ];
    let url = trap
        .world
        .app(&format!("/sign-in/callback?{}", encode(&answer)));
    let stranger = Browser::new().open(&url).await;
    assert!(
        stranger
            .response
            .text()
            .contains("data-check=\"state.matches\"")
    );
    trap.tokens(&trap.id_token(&sent, |_, _| {}));
    trap.liar.say("/userinfo", json!({"sub": "mallory"}));
    let taken = trap.browser.open(&url).await;
    assert_eq!(taken.response.status, 200, "{}", taken.response.text());
    let again = trap.browser.open(&url).await;
    assert!(
        again
            .response
            .text()
            .contains("check-failed\" data-check=\"state.matches\"")
    );
}

#[tokio::test]
async fn two_issuers_are_not_mixed_up() {
    let mut trap = Trap::new().await;
    let honest = trap.world.realm.issuer().to_owned();
    // The honest issuer's answer to a sign-in that was begun at the liar, and none at all.
    for iss in [Some(honest.as_str()), None] {
        let sent = trap.away(&[]).await;
        let mut answer = vec![("code", "honest-code"), ("state", sent.state.as_str())];
        answer.extend(iss.map(|iss| ("iss", iss)));
        let page = trap.back(&answer).await;
        trap.refused(&page, "iss.matches").await;
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_not_followed() {
    let mut trap = Trap::new().await;
    let mut metadata = trap.liar.metadata();
    metadata["issuer"] = json!(format!("{}/", trap.liar.issuer));
    trap.liar.say("/.well-known/openid-configuration", metadata);
    let page = trap.browser.open(&trap.world.app("/sign-in")).await;
    let page = trap
        .browser
        .press(&page, "sign-in", &[("provider", "liar")])
        .await;
    trap.refused(&page, "discovery.issuer").await;
}

#[tokio::test]
async fn metadata_without_an_endpoint_or_with_an_open_one_is_not_followed() {
    let mut trap = Trap::new().await;
    for (name, value) in [
        ("token_endpoint", Value::Null),
        ("token_endpoint", json!("http://op.example/token")),
        ("jwks_uri", json!("")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
    ] {
        let mut metadata = trap.liar.metadata();
        metadata[name] = value;
        trap.liar.say("/.well-known/openid-configuration", metadata);
        let page = trap.browser.open(&trap.world.app("/sign-in")).await;
        let page = trap
            .browser
            .press(&page, "sign-in", &[("provider", "liar")])
            .await;
        trap.refused(&page, "discovery.complete").await;
    }
}

#[tokio::test]
async fn userinfo_of_somebody_else_is_refused() {
    let mut trap = Trap::new().await;
    let sent = trap.away(&[]).await;
    trap.tokens(&trap.id_token(&sent, |_, _| {}));
    trap.liar
        .say("/userinfo", json!({"sub": "alice", "name": "Alice"}));
    let issuer = trap.liar.issuer.clone();
    let page = trap
        .back(&[("code", "c"), ("state", &sent.state), ("iss", &issuer)])
        .await;
    trap.refused(&page, "userinfo.subject").await;
}

#[tokio::test]
async fn a_sign_in_that_is_too_long_ago_or_untold_is_refused() {
    let mut trap = Trap::new().await;
    let recently = [("ask", "recently")];
    let page = trap.with(&recently, |_, _| {}).await;
    trap.refused(&page, "id_token.auth_time").await;
    let page = trap
        .with(&recently, |_, claims| {
            claims["auth_time"] = json!(claims["iat"].as_u64().unwrap() - 3_600);
        })
        .await;
    trap.refused(&page, "id_token.auth_time").await;
}

/// Posts an answer to the callback, as the provider's page has the browser do.
async fn post(trap: &mut Trap, parameters: &[(&str, &str)]) -> Page {
    let from = url::Url::parse(&trap.liar.issuer).unwrap();
    let request = Request::post(&trap.world.app("/sign-in/callback"), parameters);
    let page = trap.browser.send(request, Some(&from)).await;
    match page.response.header("location").map(str::to_owned) {
        Some(location) => {
            trap.browser
                .open(
                    url::Url::parse(&trap.world.app("/"))
                        .unwrap()
                        .join(&location)
                        .unwrap()
                        .as_ref(),
                )
                .await
        }
        None => page,
    }
}

#[tokio::test]
async fn a_hybrid_answer_is_taken_and_one_whose_code_was_swapped_is_refused() {
    let mut trap = Trap::new().await;
    let issuer = trap.liar.issuer.clone();
    for (code, check) in [("c", None), ("swapped", Some("id_token.c_hash"))] {
        let sent = trap.away(&[("response", "code-id-token")]).await;
        let front = trap.id_token(&sent, |_, claims| {
            claims.as_object_mut().unwrap().remove("at_hash");
            claims["c_hash"] = json!(half_hash("c"));
        });
        trap.tokens(&trap.id_token(&sent, |_, _| {}));
        trap.liar
            .say("/userinfo", json!({"sub": "mallory", "name": "Mallory"}));
        let answer = [
            ("code", code),
            ("id_token", front.as_str()),
            ("state", sent.state.as_str()),
            ("iss", issuer.as_str()),
        ];
        let page = post(&mut trap, &answer).await;
        match check {
            None => {
                assert!(
                    page.response.text().contains("Signed in as Mallory"),
                    "{}",
                    page.response.text()
                );
                let page = trap.browser.open(&trap.world.app("/sign-in")).await;
                trap.browser.press(&page, "forget", &[]).await;
            }
            Some(check) => trap.refused(&page, check).await,
        }
    }
}

#[tokio::test]
async fn two_id_tokens_of_different_people_are_refused() {
    let mut trap = Trap::new().await;
    let issuer = trap.liar.issuer.clone();
    let sent = trap.away(&[("response", "code-id-token")]).await;
    let front = trap.id_token(&sent, |_, claims| {
        claims.as_object_mut().unwrap().remove("at_hash");
        claims["c_hash"] = json!(half_hash("c"));
        claims["sub"] = json!("somebody-else");
    });
    trap.tokens(&trap.id_token(&sent, |_, _| {}));
    let answer = [
        ("code", "c"),
        ("id_token", front.as_str()),
        ("state", sent.state.as_str()),
        ("iss", issuer.as_str()),
    ];
    let page = post(&mut trap, &answer).await;
    trap.refused(&page, "id_token.same_person").await;
}
