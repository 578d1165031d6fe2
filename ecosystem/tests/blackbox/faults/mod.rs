//! What the services answer while a database is locked, gone, read-only or full, and how they come back: never 500,
//! nothing done by halves, no word that a thing was done that was not (issue of reliability, `docs/reliability.md`).
//!
//! | file | what happens to the database |
//! |---|---|
//! | `file` | a SQLite file is locked, moved away, replaced by a copy |
//! | `endpoints` | it is away, and every endpoint says so in its own form |
//! | `disk` | the disk is full, fails, or hangs (as root) |
//! | `log` | nothing: the log's disk is full |
//! | `postgres` | a server of its own: tables locked, read-only, backends cut, stopped, silent |

mod disk;
mod endpoints;
mod file;
mod log;
mod postgres;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystem::{Ecosystem, Store};
use serde_json::Value;

use crate::support::{
    ALICE, Answer, Authorization, Browser, Code, Request, SERVICE, SPA, Tokens, WEB, World,
};

const SCOPE: &str = "openid profile photos:read photos:write offline_access";

/// The longest that anybody waits for an answer: five seconds in the queue, five for a lock, and what a machine adds on
/// which everything else is compiled at the same time.
const LONGEST: Duration = Duration::from_secs(18);

/// What is acknowledged, and what waits to be, when the database fails.
struct Before {
    code: Code,
    tokens: Tokens,
    browser: Browser,
    authorization: Authorization,
}

async fn world(store: Store) -> World {
    let started = Ecosystem::builder().store(store).start().await;
    let ecosystem = Arc::new(started.unwrap_or_else(|error| panic!("{error}")));
    World::inside(ecosystem, |seed| seed).await
}

impl Before {
    async fn of(world: &World) -> Self {
        let tokens = world.tokens(WEB, SCOPE).await;
        let code = world.code(WEB, SCOPE).await;
        let mut browser = Browser::new();
        let authorization = world.authorize(WEB, SCOPE);
        world.agree_in(&mut browser, ALICE, &authorization).await;
        // Its keys are known to the API from here on.
        let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
        world.send(photos).await.is(200);
        Self {
            code,
            tokens,
            browser,
            authorization,
        }
    }

    /// Everything at once, while the database does not take writes; `reads` where it still reads.
    async fn nothing_is_done(&mut self, world: &World, reads: bool) {
        Box::pin(self.all_at_once(world, reads)).await;
    }

    async fn all_at_once(&mut self, world: &World, reads: bool) {
        let begun = Instant::now();
        let url = self.authorization.url();
        let photo = Request::new("POST", &world.api("/photos"))
            .header("content-type", "application/json")
            .body(r#"{"caption":"x","theme":"cat"}"#)
            .bearer(&self.tokens.access);
        let other = Browser::new();
        let (
            redeemed,
            refreshed,
            revoked,
            asked,
            device,
            pushed,
            registered,
            photo,
            shown,
            signed_in,
        ) = tokio::join!(
            world.send(world.redeem(&self.code)),
            world.send(world.refresh(WEB, &self.tokens.refresh)),
            world.send(world.revoke(WEB, &self.tokens.refresh)),
            self.browser.look(&url),
            world.send(device(world)),
            world.send(pushed(world)),
            world.send(registration(world)),
            world.send(photo),
            world.send(Request::get(&world.api("/me")).bearer(&self.tokens.access)),
            sign_in(world, other),
        );
        let answers = [redeemed, refreshed, revoked, device, pushed, registered];
        for answer in &answers {
            is_away(answer);
            answer.no_store();
        }
        is_away(&photo);
        if reads {
            // Who met a connection that had been cut may say so; the next one does not.
            let shown = if shown.status() == 503 {
                let again = Request::get(&world.api("/me")).bearer(&self.tokens.access);
                world.send(again).await
            } else {
                shown
            };
            shown.is(200);
        } else {
            is_away(&shown);
        }
        Self::is_told(world, &world.answer(asked.response), reads);
        is_a_page(&signed_in);
        let took = begun.elapsed();
        assert!(took < LONGEST, "somebody waited for {took:?}");
        println!("refused within {took:?}");
        is_live_but_not_ready(world).await;
    }

    /// The client is told by redirect where its redirection URI could be read; else the person by a page.
    fn is_told(world: &World, asked: &Answer, reads: bool) {
        if reads || asked.status() == 303 {
            let callback = world.callback(WEB);
            let error = "temporarily_unavailable";
            asked.sends_back(error, &callback, Some("the state"), world.realm.issuer());
        } else {
            is_a_page(asked);
        }
    }

    /// All is as it was: the code redeems once, the refresh token was not rotated, and revoking means it.
    async fn goes_on(self, world: &World) -> Duration {
        let begun = Instant::now();
        while !is_ready(world).await {
            assert!(begun.elapsed() < LONGEST, "it did not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let back = begun.elapsed();
        world.send(world.redeem(&self.code)).await.tokens();
        let refresh = world.refresh(WEB, &self.tokens.refresh);
        let fresh = world.send(refresh).await.tokens();
        world.send(world.revoke(WEB, &fresh.refresh)).await.is(200);
        assert!(!world.is_live(WEB, &fresh.refresh).await, "it was revoked");
        let photos = Request::get(&world.api("/photos")).bearer(&self.tokens.access);
        world.send(photos).await.is(200);
        back
    }
}

fn device(world: &World) -> Request {
    let endpoint = world.auth("/device_authorization");
    Request::post(&endpoint, &[("client_id", "tv"), ("scope", "photos:read")])
}

fn pushed(world: &World) -> Request {
    let pushed = Request::new("POST", &world.auth("/par"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(world.authorize(WEB, SCOPE).query());
    World::signed(WEB, pushed)
}

fn registration(world: &World) -> Request {
    Request::new("POST", &world.auth("/register"))
        .header("content-type", "application/json")
        .body(r#"{"redirect_uris":["https://client.example/cb"]}"#)
}

/// Tries to sign in, in a browser that was never here; where even the form cannot be shown, that answer.
async fn sign_in(world: &World, mut browser: Browser) -> Answer {
    let form = browser.look(&world.auth("/login")).await;
    if !form.has("login-submit") {
        return world.answer(form.response);
    }
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press_only(&form, "login-submit", &fields).await;
    world.answer(page.response)
}

/// 503, when to come back, and the protocol's own JSON, which says nothing of where the database is.
#[track_caller]
fn is_away(answer: &Answer) {
    let told = answer.to_string();
    for inside in [
        "auth-server.db",
        "resource-server.db",
        "database",
        "disk",
        "127.0.0.1:54",
    ] {
        assert!(!told.contains(inside), "it tells of {inside}: {told}");
    }
    answer.is_refused(503, "temporarily_unavailable");
    let after: u32 = answer.header("retry-after").parse().unwrap_or_default();
    assert!((1..=60).contains(&after), "Retry-After {after}: {answer}");
}

/// A page that says what to do, and signs nobody in.
#[track_caller]
fn is_a_page(answer: &Answer) {
    answer.is(503).no_store();
    assert!(
        answer.header("content-type").contains("text/html"),
        "{answer}"
    );
    assert!(!answer.header("retry-after").is_empty(), "{answer}");
    let session = answer
        .response
        .headers
        .iter()
        .any(|(name, value)| name == "set-cookie" && value.contains("session"));
    assert!(!session, "a session that does not exist: {answer}");
}

async fn is_ready(world: &World) -> bool {
    let mut ready = true;
    for service in [
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    ] {
        let answer = Request::get(&format!("{service}/readyz")).send().await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status == 200, body["status"] == "ready", "{body}");
        ready &= answer.status == 200;
    }
    ready
}

async fn is_live_but_not_ready(world: &World) {
    for service in [
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    ] {
        let live = Request::get(&format!("{service}/healthz")).send().await;
        assert_eq!(live.status, 200, "{service} is not live");
        let ready = Request::get(&format!("{service}/readyz")).send().await;
        assert_eq!(ready.status, 503, "{service} says it is ready");
    }
}

/// Many at once wait for a database that lets nobody in: all hear so in bounded time, and none a 500.
async fn a_crowd_is_refused(world: &World, number: usize) {
    let begun = Instant::now();
    let codes = (0..number).map(|_| {
        let request = device(world);
        async move { world.send(request).await }
    });
    let answers = futures_util::future::join_all(codes).await;
    for answer in &answers {
        is_away(answer);
    }
    let took = begun.elapsed();
    assert!(took < LONGEST, "{number} waited for {took:?}");
    println!("{number} at once were refused within {took:?}");
}

/// What needs no database goes on: a signature is enough.
async fn signatures_still_verify(world: &World, tokens: &Tokens) {
    let machine = world.send(world.client_credentials(SERVICE)).await;
    assert!(matches!(machine.status(), 200 | 503), "{machine}");
    let active = world.send(world.introspect(&tokens.access)).await;
    assert!(matches!(active.status(), 200 | 503), "{active}");
    let asked = world.ask(&world.authorize(SPA, "photos:read")).await;
    assert!(matches!(asked.status(), 303 | 503), "{asked}");
    for path in ["/jwks", "/.well-known/oauth-authorization-server"] {
        let answer = world.send(Request::get(&world.auth(path))).await;
        assert!(matches!(answer.status(), 200 | 503), "{answer}");
    }
}
