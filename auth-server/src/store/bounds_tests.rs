//! However many grants there are, no unit of work looks at more than it is told: what it does, and by which index.

use std::collections::{BTreeMap, BTreeSet};

use shared::oauth::Digest;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::limits::Limit;
use super::replays::ReplayKind;
use super::testing::{Many, client, grant_many, grants_where, plans, session, stores};
use super::{
    DbConnection, StoreError, clients, granted, grants, limits, replays, revoked_tokens, sessions,
    sweep,
};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
/// A day before: swept since long.
const EXPIRED: Timestamp = Timestamp::from_unix(1_800_000_000 - 86_400);

/// Runs `work` in one transaction on each database.
async fn everywhere(work: fn(&mut DbConnection, &RealmName) -> Result<(), StoreError>) {
    for store in stores() {
        let realm = RealmName::default_realm();
        store.store.write(move |tx| work(tx, &realm)).await.unwrap();
    }
}

fn many(client: &'static str, sid: &'static str, expires_at: Timestamp) -> Many {
    Many {
        count: 1500,
        client,
        sid,
        scope: "openid",
        expires_at,
    }
}

/// That no statement goes through a whole table or sorts, and each finds its rows by a key.
fn assert_by_keys(plans: &[String]) {
    for line in plans {
        assert!(!line.contains(": SCAN"), "{line}");
        let by_moment = line.contains("expires_at") || line.contains("window_started_at");
        assert!(!by_moment || !line.starts_with("DELETE"), "{line}");
        assert!(!line.contains("TEMP B-TREE"), "{line}");
    }
}

#[tokio::test]
async fn expired_grants_of_a_live_session_are_deleted_and_their_clients_remembered() {
    everywhere(|tx, realm| {
        sessions::insert(tx, &session(realm, ("live", "s"), NOW))?;
        grant_many(tx, realm, many("web", "s", EXPIRED))?;
        grant_many(tx, realm, many("spa", "s", EXPIRED))?;
        grant_many(tx, realm, many("tv", "gone", EXPIRED))?;
        grant_many(tx, realm, many("lives", "s", NOW))?;
        let mut batches = Vec::new();
        loop {
            match sweep::batch(tx, realm, NOW, 500)? {
                0 => break,
                swept => batches.push(swept),
            }
        }
        assert_eq!(batches, [500; 9], "each step deletes all that it looks at");
        assert_eq!(grants_where(tx, "client_id <> 'lives'")?, 0);
        assert_eq!(grants_where(tx, "client_id = 'lives'")?, 1500);
        let row = sessions::list_unended(tx, realm, &["live".to_owned()])?;
        let [row] = row.as_slice() else {
            panic!("{row:?}")
        };
        let remembered = sessions::clients_of(row)?;
        assert_eq!(remembered, ["spa", "web"].map(str::to_owned).into());
        assert!(row.details.contains("user_agent"), "{}", row.details);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_session_that_goes_on_in_another_row_keeps_its_clients() {
    everywhere(|tx, realm| {
        let ended = SessionNames::of("s", &["web"]);
        sessions::insert(tx, &session(realm, ("former", "s"), NOW))?;
        sessions::remember_clients(tx, realm, &ended, NOW)?;
        let former = sessions::end(tx, realm, "former", NOW)?.unwrap();
        let mut next = session(realm, ("next", "s"), NOW);
        sessions::hand_clients_on(&former, &mut next)?;
        sessions::insert(tx, &next)?;
        sessions::remember_clients(tx, realm, &SessionNames::of("s", &["spa"]), NOW)?;
        sessions::remember_clients(tx, realm, &SessionNames::of("t", &["tv"]), NOW)?;
        let next = sessions::end(tx, realm, "next", NOW)?.unwrap();
        let all = sessions::clients_of(&next)?;
        assert_eq!(all, ["spa", "web"].map(str::to_owned).into());
        assert_eq!(sessions::clients_of(&former)?.len(), 1, "it had ended");
        Ok(())
    })
    .await;
}

/// Clients by session.
struct SessionNames;

impl SessionNames {
    fn of(sid: &str, clients: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let clients = clients.iter().map(|id| (*id).to_owned()).collect();
        [(sid.to_owned(), clients)].into()
    }
}

#[tokio::test]
async fn what_a_person_granted_is_walked_by_keys() {
    everywhere(|tx, realm| {
        grant_many(tx, realm, many("web", "s", NOW))?;
        let found = plans(tx, |tx| {
            let next = granted::next_client(tx, realm, ("alice", ""))?;
            assert_eq!(next.as_deref(), Some("web"));
            assert_eq!(granted::next_client(tx, realm, ("alice", "web"))?, None);
            let some = granted::some(tx, realm, ("alice", "web", "web000000000100"), 50)?;
            assert_eq!(some.len(), 50);
            assert_eq!(some[0].grant_id, "web000000000101");
            let latest = granted::latest(tx, realm, ("alice", "web", None), 50)?;
            assert_eq!(latest.len(), 50);
            assert_eq!(latest[0].grant_id, "web000000001500");
            let before = Some("web000000000701");
            let latest = granted::latest(tx, realm, ("alice", "web", before), 50)?;
            assert_eq!(latest.len(), 50);
            assert_eq!(latest[0].grant_id, "web000000000700");
            assert!(granted::are_more_than(tx, realm, "alice", 1499)?);
            assert!(!granted::are_more_than(tx, realm, "alice", 1500)?);
            let names = ["web000000000001", "web000000000002"];
            assert_eq!(granted::revoke(tx, realm, &names, NOW)?, 2);
            assert_eq!(granted::revoke(tx, realm, &names, NOW)?, 0, "once");
            assert_eq!(granted::revoke(tx, realm, &[], NOW)?, 0);
            Ok(())
        })?;
        assert_by_keys(&found);
        let wide = |line: &String| line.contains("grants") && line.contains("(realm=?)");
        assert!(!found.iter().any(wide), "{found:?}");
        let walked =
            |line: &&String| line.contains("grants_sub (realm=? AND sub=? AND client_id=?");
        let sqlite = matches!(tx, DbConnection::Sqlite(_));
        assert_eq!(
            found.iter().filter(walked).count(),
            if sqlite { 3 } else { 0 },
            "{found:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn neither_removing_a_client_nor_forgetting_clients_nor_sweeping_looks_through_grants() {
    everywhere(|tx, realm| {
        clients::insert(tx, &client(realm, ("web", true), EXPIRED))?;
        clients::insert(tx, &client(realm, ("kept", true), EXPIRED))?;
        grant_many(tx, realm, many("web", "s", EXPIRED))?;
        let limit = Limit {
            attempts: 1,
            window: Lifetime::from_seconds(60),
        };
        revoked_tokens::insert(tx, realm, "jti", EXPIRED)?;
        let digest = Digest::of("client_assertion", &["web", "1"]);
        replays::first(tx, realm, ReplayKind::DpopProof, &digest, EXPIRED)?;
        limits::count(
            tx,
            realm,
            "guess",
            limit,
            EXPIRED - Lifetime::from_seconds(1),
        )?;
        let found = plans(tx, |tx| {
            clients::keep(tx, realm, "kept", NOW)?;
            assert_eq!(clients::forget_unused(tx, realm, NOW)?, 1);
            clients::delete(tx, realm, "kept")?;
            assert_eq!(sweep::batch(tx, realm, NOW, 100)?, 100);
            assert_eq!(sweep::batch(tx, realm, NOW, 2000)?, 1403);
            // Many live sessions are not looked at for a few clients.
            sessions::remember_clients(tx, realm, &SessionNames::of("s", &["web"]), NOW)
        })?;
        assert_by_keys(&found);
        let by_sid = |line: &String| line.contains("sessions_sid (realm=? AND sid=?");
        assert_eq!(
            found.iter().any(by_sid),
            matches!(tx, DbConnection::Sqlite(_)),
            "{found:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_was_granted_to_a_client_that_was_removed_is_dead() {
    everywhere(|tx, realm| {
        let later = NOW + Lifetime::from_minutes(60);
        clients::insert(tx, &client(realm, ("web", true), NOW))?;
        grant_many(tx, realm, many("web", "s", later))?;
        let key = ("web000000000001", "jti", "alice");
        let standing = grants::standing(tx, realm, key)?;
        assert!(standing.is_granted(NOW));
        clients::delete(tx, realm, "web")?;
        let standing = grants::standing(tx, realm, key)?;
        assert!(!standing.registered && !standing.is_granted(NOW));
        assert_eq!(
            standing.grant,
            Some((None, later.as_unix())),
            "no grant was written"
        );
        Ok(())
    })
    .await;
}
