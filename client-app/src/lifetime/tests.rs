//! Lives read off hand-made exchanges: what ends them, and that they end together.

use serde_json::{Value as Json, json};
use shared::flow::{Exchange, RecordKey};
use shared::page::{Language, Texts, key_of};
use shared::realm::RealmName;
use shared::time::wall_clock_us;

use super::derive::lifetimes_of;
use super::view::{EndCause, ExpirySource, Life, LifeKind, LifeState, Lifetimes};
use crate::config::RecordConfig;
use crate::record::FlowStore;

/// When everything begins, on the realm's clock.
const BEGIN: i64 = 1_790_000_000;

/// A flow that is told exchange by exchange.
struct Told {
    store: FlowStore,
    first_us: i64,
    count: i64,
}

impl Told {
    fn new() -> Self {
        Self {
            store: FlowStore::new(RecordConfig::default()),
            first_us: wall_clock_us() - 60_000_000,
            count: 0,
        }
    }

    /// An exchange with the auth server `seconds` after the beginning.
    fn tell(&mut self, seconds: i64, path: &str, more: &Json) -> String {
        self.count += 1;
        let id = format!("{:032x}", self.count);
        let to = more["to"].as_str().unwrap_or("auth-server");
        let from = more["from"].as_str().unwrap_or("client-app");
        let channel = if from == "browser" { "front" } else { "back" };
        let mut exchange = json!({
            "id": id, "realm": "default", "kind": "http",
            "observer": {"party": to, "side": "received"},
            "from": from, "to": to, "channel": channel,
            "started_us": self.first_us + self.count * 1000, "duration_us": 100,
            "realm_time": BEGIN + seconds, "method": "POST",
            "url": format!("http://localhost:9000{path}"), "path": path,
            "request_headers": [], "request_body": {"bytes": 0}, "status": 200,
            "response_headers": [{"name": "content-type", "value": "application/json"}],
            "response_body": {"bytes": 0}, "checks": [], "values": [], "notes": {},
        });
        for (name, value) in more.as_object().unwrap() {
            exchange[name] = value.clone();
        }
        let exchange: Exchange = serde_json::from_value(exchange).unwrap();
        self.store.ingest(exchange);
        id
    }

    fn at(&self, seconds: i64) -> Lifetimes {
        let realm = RealmName::default_realm();
        let first = format!("{:032x}", 1).parse().unwrap();
        let flow = self.store.flow(&realm, &first).unwrap();
        assert_eq!(flow.exchanges.len(), usize::try_from(self.count).unwrap());
        lifetimes_of(&flow, BEGIN + seconds)
    }
}

fn value(kind: &str, text: &str, place: &str) -> Json {
    let hash = RecordKey::from_text("test").hash(text);
    json!({"kind": kind, "hash": hash.as_str(), "place": place})
}

fn life<'l>(told: &'l Lifetimes, id: &str) -> &'l Life {
    let mut lives = told.lives.iter();
    lives
        .find(|life| life.id == id)
        .unwrap_or_else(|| panic!("no {id} in {told:#?}"))
}

fn states(told: &Lifetimes) -> Vec<(&str, LifeState)> {
    let lives = told.lives.iter();
    lives.map(|life| (life.id.as_str(), life.state)).collect()
}

fn failed(check: &str) -> Json {
    json!([{"id": check, "outcome": "failed", "reference": "RFC"}])
}

/// A code, given at 0 and redeemed at 5 for tokens.
fn code_and_tokens() -> Told {
    let mut told = Told::new();
    told.tell(
        0,
        "/consent",
        &json!({"from": "browser", "status": 303,
            "values": [value("interaction", "i", "request_body"), value("code", "k", "redirect_query")],
            "notes": {"code_expires_at": (BEGIN + 60).to_string(),
                "session_began_at": (BEGIN - 10).to_string(), "session_expires_at": (BEGIN + 1790).to_string()}}),
    );
    told.tell(5, "/token", &tokens("k", "code", ("a1", "r1")));
    told
}

/// A token answer for `given`, whose access token lives ten minutes and whose refresh token a day from the beginning.
fn tokens(given: &str, kind: &str, (access, refresh): (&str, &str)) -> Json {
    json!({
        "values": [value(kind, given, "request_body"), value("access_token", access, "response_body"),
            value("refresh_token", refresh, "response_body")],
        "response_body": {"text": r#"{"expires_in":600}"#, "bytes": 18},
        "notes": {"refresh_token_expires_at": (BEGIN + 86_400).to_string()},
    })
}

#[test]
fn each_lives_until_its_own_moment() {
    let told = code_and_tokens();
    let at_start = told.at(6);
    assert_eq!(
        states(&at_start),
        [
            ("login_session-1", LifeState::Live),
            ("code-1", LifeState::Used),
            ("access_token-1", LifeState::Live),
            ("refresh_token-1", LifeState::Live),
        ]
    );
    let access = life(&at_start, "access_token-1");
    assert_eq!(access.expires_at, Some(BEGIN + 605));
    assert_eq!(access.expiry_from, Some(ExpirySource::ExpiresIn));
    assert_eq!(life(&at_start, "code-1").expires_at, Some(BEGIN + 60));
    assert_eq!(access.state_at(BEGIN + 604), LifeState::Live);
    assert_eq!(access.state_at(BEGIN + 605), LifeState::Expired);
    assert_eq!(
        life(&told.at(1790), "login_session-1").state,
        LifeState::Expired
    );
    assert_eq!(life(&told.at(90_000), "code-1").state, LifeState::Used);
    assert_eq!(
        life(&told.at(90_000), "refresh_token-1").state,
        LifeState::Expired
    );
}

#[test]
fn a_token_says_its_own_expiry_where_it_can_be_read() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let claims = part(json!({"exp": BEGIN + 300}));
    let jwt = format!("{}.{claims}.c2ln", part(json!({"alg": "ES256"})));
    let mut told = Told::new();
    let body = json!({"access_token": jwt, "expires_in": 299}).to_string();
    let answer = json!({"values": [value("access_token", &jwt, "response_body")],
        "response_body": {"text": body, "bytes": 9}});
    told.tell(0, "/token", &answer);
    let now = told.at(0);
    assert_eq!(life(&now, "access_token-1").expires_at, Some(BEGIN + 300));
    assert_eq!(
        life(&now, "access_token-1").expiry_from,
        Some(ExpirySource::Exp)
    );
}

#[test]
fn an_old_refresh_token_kills_its_family_and_the_exchange_is_named() {
    let mut told = code_and_tokens();
    told.tell(100, "/token", &tokens("r1", "refresh_token", ("a2", "r2")));
    told.tell(200, "/token", &tokens("r2", "refresh_token", ("a3", "r3")));
    let before = told.at(250);
    assert_eq!(life(&before, "refresh_token-1").state, LifeState::Rotated);
    assert_eq!(life(&before, "refresh_token-3").state, LifeState::Live);
    assert_eq!(
        life(&before, "refresh_token-3").follows.as_deref(),
        Some("refresh_token-2")
    );
    let again = json!({"values": [value("refresh_token", "r1", "request_body")], "status": 400,
        "checks": failed("refresh_token.current")});
    let killer = told.tell(300, "/token", &again);
    let after = told.at(301);
    assert_eq!(
        states(&after)[1..],
        [
            ("code-1", LifeState::Used),
            ("access_token-1", LifeState::Revoked),
            ("refresh_token-1", LifeState::Replayed),
            ("access_token-2", LifeState::Revoked),
            ("refresh_token-2", LifeState::Revoked),
            ("access_token-3", LifeState::Revoked),
            ("refresh_token-3", LifeState::Revoked),
        ]
    );
    let last = life(&after, "refresh_token-3").end.as_ref().unwrap();
    assert_eq!(last.cause, EndCause::FamilyKilled);
    assert_eq!(last.event.exchange.as_str(), killer);
    assert_eq!(last.killer.as_deref(), Some("refresh_token-1"));
    let late = life(&after, "access_token-1").state_at(BEGIN + 10_000);
    assert_eq!(late, LifeState::Revoked, "it was taken before its time");
}

#[test]
fn a_code_that_comes_twice_takes_its_tokens_and_nobody_elses() {
    let mut told = code_and_tokens();
    let other = json!({"from": "browser", "status": 303, "values": [
        value("interaction", "i", "request_body"), value("code", "other", "redirect_query")]});
    told.tell(6, "/consent", &other);
    told.tell(7, "/token", &tokens("other", "code", ("b1", "q1")));
    let again = json!({"values": [value("code", "k", "request_body")], "status": 400,
        "checks": failed("code.unused")});
    told.tell(8, "/token", &again);
    let now = told.at(9);
    assert_eq!(life(&now, "code-1").state, LifeState::Replayed);
    assert_eq!(life(&now, "refresh_token-1").state, LifeState::Revoked);
    assert_eq!(life(&now, "refresh_token-2").state, LifeState::Live);
    assert_eq!(life(&now, "code-1").uses.len(), 2);
}

#[test]
fn a_code_that_is_refused_for_another_reason_stays_good() {
    let mut told = Told::new();
    let given = json!({"from": "browser", "status": 303, "values": [value("code", "k", "redirect_query")],
        "notes": {"code_expires_at": (BEGIN + 60).to_string()}});
    told.tell(0, "/consent", &given);
    let wrong = json!({"values": [value("code", "k", "request_body")], "status": 400, "checks": failed("pkce.s256")});
    told.tell(1, "/token", &wrong);
    let now = told.at(2);
    assert_eq!(life(&now, "code-1").state, LifeState::Live);
    assert!(!life(&now, "code-1").uses[0].accepted);
    assert_eq!(life(&told.at(60), "code-1").state, LifeState::Expired);
}

#[test]
fn what_is_taken_back_ends_as_the_rfc_says() {
    let mut told = code_and_tokens();
    told.tell(100, "/token", &tokens("r1", "refresh_token", ("a2", "r2")));
    // Without a hint the record takes the parameter `token` for an access token: the value itself decides.
    let revoke = |token: &str| json!({"values": [value("access_token", token, "request_body")]});
    told.tell(110, "/revoke", &revoke("a2"));
    let one = told.at(111);
    assert_eq!(life(&one, "access_token-2").state, LifeState::Revoked);
    assert_eq!(life(&one, "refresh_token-2").state, LifeState::Live);
    let api =
        json!({"to": "resource-server", "values": [value("access_token", "a2", "request_header")]});
    told.tell(112, "/photos", &api);
    assert!(life(&told.at(113), "access_token-2").uses[0].accepted);
    told.tell(120, "/revoke", &revoke("r2"));
    let all = told.at(121);
    assert_eq!(life(&all, "refresh_token-2").state, LifeState::Revoked);
    let with_it = life(&all, "access_token-1");
    assert_eq!(with_it.state, LifeState::Revoked);
    let end = with_it.end.as_ref().unwrap();
    assert_eq!(end.cause, EndCause::RevokedWithGrant);
    assert_eq!(end.killer.as_deref(), Some("refresh_token-2"));
    let own = life(&all, "refresh_token-2").end.as_ref().unwrap();
    assert_eq!(
        (own.cause, own.killer.as_deref()),
        (EndCause::Revoked, None)
    );
    let one = life(&all, "access_token-2").end.as_ref().unwrap();
    assert_eq!(one.cause, EndCause::Revoked, "that was its own revocation");
    assert_eq!(life(&all, "login_session-1").state, LifeState::Live);
}

#[test]
fn a_rotation_stays_known_after_a_revocation() {
    let mut told = code_and_tokens();
    told.tell(100, "/token", &tokens("r1", "refresh_token", ("a2", "r2")));
    let revoke = json!({"values": [value("refresh_token", "r2", "request_body")]});
    told.tell(120, "/revoke", &revoke);
    let now = told.at(121);
    let first = life(&now, "refresh_token-1");
    assert_eq!(first.state, LifeState::Revoked);
    let before = first.ended_before.as_ref().unwrap();
    assert_eq!(
        (before.cause, before.event.at),
        (EndCause::Rotated, BEGIN + 100)
    );
    assert_eq!(first.ends_at(), Some(BEGIN + 100));
    let again = json!({"values": [value("refresh_token", "r1", "request_body")], "status": 400,
        "checks": failed("refresh_token.current")});
    told.tell(200, "/token", &again);
    let now = told.at(201);
    let first = life(&now, "refresh_token-1");
    assert_eq!(first.state, LifeState::Replayed);
    let before = first.ended_before.as_ref().unwrap();
    assert_eq!(before.cause, EndCause::Rotated);
}

#[test]
fn a_session_has_two_limits() {
    let mut told = Told::new();
    let session = |at: i64| {
        json!({"from": "browser", "status": 303,
        "values": [value("interaction", "i", "request_body")],
        "notes": {"session_began_at": BEGIN.to_string(), "session_expires_at": (BEGIN + at + 1800).to_string(),
            "session_ends_at_latest": (BEGIN + 28_800).to_string()}})
    };
    told.tell(0, "/login", &session(0));
    told.tell(600, "/consent", &session(600));
    let now = told.at(601);
    assert_eq!(life(&now, "login_session-1").expires_at, Some(BEGIN + 2400));
    assert_eq!(
        life(&now, "session_limit-1").expires_at,
        Some(BEGIN + 28_800)
    );
    assert_eq!(now.lives.len(), 2);
    let later = told.at(2400);
    for limit in ["login_session-1", "session_limit-1"] {
        assert_eq!(life(&later, limit).state, LifeState::Expired, "{limit}");
    }
    let out = json!({"from": "browser", "status": 200, "method": "POST",
        "values": [value("interaction", "i", "request_body")],
        "notes": {"session_began_at": BEGIN.to_string(), "session_expires_at": (BEGIN + 2400).to_string(),
            "session_ends_at_latest": (BEGIN + 28_800).to_string(), "session_ended": "1"}});
    told.tell(700, "/logout", &out);
    let now = told.at(701);
    for limit in ["login_session-1", "session_limit-1"] {
        let end = life(&now, limit).end.as_ref().unwrap();
        assert_eq!(end.cause, EndCause::SignedOut, "{limit}");
    }
}

#[test]
fn what_a_server_refuses_as_revoked_is_revoked() {
    let mut told = code_and_tokens();
    let refresh = json!({"values": [value("refresh_token", "r1", "request_body")], "status": 400,
        "checks": failed("refresh_token.not_revoked")});
    told.tell(50, "/token", &refresh);
    let now = told.at(51);
    let end = life(&now, "access_token-1").end.as_ref().unwrap();
    assert_eq!(end.cause, EndCause::RevokedWithGrant);
    let end = life(&now, "refresh_token-1").end.as_ref().unwrap();
    assert_eq!(end.cause, EndCause::FoundRevoked);
    assert_eq!(life(&now, "refresh_token-1").state, LifeState::Revoked);
}

#[test]
fn an_answer_that_is_given_again_is_no_new_token() {
    let mut told = code_and_tokens();
    told.tell(100, "/token", &tokens("r1", "refresh_token", ("a2", "r2")));
    told.tell(101, "/token", &tokens("r1", "refresh_token", ("a3", "r2")));
    let now = told.at(102);
    let refresh = now
        .lives
        .iter()
        .filter(|life| life.id.starts_with("refresh"));
    assert_eq!(refresh.count(), 2);
    assert_eq!(life(&now, "refresh_token-2").state, LifeState::Live);
    assert_eq!(life(&now, "refresh_token-1").state, LifeState::Rotated);
}

#[test]
fn every_kind_state_and_end_has_its_words() {
    let texts = Texts::load().unwrap();
    let kinds = LifeKind::ALL.map(|kind| key_of("life-kind", kind.name()));
    let states = LifeState::ALL.map(|state| key_of("life-state", state.name()));
    let ends = EndCause::ALL.map(|cause| key_of("life-end", cause.name()));
    for language in Language::ALL {
        for key in kinds.iter().chain(&states).chain(&ends) {
            assert!(texts.find(language, key, &()).is_some(), "{key}");
        }
    }
}
