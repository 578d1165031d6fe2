//! The doctor: a sound world is called sound, a service that is away and an address that is wrong are named with
//! what to do, and nobody without the record's key learns more.

use std::net::TcpListener;
use std::sync::Arc;

use ecosystem::Ecosystem;
use serde_json::Value;
use shared::page::Service;
use shared::serve::ConfigSecret;

use crate::support::{Browser, Request, World};

/// The report of the client app at `base`.
async fn report(base: &str) -> Value {
    let answer = Request::get(&format!("{base}/api/doctor")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// The findings of `report` that are not well: id, service, level.
fn complaints(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let bad = findings.filter(|one| one["level"] == "fault" || one["level"] == "care");
    bad.map(|one| {
        assert!(
            one["remedy"].as_str().is_some_and(|text| text.len() > 20),
            "{one:#}"
        );
        let service = one["service"].as_str().unwrap_or("-");
        format!(
            "{} {service} {}",
            one["id"].as_str().expect("an id"),
            one["level"].as_str().expect("a level")
        )
    })
    .collect()
}

fn finding<'r>(report: &'r Value, id: &str, service: Option<&str>) -> &'r Value {
    let mut findings = report["findings"].as_array().expect("findings").iter();
    let found = findings.find(|one| one["id"] == id && one["service"].as_str() == service);
    found.unwrap_or_else(|| panic!("no {id}: {report:#}"))
}

#[tokio::test]
async fn a_sound_world_is_called_sound() {
    let world = World::new().await;
    let sound = report(&world.app("")).await;
    assert_eq!(complaints(&sound), [""; 0], "{sound:#}");
    assert_eq!(sound["status"], "ok");
    let peer = finding(&sound, "peer-reached", Some("resource-server"));
    assert_eq!(peer["level"], "ok", "{peer:#}");
    assert_eq!(
        finding(&sound, "issuer", Some("auth-server"))["level"],
        "ok"
    );
    // Looking is no part of any flow.
    assert!(world.realm.flows().await.unwrap().is_empty());
    // What it observes arrives, and the doctor knows.
    let heard =
        |report: &Value| finding(report, "record-heard", Some("auth-server"))["level"].clone();
    assert_eq!(heard(&sound), "unknown");
    let token = world
        .send(world.client_credentials(crate::support::SERVICE))
        .await;
    token.tokens();
    let id = token.header("exchange-id").parse().expect("an id");
    world.realm.exchange(&id).await.expect("the exchange");
    assert_eq!(heard(&report(&world.app("")).await), "ok");
}

#[tokio::test]
async fn a_service_that_is_away_is_named_with_its_remedy() {
    let ecosystem = Ecosystem::start().await.unwrap();
    ecosystem.stop_one(Service::AuthServer);
    let base = ecosystem.client_app().to_owned();
    let mut told = report(&base).await;
    for _ in 0..100 {
        if finding(&told, "service-answers", Some("auth-server"))["level"] == "fault" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        told = report(&base).await;
    }
    assert_eq!(
        complaints(&told),
        [
            "service-answers auth-server fault",
            "peer-reached resource-server fault"
        ],
        "{told:#}"
    );
    assert_eq!(told["status"], "fault");
    let away = finding(&told, "service-answers", Some("auth-server"));
    let remedy = away["remedy"].as_str().expect("a remedy");
    assert!(
        remedy.contains("cargo run") && remedy.contains("docker compose up"),
        "{remedy}"
    );
    assert!(
        away["evidence"][0].as_str().unwrap().contains("refused"),
        "{away:#}"
    );
    let page = Browser::new().open(&format!("{base}/doctor")).await;
    assert!(
        page.text().contains("It does not answer at"),
        "{}",
        page.text()
    );
    ecosystem.stop().await;
}

#[tokio::test]
async fn a_client_app_that_calls_the_issuer_by_another_name_is_told_so() {
    let ecosystem = Ecosystem::start().await.unwrap();
    let mut config = client_app::Config::default();
    let addresses = &mut config.wiring.addresses;
    *addresses = ecosystem.addresses().clone();
    addresses.auth_server = addresses.auth_server.replace("localhost", "127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    addresses.client_app = base.clone();
    config.wiring.record_key = Some(ConfigSecret::new("a key that nobody else has"));
    let (wiring, feed) = config.wiring.wire().unwrap();
    let server = client_app::Server::bind(config, listener, wiring, feed)
        .await
        .unwrap();
    let stop = server.stop_handle();
    let running = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async { server.run().await.unwrap() });
    });
    let told = report(&base).await;
    let complaints = complaints(&told);
    for expected in [
        "issuer auth-server fault",
        "addresses - fault",
        "one-name - care",
        "record-key auth-server fault",
        "record-key resource-server fault",
    ] {
        assert!(
            complaints.iter().any(|one| one == expected),
            "{expected}: {complaints:?}"
        );
    }
    let issuer = finding(&told, "issuer", Some("auth-server"));
    assert!(
        issuer["evidence"]
            .to_string()
            .contains(ecosystem.auth_server()),
        "{issuer:#}"
    );
    assert!(
        !told.to_string().contains("nobody else has"),
        "the key is not shown"
    );
    // Without the key it is not told how the API reaches its peers.
    assert_eq!(
        finding(&told, "peer-reached", Some("resource-server"))["level"],
        "unknown"
    );
    stop.stop();
    running.join().unwrap();
    ecosystem.stop().await;
}

#[tokio::test]
async fn the_vitals_name_the_issuer_of_the_metadata_and_no_peer_to_strangers() {
    let world = World::new().await;
    let metadata = format!(
        "{}/.well-known/oauth-authorization-server/r/{}",
        world.ecosystem.auth_server(),
        world.realm.name()
    );
    let metadata = world.send(Request::get(&metadata)).await.json();
    let vitals = world.send(Request::get(&world.auth("/vitals"))).await;
    assert_eq!(vitals.is(200).json()["issuer"], metadata["issuer"]);
    for base in [world.auth(""), world.api(""), world.app("")] {
        let url = format!("{base}/vitals");
        let forged = Request::get(&url).header("record-proof", "x;y");
        let answer = world.send(forged).await;
        assert_eq!(answer.is(200).json()["same_record_key"], false);
        assert!(answer.json().get("peers").is_none());
        let origin = |origin: &str| Request::get(&url).header("origin", origin);
        let ours = world.send(origin(world.ecosystem.client_app())).await;
        assert_eq!(
            ours.header("access-control-allow-origin"),
            world.ecosystem.client_app()
        );
        let foreign = world.send(origin("http://evil.example")).await;
        assert_eq!(foreign.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_is_told_so() {
    let world = World::inside(Arc::new(Ecosystem::start().await.unwrap()), |seed| seed).await;
    let page = Browser::new().open(&world.app("/doctor")).await;
    assert_eq!(
        page.hops.len(),
        2,
        "set on the way, read on the second request"
    );
    assert!(
        page.text()
            .contains("A cookie that was set a moment ago came back.")
    );
    let first = Request::get(&world.app("/doctor")).send().await;
    let there = first
        .url
        .join(first.header("location").expect("a second request"))
        .unwrap();
    let second = Request::get(there.as_str()).send().await;
    assert_eq!(second.status, 200);
    assert!(
        second.text().contains("did not come back"),
        "{}",
        second.text()
    );
}
