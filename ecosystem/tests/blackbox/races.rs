//! 64 at once — RFC 6749 §4.1.2, RFC 9700 §4.14.2: on SQLite, and on PostgreSQL when `TEST_DATABASE_URL` is set.
//!
//! Single use is where authorization servers fail, and they fail under load: a read and then a write has two
//! winners, one conditional write has one.

use std::sync::Arc;

use ecosystem::{Ecosystem, Store};

use crate::device::{approve, ask, poll};
use crate::par::one_window_gets_the_code;
use crate::support::{ALICE, Answer, Code, Request, Schema, Tokens, WEB, World};

const SCOPE: &str = "openid photos:read offline_access";

/// How many try at the same time.
const RACERS: usize = 64;
/// How long a token that was just rotated is still answered, in seconds.
const GRACE: u32 = 30;

/// A realm on a store that is written to disk.
async fn on_sqlite() -> World {
    on(Store::Temporary).await
}

/// A realm on PostgreSQL, or nothing where there is none.
async fn on_postgres(schema: &str) -> Option<(Schema, World)> {
    let schema = Schema::new(schema)?;
    let world = on(schema.store()).await;
    Some((schema, world))
}

async fn on(store: Store) -> World {
    let started = Ecosystem::builder().store(store).start().await;
    let ecosystem = Arc::new(started.unwrap_or_else(|error| panic!("{error}")));
    World::inside(ecosystem, |seed| seed).await
}

/// Sends the same request from all racers at once.
pub(crate) async fn race(world: &World, request: &Request) -> Vec<Answer> {
    let start = Arc::new(tokio::sync::Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|_| {
            let (request, start) = (request.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                request.send().await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(world.answer(racer.await.expect("a racer")));
    }
    answers
}

pub(crate) fn winners(answers: &[Answer]) -> Vec<Tokens> {
    let won = answers.iter().filter(|answer| answer.status() == 200);
    won.map(Answer::tokens).collect()
}

pub(crate) async fn one_code_has_one_winner(world: World) {
    let code: Code = world.code(WEB, SCOPE).await;
    let answers = race(&world, &world.redeem(&code)).await;
    let winners = winners(&answers);
    assert_eq!(winners.len(), 1, "exactly one redemption succeeds");
    for answer in answers.iter().filter(|answer| answer.status() != 200) {
        answer.is_refused(400, "invalid_grant").no_store();
        answer.failed_check("code.unused").await;
    }
    let won = &winners[0];
    assert!(!world.is_active(&won.access).await, "the replays revoke it");
    assert!(
        !world.is_live(WEB, &won.refresh).await,
        "the replays revoke it"
    );
    let answer = world.send(world.refresh(WEB, &won.refresh)).await;
    answer.is_refused(400, "invalid_grant");
}

pub(crate) async fn one_refresh_token_is_answered_within_grace(world: World) {
    let first = world.tokens(WEB, SCOPE).await;
    let answers = race(&world, &world.refresh(WEB, &first.refresh)).await;
    let winners = winners(&answers);
    assert!(!winners.is_empty());
    for answer in answers.iter().filter(|answer| answer.status() != 200) {
        answer.is_refused(400, "invalid_grant").no_store();
    }
    // Grace may answer many, but all with the same successor: the family does not branch.
    let mut successors: Vec<&str> = winners.iter().map(|won| won.refresh.as_str()).collect();
    successors.sort_unstable();
    successors.dedup();
    assert_eq!(successors.len(), 1, "the family branched");
    for winner in &winners {
        assert!(
            world.is_active(&winner.access).await,
            "an honest client was cut off"
        );
    }
    let next = world.send(world.refresh(WEB, successors[0])).await;
    next.tokens();
}

pub(crate) async fn one_refresh_token_after_grace_ends_the_family(world: World) {
    let first = world.tokens(WEB, SCOPE).await;
    let request = world.refresh(WEB, &first.refresh);
    let second = world.send(request.clone()).await.tokens();
    world.wait_seconds(GRACE + 1);
    let answers = race(&world, &request).await;
    assert_eq!(winners(&answers).len(), 0);
    for answer in &answers {
        answer.is_refused(400, "invalid_grant").no_store();
    }
    assert!(!world.is_active(&second.access).await);
    assert!(!world.is_live(WEB, &second.refresh).await);
}

pub(crate) async fn one_device_code_has_one_winner(world: World) {
    let asked = ask(&world).await;
    approve(&world, ALICE, &asked).await;
    let answers = race(&world, &poll(&world, &asked)).await;
    let winners = winners(&answers);
    assert_eq!(winners.len(), 1, "exactly one poll gets the tokens");
    for answer in answers.iter().filter(|answer| answer.status() != 200) {
        answer.is_refused(400, "invalid_grant").no_store();
        answer.failed_check("device_code.unused").await;
    }
    // The others were the same device, whose answers may have been lost: nothing is taken from it.
    assert!(world.is_active(&winners[0].access).await);
}

pub(crate) async fn of_polls_at_once_one_is_in_time(world: World) {
    let asked = ask(&world).await;
    let answers = race(&world, &poll(&world, &asked)).await;
    let said = |error: &str| {
        let told = answers
            .iter()
            .filter(|answer| answer.json()["error"] == error);
        told.count()
    };
    assert_eq!(said("authorization_pending"), 1);
    assert_eq!(said("slow_down"), RACERS - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_request_is_answered_once_on_sqlite() {
    one_window_gets_the_code(&on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_request_is_answered_once_on_postgres() {
    if let Some((_schema, world)) = on_postgres("pushed").await {
        one_window_gets_the_code(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_code_has_one_winner_on_sqlite() {
    one_device_code_has_one_winner(on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_code_has_one_winner_on_postgres() {
    if let Some((_schema, world)) = on_postgres("device").await {
        one_device_code_has_one_winner(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_at_once_are_slowed_down_on_sqlite() {
    of_polls_at_once_one_is_in_time(on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_at_once_are_slowed_down_on_postgres() {
    if let Some((_schema, world)) = on_postgres("pace").await {
        of_polls_at_once_one_is_in_time(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_has_one_winner_on_sqlite() {
    one_code_has_one_winner(on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_has_one_winner_on_postgres() {
    if let Some((_schema, world)) = on_postgres("code").await {
        one_code_has_one_winner(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_within_grace_on_sqlite() {
    one_refresh_token_is_answered_within_grace(on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_within_grace_on_postgres() {
    if let Some((_schema, world)) = on_postgres("grace").await {
        one_refresh_token_is_answered_within_grace(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_after_grace_on_sqlite() {
    one_refresh_token_after_grace_ends_the_family(on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_after_grace_on_postgres() {
    if let Some((_schema, world)) = on_postgres("family").await {
        one_refresh_token_after_grace_ends_the_family(world).await;
    }
}
