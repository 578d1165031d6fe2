//! The judgement: facts made by hand, each with one thing wrong, and the finding that must name it; every finding
//! has its words in every language.

use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts};
use shared::realm::{Addresses, RealmName};
use shared::serve::Cookies;
use shared::serve::vitals::VitalSigns;

use super::facts::{Facts, PEERS, Reached, ServiceFacts};
use super::finding::{Finding, Level, Told};
use super::visitor::{CookieTest, Visitor, begin_test, test_of};
use super::{browser, fitting, services};
use crate::record::view::RecordState;

fn reached(status: u16, body: Value) -> Reached {
    Reached {
        url: "http://localhost:9000/healthz".to_owned(),
        answer: Ok((status, body)),
        ms: 3,
    }
}

fn away(reason: &str) -> Reached {
    Reached {
        answer: Err(reason.to_owned()),
        ..reached(0, Value::Null)
    }
}

fn signs(service: Service) -> VitalSigns {
    let addresses = Addresses::default();
    VitalSigns {
        service: service.name().to_owned(),
        version: "0".to_owned(),
        realm: RealmName::default_realm(),
        issuer: addresses.issuer(&RealmName::default_realm()),
        addresses,
        realm_time_ms: 0,
        wall_clock_ms: 0,
        languages: Vec::new(),
        records: true,
        same_record_key: Some(true),
        peers: vec![
            serde_json::from_value(json!({
                "service": "auth-server", "answered_as": "auth-server",
                "url": "http://localhost:9000/vitals", "status": 200, "ms": 1,
            }))
            .unwrap(),
        ],
    }
}

/// Everything well, then changed.
fn facts(change: impl FnOnce(&mut Facts)) -> Facts {
    let service = |service: Service| ServiceFacts {
        service,
        health: reached(200, json!({"service": service.name()})),
        ready: reached(200, json!({"needs": {"store": "up"}})),
        signs: Some(signs(service)),
        wall_ahead_ms: Some(3),
        realm_ahead_ms: Some(-3),
        loopback: vec![
            reached(200, json!({"service": service.name()})),
            away("Connection refused"),
        ],
        heard_seconds_ago: Some(1),
    };
    let mut facts = Facts {
        realm: RealmName::default_realm(),
        addresses: Addresses::default(),
        services: PEERS.map(service).to_vec(),
        record: RecordState::default(),
        records: true,
    };
    change(&mut facts);
    facts
}

fn all(facts: &Facts) -> Vec<Finding> {
    let mut findings = services::examine(facts);
    findings.extend(fitting::examine(facts));
    findings
}

/// What is not well, as `id level why`.
fn complaints(change: impl FnOnce(&mut Facts)) -> Vec<String> {
    let bad = all(&facts(change)).into_iter();
    let bad = bad.filter(|finding| finding.level > Level::Unknown);
    bad.map(|finding| format!("{} {} {}", finding.id, finding.level.name(), finding.why))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn a_sound_world_has_no_complaint() {
    assert_eq!(complaints(|_| {}), [""; 0]);
    let unknown = all(&facts(|_| {}))
        .iter()
        .filter(|finding| finding.level == Level::Unknown)
        .count();
    assert_eq!(unknown, 0, "everything was examined");
}

#[test]
fn a_certificate_is_spoken_of_where_there_is_one() {
    let by_https = |facts: &mut Facts| {
        facts.addresses = Addresses::localhost_by_https(8080, 9000, 9001);
        for service in &mut facts.services {
            if let Some(signs) = &mut service.signs {
                signs.addresses = facts.addresses.clone();
                signs.issuer = facts.addresses.issuer(&facts.realm);
            }
        }
    };
    let spoken_of = |facts: &Facts| {
        let all = all(facts).into_iter();
        all.filter(|one| one.id == "certificate").count()
    };
    assert_eq!(spoken_of(&facts(|_| {})), 0);
    assert_eq!(spoken_of(&facts(by_https)), 2);
    assert_eq!(complaints(by_https), [""; 0]);
    let unknown = "invalid peer certificate: UnknownIssuer";
    let wrong = complaints(|facts| {
        by_https(facts);
        facts.services[0].health = away(unknown);
    });
    assert_eq!(
        wrong,
        ["service-answers fault certificate", "certificate fault"]
    );
    let gone = complaints(|facts| {
        by_https(facts);
        facts.services[0].health = away("Connection refused");
    });
    assert_eq!(gone, ["service-answers fault away"]);
}

#[test]
fn a_service_that_does_not_answer_is_told_by_its_reason() {
    let with = |health: Reached| complaints(|facts| facts.services[0].health = health);
    assert_eq!(
        with(away("Connection refused")),
        ["service-answers fault away"]
    );
    assert_eq!(
        with(away("no answer within 2 s")),
        ["service-answers fault slow"]
    );
    assert_eq!(
        with(reached(421, Value::Null)),
        ["service-answers fault host"]
    );
    let other = json!({"service": "somebody-else"});
    assert_eq!(with(reached(200, other)), ["service-answers fault other"]);
    let store = json!({"needs": {"store": "down"}});
    let lacking = complaints(|facts| facts.services[1].ready = reached(503, store));
    assert_eq!(lacking, ["service-ready fault"]);
    let stranger = complaints(|facts| {
        facts.services[0].loopback[1] = reached(200, json!("a page of another program"));
    });
    assert_eq!(stranger, ["loopback fault"]);
    let no_peer = complaints(|facts| {
        let signs = facts.services[1].signs.as_mut().unwrap();
        signs.peers[0].status = None;
        signs.peers[0].failure = Some("Connection refused".to_owned());
    });
    assert_eq!(no_peer, ["peer-reached fault"]);
}

#[test]
fn what_does_not_fit_is_told() {
    let with = |change: fn(&mut VitalSigns)| {
        complaints(|facts| change(facts.services[0].signs.as_mut().unwrap()))
    };
    let issuer = with(|signs| signs.issuer = "http://127.0.0.1:9000".to_owned());
    assert_eq!(issuer, ["issuer fault"]);
    let addresses = with(|signs| signs.addresses.client_app = "http://localhost:1".to_owned());
    assert_eq!(addresses, ["addresses fault"]);
    let key = with(|signs| signs.same_record_key = Some(false));
    assert_eq!(key, ["record-key fault"]);
    let off = with(|signs| signs.records = false);
    assert_eq!(off, ["record-heard care off"]);
    let clock = |ms| complaints(move |facts| facts.services[0].realm_ahead_ms = Some(ms));
    assert_eq!(clock(1_999), [""; 0]);
    assert_eq!(clock(-5_000), ["realm-clock care"]);
    assert_eq!(clock(60_000), ["realm-clock fault"]);
    let wall = complaints(|facts| facts.services[1].wall_ahead_ms = Some(-90_000));
    assert_eq!(wall, ["machine-clock fault"]);
    let lost = complaints(|facts| facts.record.dropped = 3);
    assert_eq!(lost, ["record-lost care"]);
    let shed = complaints(|facts| facts.record.shed = 1);
    assert_eq!(shed, ["record-lost care"]);
    let names = complaints(|facts| facts.addresses.client_app = "http://shop.test:8080".to_owned());
    assert!(names.contains(&"one-name care".to_owned()), "{names:?}");
}

fn visitor(request: TestRequest) -> Vec<String> {
    let realm = RealmName::default_realm();
    let visitor = Visitor::of(
        &request.to_http_request(),
        (plain(), &realm),
        CookieTest::Kept,
    );
    let findings = browser::examine(&Addresses::default(), &visitor);
    let bad = findings
        .into_iter()
        .filter(|one| one.level > Level::Unknown);
    bad.map(|one| format!("{} {} {}", one.id, one.level.name(), one.why))
        .map(|line| line.trim().to_owned())
        .collect()
}

fn plain() -> Cookies {
    Cookies::of(&Addresses::default().client_app)
}

#[test]
fn what_the_browser_sends_is_judged_and_no_value_of_a_cookie_is_shown() {
    let here = || TestRequest::default().insert_header(("host", "localhost:8080"));
    assert_eq!(visitor(here()), [""; 0]);
    let elsewhere = TestRequest::default().insert_header(("host", "127.0.0.1:8080"));
    assert_eq!(visitor(elsewhere), ["host care"]);
    let twice = here().insert_header(("cookie", "app_session=a; other=b; app_session=c"));
    assert_eq!(visitor(twice), ["cookie-crowd fault twice"]);
    let many = here().insert_header(("cookie", format!("other={}", "x".repeat(5000))));
    assert_eq!(visitor(many), ["cookie-crowd care"]);
    let safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15";
    let safari = here().insert_header(("user-agent", safari));
    assert_eq!(visitor(safari), ["https care safari"]);

    let secret = here().cookie(Cookie::new("app_session", "the-secret-value"));
    let realm = RealmName::default_realm();
    let seen = Visitor::of(
        &secret.to_http_request(),
        (plain(), &realm),
        CookieTest::Kept,
    );
    assert!(!format!("{seen:?}").contains("the-secret-value"));
}

#[test]
fn the_test_of_cookies_passes_only_when_the_same_cookie_comes_back() {
    let realm = RealmName::default_realm();
    let (value, cookie) = begin_test((plain(), &realm)).unwrap();
    let first = TestRequest::with_uri("/doctor").to_http_request();
    assert_eq!(test_of(&first, (plain(), &realm)), None);
    let uri = format!("/doctor?cookie={value}");
    let kept = TestRequest::with_uri(&uri).cookie(cookie).to_http_request();
    assert_eq!(test_of(&kept, (plain(), &realm)), Some(CookieTest::Kept));
    let lost = TestRequest::with_uri(&uri).to_http_request();
    assert_eq!(test_of(&lost, (plain(), &realm)), Some(CookieTest::Lost));
    let old = Cookie::new("app_doctor", "of-yesterday");
    let old = TestRequest::with_uri(&uri).cookie(old).to_http_request();
    assert_eq!(test_of(&old, (plain(), &realm)), Some(CookieTest::Lost));
}

#[test]
fn every_finding_has_its_words_at_every_level_it_can_have() {
    let broken = facts(|facts| {
        for service in &mut facts.services {
            service.health = away("Connection refused");
            service.signs = None;
            service.heard_seconds_ago = None;
            service.wall_ahead_ms = None;
            service.realm_ahead_ms = None;
        }
    });
    let request = TestRequest::default().to_http_request();
    let realm = RealmName::default_realm();
    let visitor = Visitor::of(&request, (plain(), &realm), CookieTest::Lost);
    for language in Language::ALL {
        let config = FrameConfig {
            service: Service::ClientApp,
            addresses: Addresses::default(),
            texts: Texts::load().unwrap(),
            assets: Assets::new(),
            demo: true,
        };
        let frame = Frame::for_path(Arc::new(config), language, realm.clone(), "/doctor");
        let mut findings = all(&broken);
        findings.extend(all(&facts(|_| {})));
        findings.extend(browser::examine(&Addresses::default(), &visitor));
        for finding in findings {
            let told = Told::new(&frame, &Addresses::default(), finding);
            let text = format!("{told:?}");
            assert!(!text.contains("{doctor"), "{text}");
            assert_eq!(told.remedy.is_some(), told.level > Level::Unknown, "{text}");
        }
    }
}
