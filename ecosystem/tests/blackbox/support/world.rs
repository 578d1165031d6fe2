//! A world of its own for each test: a realm with the demo's cast, and what tests do in it.
//!
//! All tests share one ecosystem, since a realm is isolated and costs milliseconds. A test that needs another
//! store or the root realm starts an ecosystem for itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ecosystem::{Ecosystem, Realm};
use serde_json::Value;
use shared::realm::RealmName;
use shared::seed::RealmSeed;
use shared::time::Lifetime;
use tokio::sync::OnceCell;

use super::answer::{Answer, parameter};
use super::browser::{Browser, Page};
use super::cast::{API, CHALLENGE, Client, Person, VERIFIER};
use super::http::{Request, Response};

/// The ecosystem that tests share; it ends with the process.
static SHARED: OnceCell<Arc<Ecosystem>> = OnceCell::const_new();
/// How many realms were made, to name the next.
static REALMS: AtomicU32 = AtomicU32::new(0);

/// A realm, and what tests do in it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) ecosystem: Arc<Ecosystem>,
    pub(crate) realm: Realm,
}

/// An authorization code that was given out, and what redeems it.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client: Client,
    pub(crate) value: String,
    pub(crate) redirect_uri: String,
    pub(crate) verifier: &'static str,
}

/// A token response (RFC 6749 §5.1).
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) body: Value,
    /// The access token.
    pub(crate) access: String,
    /// The refresh token; empty without one.
    pub(crate) refresh: String,
}

impl Tokens {
    #[track_caller]
    pub(crate) fn new(body: Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        assert!(!access.is_empty(), "{body}");
        Self {
            body,
            access,
            refresh,
        }
    }
}

impl World {
    /// The demo's cast in a realm of its own.
    pub(crate) async fn new() -> Self {
        Self::with(|seed| seed).await
    }

    /// The demo's cast, changed.
    pub(crate) async fn with(change: impl FnOnce(RealmSeed) -> RealmSeed) -> Self {
        let start = || async {
            let started = Ecosystem::start().await;
            Arc::new(started.unwrap_or_else(|error| panic!("{error}")))
        };
        let ecosystem = Arc::clone(SHARED.get_or_init(start).await);
        Self::inside(ecosystem, change).await
    }

    /// A realm in an ecosystem of this test's own.
    pub(crate) async fn inside(
        ecosystem: Arc<Ecosystem>,
        change: impl FnOnce(RealmSeed) -> RealmSeed,
    ) -> Self {
        let number = REALMS.fetch_add(1, Ordering::Relaxed);
        let name: RealmName = format!("test-{number}").parse().expect("a realm's name");
        let seed = change(RealmSeed::demo_named(name).expect("the demo"));
        let realm = ecosystem.realm_from(seed).await;
        let realm = realm.unwrap_or_else(|error| panic!("{error}"));
        Self { ecosystem, realm }
    }

    /// The root realm of an ecosystem of this test's own.
    pub(crate) fn at_root(ecosystem: Arc<Ecosystem>) -> Self {
        let realm = ecosystem.default_realm();
        Self { ecosystem, realm }
    }

    /// A URL of the auth server.
    pub(crate) fn auth(&self, path: &str) -> String {
        format!("{}{path}", self.realm.issuer())
    }

    /// A URL of the API.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}{path}", self.realm.resource_server())
    }

    /// A URL of the client app.
    pub(crate) fn app(&self, path: &str) -> String {
        format!("{}{path}", self.realm.client_app())
    }

    /// The redirection URI of a client.
    pub(crate) fn callback(&self, client: Client) -> String {
        self.app(client.callback)
    }

    /// Lets this realm's time pass.
    pub(crate) fn wait_seconds(&self, seconds: u32) {
        self.realm.clock().advance(Lifetime::from_seconds(seconds));
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        self.answer(request.send().await)
    }

    /// An answer that came some other way.
    pub(crate) fn answer(&self, response: Response) -> Answer {
        Answer::new(self.realm.clone(), response)
    }

    // --- authorization

    /// An authorization request of `client` for a code, with PKCE and state.
    pub(crate) fn authorize(&self, client: Client, scope: &str) -> Authorization {
        let parameters = [
            ("response_type", "code"),
            ("client_id", client.id),
            ("redirect_uri", &self.callback(client)),
            ("scope", scope),
            ("state", "the state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        Authorization {
            endpoint: self.auth("/authorize"),
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// The answer to an authorization request, before anybody signed in.
    pub(crate) async fn ask(&self, authorization: &Authorization) -> Answer {
        let page = Browser::new().look(&authorization.url()).await;
        self.answer(page.response)
    }

    /// The answer that comes back to the client's callback, once `person` signed in and agreed.
    pub(crate) async fn agree(&self, person: Person, authorization: &Authorization) -> Answer {
        let mut browser = Browser::new();
        let page = self.agree_in(&mut browser, person, authorization).await;
        self.answer(page.response)
    }

    /// As [`World::agree`], in a browser that is kept.
    pub(crate) async fn agree_in(
        &self,
        browser: &mut Browser,
        person: Person,
        authorization: &Authorization,
    ) -> Page {
        let stop = self.app("/callback");
        let mut page = browser.open_until(&authorization.url(), &stop).await;
        if page.has("login-submit") {
            let fields = [("username", person.username), ("password", person.password)];
            page = browser
                .press_until(&page, "login-submit", &fields, &stop)
                .await;
        }
        if page.has("consent-allow") {
            page = browser
                .press_until(&page, "consent-allow", &[], &stop)
                .await;
        }
        page
    }

    /// A code for `client` from alice.
    pub(crate) async fn code(&self, client: Client, scope: &str) -> Code {
        self.code_of(super::ALICE, client, scope).await
    }

    /// A code for `client` from `person`.
    pub(crate) async fn code_of(&self, person: Person, client: Client, scope: &str) -> Code {
        let answer = self.agree(person, &self.authorize(client, scope)).await;
        Code {
            client,
            value: code_in(&answer),
            redirect_uri: self.callback(client),
            verifier: VERIFIER,
        }
    }

    // --- back channel

    /// A token request with these parameters and no client authentication.
    pub(crate) fn token(&self, parameters: &[(&str, &str)]) -> Request {
        Request::post(&self.auth("/token"), parameters)
    }

    /// A request authenticated as `client`: Basic, or its id in the body when it is public.
    pub(crate) fn signed(client: Client, request: Request) -> Request {
        match client.secret {
            Some(secret) => request.basic(client.id, secret),
            None => request.with("client_id", client.id),
        }
    }

    /// The token request that redeems `code`.
    pub(crate) fn redeem(&self, code: &Code) -> Request {
        let request = self.token(&[
            ("grant_type", "authorization_code"),
            ("code", &code.value),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", code.verifier),
        ]);
        Self::signed(code.client, request)
    }

    /// Tokens for `client` from alice, by authorization code.
    pub(crate) async fn tokens(&self, client: Client, scope: &str) -> Tokens {
        let code = self.code(client, scope).await;
        self.send(self.redeem(&code)).await.tokens()
    }

    /// The token request that refreshes.
    pub(crate) fn refresh(&self, client: Client, refresh_token: &str) -> Request {
        let request = self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ]);
        Self::signed(client, request)
    }

    /// The token request of the password grant for `trusted`.
    pub(crate) fn password(&self, person: Person) -> Request {
        let request = self.token(&[
            ("grant_type", "password"),
            ("username", person.username),
            ("password", person.password),
        ]);
        Self::signed(super::TRUSTED, request)
    }

    /// The token request of the client credentials grant.
    pub(crate) fn client_credentials(&self, client: Client) -> Request {
        Self::signed(client, self.token(&[("grant_type", "client_credentials")]))
    }

    /// The API's question about a token.
    pub(crate) fn introspect(&self, token: &str) -> Request {
        self.introspect_as(API, token)
    }

    /// A client's question about its own token.
    pub(crate) fn introspect_as(&self, client: Client, token: &str) -> Request {
        let request = Request::post(&self.auth("/introspect"), &[("token", token)]);
        Self::signed(client, request)
    }

    /// Whether the auth server says that a refresh token may be used: it tells only the token's own client.
    pub(crate) async fn is_live(&self, client: Client, refresh_token: &str) -> bool {
        let answer = self.send(self.introspect_as(client, refresh_token)).await;
        answer.is(200).json()["active"] == true
    }

    /// The auth server's word on an access token, as the API hears it (RFC 7662 §2.2).
    pub(crate) async fn introspection(&self, token: &str) -> Value {
        self.send(self.introspect(token)).await.is(200).json()
    }

    /// Whether the auth server says that a token may be used.
    pub(crate) async fn is_active(&self, token: &str) -> bool {
        let answer = self.introspection(token).await;
        let active = answer["active"].as_bool().expect("a boolean");
        if !active {
            assert_eq!(
                answer,
                serde_json::json!({"active": false}),
                "and nothing more"
            );
        }
        active
    }

    /// A request of `client` to revoke a token.
    pub(crate) fn revoke(&self, client: Client, token: &str) -> Request {
        let request = Request::post(&self.auth("/revoke"), &[("token", token)]);
        Self::signed(client, request)
    }
}

/// The code in an authorization response.
#[track_caller]
pub(crate) fn code_in(answer: &Answer) -> String {
    let location = answer.location();
    let code = parameter(location.query().unwrap_or_default(), "code");
    code.unwrap_or_else(|| panic!("no code: {answer}"))
}

/// An authorization request, to be changed before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    endpoint: String,
    parameters: Vec<(String, String)>,
}

impl Authorization {
    /// With `name` once, as `value`.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).adding(name, value)
    }

    /// Without `name`.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    /// With `name` once more.
    pub(crate) fn adding(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The request's query.
    pub(crate) fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.parameters)
            .finish()
    }

    /// The request as a URL.
    pub(crate) fn url(&self) -> String {
        format!("{}?{}", self.endpoint, self.query())
    }

    /// The request with this query alone, at the same endpoint.
    pub(crate) fn only(mut self, parameters: &[(&str, &str)]) -> Self {
        self.parameters = parameters
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        self
    }

    /// The request as a form (RFC 6749 §3.1: the endpoint supports `POST` too).
    pub(crate) fn post(&self) -> Request {
        Request::new("POST", &self.endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.query())
    }
}
