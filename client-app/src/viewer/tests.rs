//! The viewer's promises that need no server: every verdict and every party has its words in both languages.

use std::sync::Arc;

use shared::flow::{Exchange, Outcome, Party, catalog};
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts, key_of};
use shared::realm::{Addresses, RealmName};

use super::exchange::ExchangeCard;
use crate::config::RecordConfig;
use crate::record::FlowStore;
use crate::record::flow::Grant;
use crate::record::sample::received;
use crate::record::verdict;

fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::ClientApp,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    Frame::for_path(
        Arc::new(config),
        language,
        RealmName::default_realm(),
        "/flows",
    )
}

#[test]
fn every_verdict_and_grant_has_its_words() {
    for language in Language::ALL {
        let frame = frame(language);
        for (id, judgement) in verdict::ALL {
            assert!(frame.find(key_of("verdict", id)).is_some(), "{id}");
            assert!(frame.find(key_of("outcome", judgement.name())).is_some());
        }
        for grant in Grant::ALL {
            assert!(
                frame.find(key_of("grant-name", grant.name())).is_some(),
                "{}",
                grant.name()
            );
        }
    }
}

#[test]
fn what_is_said_of_knowledge_has_its_words() {
    use crate::record::knowledge::danger::{Exposure, RULES};
    use crate::record::knowledge::{How, KINDS};
    for language in Language::ALL {
        let frame = frame(language);
        let rules = RULES.iter().map(|rule| key_of("knowledge-rule", rule.id));
        let ways = How::ALL.map(|how| key_of("knowledge-how", how.name()));
        let exposures = Exposure::ALL.map(|known| key_of("knowledge-exposure", known.name()));
        let values = KINDS.map(|kind| key_of("knowledge-value", super::name_of(kind)));
        let keys = rules.chain(ways).chain(exposures).chain(values);
        let missing: Vec<_> = keys.filter(|key| !frame.has(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

/// "Refused by scope.sufficient" beside "the scope covers what is asked for" would contradict itself.
#[test]
fn the_rule_that_did_not_hold_is_said_not_to_hold() {
    let sample = received(0, Party::ClientApp, Party::ResourceServer, "GET", "/photos")
        .status(403)
        .check(&catalog::SCOPE_SUFFICIENT, Outcome::Failed);
    let (id, realm) = (sample.0.id.clone(), RealmName::default_realm());
    let store = FlowStore::new(RecordConfig::default());
    store.ingest(sample.0);
    for (language, said) in [
        (Language::En, "This did not hold: The token"),
        (Language::ZhCn, "未满足的条件： 令牌"),
    ] {
        let flow = store.flow(&realm, &id).unwrap();
        let head = super::flow::rendered(frame(language), &flow);
        assert!(head.contains("scope.sufficient"), "{head}");
        assert!(head.contains(said), "{head}");
        let view = store.exchange(&realm, &id).unwrap();
        let card = ExchangeCard::new(&frame(language), &Addresses::default(), view, 1);
        let card = super::exchange::rendered(frame(language), card);
        assert!(card.contains(said), "{card}");
    }
}

#[test]
fn a_list_in_a_sentence_has_the_commas_of_its_language() {
    let sample = received(0, Party::ClientApp, Party::AuthServer, "POST", "/token")
        .json(r#"{"access_token": "a", "refresh_token": "b", "id_token": "c"}"#);
    let (id, realm) = (sample.0.id.clone(), RealmName::default_realm());
    let store = FlowStore::new(RecordConfig::default());
    store.ingest(sample.0);
    for (language, listed) in [
        (Language::En, "access_token, refresh_token, id_token."),
        (Language::ZhCn, "access_token、refresh_token、id_token。"),
    ] {
        let view = store.exchange(&realm, &id).unwrap();
        let sentence = super::sentence_of(&frame(language), &Addresses::default(), &view);
        assert!(sentence.contains(listed), "{sentence}");
    }
}

/// What was left out on purpose is not said to have been lost.
#[test]
fn what_was_shed_and_what_was_dropped_are_told_apart() {
    let store = FlowStore::new(RecordConfig::default());
    store.count_missed(2, 0);
    store.count_missed(1, 40);
    let state = store.state(&RealmName::default_realm());
    assert_eq!((state.dropped, state.shed), (3, 40));
    for language in Language::ALL {
        let html = super::list::rendered_page(frame(language), state);
        let counted = |key| {
            let count = if key == "record-shed" { 40 } else { 3 };
            frame(language).ta(key, [("count", count)])
        };
        for key in ["record-shed", "record-dropped"] {
            assert!(html.contains(&counted(key)), "{key}: {html}");
        }
    }
}

#[test]
fn what_was_captured_is_shown_as_text_only() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let exchange: Exchange = serde_json::from_value(serde_json::json!({
        "id": "0".repeat(32), "realm": "default", "kind": "http",
        "observer": {"party": "auth-server", "side": "received"},
        "from": format!("stranger:{hostile}"), "to": "auth-server", "channel": "back",
        "started_us": 1, "duration_us": 1, "realm_time": 0,
        "method": hostile, "url": format!("http://localhost:9000/token?{hostile}={hostile}"), "path": hostile,
        "request_headers": [
            {"name": hostile, "value": hostile},
            {"name": "content-type", "value": "application/x-www-form-urlencoded"},
        ],
        "request_body": {"text": format!("client_id={hostile}&password={hostile}&username={hostile}"), "bytes": 1},
        "status": 302,
        "response_headers": [
            {"name": "location", "value": format!("javascript:{hostile}#{hostile}")},
            {"name": "content-type", "value": "application/json"},
        ],
        "response_body": {"text": serde_json::json!({"error": hostile}).to_string(), "bytes": 1},
        "failure": hostile,
        "checks": [{"id": hostile, "outcome": "failed", "expected": hostile, "got": hostile, "reference": hostile}],
        "values": [], "notes": {hostile: hostile, "client_id": hostile},
    }))
    .unwrap();
    let (id, realm) = (exchange.id.clone(), RealmName::default_realm());
    let store = FlowStore::new(RecordConfig::default());
    store.ingest(exchange);
    for language in Language::ALL {
        let frame = frame(language);
        let view = store.exchange(&realm, &id).unwrap();
        let card = ExchangeCard::new(&frame, &Addresses::default(), view, 1);
        let summary = store.summary(&realm, &id).unwrap();
        let html = super::exchange::rendered(frame.clone(), card)
            + &super::list::rendered(frame, &summary);
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(!html.contains("href=\"javascript:"), "{html}");
        assert!(
            html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"),
            "{html}"
        );
    }
}
