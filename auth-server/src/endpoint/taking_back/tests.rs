//! Taking back more grants than one unit of work looks at.

use super::*;
use crate::store::consents::ConsentRow;
use crate::store::testing::{Many, grant_many, grants_where, stores};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

#[tokio::test]
async fn everything_is_taken_back_in_steps_and_the_consent_with_the_last() {
    for store in stores() {
        let realm = RealmName::default_realm();
        let name = realm.clone();
        let fill = move |tx: &mut DbConnection| -> Stored<()> {
            let web = Many {
                count: 2300,
                client: "web",
                sid: "s",
                scope: "openid offline_access",
                expires_at: Timestamp::from_unix(1_900_000_000),
            };
            let spa = Many {
                count: 4,
                client: "spa",
                ..web
            };
            grant_many(tx, &name, web)?;
            grant_many(tx, &name, spa)?;
            let consent = ConsentRow {
                realm: name.to_string(),
                sub: "alice".to_owned(),
                client_id: "web".to_owned(),
                scope: "openid".to_owned(),
                granted_at: 1,
                scopes: String::new(),
            };
            consents::put(tx, &consent)?;
            let after = step(tx, &name, ("alice", "web", ""), NOW)?;
            assert_eq!(after.as_deref(), Some("web000000001000"));
            assert_eq!(grants_where(tx, "revoked_at IS NOT NULL")?, 1000);
            assert!(consents::find(tx, &name, "alice", "web")?.is_some());
            Ok(())
        };
        store.store.write(fill).await.unwrap();
        let whose = ("alice".to_owned(), "web".to_owned());
        everything(&store.store, &realm, whose, NOW).await.unwrap();
        let left = move |tx: &mut DbConnection| -> Stored<(i64, bool)> {
            let left = grants_where(tx, "revoked_at IS NULL")?;
            Ok((left, consents::find(tx, &realm, "alice", "web")?.is_some()))
        };
        assert_eq!(store.store.read(left).await.unwrap(), (4, false));
    }
}
