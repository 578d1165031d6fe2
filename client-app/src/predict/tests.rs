//! What is asked, and what counts as right, of hand-made flows.

use serde_json::{Value as Json, json};
use shared::flow::{Exchange, RecordKey};
use shared::realm::RealmName;
use shared::time::wall_clock_us;

use super::answers::{Answer, Score, Standing};
use super::question::{Kinds, Question, Way, travels, why};
use crate::config::RecordConfig;
use crate::record::FlowStore;
use crate::record::view::FlowView;

fn value(kind: &str, place: &str) -> Json {
    let hash = RecordKey::from_text("test").hash(kind);
    json!({"kind": kind, "hash": hash.as_str(), "place": place})
}

/// A flow of exchanges `(from, to, path, values)`.
fn flow(exchanges: &[(&str, &str, &str, Vec<Json>)]) -> FlowView {
    let store = FlowStore::new(RecordConfig::default());
    let first_us = wall_clock_us() - 60_000_000;
    for ((from, to, path, values), n) in exchanges.iter().zip(1_i64..) {
        let mut values = values.clone();
        values.push(value("run", "request_body"));
        let channel = if *from == "browser" { "front" } else { "back" };
        let exchange = json!({
            "id": format!("{n:032x}"), "realm": "default", "kind": "http",
            "observer": {"party": to, "side": "received"}, "from": from, "to": to, "channel": channel,
            "started_us": first_us + n * 1000, "duration_us": 100, "realm_time": 1, "method": "POST",
            "url": format!("http://localhost:9000{path}"), "path": path,
            "request_headers": [], "request_body": {"bytes": 0}, "status": 200,
            "response_headers": [], "response_body": {"bytes": 0}, "checks": [], "values": values,
        });
        store.ingest(serde_json::from_value::<Exchange>(exchange).unwrap());
    }
    let first = format!("{:032x}", 1).parse().unwrap();
    store.flow(&RealmName::default_realm(), &first).unwrap()
}

fn code_flow() -> FlowView {
    flow(&[
        (
            "browser",
            "auth-server",
            "/authorize",
            vec![
                value("state", "request_query"),
                value("code_challenge", "request_query"),
            ],
        ),
        (
            "browser",
            "auth-server",
            "/login",
            vec![
                value("password", "request_body"),
                value("code", "redirect_query"),
            ],
        ),
        (
            "client-app",
            "auth-server",
            "/token",
            vec![
                value("code", "request_body"),
                value("access_token", "response_body"),
            ],
        ),
        (
            "client-app",
            "resource-server",
            "/photos",
            vec![value("access_token", "request_header")],
        ),
    ])
}

#[test]
fn what_is_right_is_what_the_record_has() {
    let flow = code_flow();
    let question = Question::of(&flow, 2).unwrap();
    assert_eq!(question.way, Way::Back);
    assert_eq!(question.kinds.as_text(), "code,access_token");
    let [code, token] = travels(&flow.exchanges[2])[..] else {
        panic!("two kinds")
    };
    assert_eq!((code.name, code.there, code.back), ("code", true, false));
    assert_eq!(
        (token.name, token.there, token.back),
        ("access_token", false, true)
    );
    assert!(Question::of(&flow, 4).is_none());
    let keys: Vec<_> = flow.exchanges.iter().map(why).collect();
    assert_eq!(
        keys,
        [
            "predict-why-authorize",
            "predict-why-sign-in",
            "predict-why-token",
            "predict-why-api-back"
        ]
    );
}

#[test]
fn the_right_choice_stands_once_among_four_in_an_order_that_stays() {
    let lonely = flow(&[("client-app", "auth-server", "/token", vec![])]);
    for flow in [code_flow(), lonely] {
        for at in 0..flow.exchanges.len() {
            let question = Question::of(&flow, at).unwrap();
            let right = question
                .choices
                .iter()
                .filter(|kinds| **kinds == question.kinds);
            assert_eq!(right.count(), 1);
            assert_eq!(question.choices.len(), 4);
            let mut distinct = question.choices.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), 4, "no choice twice");
            assert_eq!(Question::of(&flow, at).unwrap().choices, question.choices);
        }
    }
}

#[test]
fn the_place_of_the_right_choice_tells_nothing() {
    let flow = code_flow();
    let mut places = std::collections::BTreeSet::new();
    for number in 0..64 {
        let mut other = flow.clone();
        other.exchanges[2].id = format!("{number:032x}").parse().unwrap();
        let question = Question::of(&other, 2).unwrap();
        places.insert(
            question
                .choices
                .iter()
                .position(|kinds| *kinds == question.kinds),
        );
    }
    assert_eq!(places.len(), 4);
}

#[test]
fn the_address_keeps_the_answers_and_trusts_nothing() {
    let standing = |query: &str| {
        let query = actix_web::web::Query::from_query(query).unwrap();
        Standing::of(&query)
    };
    let given = standing("step=3&way=back&values=code,access_token&score=21-0");
    assert_eq!(given.step, 3);
    let kinds = Kinds::parse("code,access_token").unwrap();
    assert_eq!(given.answer, Some(Answer::Given(Way::Back, kinds)));
    assert_eq!(given.score.total(), (3, 6));
    assert_eq!(given.score.with(Some(2)).as_text(), "21-02");
    assert_eq!(standing("values=skip&step=2").answer, Some(Answer::Skipped));
    for nonsense in [
        "",
        "step=0",
        "step=-1&way=back",
        "way=sideways&values=code",
        "way=back&values=%3Cscript%3E",
        "values=code",
    ] {
        assert_eq!(standing(nonsense).answer, None, "{nonsense}");
        assert!(standing(nonsense).step >= 1);
    }
    let long = format!("score={}", "9<2".repeat(10_000));
    assert_eq!(standing(&long).score.as_text().len(), 500);
    assert_eq!(Score::default().total(), (0, 0));
    assert_eq!(Kinds::parse("none").unwrap().as_text(), "none");
}

#[test]
fn every_reason_has_its_words() {
    use shared::flow::{Channel, Party};
    use shared::page::{Language, Texts};
    const PATHS: [&str; 7] = [
        "/authorize",
        "/login",
        "/consent",
        "/token",
        "/callback",
        "/callback/implicit",
        "/photos",
    ];
    let texts = Texts::load().unwrap();
    let mut exchange = code_flow().exchanges.remove(0);
    for from in ["browser", "client-app", "stranger:curl"] {
        for to in ["auth-server", "resource-server", "client-app"] {
            for (path, channel) in PATHS
                .into_iter()
                .flat_map(|path| [(path, Channel::Front), (path, Channel::Back)])
            {
                exchange.from = Party::parse(from).unwrap();
                exchange.to = Party::parse(to).unwrap();
                exchange.path = path.to_owned();
                exchange.channel = channel;
                let key = why(&exchange);
                for language in Language::ALL {
                    assert!(texts.find(language, key, &()).is_some(), "{key}");
                }
            }
        }
    }
}
