//! A clock that is put back: what was counted by the one before locks nobody out and lets nobody in.
//!
//! The realm's clock begins anew with the program, and the data stays: a year that was turned ahead is gone.

use std::path::Path;
use std::sync::Arc;

use ecosystem::{Ecosystem, Store};

use crate::device::DEVICE_CODE;
use crate::support::{BOB, Request, TRUSTED, TV, WEB, World};

/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 60 * 60;

async fn world(directory: &Path) -> World {
    let builder = Ecosystem::builder().store(Store::Directory(directory.to_path_buf()));
    World::at_root(Arc::new(builder.start().await.unwrap()))
}

/// The same data, after the programs began anew.
async fn restarted(world: World, directory: &Path) -> World {
    let ecosystem = Arc::into_inner(world.ecosystem).expect("nobody else has it");
    ecosystem.stop().await;
    self::world(directory).await
}

fn password(world: &World, password: &str) -> Request {
    let form = [
        ("grant_type", "password"),
        ("username", BOB.username),
        ("password", password),
    ];
    World::signed(TRUSTED, Request::post(&world.auth("/token"), &form))
}

#[tokio::test]
async fn the_honest_are_not_locked_out_and_what_was_spent_stays_spent() {
    let directory = tempfile::tempdir().unwrap();
    let world = world(directory.path()).await;
    world.wait_seconds(YEAR);
    for _ in 0..12 {
        world.send(password(&world, "wrong")).await;
    }
    let locked = world.send(password(&world, BOB.password)).await;
    locked.is_refused(400, "invalid_grant");
    let asked = [("client_id", TV.id), ("scope", "photos:read")];
    let asked = Request::post(&world.auth("/device_authorization"), &asked);
    let device = world.send(asked).await.is(200).json();
    let code = device["device_code"].as_str().unwrap();
    let poll = [
        ("grant_type", DEVICE_CODE),
        ("device_code", code),
        ("client_id", TV.id),
    ];
    let early = world.send(world.token(&poll)).await;
    early.is_refused(400, "authorization_pending");
    let tokens = world.tokens(WEB, "photos:read").await;
    let next = world.send(world.refresh(WEB, &tokens.refresh)).await;
    next.tokens();

    let world = restarted(world, directory.path()).await;
    world.send(password(&world, BOB.password)).await.tokens();
    let polled = world.send(world.token(&poll)).await;
    polled.is_refused(400, "authorization_pending");
    // Nobody knows how long ago it was rotated: there is no grace.
    let again = world.send(world.refresh(WEB, &tokens.refresh)).await;
    again.is_refused(400, "invalid_grant");
}
