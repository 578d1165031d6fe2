//! `POST /par`, and `/authorize` with what it gave — RFC 9126.
//!
//! A pushed request is checked at once and whole; the browser carries a reference that says nothing, is its
//! client's alone, ends soon and is answered once, however many windows it was opened in.

use std::sync::Arc;

use shared::seed::ClientPolicy;

use crate::support::{
    ALICE, Answer, Authorization, BOB, Browser, Client, Request, SPA, TRUSTED, VERIFIER, WEB,
    World, code_in,
};

const SCOPE: &str = "openid photos:read";
/// What every reference begins with.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a reference is good, in seconds.
const LIFETIME: u32 = 90;

impl World {
    /// The request that pushes `authorization`, by `client`.
    fn push(&self, client: Client, authorization: &Authorization) -> Request {
        let request = Request::new("POST", &self.auth("/par"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(authorization.query());
        match client.secret {
            Some(secret) => request.basic(client.id, secret),
            None => request,
        }
    }

    /// The reference that `client` gets for a good request.
    pub(crate) async fn pushed(&self, client: Client, authorization: &Authorization) -> String {
        let answer = self.send(self.push(client, authorization)).await;
        let body = answer.is(201).no_store().json();
        body["request_uri"].as_str().expect("a URI").to_owned()
    }

    /// An authorization request that refers to a pushed one.
    pub(crate) fn refer(&self, client: Client, request_uri: &str) -> Authorization {
        let only = [("client_id", client.id), ("request_uri", request_uri)];
        self.authorize(client, "").only(&only)
    }

    /// A reference to a good request of `web`, and the authorization request with it.
    async fn reference(&self) -> Authorization {
        let uri = self.pushed(WEB, &self.authorize(WEB, SCOPE)).await;
        self.refer(WEB, &uri)
    }
}

/// The page that a reference leads to which is good for nothing.
async fn leads_nowhere(world: &World, authorization: &Authorization, check: &str) {
    let answer = world.ask(authorization).await;
    answer.is_error_page().failed_check(check).await;
}

#[tokio::test]
async fn a_pushed_request_is_answered_as_if_it_stood_in_the_address() {
    let world = World::new().await;
    for client in [WEB, SPA] {
        let pushed = world.send(world.push(client, &world.authorize(client, SCOPE)));
        let pushed = pushed.await;
        let body = pushed.is(201).no_store().json();
        assert!(
            pushed
                .header("content-type")
                .starts_with("application/json")
        );
        assert_eq!(body["expires_in"], LIFETIME);
        let uri = body["request_uri"].as_str().unwrap();
        let reference = uri.strip_prefix(PREFIX).unwrap();
        assert!(reference.len() >= 43, "{uri}");
        pushed.passed_check("request.pushed").await;

        let answer = world.agree(ALICE, &world.refer(client, uri)).await;
        let location = answer.location();
        let given: Vec<_> = location.query_pairs().into_owned().collect();
        let value = |name: &str| {
            given
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("state"), Some("the state"));
        assert_eq!(value("iss"), Some(world.realm.issuer()));
        let request = world.token(&[
            ("grant_type", "authorization_code"),
            ("code", &code_in(&answer)),
            ("redirect_uri", &world.callback(client)),
            ("code_verifier", VERIFIER),
        ]);
        let tokens = world.send(World::signed(client, request)).await.tokens();
        assert_eq!(tokens.body["scope"], SCOPE);
    }
}

#[tokio::test]
async fn what_stands_beside_the_reference_is_ignored() {
    let world = World::new().await;
    let authorization = world
        .reference()
        .await
        .with("redirect_uri", "https://attacker.example/")
        .with("scope", "openid photos:write")
        .with("state", "another")
        .with("response_type", "token")
        .adding("scope", "stats:read");
    let answer = world.agree(ALICE, &authorization).await;
    let location = answer.location();
    assert!(
        location.as_str().starts_with(&world.callback(WEB)),
        "{location}"
    );
    assert!(
        location.query().unwrap().contains("state=the+state"),
        "{location}"
    );
    code_in(&answer);
}

#[tokio::test]
async fn the_page_may_be_reloaded_and_the_request_is_answered_once() {
    let world = World::new().await;
    let authorization = world.reference().await;
    let (mut here, mut there) = (Browser::new(), Browser::new());
    let stop = world.app("/callback");
    let first = here.open_until(&authorization.url(), &stop).await;
    assert!(first.has("login-submit"));
    let reloaded = here.open_until(&authorization.url(), &stop).await;
    assert!(
        reloaded.has("login-submit"),
        "before it is answered it may be opened again"
    );
    let elsewhere = there.open_until(&authorization.url(), &stop).await;
    assert!(elsewhere.has("login-submit"));

    let page = world.agree_in(&mut here, ALICE, &authorization).await;
    code_in(&world.answer(page.response));

    let fields = [("username", BOB.username), ("password", BOB.password)];
    let late = there
        .press_until(&elsewhere, "login-submit", &fields, &stop)
        .await;
    let late = there.press_until(&late, "consent-allow", &[], &stop).await;
    world.answer(late.response).is_error_page();
    leads_nowhere(&world, &authorization, "request_uri.unused").await;
}

#[tokio::test]
async fn a_refusal_uses_the_reference_up_too() {
    let world = World::new().await;
    let silent = world.authorize(WEB, SCOPE).with("prompt", "none");
    let authorization = world.refer(WEB, &world.pushed(WEB, &silent).await);
    let answer = world.ask(&authorization).await;
    let state = Some("the state");
    answer.sends_back(
        "login_required",
        &world.callback(WEB),
        state,
        world.realm.issuer(),
    );
    leads_nowhere(&world, &authorization, "request_uri.unused").await;

    let authorization = world.reference().await;
    let mut browser = Browser::new();
    let page = browser.open(&authorization.url()).await;
    let page = browser.press_only(&page, "login-cancel", &[]).await;
    let answer = world.answer(page.response);
    answer.sends_back(
        "access_denied",
        &world.callback(WEB),
        state,
        world.realm.issuer(),
    );
    leads_nowhere(&world, &authorization, "request_uri.unused").await;
}

#[tokio::test]
async fn a_reference_expires_but_a_person_who_came_in_time_may_take_longer() {
    let world = World::new().await;
    let authorization = world.reference().await;
    let mut browser = Browser::new();
    let stop = world.app("/callback");
    let page = browser.open_until(&authorization.url(), &stop).await;
    world.wait_seconds(LIFETIME);
    leads_nowhere(&world, &authorization, "request_uri.not_expired").await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &stop)
        .await;
    let page = browser
        .press_until(&page, "consent-allow", &[], &stop)
        .await;
    code_in(&world.answer(page.response));
}

#[tokio::test]
async fn a_reference_is_its_client_s_alone() {
    let world = World::new().await;
    let uri = world.pushed(WEB, &world.authorize(WEB, SCOPE)).await;
    leads_nowhere(&world, &world.refer(SPA, &uri), "request_uri.client").await;
    let answer = world.agree(ALICE, &world.refer(WEB, &uri)).await;
    code_in(&answer);
}

#[tokio::test]
async fn a_made_up_reference_leads_nowhere_and_the_address_of_another_realm_neither() {
    let world = World::new().await;
    let made_up = format!("{PREFIX}{}", "A".repeat(43));
    leads_nowhere(&world, &world.refer(WEB, &made_up), "request_uri.known").await;
    leads_nowhere(&world, &world.refer(WEB, PREFIX), "request_uri.known").await;
    let other = World::new().await;
    let uri = other.pushed(WEB, &other.authorize(WEB, SCOPE)).await;
    leads_nowhere(&world, &world.refer(WEB, &uri), "request_uri.known").await;
    let twice = world.reference().await.adding("request_uri", &uri);
    leads_nowhere(&world, &twice, "request.no_repeats").await;
}

/// Requests that are each wrong in one respect, with the error and the check that fails.
fn wrong_requests(world: &World) -> [(Authorization, &'static str, &'static str); 10] {
    let good = || world.authorize(WEB, SCOPE);
    let elsewhere = "https://attacker.example/callback";
    [
        (
            good().without("redirect_uri"),
            "invalid_request",
            "redirect_uri.present",
        ),
        (
            good().with("redirect_uri", elsewhere),
            "invalid_request",
            "redirect_uri.exact_match",
        ),
        (
            good().without("response_type"),
            "invalid_request",
            "response_type.supported",
        ),
        (
            good().with("response_type", "magic"),
            "unsupported_response_type",
            "response_type.supported",
        ),
        (
            good().with("response_type", "token"),
            "unauthorized_client",
            "response_type.allowed",
        ),
        (
            good().with("response_mode", "pigeon"),
            "invalid_request",
            "response_mode.allowed",
        ),
        (
            good().with("scope", "stats:read"),
            "invalid_scope",
            "scope.allowed",
        ),
        (
            good().without("code_challenge"),
            "invalid_request",
            "pkce.present",
        ),
        (
            good().with("code_challenge_method", "plain"),
            "invalid_request",
            "pkce.method",
        ),
        (
            good().with("prompt", "none login"),
            "invalid_request",
            "prompt.valid",
        ),
    ]
}

#[tokio::test]
async fn every_check_of_the_request_runs_when_it_is_pushed() {
    let world = World::new().await;
    let good = || world.authorize(WEB, SCOPE);
    for (authorization, error, check) in wrong_requests(&world) {
        let answer = world.send(world.push(WEB, &authorization)).await;
        answer.is_refused(400, error).no_store();
        assert_eq!(answer.response.header("location"), None);
        answer.failed_check(check).await;
    }
    let again = world.push(WEB, &good().with("request_uri", &format!("{PREFIX}x")));
    let answer = world.send(again).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("request_uri.absent").await;
    let repeated = world
        .send(world.push(WEB, &good().adding("scope", "openid")))
        .await;
    repeated.is_refused(400, "invalid_request");
    repeated.failed_check("request.no_repeats").await;
}

#[tokio::test]
async fn the_client_authenticates_as_at_the_token_endpoint() {
    let world = World::new().await;
    let good = world.authorize(WEB, SCOPE);
    let bare = Request::new("POST", &world.auth("/par"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(good.query());
    let refused = |answer: &Answer| answer.is_refused(401, "invalid_client").no_store().status();
    refused(&world.send(bare.clone()).await);
    let wrong = world.send(bare.clone().basic("web", "wrong-secret")).await;
    refused(&wrong);
    wrong.challenges("Basic");
    refused(
        &world
            .send(bare.clone().replacing("client_id", "nobody"))
            .await,
    );
    let by_body = bare.clone().with("client_secret", "web-secret");
    world.send(by_body).await.is(201);
    let two = bare
        .clone()
        .with("client_secret", "web-secret")
        .basic("web", "web-secret");
    world.send(two).await.is_refused(400, "invalid_request");
    let other = world.authorize(WEB, SCOPE).with("client_id", "spa");
    world
        .send(world.push(WEB, &other))
        .await
        .is_refused(400, "invalid_request");
    let unsaid = world.authorize(WEB, SCOPE).without("client_id");
    world.send(world.push(WEB, &unsaid)).await.is(201);
    let no_code = world
        .authorize(TRUSTED, SCOPE)
        .with("redirect_uri", "https://a.example/");
    world
        .send(world.push(TRUSTED, &no_code))
        .await
        .is_refused(400, "invalid_request");
}

#[tokio::test]
async fn other_methods_and_other_bodies_are_refused() {
    let world = World::new().await;
    let url = world.auth("/par");
    for method in ["GET", "PUT", "DELETE"] {
        let answer = world.send(Request::new(method, &url)).await;
        answer.is(405);
        assert_eq!(answer.header("allow"), "POST");
    }
    let json = world
        .push(WEB, &world.authorize(WEB, SCOPE))
        .content_type("application/json");
    world.send(json).await.is_refused(400, "invalid_request");
    let large = world.push(
        WEB,
        &world
            .authorize(WEB, SCOPE)
            .with("state", &"x".repeat(200_000)),
    );
    world.send(large).await.is_refused(413, "invalid_request");
}

#[tokio::test]
async fn the_secret_is_no_part_of_what_is_kept() {
    let world = World::new().await;
    let by_body = Request::new("POST", &world.auth("/par"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(world.authorize(WEB, SCOPE).query())
        .with("client_secret", "web-secret");
    let body = world.send(by_body).await.is(201).json();
    let uri = body["request_uri"].as_str().unwrap();
    let mut browser = Browser::new();
    let refer = world.refer(WEB, uri);
    let stop = world.app("/callback");
    let page = browser.open_until(&refer.url(), &stop).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, &stop)
        .await;
    assert!(page.has("consent-allow"));
    assert!(!page.response.text().contains("web-secret"));
}

#[tokio::test]
async fn where_it_is_demanded_nothing_else_is_taken() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").unwrap();
        web.metadata.require_pushed_authorization_requests = true;
        seed
    })
    .await;
    let answer = world.ask(&world.authorize(WEB, SCOPE)).await;
    let state = Some("the state");
    answer.sends_back(
        "invalid_request",
        &world.callback(WEB),
        state,
        world.realm.issuer(),
    );
    answer.failed_check("request.pushed").await;
    let authorization = world.reference().await;
    code_in(&world.agree(ALICE, &authorization).await);
    code_in(&world.agree(ALICE, &world.authorize(SPA, SCOPE)).await);
    assert_eq!(required(&world).await, false, "it is one client's policy");
}

#[tokio::test]
async fn a_realm_may_demand_it_of_all_and_excuse_one() {
    let demand = |required| ClientPolicy {
        require_pushed_authorization_requests: Some(required),
        ..ClientPolicy::default()
    };
    let world = World::with(|mut seed| {
        seed.policy = demand(true);
        seed.client_mut("spa").unwrap().policy = demand(false);
        seed
    })
    .await;
    assert_eq!(required(&world).await, false, "one may ask otherwise");
    let answer = world.ask(&world.authorize(WEB, SCOPE)).await;
    answer.failed_check("request.pushed").await;
    code_in(&world.agree(ALICE, &world.authorize(SPA, SCOPE)).await);
    let world = World::with(|mut seed| {
        seed.policy = demand(true);
        seed
    })
    .await;
    assert_eq!(required(&world).await, true);
}

async fn required(world: &World) -> serde_json::Value {
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(Request::get(&url)).await.is(200).json();
    assert_eq!(
        metadata["pushed_authorization_request_endpoint"],
        world.auth("/par")
    );
    metadata["require_pushed_authorization_requests"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_windows_one_gets_the_code() {
    one_window_gets_the_code(&World::new().await).await;
}

/// A browser that is signed in and has agreed before needs no page: 32 windows race for one answer.
pub(crate) async fn one_window_gets_the_code(world: &World) {
    let mut browser = Browser::new();
    let page = world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, SCOPE))
        .await;
    code_in(&world.answer(page.response));
    let authorization = world.reference().await;
    let start = Arc::new(tokio::sync::Barrier::new(32));
    let windows: Vec<_> = (0..32)
        .map(|_| {
            let (mut browser, start) = (browser.clone(), Arc::clone(&start));
            let url = authorization.url();
            tokio::spawn(async move {
                start.wait().await;
                browser.look(&url).await.response
            })
        })
        .collect();
    let mut codes = 0;
    for window in windows {
        let answer = world.answer(window.await.expect("a window"));
        if answer.status() == 303 {
            code_in(&answer);
            codes += 1;
        } else {
            answer.is_error_page();
        }
    }
    assert_eq!(codes, 1, "one request, one code");
}
