//! Any history of requests, against a small model: issue, redeem, refresh, replay, revoke, expire, rotate keys, restart.
//!
//! The model knows a code, its tokens and their moments, and says what each request must be answered; after every
//! request one token is asked about. `proptest` makes the histories and shrinks one that fails. On SQLite, and on
//! PostgreSQL when `TEST_DATABASE_URL` is set; `PROPTEST_CASES` makes more of them.

use std::sync::Arc;

use ecosystem::{Ecosystem, Ports, Store};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shared::time::Lifetime;

use crate::support::{ALICE, Browser, Code, Request, Schema, VERIFIER, WEB, World, code_in};

const SCOPE: &str = "openid photos:read offline_access";
/// How long a code lives, in seconds.
const CODE: i64 = 60;
/// How long an access token lives.
const ACCESS: i64 = 10 * 60;
/// How long an unused refresh token lives.
const REFRESH: i64 = 14 * 24 * 60 * 60;
/// How long the refresh tokens of one grant live in all.
const FAMILY: i64 = 90 * 24 * 60 * 60;
/// How long a rotated refresh token is still answered.
const GRACE: i64 = 30;
/// Wrong verifiers after which a code is refused.
const GUESSES: u32 = 5;

/// One step of a history. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Issue,
    Redeem(usize),
    RedeemWrongly(usize),
    Refresh(usize, usize),
    RevokeAccess(usize, usize),
    RevokeRefresh(usize, usize),
    Wait(u32),
    RotateKeys,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let pick = || any::<usize>();
    prop_oneof![
        4 => Just(Step::Issue),
        6 => pick().prop_map(Step::Redeem),
        2 => pick().prop_map(Step::RedeemWrongly),
        8 => (pick(), pick()).prop_map(|(grant, token)| Step::Refresh(grant, token)),
        2 => (pick(), pick()).prop_map(|(grant, token)| Step::RevokeAccess(grant, token)),
        1 => (pick(), pick()).prop_map(|(grant, token)| Step::RevokeRefresh(grant, token)),
        4 => prop_oneof![
            Just(1_u32), Just(29), Just(30), Just(31), Just(59), Just(60), Just(61), Just(599), Just(601),
            Just(14 * 24 * 3600), Just(80 * 24 * 3600)
        ].prop_map(Step::Wait),
        1 => Just(Step::RotateKeys),
        1 => Just(Step::Restart),
    ]
}

#[derive(Clone, Debug)]
struct Access {
    value: String,
    expires: i64,
    revoked: bool,
}

#[derive(Clone, Debug)]
struct Refresh {
    value: String,
    expires: i64,
    rotated: Option<(i64, usize)>,
}

/// A grant as the model knows it.
#[derive(Clone, Debug)]
struct Grant {
    code: String,
    begun: i64,
    redeemed: bool,
    wrong: u32,
    revoked: bool,
    access: Vec<Access>,
    refresh: Vec<Refresh>,
}

impl Grant {
    fn take_access(&mut self, value: String, now: i64) {
        self.access.push(Access {
            value,
            expires: now + ACCESS,
            revoked: false,
        });
    }

    fn take_refresh(&mut self, value: String, now: i64) -> usize {
        let expires = (now + REFRESH).min(self.begun + FAMILY);
        self.refresh.push(Refresh {
            value,
            expires,
            rotated: None,
        });
        self.refresh.len() - 1
    }
}

/// What happens to the real servers, and what the model says of it.
struct History {
    store: Store,
    running: Option<World>,
    browser: Browser,
    grants: Vec<Grant>,
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if holds {
        Ok(())
    } else {
        Err(TestCaseError::fail(what()))
    }
}

/// The ecosystem on this store and these ports: a port that was just given back may take a moment.
async fn start(store: &Store, ports: Ports) -> World {
    for _ in 0..100 {
        let builder = Ecosystem::builder().store(store.clone()).ports(ports);
        if let Ok(ecosystem) = builder.start().await {
            let world = World::at_root(Arc::new(ecosystem));
            world.realm.clock().pause();
            return world;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the ecosystem does not start on {ports:?}");
}

impl History {
    async fn new(store: Store) -> Self {
        Self {
            running: Some(start(&store, Ports::FREE).await),
            store,
            browser: Browser::new(),
            grants: Vec::new(),
        }
    }

    fn world(&self) -> &World {
        self.running.as_ref().expect("a world that runs")
    }

    fn now(&self) -> i64 {
        self.world().realm.clock().now().as_unix()
    }

    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Issue => self.issue().await,
            Step::Redeem(grant) => self.redeem(grant, VERIFIER).await,
            Step::RedeemWrongly(grant) => {
                let wrong = VERIFIER.replace('d', "e");
                self.redeem(grant, &wrong).await
            }
            Step::Refresh(grant, token) => self.refresh(grant, token).await,
            Step::RevokeAccess(grant, token) => self.revoke_access(grant, token).await,
            Step::RevokeRefresh(grant, token) => self.revoke_refresh(grant, token).await,
            Step::Wait(seconds) => {
                self.world().wait_seconds(seconds);
                Ok(())
            }
            Step::RotateKeys => {
                let rotated = self
                    .world()
                    .ecosystem
                    .rotate_keys(self.world().realm.name());
                let rotated = rotated.await;
                check(rotated.is_ok(), || format!("{rotated:?}"))
            }
            Step::Restart => self.restart().await,
        }
    }

    async fn issue(&mut self) -> Result<(), TestCaseError> {
        let authorization = self.world().authorize(WEB, SCOPE);
        let mut browser = std::mem::take(&mut self.browser);
        let page = self
            .world()
            .agree_in(&mut browser, ALICE, &authorization)
            .await;
        self.browser = browser;
        let code = code_in(&self.world().answer(page.response));
        let begun = self.now();
        self.grants.push(Grant {
            code,
            begun,
            redeemed: false,
            wrong: 0,
            revoked: false,
            access: Vec::new(),
            refresh: Vec::new(),
        });
        Ok(())
    }

    fn chosen(&self, number: usize) -> Option<usize> {
        (!self.grants.is_empty()).then(|| number % self.grants.len())
    }

    /// Sends a token request; the tokens of its answer, where it is one.
    async fn token(&self, request: Request) -> Result<Option<(String, String)>, TestCaseError> {
        let answer = self.world().send(request).await;
        if answer.status() == 200 {
            let tokens = answer.tokens();
            return Ok(Some((tokens.access, tokens.refresh)));
        }
        let refused = answer.status() == 400 && answer.json()["error"] == "invalid_grant";
        check(refused, || {
            format!("neither tokens nor invalid_grant: {answer}")
        })?;
        Ok(None)
    }

    async fn redeem(&mut self, number: usize, verifier: &str) -> Result<(), TestCaseError> {
        let Some(index) = self.chosen(number) else {
            return Ok(());
        };
        let code = Code {
            client: WEB,
            value: self.grants[index].code.clone(),
            redirect_uri: self.world().callback(WEB),
            verifier: VERIFIER,
        };
        let request = self
            .world()
            .redeem(&code)
            .replacing("code_verifier", verifier);
        let answer = self.token(request).await?;
        let now = self.now();
        let grant = &mut self.grants[index];
        let alive = now < grant.begun + CODE && grant.wrong < GUESSES;
        let right = verifier == VERIFIER;
        let expected = alive && right && !grant.redeemed && !grant.revoked;
        check(answer.is_some() == expected, || {
            format!("redeeming {grant:?} at {now} with {verifier}: {answer:?}")
        })?;
        match answer {
            Some((access, refresh)) => {
                grant.redeemed = true;
                grant.take_access(access, now);
                grant.take_refresh(refresh, now);
            }
            None if alive && !right => grant.wrong += 1,
            // A replay that is valid in every other respect takes back what the first one got.
            None if alive && grant.redeemed => grant.revoked = true,
            None => {}
        }
        Ok(())
    }

    async fn refresh(&mut self, number: usize, token: usize) -> Result<(), TestCaseError> {
        let Some(index) = self.chosen(number) else {
            return Ok(());
        };
        let known = self.grants[index].refresh.len();
        if known == 0 {
            return Ok(());
        }
        let token = token % known;
        let sent = self.grants[index].refresh[token].clone();
        let answer = self.token(self.world().refresh(WEB, &sent.value)).await?;
        let now = self.now();
        let grant = &mut self.grants[index];
        let alive = now < sent.expires && !grant.revoked;
        let successor = sent
            .rotated
            .filter(|(at, next)| now - at <= GRACE && grant.refresh[*next].rotated.is_none());
        let expected = alive && (sent.rotated.is_none() || successor.is_some());
        check(answer.is_some() == expected, || {
            format!("refreshing {sent:?} of {grant:?} at {now}: {answer:?}")
        })?;
        match (answer, sent.rotated) {
            (Some((access, refresh)), None) => {
                grant.take_access(access, now);
                let next = grant.take_refresh(refresh, now);
                grant.refresh[token].rotated = Some((now, next));
            }
            (Some((access, refresh)), Some((_, next))) => {
                check(refresh == grant.refresh[next].value, || {
                    "a lost answer is repeated with the same successor".to_owned()
                })?;
                grant.take_access(access, now);
            }
            // Reuse: the family dies.
            (None, Some(_)) if alive => grant.revoked = true,
            (None, _) => {}
        }
        Ok(())
    }

    async fn revoke_access(&mut self, number: usize, token: usize) -> Result<(), TestCaseError> {
        let Some(index) = self.chosen(number) else {
            return Ok(());
        };
        let known = self.grants[index].access.len();
        if known == 0 {
            return Ok(());
        }
        let token = token % known;
        let value = self.grants[index].access[token].value.clone();
        let answer = self.world().send(self.world().revoke(WEB, &value)).await;
        check(answer.status() == 200, || format!("{answer}"))?;
        self.grants[index].access[token].revoked = true;
        Ok(())
    }

    async fn revoke_refresh(&mut self, number: usize, token: usize) -> Result<(), TestCaseError> {
        let Some(index) = self.chosen(number) else {
            return Ok(());
        };
        let known = self.grants[index].refresh.len();
        if known == 0 {
            return Ok(());
        }
        let value = self.grants[index].refresh[token % known].value.clone();
        let answer = self.world().send(self.world().revoke(WEB, &value)).await;
        check(answer.status() == 200, || format!("{answer}"))?;
        self.grants[index].revoked = true;
        Ok(())
    }

    /// The same store under the same addresses and at the same time, in new servers.
    async fn restart(&mut self) -> Result<(), TestCaseError> {
        let now = self.now();
        let port = |url: &str| -> u16 { url.rsplit(':').next().unwrap().parse().unwrap() };
        let addresses = self.world().ecosystem.addresses().clone();
        let ports = Ports {
            client_app: port(&addresses.client_app),
            auth_server: port(&addresses.auth_server),
            resource_server: port(&addresses.resource_server),
        };
        self.stop().await;
        self.running = Some(start(&self.store, ports).await);
        let clock = self.world().realm.clock();
        let behind = u32::try_from(now - clock.now().as_unix()).unwrap_or_default();
        clock.advance(Lifetime::from_seconds(behind));
        // The clock stood still before, so a moment may have passed; it never goes back.
        check(self.now() >= now, || {
            format!("{} is before {now}", self.now())
        })
    }

    async fn stop(&mut self) {
        if let Some(World { ecosystem, .. }) = self.running.take() {
            let ecosystem = Arc::into_inner(ecosystem).expect("nobody else has it");
            ecosystem.stop().await;
        }
    }

    /// Asks about one token of each kind: the newest of a grant, and one that `salt` chooses.
    async fn ask(&self, salt: usize) -> Result<(), TestCaseError> {
        let Some(index) = self.chosen(salt) else {
            return Ok(());
        };
        let (grant, now) = (&self.grants[index], self.now());
        for access in [grant.access.last(), grant.access.first()]
            .into_iter()
            .flatten()
        {
            let active = self.world().is_active(&access.value).await;
            let expected = now < access.expires && !access.revoked && !grant.revoked;
            check(active == expected, || {
                format!("asking at {now} about {access:?} of {grant:?}: active {active}")
            })?;
        }
        for refresh in grant.refresh.iter().rev().take(2) {
            let live = self.world().is_live(WEB, &refresh.value).await;
            let expected = now < refresh.expires && refresh.rotated.is_none() && !grant.revoked;
            check(live == expected, || {
                format!("asking at {now} about {refresh:?} of {grant:?}: live {live}")
            })?;
        }
        Ok(())
    }
}

/// Runs histories on stores that `store` makes.
fn run(cases: u32, store: impl Fn(u32) -> Store) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |text| text.parse().unwrap());
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let number = std::cell::Cell::new(0);
    let steps = proptest::collection::vec(step(), 1..40);
    let result = runner.run(&steps, |steps| {
        number.set(number.get() + 1);
        runtime.block_on(async {
            let mut history = History::new(store(number.get())).await;
            let mut outcome = Ok(());
            for (at, step) in steps.iter().enumerate() {
                outcome = history.take(step).await;
                if outcome.is_ok() {
                    outcome = history.ask(at).await;
                }
                if outcome.is_err() {
                    break;
                }
            }
            history.stop().await;
            outcome
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn any_history_goes_as_the_model_says_on_sqlite() {
    let kept = tempfile::tempdir().unwrap();
    run(12, |number| {
        Store::Directory(kept.path().join(number.to_string()))
    });
}

#[test]
fn any_history_goes_as_the_model_says_on_postgres() {
    let made = std::cell::RefCell::new(Vec::new());
    if std::env::var_os("TEST_DATABASE_URL").is_none() {
        eprintln!("TEST_DATABASE_URL is not set: not run on PostgreSQL");
        return;
    }
    run(6, |number| {
        let schema = Schema::new(&format!("model{number}")).expect("there is a server");
        let store = schema.store();
        made.borrow_mut().push(schema);
        store
    });
}
