//! Signing out of a session with more grants than one unit of work looks at.

use std::time::{Duration, Instant};

use shared::time::Timestamp;

use super::*;
use crate::store::sweep;
use crate::store::testing::{Many, grant_many, grants_where, session, stores};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LATER: Timestamp = Timestamp::from_unix(1_800_003_600);

const WEB: Many = Many {
    count: 1700,
    client: "web",
    sid: "s",
    scope: "openid profile",
    expires_at: LATER,
};

fn fill(tx: &mut DbConnection, realm: &RealmName) -> Stored<()> {
    sessions::insert(tx, &session(realm, ("digest", "s"), NOW))?;
    sessions::insert(tx, &session(realm, ("other", "t"), NOW))?;
    let spa = Many {
        count: 800,
        client: "spa",
        ..WEB
    };
    let tv = Many {
        count: 3,
        client: "tv",
        scope: "openid offline_access",
        ..WEB
    };
    let elsewhere = Many {
        count: 5,
        client: "elsewhere",
        sid: "t",
        ..WEB
    };
    for many in [WEB, spa, tv, elsewhere] {
        grant_many(tx, realm, many)?;
    }
    Ok(())
}

#[tokio::test]
async fn each_step_looks_at_so_many_grants_and_the_session_ends_with_the_last() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let work = move |tx: &mut DbConnection| -> Stored<()> {
            fill(tx, &realm)?;
            let mut walk = Walk::of("alice".to_owned(), ["s".to_owned()]);
            let mut revoked = 0;
            for there in [false, false, true] {
                assert_eq!(walk.step(tx, &realm, NOW)?, there);
                let now = grants_where(tx, "revoked_at IS NOT NULL")?;
                assert!(now - revoked <= 1000, "{revoked}, then {now}");
                revoked = now;
            }
            assert_eq!(revoked, 2500);
            Ok(())
        };
        store.store.write(work).await.unwrap();
    }
}

#[tokio::test]
async fn signing_out_ends_the_sessions_grants_but_those_that_outlive_it() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let name = realm.clone();
        store.store.write(move |tx| fill(tx, &name)).await.unwrap();
        let digests = vec!["digest".to_owned(), "unknown".to_owned()];
        let ended = end_all(&store.store, &realm, digests.clone(), NOW)
            .await
            .unwrap();
        let [ended] = ended.as_slice() else {
            panic!("{ended:?}")
        };
        assert_eq!((ended.sid.as_str(), ended.sub.as_str()), ("s", "alice"));
        assert_eq!(ended.clients, ["spa", "tv", "web"]);
        let again = end_all(&store.store, &realm, digests, NOW).await.unwrap();
        assert!(again.is_empty(), "{again:?}");
        let name = realm.clone();
        let left = move |tx: &mut DbConnection| -> Stored<(i64, usize)> {
            let others = grants_where(
                tx,
                "revoked_at IS NULL AND client_id IN ('tv', 'elsewhere')",
            )?;
            assert_eq!(grants_where(tx, "revoked_at IS NULL")?, others);
            let live =
                sessions::list_live(tx, &name, ("alice", None), (NOW, Timestamp::from_unix(0)))?;
            Ok((others, live.len()))
        };
        assert_eq!(store.store.read(left).await.unwrap(), (8, 1));
    }
}

#[tokio::test]
async fn whoever_signs_in_after_somebody_with_many_grants_ends_them_first() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let name = realm.clone();
        store.store.write(move |tx| fill(tx, &name)).await.unwrap();
        let same = make_way(&store.store, &realm, (("alice", "s"), "s"), NOW)
            .await
            .unwrap();
        assert!(!same.is_there, "the session goes on: nothing ends");
        let walk = make_way(&store.store, &realm, (("alice", "s"), "new"), NOW)
            .await
            .unwrap();
        assert!(walk.is_there);
        let replaced = move |tx: &mut DbConnection| -> Stored<Option<Ended>> {
            assert_eq!(grants_where(tx, "revoked_at IS NOT NULL")?, 2500);
            let mut next = session(&realm, ("next", "new"), NOW);
            replace(tx, &realm, ("digest", &mut next), (walk, NOW))
        };
        let ended = store.store.write(replaced).await.unwrap().unwrap();
        assert_eq!(ended.clients, ["spa", "tv", "web"]);
    }
}

/// How long the longest of small writes takes while `work` goes on, and how long that takes.
async fn beside<T: Send + 'static>(
    store: &Store,
    work: impl Future<Output = Stored<T>> + Send + 'static,
) -> (Duration, Duration, T) {
    let began = Instant::now();
    let work = tokio::spawn(work);
    let mut longest = Duration::ZERO;
    while !work.is_finished() {
        let wrote = Instant::now();
        let touch =
            |tx: &mut DbConnection| sessions::touch(tx, &RealmName::default_realm(), "other", NOW);
        store.write(touch).await.unwrap();
        longest = longest.max(wrote.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let done = work.await.unwrap().unwrap();
    (longest, began.elapsed(), done)
}

/// Prints what docs/reliability.md says. `GRANTS` is how many; 200 000 unless it says otherwise.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, by hand: cargo test -p auth-server --lib -- --ignored --nocapture many_grants"]
async fn many_grants_hold_up_nobody() {
    let count = std::env::var("GRANTS").map_or(200_000, |count| count.parse().unwrap());
    for store in stores() {
        let (realm, what) = (RealmName::default_realm(), store.store.url().clone());
        let (name, many) = (realm.clone(), Many { count, ..WEB });
        let fill = move |tx: &mut DbConnection| -> Stored<()> {
            sessions::insert(tx, &session(&name, ("digest", "s"), NOW))?;
            sessions::insert(tx, &session(&name, ("other", "t"), NOW))?;
            let old = Many {
                client: "old",
                expires_at: Timestamp::from_unix(1_799_900_000),
                ..many
            };
            grant_many(tx, &name, many)?;
            grant_many(tx, &name, old)
        };
        store.store.write(fill).await.unwrap();
        let (own, name) = (store.store.clone(), realm.clone());
        let swept = async move {
            let mut steps = 0;
            loop {
                let name = name.clone();
                let step = move |tx: &mut DbConnection| sweep::batch(tx, &name, NOW, 500);
                if own.write(step).await? == 0 {
                    return Ok(steps);
                }
                steps += 1;
            }
        };
        let (longest, all, steps) = beside(&store.store, swept).await;
        println!(
            "{what}: {count} expired grants of a live session: {steps} steps in {all:?}, a write beside it {longest:?} at most"
        );
        let (own, digest) = (store.store.clone(), vec!["digest".to_owned()]);
        let left = async move { end_all(&own, &realm, digest, NOW).await };
        let (longest, all, ended) = beside(&store.store, left).await;
        println!(
            "{what}: signing out of {count} grants: {all:?}, a write beside it {longest:?} at most"
        );
        assert_eq!(ended[0].clients, ["old", "web"]);
    }
}
