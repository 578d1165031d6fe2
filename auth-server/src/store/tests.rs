//! Each outcome of the tables that nothing else tests, on both databases.

use shared::oauth::{Digest, random_id};
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use diesel::prelude::*;

use super::attempts::{Attempt, Begun, Ended};
use super::consents::ConsentRow;
use super::interactions::InteractionRow;
use super::limits::{Limit, Room};
use super::people::PersonRow;
use super::pushed_requests::PushedRequestRow;
use super::replays::ReplayKind;
use super::sessions::SessionRow;
use super::testing::{client, stores};
use super::{
    DbConnection, StoreError, attempts, clients, consents, interactions, limits, people,
    pushed_requests, replays, revoked_tokens, schema, sessions, sweep,
};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

fn later(seconds: u32) -> Timestamp {
    NOW + Lifetime::from_seconds(seconds)
}

/// Alice.
fn person(realm: &RealmName) -> PersonRow {
    PersonRow {
        realm: realm.to_string(),
        sub: "alice".to_owned(),
        username: "alice".to_owned(),
        password_hash: String::new(),
        claims: "{}".to_owned(),
        updated_at: NOW.as_unix(),
    }
}

/// Runs `work` in one transaction on each database.
async fn everywhere(work: fn(&mut DbConnection, &RealmName) -> Result<(), StoreError>) {
    for store in stores() {
        let realm = RealmName::default_realm();
        store.store.write(move |tx| work(tx, &realm)).await.unwrap();
    }
}

#[tokio::test]
async fn failures_fill_a_window_and_the_next_window_is_empty() {
    everywhere(|tx, realm| {
        let limit = Limit {
            attempts: 2,
            window: Lifetime::from_seconds(60),
        };
        let room = |tx: &mut DbConnection, now| limits::room(tx, realm, "key", limit, now);
        assert_eq!(room(tx, NOW)?, Room::Left);
        limits::count(tx, realm, "key", limit, NOW)?;
        assert_eq!(room(tx, NOW)?, Room::Left);
        limits::count(tx, realm, "key", limit, later(20))?;
        let retry_after = Lifetime::from_seconds(30);
        assert_eq!(room(tx, later(30))?, Room::Exhausted { retry_after });
        assert_eq!(limits::room(tx, realm, "other", limit, NOW)?, Room::Left);
        assert_eq!(room(tx, later(60))?, Room::Left);
        limits::count(tx, realm, "key", limit, later(60))?;
        assert_eq!(room(tx, later(61))?, Room::Left);
        limits::count(tx, realm, "key", limit, later(61))?;
        limits::clear(tx, realm, "key")?;
        assert_eq!(room(tx, later(61))?, Room::Left);
        // What did not fail begins no window.
        limits::hold(tx, realm, "held", NOW)?;
        for _ in 0..2 {
            limits::count(tx, realm, "held", limit, later(50))?;
        }
        let held = limits::room(tx, realm, "held", limit, later(70))?;
        let retry_after = Lifetime::from_seconds(40);
        assert_eq!(held, Room::Exhausted { retry_after });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_weighed_is_taken_under_every_key_or_under_none() {
    everywhere(|tx, realm| {
        let limit = |bytes| Limit {
            attempts: bytes,
            window: Lifetime::from_seconds(60),
        };
        let own = ("own".to_owned(), limit(250));
        let all = ("all".to_owned(), limit(400));
        let keys = [own.clone(), all.clone()];
        let take = |tx: &mut DbConnection, weight, now| limits::take(tx, realm, &keys, weight, now);
        // The last one may go beyond it by its own weight.
        assert_eq!(take(tx, 200, NOW)?, Room::Left);
        assert_eq!(take(tx, 100, NOW)?, Room::Left);
        let retry_after = Lifetime::from_seconds(50);
        assert_eq!(take(tx, 1, later(10))?, Room::Exhausted { retry_after });
        let of = |tx: &mut DbConnection, (key, limit): &(String, Limit)| {
            limits::failures(tx, realm, key, *limit, later(10))
        };
        assert_eq!((of(tx, &own)?, of(tx, &all)?), (300, 300));
        let another = [("another".to_owned(), limit(250)), all.clone()];
        let take =
            |tx: &mut DbConnection, weight| limits::take(tx, realm, &another, weight, later(10));
        assert_eq!(take(tx, 100)?, Room::Left);
        assert_eq!(take(tx, 100)?, Room::Exhausted { retry_after }, "in all");
        assert_eq!(of(tx, &another[0])?, 100, "what was refused weighs nothing");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_request_that_waited_in_vain_is_gone_at_once_and_a_pushed_one_soon() {
    everywhere(|tx, realm| {
        let pushed = PushedRequestRow {
            realm: realm.to_string(),
            digest: "digest".to_owned(),
            client_id: "web".to_owned(),
            parameters: String::new(),
            signed: false,
            created_at: NOW.as_unix(),
            expires_at: later(90).as_unix(),
            used_at: None,
        };
        pushed_requests::insert(tx, &pushed)?;
        let waiting = InteractionRow {
            realm: realm.to_string(),
            digest: "digest".to_owned(),
            browser_digest: "browser".to_owned(),
            request: "{}".to_owned(),
            created_at: NOW.as_unix(),
            expires_at: later(90).as_unix(),
        };
        interactions::insert(tx, &waiting)?;
        assert_eq!(sweep::batch(tx, realm, later(90), 100)?, 0);
        assert_eq!(sweep::batch(tx, realm, later(91), 100)?, 1);
        assert!(pushed_requests::find(tx, realm, "digest")?.is_some());
        assert_eq!(sweep::batch(tx, realm, later(690), 100)?, 0);
        assert_eq!(sweep::batch(tx, realm, later(691), 100)?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_undecided_holds_a_place_until_it_is_decided_or_lapses() {
    everywhere(|tx, realm| {
        let limit = |attempts| Limit {
            attempts,
            window: Lifetime::from_seconds(60),
        };
        let attempt = |id: &str| Attempt {
            id: id.to_owned(),
            keys: vec![
                ("account".to_owned(), limit(2)),
                ("address".to_owned(), limit(9)),
            ],
        };
        let begin = |tx: &mut DbConnection, id| attempts::begin(tx, realm, &attempt(id), NOW);
        let end =
            |tx: &mut DbConnection, id, right| attempts::end(tx, realm, &attempt(id), (right, NOW));
        assert_eq!(begin(tx, "a")?, Begun::Held);
        assert_eq!(begin(tx, "b")?, Begun::Held);
        assert_eq!(begin(tx, "c")?, Begun::Full);
        assert_eq!(end(tx, "a", true)?, Ended::Counted);
        assert_eq!(end(tx, "a", true)?, Ended::Lapsed, "twice");
        assert_eq!(begin(tx, "c")?, Begun::Held);
        assert_eq!(end(tx, "b", false)?, Ended::Counted);
        assert_eq!(begin(tx, "d")?, Begun::Full, "one failed, one is undecided");
        // The process of `c` died: its place lapses after a minute at most.
        let lapses_at: i64 = schema::attempts::table
            .select(diesel::dsl::max(schema::attempts::lapses_at))
            .first::<Option<i64>>(tx)?
            .unwrap();
        let held_for = lapses_at - shared::time::wall_clock_us() / 1_000_000;
        assert!((50..=60).contains(&held_for), "{held_for} s");
        diesel::update(schema::attempts::table)
            .set(schema::attempts::lapses_at.eq(1))
            .execute(tx)?;
        assert_eq!(begin(tx, "d")?, Begun::Held);
        assert_eq!(
            end(tx, "c", true)?,
            Ended::Lapsed,
            "it was not dead after all"
        );
        assert_eq!(attempts::forget_lapsed(tx, realm, 10)?, 2);
        assert_eq!(end(tx, "d", false)?, Ended::Counted);
        let retry_after = Lifetime::from_seconds(60);
        assert_eq!(begin(tx, "e")?, Begun::Exhausted { retry_after });
        let nobody = Attempt {
            id: "f".to_owned(),
            keys: vec![("nothing".to_owned(), limit(0))],
        };
        assert_ne!(attempts::begin(tx, realm, &nobody, NOW)?, Begun::Full);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_waiting_request_is_taken_once() {
    everywhere(|tx, realm| {
        let row = InteractionRow {
            realm: realm.to_string(),
            digest: "digest".to_owned(),
            browser_digest: "browser".to_owned(),
            request: "{}".to_owned(),
            created_at: NOW.as_unix(),
            expires_at: later(600).as_unix(),
        };
        interactions::insert(tx, &row)?;
        assert!(interactions::find_live(tx, realm, "digest", later(600))?.is_none());
        assert!(interactions::find_live(tx, realm, "digest", NOW)?.is_some());
        assert!(interactions::take(tx, realm, "digest", NOW)?.is_some());
        assert!(interactions::take(tx, realm, "digest", NOW)?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_session_lives_until_it_ends_or_expires_and_a_consent_until_it_is_taken_back() {
    everywhere(|tx, realm| {
        let consent = |scope: &str| ConsentRow {
            realm: realm.to_string(),
            sub: "alice".to_owned(),
            client_id: "web".to_owned(),
            scope: scope.to_owned(),
            granted_at: NOW.as_unix(),
            scopes: "{}".to_owned(),
        };
        consents::put(tx, &consent("openid"))?;
        consents::put(tx, &consent("openid profile"))?;
        let row = SessionRow {
            realm: realm.to_string(),
            digest: "digest".to_owned(),
            sub: "alice".to_owned(),
            sid: random_id().unwrap(),
            auth_time: NOW.as_unix(),
            created_at: NOW.as_unix(),
            last_seen_at: NOW.as_unix(),
            expires_at: later(600).as_unix(),
            ended_at: None,
            details: "{}".to_owned(),
        };
        sessions::insert(tx, &row)?;
        let of_web = ("digest", "web");
        assert!(
            sessions::find_live(tx, realm, of_web, NOW)?.is_none(),
            "of nobody"
        );
        people::insert(tx, &person(realm))?;
        let (found, person, consent) = sessions::find_live(tx, realm, of_web, later(599))?.unwrap();
        assert_eq!(
            (found.sub, person.username),
            (row.sub.clone(), "alice".to_owned())
        );
        let consent = consent.as_ref().map(|(scope, apis)| (&**scope, &**apis));
        let whole = ("openid profile", "{}");
        assert_eq!(consent, Some(whole));
        let other = sessions::find_live(tx, realm, ("digest", "tv"), NOW)?;
        assert_eq!(other.unwrap().2, None);
        assert!(sessions::find_live(tx, realm, of_web, later(600))?.is_none());
        assert!(sessions::end(tx, realm, "digest", NOW)?.is_some());
        assert!(sessions::end(tx, realm, "digest", NOW)?.is_none());
        assert!(sessions::find_live(tx, realm, of_web, NOW)?.is_none());

        let found = consents::find(tx, realm, "alice", "web")?.unwrap();
        assert_eq!(found.scope, "openid profile");
        assert!(consents::delete(tx, realm, "alice", "web")?);
        assert!(!consents::delete(tx, realm, "alice", "web")?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_id_is_new_once_for_its_kind_until_it_is_swept() {
    everywhere(|tx, realm| {
        let digest = Digest::of("client_assertion", &["web", "1"]);
        let first = |tx: &mut DbConnection, kind| replays::first(tx, realm, kind, &digest, NOW);
        assert!(first(tx, ReplayKind::ClientAssertion)?);
        assert!(!first(tx, ReplayKind::ClientAssertion)?);
        assert!(first(tx, ReplayKind::DpopProof)?);
        assert_eq!(sweep::batch(tx, realm, later(3601), 100)?, 2);
        assert!(first(tx, ReplayKind::ClientAssertion)?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_registered_itself_is_forgotten_when_nobody_uses_it() {
    everywhere(|tx, realm| {
        for (id, itself) in [("seeded", false), ("idle", true), ("used", true)] {
            clients::insert(tx, &client(realm, (id, itself), NOW))?;
        }
        assert_eq!(clients::count_registered(tx, realm)?, 2);
        clients::keep(tx, realm, "used", later(100))?;
        clients::keep(tx, realm, "used", later(60))?;
        clients::keep(tx, realm, "seeded", later(100))?;
        assert_eq!(clients::forget_unused(tx, realm, NOW)?, 0);
        assert_eq!(clients::forget_unused(tx, realm, later(50))?, 1);
        let seeded = clients::find(tx, realm, "seeded")?.unwrap();
        assert_eq!(seeded.updated_at, NOW.as_unix(), "nothing is noted of it");
        assert!(clients::find(tx, realm, "idle")?.is_none());
        assert_eq!(clients::forget_unused(tx, realm, later(200))?, 1);
        assert_eq!(clients::count_registered(tx, realm)?, 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_sweeper_takes_no_more_at_once_than_it_is_told() {
    everywhere(|tx, realm| {
        let limit = limits::Limit {
            attempts: 1,
            window: Lifetime::from_seconds(60),
        };
        for number in 0..25 {
            revoked_tokens::insert(tx, realm, &format!("old-{number}"), NOW)?;
            limits::count(tx, realm, &format!("guess-{number}"), limit, NOW)?;
        }
        let mut batches = Vec::new();
        loop {
            match sweep::batch(tx, realm, later(24 * 3600 + 1), 10)? {
                0 => break,
                swept => batches.push(swept),
            }
        }
        assert_eq!(batches, [10, 10, 10, 10, 10]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_sweeper_leaves_what_expired_a_moment_ago() {
    everywhere(|tx, realm| {
        revoked_tokens::insert(tx, realm, "old", NOW)?;
        revoked_tokens::insert(tx, realm, "old", NOW)?;
        revoked_tokens::insert(tx, realm, "new", later(10_000))?;
        assert_eq!(sweep::batch(tx, realm, later(3600), 100)?, 0);
        assert!(revoked_tokens::contains(tx, realm, "old")?);
        assert_eq!(sweep::batch(tx, realm, later(3601), 100)?, 1);
        assert!(!revoked_tokens::contains(tx, realm, "old")?);
        assert!(revoked_tokens::contains(tx, realm, "new")?);
        Ok(())
    })
    .await;
}
