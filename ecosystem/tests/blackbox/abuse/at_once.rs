//! The same limits when everything comes at once, at two processes of one store: right ones are never refused
//! because others are on their way, and wrong ones get no further than one after another.

use std::time::Duration;

use futures_util::future::join_all;

use super::guesses::{
    HOME, PASSWORDS, SECRETS, STRANGER, behind_proxy, from, right_secret, stores, try_to_sign_in,
    wrong_secret,
};
use crate::support::{ALICE, Answer, BOB, Browser, Person, World};

/// How many come at once: ten times the narrowest limit on passwords.
const CROWD: usize = 100;

/// A crowd, half of it at each of two processes.
async fn crowd<'a, F: Future>(
    worlds: &'a [World; 2],
    one: impl Fn(&'a World, usize) -> F,
) -> Vec<F::Output> {
    let all = (0..CROWD).map(|number| {
        let world = &worlds[number % 2];
        one(world, number)
    });
    join_all(all).await
}

fn number_of(answers: &[Answer], status: u16) -> usize {
    let these = |answer: &&Answer| answer.status() == status;
    answers.iter().filter(these).count()
}

async fn sign_in(world: &World, person: Person, password: &str, address: &str) -> Answer {
    let typed = (person.username, password);
    try_to_sign_in(world, &mut Browser::new(), typed, address).await
}

#[tokio::test]
async fn a_hundred_right_passwords_at_once_are_a_hundred_sign_ins() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "crowd_right") {
        let worlds = [behind_proxy(store.clone()).await, behind_proxy(store).await];
        let answers = crowd(&worlds, |world, _| {
            sign_in(world, ALICE, ALICE.password, HOME)
        })
        .await;
        assert_eq!(number_of(&answers, 303), CROWD);
        // Slips between them, fewer than the limit, change nothing.
        let answers = crowd(&worlds, |world, number| {
            let slip = number % 12 == 5;
            let password = if slip { "guess" } else { ALICE.password };
            sign_in(world, ALICE, password, HOME)
        })
        .await;
        let slips = (0..CROWD).filter(|number| number % 12 == 5).count();
        assert!(slips < PASSWORDS);
        assert_eq!(number_of(&answers, 422), slips);
        assert_eq!(number_of(&answers, 303), CROWD - slips);
    }
}

#[tokio::test]
async fn of_a_hundred_wrong_passwords_at_once_no_more_are_looked_at_than_one_after_another() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "crowd_wrong") {
        let worlds = [behind_proxy(store.clone()).await, behind_proxy(store).await];
        let answers = crowd(&worlds, |world, _| sign_in(world, ALICE, "guess", STRANGER)).await;
        assert_eq!(number_of(&answers, 422), PASSWORDS);
        assert_eq!(number_of(&answers, 429), CROWD - PASSWORDS);
        for world in &worlds {
            let right = async |person: Person, address| {
                let answer = sign_in(world, person, person.password, address).await;
                answer.status()
            };
            assert_eq!(right(ALICE, STRANGER).await, 429, "where it was guessed");
            assert_eq!(right(ALICE, HOME).await, 303, "elsewhere");
            assert_eq!(right(BOB, STRANGER).await, 303, "somebody else");
        }
        // Different names at once: the address has a limit, too, and its own wrong ones stay counted.
        let before = PASSWORDS;
        let answers = crowd(&worlds, |world, number| async move {
            let name = format!("nobody {number}");
            let typed = (name.as_str(), "guess");
            try_to_sign_in(world, &mut Browser::new(), typed, STRANGER).await
        })
        .await;
        assert_eq!(number_of(&answers, 422), 100 - before);
        assert_eq!(number_of(&answers, 429), CROWD - (100 - before));
    }
}

#[tokio::test]
async fn the_password_grant_waits_and_refuses_in_the_same_way() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "crowd_grant") {
        let worlds = [behind_proxy(store.clone()).await, behind_proxy(store).await];
        let ask = |world: &World, person, address: &'static str| {
            let request = from(world.password(person), address);
            let world = world.clone();
            async move { world.send(request).await }
        };
        let answers = crowd(&worlds, |world, _| ask(world, ALICE, HOME)).await;
        assert_eq!(number_of(&answers, 200), CROWD);
        let guess = Person {
            password: "guess",
            ..ALICE
        };
        let answers = crowd(&worlds, |world, _| ask(world, guess, STRANGER)).await;
        let limited = |answer: &&Answer| {
            !answer
                .response
                .header("retry-after")
                .unwrap_or("")
                .is_empty()
        };
        assert_eq!(number_of(&answers, 400), CROWD, "invalid_grant for each");
        assert_eq!(answers.iter().filter(limited).count(), CROWD - PASSWORDS);
    }
}

#[tokio::test]
async fn who_hangs_up_leaves_no_place_taken() {
    let world = behind_proxy(ecosystem::Store::Memory).await;
    let impatient = (0..30).map(|_| {
        let request = from(world.password(ALICE), HOME);
        tokio::time::timeout(Duration::from_millis(5), world.send(request))
    });
    let answered = join_all(impatient).await;
    assert!(answered.iter().any(Result::is_err), "nobody hung up");
    let begun = std::time::Instant::now();
    let patient = world.send(from(world.password(ALICE), HOME)).await;
    patient.tokens();
    // Places of a dead process lapse after five minutes: this one lives.
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_hundred_secrets_at_once_count_as_a_hundred_one_after_another() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "crowd_secret") {
        let worlds = [behind_proxy(store.clone()).await, behind_proxy(store).await];
        let right = crowd(&worlds, |world, _| right_secret(world, HOME)).await;
        assert!(right.iter().all(|status| *status == 200), "{right:?}");
        let wrong = crowd(&worlds, |world, _| wrong_secret(world, STRANGER)).await;
        let mut looked_at = 0;
        for answer in &wrong {
            answer.is_refused(401, "invalid_client");
            let checks = answer.exchange().await.checks;
            let failed = checks
                .iter()
                .find(|check| check.outcome == shared::flow::Outcome::Failed);
            looked_at += usize::from(failed.unwrap().id == "client.authenticated");
        }
        assert_eq!(looked_at, SECRETS);
        for world in &worlds {
            assert_eq!(right_secret(world, STRANGER).await, 401);
            assert_eq!(right_secret(world, HOME).await, 200);
        }
    }
}

/// The page after this code was entered in `browser`, in which somebody is signed in.
async fn enter(world: &World, browser: &Browser, code: &str) -> u16 {
    let mut browser = browser.clone();
    let page = browser.open(&world.auth("/device")).await;
    let typed = [("user_code", code)];
    let page = browser.press(&page, "device-submit", &typed).await;
    page.response.status
}

#[tokio::test]
async fn a_hundred_user_codes_at_once_count_as_a_hundred_one_after_another() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "crowd_device") {
        let worlds = [behind_proxy(store.clone()).await, behind_proxy(store).await];
        let asked = crate::device::ask(&worlds[0]).await;
        let mut browsers = Vec::new();
        for world in &worlds {
            let mut browser = Browser::new();
            crate::device::enter(world, &mut browser, ALICE, &asked.user_code).await;
            browsers.push(browser);
        }
        let statuses = async |code: &str| {
            let all = crowd(&worlds, |world, number| {
                enter(world, &browsers[number % 2], code)
            });
            all.await
        };
        let right = statuses(&asked.user_code).await;
        assert!(right.iter().all(|status| *status < 400), "{right:?}");
        let wrong = statuses("BBBB-BBBB").await;
        let number = |status: u16| wrong.iter().filter(|one| **one == status).count();
        assert_eq!((number(422), number(429)), (5, CROWD - 5), "{wrong:?}");
    }
}
