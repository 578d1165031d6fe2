//! The record's promises: one entry a hop, one flow for what belongs together, nothing beyond the bounds.

use shared::flow::{Exchange, ExchangeId, Outcome, Party, Side, ValueKind, ValuePlace, catalog};
use shared::realm::RealmName;

use super::flow::{Grant, Status};
use super::ledger::Ledger;
use super::sample::{NOW, Sample, authorization_code, received};
use super::view::FlowView;
use super::{FlowStore, Wanted, Watched};
use crate::config::RecordConfig;

fn realm() -> RealmName {
    RealmName::default_realm()
}

fn ledger_of(exchanges: impl IntoIterator<Item = Exchange>) -> Ledger {
    let mut ledger = Ledger::new(RecordConfig::default(), NOW);
    for exchange in exchanges {
        ledger.ingest(exchange, NOW);
    }
    ledger
}

fn the_flow(ledger: &Ledger) -> FlowView {
    let flows = ledger.flows_in(&realm());
    assert_eq!(flows.len(), 1, "one flow");
    view(ledger, flows[0])
}

fn view(ledger: &Ledger, id: &ExchangeId) -> FlowView {
    let (hops, forgotten) = ledger.hops_of(id).unwrap();
    FlowView::of(id, &hops, forgotten, 0)
}

fn exchanges(samples: Vec<Sample>) -> Vec<Exchange> {
    samples.into_iter().map(|sample| sample.0).collect()
}

#[test]
fn a_grant_is_one_flow_in_whatever_order_its_exchanges_arrive() {
    let samples = exchanges(authorization_code());
    let expected: Vec<_> = samples
        .iter()
        .map(|exchange| exchange.path.clone())
        .collect();
    let mut orders = vec![samples.clone(), samples.iter().rev().cloned().collect()];
    for turn in 1..samples.len() {
        let mut turned = samples.clone();
        turned.rotate_left(turn);
        orders.push(turned);
    }
    for order in orders {
        let flow = the_flow(&ledger_of(order));
        let paths: Vec<_> = flow
            .exchanges
            .iter()
            .map(|exchange| exchange.path.clone())
            .collect();
        assert_eq!(paths, expected);
        assert_eq!(flow.summary.grant, Grant::AuthorizationCode);
        assert_eq!(flow.summary.client_id.as_deref(), Some("web"));
        assert_eq!(flow.summary.person.as_deref(), Some("alice"));
        assert_eq!(flow.summary.result.status, Status::Succeeded);
    }
}

#[test]
fn both_sides_of_a_hop_are_one_entry_the_receivers_word_first() {
    let samples = authorization_code();
    let (cause, call) = (&samples[3], &samples[4]);
    for order in [
        [call.0.clone(), call.as_sent(Some(cause))],
        [call.as_sent(Some(cause)), call.0.clone()],
    ] {
        let flow = the_flow(&ledger_of(order));
        let hop = &flow.exchanges[0];
        let sides: Vec<_> = hop.observers.iter().map(|observer| observer.side).collect();
        assert_eq!(sides, [Side::Received, Side::Sent]);
        assert_eq!(hop.checks.len(), 1);
        assert_eq!(hop.started_us, call.0.started_us);
        assert!((hop.duration_ms - 2.0).abs() < 1e-9);
        assert_eq!(hop.sender_duration_ms, Some(2.9));
        assert_eq!(hop.caused_by.as_ref(), Some(&cause.0.id));
    }
}

#[test]
fn a_call_joins_the_exchange_that_caused_it_though_that_one_ends_later() {
    let page = received(0, Party::Browser, Party::ClientApp, "POST", "/run");
    let call = received(5, Party::ClientApp, Party::AuthServer, "POST", "/token").status(401);
    let sent = call.as_sent(Some(&page));
    let flow = the_flow(&ledger_of([call.0, sent, page.0]));
    assert_eq!(flow.exchanges.len(), 2);
    assert_eq!(flow.exchanges[0].path, "/run");
    assert_eq!(flow.summary.result.status, Status::Refused);
}

#[test]
fn flows_that_a_later_exchange_connects_become_one_and_both_ids_lead_to_it() {
    let mut samples = exchanges(authorization_code());
    let token = samples.remove(4);
    let mut ledger = ledger_of(samples);
    let apart: Vec<_> = ledger.flows_in(&realm()).into_iter().cloned().collect();
    assert_eq!(apart.len(), 2);
    ledger.ingest(token, NOW);
    let flow = the_flow(&ledger);
    assert_eq!(flow.summary.exchange_count, 6);
    assert_eq!(flow.summary.id, *apart.iter().min().unwrap());
    for id in &apart {
        assert_eq!(ledger.resolve(&realm(), id), Some(&flow.summary.id));
    }
}

#[test]
fn a_quick_run_is_one_flow_though_the_auth_servers_batch_comes_last() {
    let samples = exchanges(authorization_code());
    // The client app reports at once: its start, then its call for a token, then the callback that caused it.
    let order = [0, 4, 3, 5, 1, 2].map(|at| samples[at].clone());
    assert_eq!(the_flow(&ledger_of(order)).exchanges.len(), 6);
}

#[test]
fn realms_never_share_a_flow() {
    let here = received(0, Party::Browser, Party::ClientApp, "GET", "/callback");
    let there = received(1, Party::Browser, Party::ClientApp, "GET", "/callback").in_realm("blue");
    let carry = |sample: Sample| {
        sample
            .value(ValueKind::Code, "same", ValuePlace::RequestQuery)
            .0
    };
    let ledger = ledger_of([carry(here), carry(there)]);
    let blue: RealmName = "blue".parse().unwrap();
    assert_eq!(ledger.flows_in(&realm()).len(), 1);
    assert_eq!(ledger.flows_in(&blue).len(), 1);
    let of_blue = ledger.flows_in(&blue)[0];
    assert_eq!(ledger.resolve(&realm(), of_blue), None);
}

#[test]
fn a_client_with_a_constant_state_has_a_flow_for_each_request() {
    let request = |ms, code: &str| {
        let path = "/authorize?response_type=code&client_id=x&state=abc";
        received(
            ms,
            Party::Stranger("curl".to_owned()),
            Party::AuthServer,
            "GET",
            path,
        )
        .value(ValueKind::State, "abc", ValuePlace::RequestQuery)
        .value(ValueKind::Code, code, ValuePlace::RedirectQuery)
        .0
    };
    let token = |ms, code: &str| {
        received(
            ms,
            Party::Stranger("curl".to_owned()),
            Party::AuthServer,
            "POST",
            "/token",
        )
        .value(ValueKind::Code, code, ValuePlace::RequestBody)
        .value(ValueKind::CodeVerifier, "constant", ValuePlace::RequestBody)
        .0
    };
    let ledger = ledger_of([
        request(0, "1"),
        token(1, "1"),
        request(2, "2"),
        token(3, "2"),
    ]);
    let sizes: Vec<_> = ledger
        .flows_in(&realm())
        .into_iter()
        .map(|id| view(&ledger, id).exchanges.len())
        .collect();
    assert_eq!(sizes, [2, 2]);
}

/// A push of `client` that states `state=abc`; without a reference it is told a nonce to come back with.
fn push(ms: i64, client: &str, reference: Option<&str>) -> Exchange {
    let stranger = Party::Stranger("curl".to_owned());
    let pushed = received(ms, stranger, Party::AuthServer, "POST", "/par")
        .form(&format!("response_type=code&client_id={client}&state=abc"))
        .value(ValueKind::State, "abc", ValuePlace::RequestBody);
    let pushed = match reference {
        Some(uri) => pushed.value(ValueKind::RequestUri, uri, ValuePlace::ResponseBody),
        None => pushed.json(r#"{"error":"use_dpop_nonce"}"#).status(400),
    };
    pushed.0
}

#[test]
fn a_push_that_comes_back_with_a_nonce_is_the_same_request() {
    let pushes = [
        push(0, "a", None),
        push(1, "a", Some("urn:1")),
        push(2, "b", None),
        push(3, "b", Some("urn:2")),
        push(4, "b", None),
        push(5, "b", Some("urn:3")),
    ];
    let ledger = ledger_of(pushes);
    let sizes = ledger.flows_in(&realm()).into_iter();
    let sizes: Vec<_> = sizes.map(|id| view(&ledger, id).exchanges.len()).collect();
    assert_eq!(sizes, [2, 2, 2]);
}

#[test]
fn a_preflight_belongs_to_the_call_that_follows() {
    let call = |ms, method: &str, token: &str| {
        received(ms, Party::Browser, Party::ResourceServer, method, "/photos").value(
            ValueKind::AccessToken,
            token,
            ValuePlace::RequestHeader,
        )
    };
    let preflight = received(
        0,
        Party::Browser,
        Party::ResourceServer,
        "OPTIONS",
        "/photos",
    )
    .status(204);
    let ledger = ledger_of([preflight.0, call(3, "GET", "a").0, call(9, "GET", "b").0]);
    let sizes: Vec<_> = ledger
        .flows_in(&realm())
        .into_iter()
        .map(|id| view(&ledger, id).exchanges.len())
        .collect();
    assert_eq!(sizes, [1, 2]);
}

#[test]
fn the_same_password_joins_nothing() {
    let login = |ms| {
        received(ms, Party::Browser, Party::AuthServer, "POST", "/login")
            .value(
                ValueKind::Password,
                "alice-password",
                ValuePlace::RequestBody,
            )
            .0
    };
    assert_eq!(ledger_of([login(0), login(1)]).flows_in(&realm()).len(), 2);
}

#[test]
fn the_ring_is_bounded_in_number_bytes_and_time() {
    let lone = |ms| {
        received(
            ms,
            Party::Stranger("curl".to_owned()),
            Party::AuthServer,
            "GET",
            "/jwks",
        )
        .0
    };
    let limits = RecordConfig {
        max_exchanges: 3,
        ..RecordConfig::default()
    };
    let mut ledger = Ledger::new(limits, NOW);
    (0..5).for_each(|ms| ledger.ingest(lone(ms), NOW));
    let held = ledger.held(&realm());
    assert_eq!((ledger.flows_in(&realm()).len(), held.forgotten), (3, 2));

    ledger.purge(NOW + 61 * 60 * 1_000_000);
    let held = ledger.held(&realm());
    assert_eq!(ledger.flows_in(&realm()).len(), 0);
    assert_eq!((held.exchanges, held.bytes, held.forgotten), (0, 0, 5));

    let limits = RecordConfig {
        max_bytes: 10_000,
        ..RecordConfig::default()
    };
    let mut ledger = Ledger::new(limits, NOW);
    for ms in 0..20 {
        let mut exchange = lone(ms);
        exchange.response_body.text = "x".repeat(1000);
        ledger.ingest(exchange, NOW);
        assert!(ledger.held(&realm()).bytes <= 10_000);
    }
    assert!(ledger.held(&realm()).forgotten > 10);
}

/// A participant of a workshop who floods the record loses his own flows, and nobody else loses any.
#[test]
fn a_flood_in_one_realm_leaves_the_flows_of_the_others() {
    let limits = RecordConfig {
        max_exchanges: 50,
        ..RecordConfig::default()
    };
    let mut ledger = Ledger::new(limits, NOW);
    for exchange in exchanges(authorization_code()) {
        ledger.ingest(exchange, NOW);
    }
    for ms in 0..500 {
        let (from, to) = (Party::Stranger("curl".to_owned()), Party::AuthServer);
        let flood = received(ms, from, to, "GET", "/jwks").in_realm("loud");
        ledger.ingest(flood.0, NOW);
    }
    let flow = the_flow(&ledger);
    assert_eq!((flow.exchanges.len(), flow.summary.forgotten), (6, 0));
    assert_eq!(ledger.held(&realm()).forgotten, 0);
    let loud = ledger.held(&"loud".parse().unwrap());
    assert_eq!((loud.exchanges, loud.forgotten), (44, 456));
}

#[test]
fn a_flow_says_how_much_of_it_fell_out() {
    let limits = RecordConfig {
        max_exchanges: 4,
        ..RecordConfig::default()
    };
    let mut ledger = Ledger::new(limits, NOW);
    for exchange in exchanges(authorization_code()) {
        ledger.ingest(exchange, NOW);
    }
    let flow = the_flow(&ledger);
    assert_eq!((flow.exchanges.len(), flow.summary.forgotten), (4, 2));
}

#[test]
fn a_batch_that_is_delivered_twice_counts_once() {
    let samples = exchanges(authorization_code());
    let ledger = ledger_of(samples.iter().cloned().chain(samples.iter().cloned()));
    assert_eq!(the_flow(&ledger).exchanges.len(), 6);
}

#[test]
fn verdicts_say_what_was_seen() {
    let flow = the_flow(&ledger_of(exchanges(authorization_code())));
    let said: Vec<_> = flow
        .verdicts
        .iter()
        .map(|verdict| verdict.id.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "pkce.s256_used",
            "state.checked",
            "client.authenticated",
            "password.only_at_auth_server",
            "token.back_channel_only",
            "api.called",
        ]
    );
}

#[test]
fn the_password_grant_shows_who_saw_the_password_and_refresh_belongs_to_it() {
    let token = received(0, Party::ClientApp, Party::AuthServer, "POST", "/token")
        .form("grant_type=password&username=alice&password=p")
        .value(ValueKind::Password, "p", ValuePlace::RequestBody)
        .value(ValueKind::RefreshToken, "r1", ValuePlace::ResponseBody);
    let refresh = received(5, Party::ClientApp, Party::AuthServer, "POST", "/token")
        .form("grant_type=refresh_token&refresh_token=r1")
        .value(ValueKind::RefreshToken, "r1", ValuePlace::RequestBody)
        .value(ValueKind::RefreshToken, "r2", ValuePlace::ResponseBody);
    let flow = the_flow(&ledger_of([token.0, refresh.0]));
    let said: Vec<_> = flow
        .verdicts
        .iter()
        .map(|verdict| verdict.id.as_str())
        .collect();
    assert_eq!(flow.summary.grant, Grant::Password);
    assert!(
        said.contains(&"password.seen_by_client") && said.contains(&"refresh.rotated"),
        "{said:?}"
    );
}

#[test]
fn a_refusal_names_its_check() {
    let mut samples = exchanges(authorization_code());
    let again = received(
        60,
        Party::Stranger("curl".to_owned()),
        Party::AuthServer,
        "POST",
        "/token",
    )
    .form("grant_type=authorization_code&code=k1")
    .json(r#"{"error":"invalid_grant"}"#)
    .status(400)
    .value(ValueKind::Code, "k1", ValuePlace::RequestBody)
    .check(&catalog::CODE_UNUSED, Outcome::Failed);
    samples.push(again.0);
    let result = the_flow(&ledger_of(samples)).summary.result;
    assert_eq!(result.status, Status::Refused);
    assert_eq!(result.failed_check.as_deref(), Some("code.unused"));
    assert_eq!(result.error.as_deref(), Some("invalid_grant"));
}

#[test]
fn a_stream_resumes_where_it_stopped_and_says_when_it_cannot() {
    let store = FlowStore::new(RecordConfig::default());
    let before = store.latest_event();
    let samples = exchanges(authorization_code());
    let first = samples[0].id.clone();
    for exchange in &samples {
        store.ingest(exchange.clone());
    }
    // Each exchange is told once, however often it changed; a later look finds the rest and nothing twice.
    let watched = Watched::Flow(first);
    let all = store.news(&realm(), &watched, before);
    let told = all
        .events
        .iter()
        .filter(|event| event.name == "exchange")
        .count();
    assert_eq!((told, all.lost), (6, false));
    let half = all.events[2].number;
    let rest = store.news(&realm(), &watched, half);
    assert_eq!(rest.events, all.events[3..]);
    assert!(store.news(&realm(), &watched, all.seen).events.is_empty());
    let lost = store.news(&realm(), &watched, before - 1);
    assert!(lost.lost && lost.events[0].name == "reset");
}

#[test]
fn a_stream_hears_of_its_own_realm_and_flow_only() {
    let store = FlowStore::new(RecordConfig::default());
    let before = store.latest_event();
    let stranger = || Party::Stranger("curl".to_owned());
    let mine = received(0, stranger(), Party::AuthServer, "GET", "/jwks").0;
    let other = received(1, stranger(), Party::AuthServer, "GET", "/jwks").0;
    let abroad = received(2, stranger(), Party::AuthServer, "GET", "/jwks")
        .in_realm("blue")
        .0;
    let id = mine.id.clone();
    for exchange in [mine, other, abroad] {
        store.ingest(exchange);
    }
    assert_eq!(
        store
            .news(&realm(), &Watched::Flow(id), before)
            .events
            .len(),
        1
    );
    assert_eq!(
        store.news(&realm(), &Watched::Flows, before).events.len(),
        2
    );
}

#[test]
fn clearing_a_realm_leaves_the_others() {
    let store = FlowStore::new(RecordConfig::default());
    let lone = |realm: &str| {
        let stranger = Party::Stranger("curl".to_owned());
        store.ingest(
            received(0, stranger, Party::AuthServer, "GET", "/jwks")
                .in_realm(realm)
                .0,
        );
    };
    lone("default");
    lone("blue");
    assert_eq!(store.clear(&realm()), 1);
    let wanted = Wanted {
        limit: 10,
        ..Wanted::default()
    };
    assert!(store.flows(&realm(), &wanted).flows.is_empty());
    assert_eq!(
        store.flows(&"blue".parse().unwrap(), &wanted).flows.len(),
        1
    );
}
