//! Realms over a store: seeding, isolation and key rotation.

use std::sync::Arc;

use shared::realm::{Addresses, RealmName};
use shared::seed::{ClientSeed, PersonSeed, RealmSeed, SigningAlgorithm};
use shared::time::{Clocks, Lifetime};

use super::{Foundation, Realm, RealmError, Realms};
use crate::password::Passwords;
use crate::store::testing::{TestStore, stores};
use crate::store::{clients, people};

fn realms(store: &TestStore, clocks: &Clocks) -> Realms {
    Realms::new(Foundation {
        store: store.store.clone(),
        addresses: Addresses::default(),
        clocks: clocks.clone(),
        announcement: Lifetime::from_seconds(10),
        passwords: Passwords::new(2),
    })
}

fn name(text: &str) -> RealmName {
    text.parse().unwrap()
}

fn seed(realm: &str) -> RealmSeed {
    RealmSeed::new(name(realm))
        .with_person(PersonSeed::new("alice"))
        .with_client(ClientSeed::confidential(
            "web",
            "web-secret",
            "{client_app}/callback",
        ))
}

fn kids(realm: &Realm) -> Vec<String> {
    let published = realm.keys.published(realm.now());
    let keys = published["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_that_is_planted_twice_changes_nothing_and_an_edited_one_what_was_edited() {
    for store in stores() {
        let clocks = Clocks::default();
        let realms = realms(&store, &clocks);
        let blue = name("blue");
        let rows = || {
            let blue = blue.clone();
            store.store.read(move |tx| {
                let people = people::list(tx, &blue)?;
                let clients = clients::list(tx, &blue)?;
                Ok::<_, crate::store::StoreError>((
                    people[0].password_hash.clone(),
                    clients[0].clone(),
                ))
            })
        };
        realms.create(&seed("blue")).await.unwrap();
        let first = rows().await.unwrap();
        assert_eq!(
            first.1.redirect_uris,
            r#"["http://localhost:8080/r/blue/callback"]"#
        );
        clocks.of(&blue).advance(Lifetime::from_minutes(1));
        realms.create(&seed("blue")).await.unwrap();
        assert_eq!(rows().await.unwrap(), first);
        let mut edited = seed("blue");
        edited.people[0].password = "another".to_owned();
        edited.clients[0].name = "Another".to_owned();
        realms.create(&edited).await.unwrap();
        // Whoever signs in waits for this, too.
        realms.0.passwords.settled(&blue).await;
        let (hash, client) = rows().await.unwrap();
        assert_ne!(hash, first.0);
        let right = realms.0.passwords.verify(Some(hash), "another".to_owned());
        assert!(right.await, "the password of the edited seed");
        assert_eq!(client.name, "Another");
        assert_eq!(client.created_at, first.1.created_at);
        assert!(client.updated_at > first.1.updated_at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_fill_one_store_at_once() {
    for store in stores() {
        let clocks = Clocks::default();
        let filling: Vec<_> = (0..4)
            .map(|_| {
                let realms = realms(&store, &clocks);
                tokio::spawn(async move { realms.create(&seed("blue")).await })
            })
            .collect();
        for filled in filling {
            filled.await.unwrap().unwrap();
        }
        let realm = realms(&store, &clocks).find(&name("blue")).await.unwrap();
        assert_eq!(kids(&realm).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn realms_share_neither_keys_nor_issuer_and_an_unknown_one_is_none() {
    for store in stores() {
        let realms = realms(&store, &Clocks::default());
        realms.create(&seed("blue")).await.unwrap();
        realms.create(&seed("red")).await.unwrap();
        let blue = realms.find(&name("blue")).await.unwrap();
        let red = realms.find(&name("red")).await.unwrap();
        assert_eq!(blue.issuer, "http://localhost:9000/r/blue");
        assert!(
            kids(&blue)
                .iter()
                .all(|kid| red.keys.find(kid, red.now()).is_none())
        );
        let green = realms.find(&name("green")).await;
        assert!(matches!(green, Err(RealmError::Unknown(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_signs_after_its_announcement_and_the_old_one_outlives_its_tokens() {
    for store in stores() {
        let clocks = Clocks::default();
        let realms = realms(&store, &clocks);
        let blue = name("blue");
        realms.create(&seed("blue")).await.unwrap();
        let clock = clocks.of(&blue);
        clock.pause();
        let signer = |realm: &Arc<Realm>| {
            let key = realm.keys.signer(SigningAlgorithm::Es256, realm.now());
            key.unwrap().kid.clone()
        };
        let old = signer(&realms.find(&blue).await.unwrap());
        let from = realms.rotate_keys(&blue).await.unwrap();
        assert_eq!(from.seconds_since(clock.now()), 10);
        let realm = realms.find(&blue).await.unwrap();
        assert_eq!((signer(&realm), kids(&realm).len()), (old.clone(), 2));
        clock.advance(Lifetime::from_seconds(10));
        assert_ne!(signer(&realm), old);
        clock.advance(Lifetime::from_minutes(10));
        assert!(realm.keys.find(&old, realm.now()).is_some());
        clock.advance(Lifetime::from_minutes(5));
        assert!(realm.keys.find(&old, realm.now()).is_none());
        assert_eq!(kids(&realms.reload(&blue).await.unwrap()).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_due_rotate_once_however_many_processes_ask() {
    for store in stores() {
        let clocks = Clocks::default();
        let first = realms(&store, &clocks);
        let blue = name("blue");
        first.create(&seed("blue")).await.unwrap();
        let clock = clocks.of(&blue);
        clock.pause();
        let every = Lifetime::from_minutes(60);
        assert_eq!(first.rotate_keys_due(&blue, every).await.unwrap(), None);
        clock.advance(Lifetime::from_minutes(60));
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let (one, blue) = (realms(&store, &clocks), blue.clone());
                tokio::spawn(async move { one.rotate_keys_due(&blue, every).await.unwrap() })
            })
            .collect();
        let mut rotated = 0;
        for asked in asking {
            rotated += usize::from(asked.await.unwrap().is_some());
        }
        assert_eq!(rotated, 1);
        let realm = realms(&store, &clocks).find(&blue).await.unwrap();
        assert_eq!(kids(&realm).len(), 2);
        assert_eq!(first.rotate_keys_due(&blue, every).await.unwrap(), None);
        // Told to, they rotate all the same.
        first.rotate_keys(&blue).await.unwrap();
        assert_eq!(kids(&first.find(&blue).await.unwrap()).len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_is_made_once_when_it_is_first_needed() {
    for store in stores() {
        let realms = realms(&store, &Clocks::default());
        realms.create(&seed("blue")).await.unwrap();
        let realm = realms.find(&name("blue")).await.unwrap();
        let rs256 = SigningAlgorithm::Rs256;
        assert!(realm.keys.signer(rs256, realm.now()).is_err());
        let (one, two) = tokio::join!(
            realms.find_signing(&realm, rs256),
            realms.find_signing(&realm, rs256)
        );
        let kid = |realm: Arc<Realm>| realm.keys.signer(rs256, realm.now()).unwrap().kid.clone();
        assert_eq!(kid(one.unwrap()), kid(two.unwrap()));
    }
}
