//! What callers who have proven nothing make the server keep (RFC 6749 §4.1, RFC 9126 §7.3, RFC 8628 §5.1, RFC 7591 §5):
//! bounded by address and in all, in the database, so that neither a restart nor another process forgets it; and never so
//! that who signed in before, or lives elsewhere, is kept out.

use std::path::Path;

use auth_server::config::LimitsConfig;
use ecosystem::Store;
use futures_util::future::join_all;

use super::guesses::{
    HOME, STRANGER, behind_proxy, behind_proxy_with, from, stores, try_to_sign_in,
};
use crate::support::{ALICE, Answer, BOB, Browser, Client, Person, Request, SPA, WEB, World};

/// What one address may make the server keep, in bytes.
const SHARE: usize = 8 * 1024 * 1024;

/// A state as long as a query may be.
const LONG: usize = 24 * 1024;

/// Registrations from one address that are answered as usual.
const REGISTRATIONS: usize = 50;

fn long() -> String {
    "s".repeat(LONG)
}

/// An authorization request with a long state, from `address`, by somebody whom no cookie names.
async fn ask(world: &World, address: &str) -> Answer {
    let url = world
        .authorize(WEB, "openid photos:read")
        .with("state", &long())
        .url();
    world.send(from(Request::get(&url), address)).await
}

fn waits(answer: &Answer) -> bool {
    answer.status() == 303 && answer.location().path().ends_with("/login")
}

/// Asks until nothing more is kept; how many requests were.
async fn exhaust(world: &World, address: &str) -> usize {
    let mut kept = 0;
    for _ in 0..30 {
        let answers = join_all((0..20).map(|_| ask(world, address))).await;
        let here = answers.iter().filter(|answer| waits(answer)).count();
        kept += here;
        if let Some(refused) = answers.iter().find(|answer| !waits(answer)) {
            let error = "temporarily_unavailable";
            let issuer = world.realm.issuer();
            refused.sends_back(error, &world.callback(WEB), Some(&long()), issuer);
            refused.failed_check("request.room").await;
            return kept;
        }
    }
    panic!("{kept} requests are kept, and there is room for more");
}

fn pushed(world: &World, client: Client) -> Request {
    let authorization = world.authorize(client, "photos:read");
    let request = Request::new("POST", &world.auth("/par"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(authorization.query());
    match client.secret {
        // It says who it is, and nothing else.
        None => request,
        Some(_) => World::signed(client, request),
    }
}

/// 429, and when to come back.
#[track_caller]
fn is_later(answer: &Answer) {
    answer.is_refused(429, "temporarily_unavailable").no_store();
    let after: u32 = answer.header("retry-after").parse().unwrap_or_default();
    assert!((1..=300).contains(&after), "{answer}");
}

fn bytes_of(directory: &Path) -> u64 {
    let file = |name: &str| std::fs::metadata(directory.join(name)).map_or(0, |found| found.len());
    file("auth-server.db") + file("auth-server.db-wal")
}

#[tokio::test]
async fn long_requests_without_a_session_fill_no_disk_and_lock_nobody_out() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "strangers") {
        let world = behind_proxy(store.clone()).await;
        // Alice has signed in at the address from which it will come.
        let mut own = Browser::new();
        let typed = (ALICE.username, ALICE.password);
        let signed_in = try_to_sign_in(&world, &mut own, typed, STRANGER).await;
        signed_in.is(303);
        let page = own.open(&world.auth("/logout")).await;
        own.press(&page, "logout-confirm", &[]).await;
        let kept = exhaust(&world, STRANGER).await;
        assert!(kept <= SHARE / LONG + 20, "{kept} were kept");
        assert!(kept > 100, "only {kept}");
        if let Store::Directory(files) = &store {
            // Each page of a long row is written once into the log and once into the file.
            let most = u64::try_from(3 * SHARE).unwrap();
            let bytes = bytes_of(files);
            assert!(bytes < most, "{bytes} bytes for {kept} requests");
            println!("{kept} requests of {LONG} bytes were kept in {bytes} bytes");
        }
        let locks_nobody_out = async |world: &World| {
            assert!(!waits(&ask(world, STRANGER).await), "it goes on");
            let url = world.authorize(WEB, "openid").url();
            let elsewhere = world.send(from(Request::get(&url), HOME)).await;
            assert!(waits(&elsewhere), "elsewhere: {elsewhere}");
            let mut own = own.clone();
            let page = own.send(from(Request::get(&url), STRANGER), None).await;
            let page = world.answer(page.response);
            assert!(waits(&page), "her own browser: {page}");
        };
        locks_nobody_out(&world).await;
        // Another process has its clients at other addresses, and writes that into the store.
        drop(world);
        let world = behind_proxy(store).await;
        locks_nobody_out(&world).await;
        // Whatever else is kept for whoever asks shares in it; a client that proves who it is does not.
        is_later(&world.send(from(pushed(&world, SPA), STRANGER)).await);
        world
            .send(from(pushed(&world, WEB), STRANGER))
            .await
            .is(201);
        world.send(from(pushed(&world, SPA), HOME)).await.is(201);
        let device = Request::post(&world.auth("/device_authorization"), &[("client_id", "tv")]);
        let device = device.with("scope", "photos:read");
        is_later(&world.send(from(device.clone(), STRANGER)).await);
        world.send(from(device, HOME)).await.is(200);
        world.wait_seconds(301);
        assert!(waits(&ask(&world, STRANGER).await), "five minutes later");
    }
}

/// The browser of somebody who signed in, and out again.
async fn known(world: &World, person: Person) -> Browser {
    let mut browser = Browser::new();
    let typed = (person.username, person.password);
    let signed_in = try_to_sign_in(world, &mut browser, typed, HOME).await;
    signed_in.is(303);
    let page = browser.open(&world.auth("/logout")).await;
    browser.press(&page, "logout-confirm", &[]).await;
    browser
}

/// As [`ask`], with a browser.
async fn ask_in(world: &World, browser: &Browser, address: &str) -> Answer {
    let url = world
        .authorize(WEB, "openid photos:read")
        .with("state", &long())
        .url();
    let mut browser = browser.clone();
    let page = browser.send(from(Request::get(&url), address), None).await;
    world.answer(page.response)
}

/// The realm's share is full: whoever is not known gets nothing, from an address of which nothing is known either, and
/// that is all. Known browsers have a share of their own, each and together; clients that prove who they are and whoever
/// needs nothing kept are as before; and no more is kept than the shares allow.
#[tokio::test]
async fn a_realm_whose_share_is_full_keeps_known_browsers_in() {
    const IN_ALL: usize = 4 * 1024 * 1024;
    const OWN: usize = 256 * 1024;
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "full") {
        let limits = LimitsConfig {
            kept_per_address: u32::try_from(OWN).unwrap(),
            kept_per_realm: u32::try_from(IN_ALL).unwrap(),
            ..LimitsConfig::default()
        };
        let world = behind_proxy_with(store.clone(), limits.clone()).await;
        let alice = known(&world, ALICE).await;
        let bob = known(&world, BOB).await;
        // A network of addresses, until two hundred in a row get nothing of any of the sixteen parts.
        let (mut kept, mut refused, mut number) = (0, 0, 0);
        while refused < 200 {
            assert!(
                number < 2000,
                "{kept} requests are kept, and there is room for more"
            );
            let address = format!("203.0.113.{}", number % 250);
            let answer = ask(&world, &address).await;
            let got = waits(&answer);
            kept += usize::from(got);
            refused = if got { 0 } else { refused + 1 };
            number += 1;
        }
        // Each of the sixteen parts may be gone beyond by the last one in it.
        let most = IN_ALL / LONG + 16;
        assert!(kept <= most, "{kept} of {most} at most were kept");
        assert!(kept >= IN_ALL / (LONG + 2048), "only {kept}");
        println!("{kept} requests of {LONG} bytes fill a share of {IN_ALL} bytes");
        assert!(!waits(&ask(&world, "198.51.100.77").await), "a new address");
        is_later(&world.send(from(pushed(&world, SPA), "198.51.100.78")).await);
        for _ in 0..5 {
            assert!(
                waits(&ask_in(&world, &alice, STRANGER).await),
                "Alice's browser"
            );
            assert!(waits(&ask_in(&world, &bob, HOME).await), "Bob's browser");
        }
        world
            .send(from(pushed(&world, WEB), STRANGER))
            .await
            .is(201);
        // Another process of the same store says the same.
        let other = behind_proxy_with(store, limits).await;
        assert!(!waits(&ask(&other, "198.51.100.79").await), "a new address");
        assert!(waits(&ask_in(&other, &bob, HOME).await), "Bob's browser");
        // Alice's browser has its own share, and not Bob's.
        let mut hers = 5;
        while waits(&ask_in(&world, &alice, STRANGER).await) {
            hers += 1;
            assert!(hers <= OWN / LONG + 1, "{hers} are kept for one browser");
        }
        assert!(hers > 5, "{hers}");
        assert!(waits(&ask_in(&world, &bob, HOME).await), "Bob's browser");
        world.wait_seconds(301);
        assert!(
            waits(&ask(&world, "198.51.100.77").await),
            "five minutes later"
        );
        assert!(waits(&ask_in(&world, &alice, STRANGER).await), "hers, too");
    }
}

/// People with many browsers fill the share of known browsers, and keep out no stranger.
#[tokio::test]
async fn known_browsers_are_bounded_together_and_keep_out_no_stranger() {
    let limits = LimitsConfig {
        kept_per_address: 128 * 1024,
        kept_per_realm: 256 * 1024,
        ..LimitsConfig::default()
    };
    let world = behind_proxy_with(Store::Memory, limits).await;
    let mut kept = 0;
    for _ in 0..8 {
        let browser = known(&world, ALICE).await;
        for _ in 0..6 {
            kept += usize::from(waits(&ask_in(&world, &browser, HOME).await));
        }
    }
    let most = 256 * 1024 / LONG + 16;
    assert!(kept <= most, "{kept} of {most} at most were kept");
    let url = world.authorize(WEB, "openid").url();
    let stranger = world.send(from(Request::get(&url), STRANGER)).await;
    assert!(waits(&stranger), "{stranger}");
}

#[tokio::test]
async fn one_address_fills_no_realm_with_registrations() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "registrations") {
        let world = behind_proxy(store).await;
        let register = |address: &'static str| {
            let request = Request::new("POST", &world.auth("/register"))
                .header("content-type", "application/json")
                .body(r#"{"redirect_uris":["https://client.example/cb"]}"#);
            world.send(from(request, address))
        };
        for _ in 0..REGISTRATIONS {
            register(STRANGER).await.is(201);
        }
        let refused = register(STRANGER).await;
        is_later(&refused);
        refused.failed_check("request.room").await;
        register(HOME).await.is(201);
        world.wait_seconds(301);
        register(STRANGER).await.is(201);
    }
}
