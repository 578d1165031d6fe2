//! When the store cannot be written: an honest 503 (RFC 6749 §4.1.2.1 `temporarily_unavailable`, RFC 7009 §2.2.1),
//! nothing done by halves, and the same request succeeds once the store is back.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use ecosystem::{Ecosystem, Store};

use crate::support::{ALICE, Browser, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

/// Somebody else holds the file's one write lock.
struct Busy(SqliteConnection);

impl Busy {
    fn hold(world: &World) -> Self {
        let directory = world.ecosystem.directory().expect("a file");
        let file = directory.join("auth-server.db");
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        connection.batch_execute("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn release(mut self) {
        self.0.batch_execute("ROLLBACK").unwrap();
    }
}

#[tokio::test]
async fn a_store_that_is_busy_is_told_and_nothing_is_done_by_halves() {
    let store = Ecosystem::builder().store(Store::Temporary);
    let ecosystem = Arc::new(store.start().await.unwrap());
    let world = World::inside(ecosystem, |seed| seed).await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let code = world.code(WEB, SCOPE).await;
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, SCOPE);
    world.agree_in(&mut browser, ALICE, &authorization).await;

    let url = authorization.url();

    let busy = Busy::hold(&world);
    let (redeemed, refreshed, revoked, asked) = tokio::join!(
        world.send(world.redeem(&code)),
        world.send(world.refresh(WEB, &tokens.refresh)),
        world.send(world.revoke(WEB, &tokens.refresh)),
        browser.look(&url),
    );
    for answer in [&redeemed, &refreshed] {
        answer.is_refused(503, "temporarily_unavailable").no_store();
    }
    // Never 200: the client would believe that the token is dead.
    revoked
        .is_refused(503, "temporarily_unavailable")
        .no_store();
    assert!(!revoked.header("retry-after").is_empty(), "{revoked}");
    let asked = world.answer(asked.response);
    let callback = world.callback(WEB);
    let issuer = world.realm.issuer();
    let error = "temporarily_unavailable";
    asked.sends_back(error, &callback, Some("the state"), issuer);
    busy.release();

    world.send(world.redeem(&code)).await.tokens();
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
    world.send(world.revoke(WEB, &tokens.refresh)).await.is(200);
}
