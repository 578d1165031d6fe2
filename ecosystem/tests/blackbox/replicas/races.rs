//! What has one winner at one server has one at three together — RFC 6749 §4.1.2, RFC 9700 §4.14.2, RFC 9126 §4,
//! RFC 7009 §2.1.

use super::Farm;
use crate::par::one_window_gets_the_code;
use crate::races as at_once;
use crate::support::{Answer, WEB};

const SCOPE: &str = "openid photos:read offline_access";
/// How often a refresh races a revocation.
const ROUNDS: usize = 8;
/// How many refresh at the same time in each round.
const RACERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_servers_one_answers() {
    let Some(farm) = Farm::new("race").await else {
        return;
    };
    let world = || farm.world.clone();
    at_once::one_code_has_one_winner(world()).await;
    at_once::one_refresh_token_is_answered_within_grace(world()).await;
    at_once::one_device_code_has_one_winner(world()).await;
    at_once::of_polls_at_once_one_is_in_time(world()).await;
    one_window_gets_the_code(&farm.world).await;
    at_once::one_refresh_token_after_grace_ends_the_family(world()).await;
}

/// Once a revocation was answered, nothing that came of the token is alive, whichever servers answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_leaves_nothing_alive() {
    let Some(farm) = Farm::new("revoke").await else {
        return;
    };
    let world = &farm.world;
    for _ in 0..ROUNDS {
        let first = world.tokens(WEB, SCOPE).await;
        let refreshing: Vec<_> = (0..RACERS)
            .map(|_| tokio::spawn(world.refresh(WEB, &first.refresh).send()))
            .collect();
        let revoking = tokio::spawn(world.revoke(WEB, &first.refresh).send());
        let mut all = vec![first];
        for answer in refreshing {
            let answer = world.answer(answer.await.unwrap());
            match answer.status() {
                200 => all.push(Answer::tokens(&answer)),
                _ => drop(answer.is_refused(400, "invalid_grant")),
            }
        }
        world.answer(revoking.await.unwrap()).is(200);
        for tokens in &all {
            assert!(!world.is_active(&tokens.access).await);
            assert!(!world.is_live(WEB, &tokens.refresh).await);
        }
    }
}
