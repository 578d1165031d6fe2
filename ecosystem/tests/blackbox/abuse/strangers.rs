//! What callers who have proven nothing make the server keep (RFC 6749 §4.1, RFC 9126 §7.3, RFC 8628 §5.1, RFC 7591 §5):
//! bounded by address and in all, in the database, so that neither a restart nor another process forgets it; and never so
//! that who signed in before, or lives elsewhere, is kept out.

use std::path::Path;

use ecosystem::Store;
use futures_util::future::join_all;

use super::guesses::{HOME, STRANGER, behind_proxy, from, stores, try_to_sign_in};
use crate::support::{ALICE, Answer, Browser, Client, Request, SPA, WEB, World};

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
