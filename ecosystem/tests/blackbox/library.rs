//! The library as a test suite uses it: from any runtime or none, many in one process, gone when it is dropped.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use ecosystem::{Ecosystem, Ports, RealmError, StartError, Store};
use shared::seed::{ClientSeed, PersonSeed, RealmSeed};

use crate::support::Request;

/// Whether the service at `url` answers.
async fn answers(url: &str) -> bool {
    let health = format!("{url}/healthz");
    Request::get(&health).send().await.status == 200
}

/// Whether somebody listens on the port of `url`.
fn is_taken(url: &str) -> bool {
    let port = url.rsplit_once(':').expect("a port").1;
    TcpListener::bind(format!("127.0.0.1:{port}")).is_err()
}

#[actix_web::test]
async fn it_starts_inside_actix() {
    let world = Ecosystem::start().await.unwrap();
    assert!(answers(world.client_app()).await);
    world.stop().await;
}

#[test]
fn it_starts_from_a_plain_main_and_stops_when_it_is_dropped() {
    let world = Ecosystem::builder().start_blocking().unwrap();
    let url = world.auth_server().to_owned();
    assert!(is_taken(&url));
    drop(world);
    assert!(!is_taken(&url), "the port is not free");
}

#[tokio::test]
async fn two_live_in_one_process_and_know_nothing_of_each_other() {
    let one = Ecosystem::start().await.unwrap();
    let other = Ecosystem::start().await.unwrap();
    assert_ne!(one.auth_server(), other.auth_server());
    one.realm("only-here").await.unwrap();
    let elsewhere = format!("{}/r/only-here/jwks", other.auth_server());
    assert_eq!(Request::get(&elsewhere).send().await.status, 404);
    one.stop().await;
    assert!(answers(other.auth_server()).await);
}

#[tokio::test]
async fn stopping_waits_for_the_end_and_frees_ports_and_files() {
    let world = Ecosystem::builder()
        .store(Store::Temporary)
        .start()
        .await
        .unwrap();
    let directory = world.directory().unwrap().to_path_buf();
    let url = world.resource_server().to_owned();
    assert!(directory.join("auth-server.db").exists());
    let started = Instant::now();
    world.stop().await;
    assert!(started.elapsed() < Duration::from_millis(2500));
    assert!(!directory.exists(), "{} is left", directory.display());
    assert!(!is_taken(&url));
}

#[tokio::test]
async fn a_realm_is_made_of_a_cast_of_ones_own() {
    let world = Ecosystem::start().await.unwrap();
    let seed = RealmSeed::demo_named("mine".parse().unwrap())
        .unwrap()
        .with_person(PersonSeed::new("carol"));
    let realm = world.realm_from(seed).await.unwrap();
    assert_eq!(realm.issuer(), format!("{}/r/mine", world.auth_server()));
    let request = Request::post(
        &format!("{}/token", realm.issuer()),
        &[
            ("grant_type", "password"),
            ("username", "carol"),
            ("password", "carol-password"),
        ],
    );
    let answer = request.basic("trusted", "trusted-secret").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.header("exchange-id").unwrap().parse().unwrap();
    let exchange = realm.exchange(&id).await.unwrap();
    assert_eq!(exchange.path, "/token");
    assert_eq!(exchange.status, Some(200));
    let taken = world.realm("mine").await;
    assert!(matches!(taken, Err(RealmError::Taken(_))), "{taken:?}");
}

/// What a browser would repair, other parsers read as another address (RFC 3986 §3): a client of the cast has none either.
#[tokio::test]
async fn a_cast_with_an_address_that_a_parser_would_repair_is_refused() {
    let world = Ecosystem::start().await.unwrap();
    for uri in [
        "https:/app.example/cb",
        "https://app.example\\cb",
        " https://app.example/cb",
        "https://app.example/a/../cb",
    ] {
        let client = ClientSeed::public("odd", uri);
        let seed = RealmSeed::new("odd".parse().unwrap()).with_client(client);
        let error = world.realm_from(seed).await.unwrap_err();
        assert!(matches!(error, RealmError::Seed(_)), "{error}");
        let told = error.to_string();
        assert!(told.contains("client odd: redirect_uris"), "{told}");
    }
    let fine = ClientSeed::public("odd", "com.example.app:/cb");
    let seed = RealmSeed::new("odd".parse().unwrap()).with_client(fine);
    world.realm_from(seed).await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ports = Ports {
        auth_server: port,
        ..Ports::FREE
    };
    let refused = Ecosystem::builder().ports(ports).start().await;
    let Err(error @ StartError::Listen(_)) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

/// Not a benchmark: it catches a start or a realm that has become slow by an order of magnitude.
#[tokio::test]
async fn a_realm_takes_milliseconds() {
    let world = Ecosystem::start().await.unwrap();
    world.realm("warm").await.unwrap();
    let started = Instant::now();
    for number in 0..5 {
        world.realm(&format!("realm-{number}")).await.unwrap();
    }
    let each = started.elapsed() / 5;
    assert!(each < Duration::from_millis(500), "{each:?} for a realm");
    eprintln!("{each:?} for a realm");
}
