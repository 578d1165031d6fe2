//! What is listed for a person with more grants than are looked at.

use super::*;
use crate::store::consents::ConsentRow;
use crate::store::testing::{Many, client, grant_many, stores};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

#[tokio::test]
async fn of_many_grants_the_latest_are_listed_and_every_app_is() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let work = move |tx: &mut DbConnection| -> Stored<()> {
            let web = Many {
                count: 3000,
                client: "web",
                sid: "s",
                scope: "openid",
                expires_at: Timestamp::from_unix(1_900_000_000),
            };
            let few = |client, expires_at| Many {
                count: 2,
                client,
                expires_at,
                ..web
            };
            for id in ["web", "spa", "dead", "agreed"] {
                clients::insert(tx, &client(&realm, (id, false), NOW))?;
            }
            grant_many(tx, &realm, web)?;
            grant_many(tx, &realm, few("spa", web.expires_at))?;
            grant_many(tx, &realm, few("dead", NOW))?;
            grant_many(tx, &realm, few("removed", web.expires_at))?;
            for client_id in ["agreed", "removed too"] {
                let consent = ConsentRow {
                    realm: realm.to_string(),
                    sub: "alice".to_owned(),
                    client_id: client_id.to_owned(),
                    scope: "profile".to_owned(),
                    granted_at: 7,
                    resources: String::new(),
                };
                consents::put(tx, &consent)?;
            }
            let acting = Acting::list(tx, &realm, "alice", NOW)?;
            let listed: Vec<_> = acting
                .iter()
                .map(|one| {
                    (
                        one.client_id.as_str(),
                        one.count,
                        one.more,
                        one.grants.len(),
                    )
                })
                .collect();
            let expected = [
                ("agreed", 0, false, 0),
                ("spa", 2, false, 2),
                ("web", 1000, true, SHOWN),
            ];
            assert_eq!(listed, expected);
            assert_eq!(acting[2].grants[0].grant_id, "web000000003000");
            assert_eq!(acting[2].since, 2001);
            assert_eq!((acting[1].since, acting[0].since), (1, 7));
            Ok(())
        };
        store.store.write(work).await.unwrap();
    }
}

#[tokio::test]
async fn an_app_is_listed_where_only_older_grants_than_were_looked_at_may_live() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let work = move |tx: &mut DbConnection| -> Stored<()> {
            let dead = Many {
                count: 1200,
                client: "web",
                sid: "s",
                scope: "openid",
                expires_at: NOW,
            };
            clients::insert(tx, &client(&realm, ("web", false), NOW))?;
            grant_many(tx, &realm, dead)?;
            let acting = Acting::list(tx, &realm, "alice", NOW)?;
            let listed: Vec<_> = acting.iter().map(|one| (one.count, one.more)).collect();
            assert_eq!(listed, [(0, true)]);
            Ok(())
        };
        store.store.write(work).await.unwrap();
    }
}
