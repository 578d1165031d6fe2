//! The store on a SQLite file, and on PostgreSQL where `TEST_DATABASE_URL` names one.

use shared::oauth::random_id;
use shared::realm::RealmName;
use shared::seed::RealmSeed;
use shared::store::{Store, StoreError, StoreUrl};
use shared::time::Timestamp;

use super::photos::{AddError, MAX_PHOTOS, Photo};
use super::{MIGRATIONS, nonce_secrets, people, photos, realms, used_proofs};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

/// Every database that there is to test on, empty.
fn stores(directory: &tempfile::TempDir) -> Vec<Store> {
    let file = directory.path().join("resource-server.db");
    let mut urls = vec![StoreUrl::sqlite_file(file)];
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let schema: String = random_id().unwrap().to_ascii_lowercase().replace('-', "_");
        let url: StoreUrl = url.parse().unwrap();
        urls.push(url.in_schema(&format!("rs_{schema}")).unwrap());
    }
    urls.iter()
        .map(|url| Store::open(url, MIGRATIONS).unwrap())
        .collect()
}

fn realm(name: &str) -> RealmName {
    name.parse().unwrap()
}

fn photo(realm: &RealmName, id: &str, owner: &str) -> Photo {
    Photo {
        realm: realm.to_string(),
        id: id.to_owned(),
        owner: owner.to_owned(),
        caption: "A caption, 一张照片".to_owned(),
        theme: "sea".to_owned(),
        hue: 200,
        created_at: NOW.as_unix(),
    }
}

async fn create(store: &Store, name: &str) -> bool {
    let seed = RealmSeed::demo_named(realm(name)).unwrap();
    store
        .write(move |tx| realms::create(tx, &seed, NOW))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_seed_is_put_in_once_and_the_first_photo_is_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(&directory) {
        assert!(create(&store, "default").await);
        assert!(
            !create(&store, "default").await,
            "a second time changes nothing"
        );
        let (alice, photos) = store
            .read(|tx| {
                let realm = RealmName::default_realm();
                let alice = people::find(tx, &realm, "alice-0001")?;
                Ok::<_, StoreError>((alice, photos::list(tx, &realm, "alice-0001")?))
            })
            .await
            .unwrap();
        assert_eq!(alice.unwrap().email.unwrap(), "alice@example.com");
        let ids: Vec<_> = photos.iter().map(|photo| photo.id.as_str()).collect();
        assert_eq!(ids, ["alice-1", "alice-2", "alice-3", "alice-4"]);
        assert_eq!(photos[0].caption, "First light on the ridge");
    }
}

#[tokio::test]
async fn a_photo_is_found_and_deleted_by_its_owner_alone_in_its_realm_alone() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(&directory) {
        assert!(create(&store, "blue").await && create(&store, "green").await);
        let (blue, green) = (realm("blue"), realm("green"));
        let row = photo(&blue, "one", "alice-0001");
        let found = store
            .write(move |tx| {
                photos::add(tx, &row)?;
                assert!(photos::find(tx, &blue, "bob-0002", "one")?.is_none());
                assert!(photos::find(tx, &green, "alice-0001", "one")?.is_none());
                assert!(!photos::delete(tx, &blue, "bob-0002", "one")?);
                assert!(!photos::delete(tx, &green, "alice-0001", "one")?);
                assert_eq!(photos::count(tx, &blue)?, photos::count(tx, &green)? + 1);
                assert_eq!(people::count(tx, &blue)?, 2);
                let found = photos::find(tx, &blue, "alice-0001", "one")?;
                assert!(photos::delete(tx, &blue, "alice-0001", "one")?);
                Ok::<_, AddError>(found)
            })
            .await
            .unwrap();
        assert_eq!(found.unwrap().caption, "A caption, 一张照片");
    }
}

#[tokio::test]
async fn nobody_fills_the_store() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(&directory) {
        let refused = store
            .write(|tx| {
                let realm = RealmName::default_realm();
                for number in 0..=MAX_PHOTOS {
                    photos::add(tx, &photo(&realm, &format!("n{number}"), "eve"))?;
                }
                Ok::<_, AddError>(())
            })
            .await;
        assert!(matches!(refused, Err(AddError::Full)));
    }
}

/// Replicas that start at once on an empty database, and race for what is made once.
#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_make_everything_once() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(&directory) {
        let url = store.url().clone();
        drop(store);
        let starting = (0..4_u8).map(|number| {
            let url = url.clone();
            tokio::spawn(async move {
                let open = move || Store::open(&url, MIGRATIONS).unwrap();
                let store = tokio::task::spawn_blocking(open).await.unwrap();
                let seed = RealmSeed::demo_named(realm("blue")).unwrap();
                let created = move |tx: &mut _| realms::create(tx, &seed, NOW);
                let created: bool = store.write(created).await.unwrap();
                let fresh = format!("fresh {number}");
                let put = move |tx: &mut _| nonce_secrets::find_or_put(tx, &realm("blue"), &fresh);
                let secret = store.write(put).await.unwrap();
                let first = |tx: &mut _| used_proofs::first(tx, &realm("blue"), "proof", NOW);
                (created, secret, store.write(first).await.unwrap())
            })
        });
        let starting: Vec<_> = starting.collect();
        let mut all = Vec::new();
        for started in starting {
            all.push(started.await.unwrap());
        }
        assert_eq!(all.iter().filter(|(created, ..)| *created).count(), 1);
        assert!(all.iter().all(|(_, secret, _)| *secret == all[0].1));
        assert_eq!(all.iter().filter(|(.., first)| *first).count(), 1);
    }
}

#[tokio::test]
async fn a_proof_is_remembered_up_to_its_last_second_and_in_its_realm_alone() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(&directory) {
        let told = store.write(|tx| {
            let (blue, green) = (realm("blue"), realm("green"));
            let later = NOW + shared::time::Lifetime::from_seconds(1);
            assert!(used_proofs::first(tx, &blue, "one", NOW)?);
            assert!(!used_proofs::first(tx, &blue, "one", later)?);
            assert!(used_proofs::first(tx, &green, "one", NOW)?);
            assert_eq!(used_proofs::sweep(tx, &blue, NOW)?, 0);
            assert_eq!(used_proofs::sweep(tx, &blue, later)?, 1);
            assert!(used_proofs::first(tx, &blue, "one", later)?);
            let mut realms = used_proofs::realms(tx)?;
            realms.sort();
            Ok::<_, StoreError>(realms)
        });
        assert_eq!(told.await.unwrap(), [realm("blue"), realm("green")]);
    }
}
