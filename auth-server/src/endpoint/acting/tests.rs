//! What is listed for a person with more grants than are looked at.

use super::*;
use crate::store::consents::ConsentRow;
use crate::store::testing::{Many, TestStore, client, grant_many, stores, take_back_after};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LATER: Timestamp = Timestamp::from_unix(1_900_000_000);

/// So many grants to a client, which is registered.
async fn granted(at: &TestStore, count: i64, id: &'static str, expires_at: Timestamp) {
    let many = Many {
        count,
        client: id,
        sid: "s",
        scope: "openid",
        expires_at,
    };
    let work = move |tx: &mut DbConnection| -> Stored<()> {
        let realm = RealmName::default_realm();
        clients::insert(tx, &client(&realm, (id, false), NOW))?;
        grant_many(tx, &realm, many)
    };
    at.store.write(work).await.unwrap();
}

/// All but the first ones are taken back.
async fn kept(at: &TestStore, id: &'static str, first: i64) {
    let work = move |tx: &mut DbConnection| take_back_after(tx, (id, first), NOW);
    at.store.write(work).await.unwrap();
}

fn search() -> Search {
    Search::new(RealmName::default_realm(), "alice".to_owned(), NOW)
}

async fn list(at: &TestStore) -> Vec<Acting> {
    Acting::found_by(&at.store, search()).await.unwrap()
}

/// Of each its client, how many there are, whether there may be more, and how many have a line.
fn told(acting: &[Acting]) -> Vec<(&str, usize, bool, usize)> {
    let told = acting.iter().map(|one| {
        let lines = one.grants.len();
        (one.client_id.as_str(), one.count, one.more, lines)
    });
    told.collect()
}

#[tokio::test]
async fn of_many_grants_the_latest_are_listed_and_every_app_is() {
    for at in stores() {
        granted(&at, 3000, "web", LATER).await;
        granted(&at, 2, "spa", LATER).await;
        granted(&at, 2, "dead", NOW).await;
        granted(&at, 2, "removed", LATER).await;
        granted(&at, 1, "agreed", NOW).await;
        let work = |tx: &mut DbConnection| -> Stored<()> {
            let realm = RealmName::default_realm();
            clients::delete(tx, &realm, "removed")?;
            for client_id in ["agreed", "removed too"] {
                let consent = ConsentRow {
                    realm: realm.to_string(),
                    sub: "alice".to_owned(),
                    client_id: client_id.to_owned(),
                    scope: "profile".to_owned(),
                    granted_at: 7,
                    scopes: String::new(),
                };
                consents::put(tx, &consent)?;
            }
            Ok(())
        };
        at.store.write(work).await.unwrap();
        let acting = list(&at).await;
        let expected = [
            ("agreed", 0, false, 0),
            ("spa", 2, false, 2),
            ("web", 1000, true, SHOWN),
        ];
        assert_eq!(told(&acting), expected);
        assert_eq!(acting[2].grants[0].grant_id, "web000000003000");
        assert_eq!(acting[2].since, 2001);
        assert_eq!((acting[1].since, acting[0].since), (1, 7));
    }
}

#[tokio::test]
async fn what_is_alive_is_listed_however_many_later_ones_are_not() {
    for at in stores() {
        granted(&at, 3500, "web", LATER).await;
        kept(&at, "web", 7).await;
        granted(&at, 2500, "spa", LATER).await;
        kept(&at, "spa", 1200).await;
        granted(&at, 2500, "gone", LATER).await;
        kept(&at, "gone", 0).await;
        granted(&at, 1200, "over", NOW).await;
        let acting = list(&at).await;
        let spa = &acting[0];
        assert_eq!((acting.len(), spa.client_id.as_str()), (2, "spa"));
        assert!(spa.count >= SHOWN && spa.more && spa.grants.len() == SHOWN);
        assert_eq!(told(&acting[1..]), [("web", 7, false, 7)]);
        assert_eq!(acting[0].grants[0].grant_id, "spa000000001200");
        assert_eq!(acting[1].grants[0].grant_id, "web000000000007");
        assert_eq!(acting[1].since, 1);
    }
}

#[tokio::test]
async fn no_unit_of_work_looks_at_more_than_some() {
    for at in stores() {
        granted(&at, 2500, "spa", LATER).await;
        kept(&at, "spa", 0).await;
        granted(&at, 30, "web", LATER).await;
        let mut search = search();
        let (mut before, mut steps, mut done) = (search.left, 0, false);
        while !done {
            let step = move |tx: &mut DbConnection| -> Stored<_> {
                let done = search.step(tx)?;
                Ok((search, done))
            };
            (search, done) = at.store.read(step).await.unwrap();
            assert!(before - search.left <= 1000, "{before} {}", search.left);
            (before, steps) = (search.left, steps + 1);
        }
        assert_eq!(steps, 3);
    }
}

#[tokio::test]
async fn beyond_what_is_looked_at_in_all_an_app_is_listed_by_its_latest_grants() {
    for at in stores() {
        granted(&at, 2500, "spa", LATER).await;
        kept(&at, "spa", 5).await;
        granted(&at, 40, "web", LATER).await;
        let mut search = search();
        search.left = 1500;
        let acting = Acting::found_by(&at.store, search).await.unwrap();
        // Whether older ones live was not looked at: the app is listed, so that all can be taken back.
        let expected = [("spa", 0, true, 0), ("web", SHOWN, true, SHOWN)];
        assert_eq!(told(&acting), expected);
    }
}
