//! Unit tests of the controls: what waits, for whom and how long.

use std::time::{Duration, Instant};

use super::follow::{Orders, Process, Report};
use super::*;
use crate::flow::{Body, Channel};
use crate::time::Lifetime;

fn paused(realm: &str, number: u8) -> Paused {
    Paused {
        id: format!("{number:032x}").parse().unwrap(),
        realm: realm.parse().unwrap(),
        from: Party::ClientApp,
        to: Party::AuthServer,
        channel: Channel::Back,
        method: "POST".to_owned(),
        url: "http://localhost:9000/token".to_owned(),
        path: "/token".to_owned(),
        headers: Vec::new(),
        parameters: Vec::new(),
        body: Body::default(),
        is_form: true,
        since_us: 0,
        until_us: 0,
        hold: Hold::Connection,
        state: WaitState::Waiting,
    }
}

fn token() -> Breakpoint {
    Breakpoint::on(Party::AuthServer, "POST", "/token")
}

#[test]
fn without_breakpoints_nothing_is_active() {
    let controls = Controls::default();
    let realm = RealmName::default_realm();
    assert!(!controls.is_active());
    controls.set(&realm, token()).unwrap();
    assert!(controls.is_active());
    assert!(controls.remove(&realm, &token()));
    assert!(!controls.is_active(), "it costs nothing again");
}

#[test]
fn a_client_of_its_own_and_step_mode() {
    let controls = Controls::default();
    let realm = RealmName::default_realm();
    let stops = |method| controls.stops(&realm, &Party::AuthServer, method, "/r/{realm}/token");
    let one = Breakpoint {
        client_id: Some("web".to_owned()),
        ..token()
    };
    controls.set(&realm, one).unwrap();
    let Some(Stops::Those(conditions)) = stops("POST") else {
        panic!("only one client's: {:?}", stops("POST"));
    };
    assert!(conditions[0].holds(Some("web"), &[]));
    assert!(!conditions[0].holds(Some("spa"), &[]) && !conditions[0].holds(None, &[]));
    assert_eq!(stops("GET"), None);
    controls.set_mode(&realm, Mode::Step).unwrap();
    assert_eq!(stops("GET"), Some(Stops::All));
    controls.clear(&realm);
    assert_eq!(stops("POST"), None);
}

#[tokio::test]
async fn the_limits_hold_and_what_is_dropped_is_gone() {
    let limits = PauseLimits {
        per_realm: 2,
        in_all: 3,
        ..PauseLimits::default()
    };
    let clocks = Clocks::default();
    let controls = Controls::new(limits, clocks.clone());
    let one = controls.wait(paused("one", 1), None).unwrap();
    let two = controls.wait(paused("one", 2), None).unwrap();
    assert!(
        controls.wait(paused("one", 3), None).is_err(),
        "of its realm"
    );
    let three = controls.wait(paused("two", 4), None).unwrap();
    assert!(controls.wait(paused("three", 5), None).is_err(), "of all");
    assert!(clocks.of(&"one".parse().unwrap()).is_held());
    drop((one, two, three));
    assert!(!clocks.of(&"one".parse().unwrap()).is_held());
    assert!(!controls.is_paused(&"one".parse().unwrap()));
}

#[tokio::test]
async fn patience_does_not_count_the_time_at_a_breakpoint() {
    let controls = Controls::default();
    let realm: RealmName = "one".parse().unwrap();
    let ticket = controls.wait(paused("one", 1), None).unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(ticket);
    };
    let begun = Instant::now();
    tokio::join!(
        controls.patience(&realm, Duration::from_millis(100)),
        release
    );
    assert!(
        begun.elapsed() >= Duration::from_millis(390),
        "{:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    controls.patience(&realm, Duration::from_millis(50)).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "it ends");
}

#[tokio::test]
async fn patience_itself_has_an_end() {
    let limits = PauseLimits {
        longest: Lifetime::from_seconds(0),
        ..PauseLimits::default()
    };
    let controls = Controls::new(limits, Clocks::default());
    let _ticket = controls.wait(paused("one", 1), None).unwrap();
    let realm: RealmName = "one".parse().unwrap();
    let patience = controls.patience(&realm, Duration::from_millis(50));
    let ended = tokio::time::timeout(Duration::from_secs(20), patience).await;
    assert!(ended.is_ok(), "it never ends");
}

fn report(sequence: u64, began: Vec<Paused>) -> Report {
    Report {
        service: Party::AuthServer,
        replica: None,
        run: "run".to_owned(),
        sequence,
        nonce: "nonce".to_owned(),
        after: None,
        routes: Vec::new(),
        waiting: began.iter().map(|paused| paused.id.clone()).collect(),
        began,
        passed: std::collections::BTreeMap::new(),
    }
}

fn process(service: Party, replica: Option<&str>) -> Process {
    let replica = replica.map(|name| name.to_owned().try_into().unwrap());
    Process { service, replica }
}

/// Each replica of a service is a follower of its own: what one says of those that wait takes nothing from another,
/// and each is told of its own alone.
#[test]
fn what_waits_with_two_replicas() {
    let clocks = Clocks::default();
    let controls = Controls::new(PauseLimits::default(), clocks.clone());
    let realm: RealmName = "one".parse().unwrap();
    let (one, two) = (paused("one", 1), paused("one", 2));
    let of = |replica: &str, sequence, began| Report {
        replica: Some(replica.to_owned().try_into().unwrap()),
        run: format!("run of {replica}"),
        ..report(sequence, began)
    };
    controls.hear(&of("a", 1, vec![one.clone()])).unwrap();
    controls.hear(&of("b", 1, vec![two.clone()])).unwrap();
    assert_eq!(controls.look(&realm).waiting.len(), 2);
    controls.decide(&realm, &one.id, Decision::Drop).unwrap();
    let orders = |replica| controls.orders(&process(Party::AuthServer, Some(replica)), &clocks);
    assert_eq!(orders("a").decisions, [(one.id.clone(), Decision::Drop)]);
    assert!(orders("b").decisions.is_empty());
    assert_eq!(orders("b").known, [two.id.clone()].into());
    controls.hear(&of("a", 2, Vec::new())).unwrap();
    assert_eq!(controls.look(&realm).waiting, vec![two]);
}

/// What waits elsewhere is shown, holds the clock, is decided, and goes when the follower says so.
#[test]
fn what_waits_with_a_follower() {
    let clocks = Clocks::default();
    let controls = Controls::new(PauseLimits::default(), clocks.clone());
    let realm: RealmName = "one".parse().unwrap();
    let there = paused("one", 1);
    controls.hear(&report(1, vec![there.clone()])).unwrap();
    assert_eq!(controls.look(&realm).waiting, vec![there.clone()]);
    assert!(clocks.of(&realm).is_held());
    assert!(
        controls.hear(&report(1, Vec::new())).is_err(),
        "heard before"
    );
    controls.decide(&realm, &there.id, Decision::Drop).unwrap();
    assert!(!clocks.of(&realm).is_held());
    let orders: Orders = controls.orders(&process(Party::AuthServer, None), &clocks);
    assert_eq!(orders.decisions, [(there.id.clone(), Decision::Drop)]);
    assert!(
        controls
            .orders(&process(Party::ResourceServer, None), &clocks)
            .decisions
            .is_empty()
    );
    controls.hear(&report(2, Vec::new())).unwrap();
    assert!(controls.look(&realm).waiting.is_empty());
    assert_eq!(controls.fate(&realm, &there.id), Some(Fate::Dropped));
}

#[test]
fn without_the_client_app_nothing_is_stopped() {
    let controls = Controls::default();
    let realm = RealmName::default_realm();
    controls.set(&realm, token()).unwrap();
    controls.close(&Party::ClientApp);
    assert!(controls.look(&realm).breakpoints.is_empty());
    assert_eq!(
        controls.set(&realm, token()),
        Err(BreakpointError::Stopping)
    );
}
