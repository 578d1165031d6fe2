//! The steps of an approval, each taken once by one caller: on a SQLite file, and on PostgreSQL where
//! `TEST_DATABASE_URL` names one.

use std::sync::Arc;

use shared::oauth::{DeviceCode, GrantType, UserCode};
use shared::realm::{Addresses, RealmName};
use shared::seed::{ClientSeed, PersonSeed, RealmSeed};
use shared::store::Store;
use shared::time::{Clock, Clocks, Lifetime};

use super::{Approval, Asked, Decider, Details, State};
use crate::client::Client;
use crate::issue::{Issue, IssueError};
use crate::password::Passwords;
use crate::realms::{Foundation, Realm, Realms};
use crate::store::approvals::Pace;
use crate::store::testing::{TestStore, stores};
use crate::store::{DbConnection, Stored, grants};

/// How many try at the same time.
const RACERS: usize = 32;

/// A realm with a client that asks for approvals.
#[derive(Clone)]
struct World {
    store: Store,
    realm: Arc<Realm>,
    client: Arc<Client>,
    clock: Clock,
    poll: DeviceCode,
    code: UserCode,
    _keep: Arc<TestStore>,
}

impl World {
    /// One world on each kind of store, with an approval that was just asked for.
    async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for store in stores() {
            all.push(Self::on(store).await);
        }
        all
    }

    async fn on(store: TestStore) -> Self {
        let clocks = Clocks::default();
        let name = RealmName::default_realm();
        let clock = clocks.of(&name);
        clock.pause();
        let realms = Realms::new(Foundation {
            store: store.store.clone(),
            addresses: Addresses::default(),
            clocks,
            announcement: Lifetime::from_seconds(10),
            passwords: Passwords::new(2),
        });
        let client = ClientSeed::public("tv", "http://localhost/unused")
            .with_grants(&[GrantType::DeviceCode.as_str()]);
        let seed = RealmSeed::new(name.clone())
            .with_person(PersonSeed::new("alice"))
            .with_client(client);
        realms.create(&seed).await.unwrap();
        let realm = realms.find(&name).await.unwrap();
        let place = (&realm.name, &realm.policy);
        let client = realms.clients().find(&store.store, place, "tv").await;
        let world = Self {
            store: store.store.clone(),
            client: client.unwrap().unwrap(),
            realm,
            clock,
            poll: DeviceCode::generate().unwrap(),
            code: UserCode::generate().unwrap(),
            _keep: Arc::new(store),
        };
        assert!(world.create(world.asked()).await);
        world
    }

    fn asked(&self) -> Asked {
        Asked {
            grant_type: GrantType::DeviceCode,
            poll: self.poll.digest(),
            code: Some(self.code.digest()),
            scope: "openid photos:read".parse().unwrap(),
            details: Details::default(),
            lifetime: Lifetime::from_seconds(600),
            interval: Lifetime::from_seconds(5),
        }
    }

    async fn create(&self, asked: Asked) -> bool {
        self.within(move |tx, issue| super::create(tx, issue, &asked).map_err(IssueError::from))
            .await
    }

    /// Runs `work` in a transaction of its own.
    async fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection, Issue<'_>) -> Result<T, IssueError> + Send + 'static,
    ) -> T {
        let (realm, client) = (Arc::clone(&self.realm), Arc::clone(&self.client));
        let done: Result<T, crate::grant::TokenError> = self
            .store
            .write(move |tx| {
                let issue = Issue {
                    realm: &realm,
                    client: &client,
                    now: realm.now(),
                    key: None,
                };
                Ok(work(tx, issue)?)
            })
            .await;
        done.unwrap()
    }

    async fn read(&self) -> Approval {
        let poll = self.poll.digest();
        self.within(move |tx, issue| {
            let key = (GrantType::DeviceCode, &poll);
            Ok(super::find(tx, &issue.realm.name, key, issue.now)?.unwrap())
        })
        .await
    }

    async fn see(&self) {
        let approval = self.read().await;
        self.within(move |tx, issue| Ok(approval.see(tx, &issue.realm.name, issue.now)?))
            .await;
    }

    async fn confirm(&self) -> bool {
        let approval = self.read().await;
        let who = decider();
        self.within(move |tx, issue| {
            let scope = "photos:read".parse().unwrap();
            Ok(approval.confirm(tx, issue, &who, scope)?.is_some())
        })
        .await
    }

    async fn deny(&self) -> bool {
        let approval = self.read().await;
        let who = decider();
        self.within(move |tx, issue| {
            let denied = approval.deny(tx, &issue.realm.name, &who, issue.now)?;
            Ok(denied.is_some())
        })
        .await
    }

    async fn pace(&self) -> Pace {
        let approval = self.read().await;
        self.within(move |tx, issue| Ok(approval.pace(tx, &issue.realm.name, issue.now)?))
            .await
    }

    async fn redeem(&self) -> bool {
        let approval = self.read().await;
        self.within(move |tx, issue| Ok(approval.redeem(tx, &issue.realm.name, issue.now)?))
            .await
    }

    fn wait(&self, seconds: u32) {
        self.clock.advance(Lifetime::from_seconds(seconds));
    }
}

fn decider() -> Decider {
    Decider {
        subject: "alice-sub".parse().unwrap(),
        auth_time: shared::time::Timestamp::from_unix(1),
    }
}

/// Runs `work` many times at once; how often it said yes.
async fn race<F>(work: impl Fn() -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let racing: Vec<_> = (0..RACERS).map(|_| tokio::spawn(work())).collect();
    let mut won = 0;
    for racer in racing {
        won += usize::from(racer.await.unwrap());
    }
    won
}

#[tokio::test]
async fn an_approval_goes_from_created_by_seen_and_confirmed_to_redeemed() {
    for world in World::all().await {
        assert_eq!(world.read().await.state, State::Created);
        assert!(!world.confirm().await, "nobody has seen what they confirm");
        world.see().await;
        assert_eq!(world.read().await.state, State::Seen);
        assert!(!world.redeem().await, "nobody has said yes");
        assert!(world.confirm().await);
        let confirmed = world.read().await;
        assert_eq!(confirmed.state, State::Confirmed);
        assert_eq!(confirmed.decided_by(), Some("alice-sub"));
        let grant_id = confirmed.grant_id().unwrap().to_owned();
        let grant = world
            .within(move |tx, issue| Ok(grants::find(tx, &issue.realm.name, &grant_id)?.unwrap()))
            .await;
        assert_eq!(
            grant.scope, "photos:read",
            "what was ticked, not what was asked"
        );
        assert_eq!(grant.sid, None);
        assert!(world.redeem().await);
        assert!(!world.redeem().await);
        world.wait(600);
        assert_eq!(
            world.read().await.state,
            State::Redeemed,
            "used is not expired"
        );
    }
}

#[tokio::test]
async fn a_no_stands() {
    for world in World::all().await {
        world.see().await;
        assert!(world.deny().await);
        assert!(!world.confirm().await);
        assert!(!world.redeem().await);
        let denied = world.read().await;
        assert_eq!((denied.state, denied.grant_id()), (State::Denied, None));
        world.wait(600);
        assert_eq!(world.read().await.state, State::Denied);
    }
}

#[tokio::test]
async fn what_has_expired_is_neither_decided_nor_redeemed() {
    for world in World::all().await {
        world.see().await;
        world.wait(600);
        assert_eq!(world.read().await.state, State::Expired);
        assert!(!world.confirm().await);
        assert!(!world.deny().await);
    }
    for world in World::all().await {
        world.see().await;
        assert!(world.confirm().await);
        world.wait(600);
        assert_eq!(world.read().await.state, State::Expired);
        assert!(!world.redeem().await);
    }
}

#[tokio::test]
async fn each_poll_that_comes_too_soon_makes_the_interval_five_seconds_longer_for_good() {
    for world in World::all().await {
        assert_eq!(
            world.pace().await,
            Pace::InTime,
            "the first poll waits for nothing"
        );
        world.wait(5);
        assert_eq!(world.pace().await, Pace::InTime);
        world.wait(4);
        assert_eq!(world.pace().await, Pace::TooSoon { interval: 10 });
        world.wait(9);
        assert_eq!(world.pace().await, Pace::TooSoon { interval: 15 });
        world.wait(15);
        assert_eq!(world.pace().await, Pace::InTime);
        world.wait(14);
        assert_eq!(world.pace().await, Pace::TooSoon { interval: 20 });
    }
}

#[tokio::test]
async fn a_short_code_that_is_taken_is_not_given_out_again() {
    for world in World::all().await {
        let another = Asked {
            poll: DeviceCode::generate().unwrap().digest(),
            ..world.asked()
        };
        assert!(!world.create(another.clone()).await);
        let none = Asked {
            code: None,
            ..another
        };
        assert!(
            world.create(none.clone()).await,
            "a flow without short codes"
        );
        let poll = DeviceCode::generate().unwrap().digest();
        assert!(
            world.create(Asked { poll, ..none }).await,
            "as many as there are"
        );
    }
}

#[tokio::test]
async fn an_approval_is_found_by_its_own_grant_and_code_only() {
    for world in World::all().await {
        let (poll, code) = (world.poll.digest(), world.code.digest());
        let found: Stored<(bool, bool, bool)> = world
            .within(move |tx, issue| {
                let (realm, now) = (&issue.realm.name, issue.now);
                let other = (GrantType::AuthorizationCode, &poll);
                let by_other = super::find(tx, realm, other, now)?.is_some();
                let by_code = super::find_by_code(tx, realm, &code, now)?.is_some();
                // One secret's digest is never another's.
                let by_poll = super::find_by_code(tx, realm, &poll, now)?.is_some();
                Ok(Ok((by_other, by_code, by_poll)))
            })
            .await;
        assert_eq!(found.unwrap(), (false, true, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_decisions_and_of_many_redemptions_one_counts() {
    for world in World::all().await {
        world.see().await;
        let decide = |index: usize| {
            let world = world.clone();
            async move {
                if index.is_multiple_of(2) {
                    world.confirm().await
                } else {
                    world.deny().await
                }
            }
        };
        let index = std::sync::atomic::AtomicUsize::new(0);
        let next = || index.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(race(|| decide(next())).await, 1);
        let confirmed = world.read().await.state == State::Confirmed;
        let redeemed = race(|| {
            let world = world.clone();
            async move { world.redeem().await }
        })
        .await;
        assert_eq!(redeemed, usize::from(confirmed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_polls_at_once_one_is_in_time() {
    for world in World::all().await {
        let in_time = race(|| {
            let world = world.clone();
            async move { world.pace().await == Pace::InTime }
        })
        .await;
        assert_eq!(in_time, 1);
    }
}
