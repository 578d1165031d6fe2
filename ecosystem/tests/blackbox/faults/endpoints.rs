//! Every endpoint that asks the database, while it is away: each says so in its own form, and none fails. Once while
//! realm and clients are in memory, so that each meets the failure in its own place, and once when nothing is.

use std::path::PathBuf;
use std::time::Duration;

use ecosystem::Store;
use serde_json::json;

use super::file::{files, whoever_reads_looks_again};
use super::{Before, device, is_a_page, is_away, pushed, world};
use crate::support::{ALICE, Answer, BOB, Browser, Page, Request, SERVICE, TV, WEB, World};

/// Longer than a realm or a client is remembered.
const FORGOTTEN: Duration = Duration::from_millis(2500);

/// What a program asks, and what it needs.
type Asked = (&'static str, Request, Needs);

/// What must be there for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// The database.
    Database,
    /// Realm and client, which are in memory for a moment.
    Memory,
    /// What everybody may know, which was in memory once.
    Published,
}

/// Everything that is asked by programs, at both servers.
#[expect(clippy::too_many_lines, reason = "one request for each endpoint")]
async fn requests(world: &World, before: &Before) -> Vec<Asked> {
    let json = |request: Request| request.header("content-type", "application/json");
    let metadata = json!({"redirect_uris": ["https://client.example/cb"]}).to_string();
    let register = json(Request::new("POST", &world.auth("/register"))).body(metadata.clone());
    let registered = world.send(register.clone()).await.is(201).json();
    let text = |name: &str| registered[name].as_str().unwrap().to_owned();
    let manage = |method: &str| {
        let uri = text("registration_client_uri");
        Request::new(method, &uri).bearer(&text("registration_access_token"))
    };
    let change =
        json!({"client_id": text("client_id"), "redirect_uris": ["https://client.example/cb"]});
    let asked = world.send(device(world)).await.is(200).json();
    let device_code = asked["device_code"].as_str().unwrap().to_owned();
    let poll = world.token(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", &device_code),
        ("client_id", TV.id),
    ]);
    let exchange = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", before.tokens.access.as_str()),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
    ];
    let own = |path: &str| Request::get(&world.api(path)).bearer(&before.tokens.access);
    let caption = r#"{"caption":"x","theme":"cat"}"#;
    let photo = |method: &str, path: &str| {
        Request::new(method, &world.api(path)).bearer(&before.tokens.access)
    };
    let kept = world
        .send(json(photo("POST", "/photos")).body(caption))
        .await;
    let photo_at = format!("/photos/{}", kept.is(201).json()["id"].as_str().unwrap());
    let machine = world.send(world.client_credentials(SERVICE)).await.tokens();
    let info = world.auth("/userinfo");
    vec![
        ("code", world.redeem(&before.code), Needs::Database),
        (
            "refresh",
            world.refresh(WEB, &before.tokens.refresh),
            Needs::Database,
        ),
        (
            "client credentials",
            world.client_credentials(SERVICE),
            Needs::Memory,
        ),
        ("password", world.password(ALICE), Needs::Database),
        ("poll", poll, Needs::Database),
        (
            "exchange",
            World::signed(SERVICE, world.token(&exchange)),
            Needs::Memory,
        ),
        (
            "introspection",
            world.introspect(&before.tokens.access),
            Needs::Database,
        ),
        (
            "introspection of nothing",
            world.introspect("nothing"),
            Needs::Memory,
        ),
        (
            "revocation",
            world.revoke(WEB, &before.tokens.refresh),
            Needs::Database,
        ),
        (
            "revocation of a JWT",
            world.revoke(WEB, &before.tokens.access),
            Needs::Database,
        ),
        (
            "userinfo",
            Request::get(&info).bearer(&before.tokens.access),
            Needs::Database,
        ),
        ("device", device(world), Needs::Database),
        ("push", pushed(world), Needs::Database),
        ("register", register, Needs::Database),
        ("registration", manage("GET"), Needs::Database),
        (
            "registration, changed",
            json(manage("PUT")).body(change.to_string()),
            Needs::Database,
        ),
        ("registration, deleted", manage("DELETE"), Needs::Database),
        ("keys", Request::get(&world.auth("/jwks")), Needs::Published),
        (
            "metadata",
            Request::get(&world.auth("/.well-known/oauth-authorization-server")),
            Needs::Published,
        ),
        (
            "OpenID metadata",
            Request::get(&world.auth("/.well-known/openid-configuration")),
            Needs::Published,
        ),
        ("photos", own("/photos"), Needs::Database),
        ("a photo", own(&photo_at), Needs::Database),
        (
            "a picture",
            own(&format!("{photo_at}/picture.svg")),
            Needs::Database,
        ),
        (
            "a new photo",
            json(photo("POST", "/photos")).body(caption),
            Needs::Database,
        ),
        (
            "a photo, deleted",
            photo("DELETE", &photo_at),
            Needs::Database,
        ),
        ("me", own("/me"), Needs::Database),
        ("portrait", own("/me/picture.svg"), Needs::Database),
        (
            "stats",
            Request::get(&world.api("/stats")).bearer(&machine.access),
            Needs::Memory,
        ),
    ]
}

/// A page that was open before, a button on it, and what is entered.
type Pressed<'p> = (&'p Page, &'p str, &'p [(&'p str, &'p str)]);

/// The pages that a person has open.
struct Open {
    login: Page,
    consent: Page,
    apps: Page,
    device: Page,
    confirm: Page,
    logout: Page,
    signed_in: Browser,
    other: Browser,
    nobody: Browser,
}

impl Open {
    async fn of(world: &World, before: &Before) -> Self {
        let mut signed_in = before.browser.clone();
        let mut other = Browser::new();
        let mut nobody = Browser::new();
        let login = nobody.open(&before.authorization.url()).await;
        let asked = other.open(&before.authorization.url()).await;
        let fields = [("username", BOB.username), ("password", BOB.password)];
        let consent = other.press(&asked, "login-submit", &fields).await;
        let asked = world.send(device(world)).await.is(200).json();
        let user_code = asked["user_code"].as_str().unwrap();
        let device = signed_in.open(&world.auth("/device")).await;
        let confirm = [("user_code", user_code)];
        let confirm = signed_in.press(&device, "device-submit", &confirm).await;
        Self {
            login,
            consent,
            apps: signed_in.open(&world.auth("/apps")).await,
            device,
            confirm,
            logout: signed_in.open(&world.auth("/logout")).await,
            signed_in,
            other,
            nobody,
        }
    }

    /// Presses every button, and opens every page anew.
    async fn all_say_so(&mut self, world: &World, nothing_is_remembered: bool) {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        let buttons: [Pressed<'_>; 5] = [
            (&self.apps, "sign-out-everywhere", &[]),
            (&self.device, "device-submit", &[("user_code", "BCDF-GHJK")]),
            (&self.confirm, "device-confirm", &[]),
            (&self.confirm, "device-deny", &[]),
            (&self.logout, "logout-confirm", &[]),
        ];
        for (page, button, entered) in buttons {
            let answer = self.signed_in.press_only(page, button, entered).await;
            says_so(button, &world.answer(answer.response));
        }
        let consent = self.other.press_only(&self.consent, "consent-allow", &[]);
        says_so("consent", &world.answer(consent.await.response));
        let login = self.nobody.press_only(&self.login, "login-submit", &fields);
        says_so("login", &world.answer(login.await.response));
        let waiting = "?interaction=5Gq2rjvNsJxNPIYQ9D5TOzQ0Wc6WbVb1CEqzXKq0aBc";
        for path in [
            "/apps".to_owned(),
            "/logout".to_owned(),
            "/login".to_owned(),
            format!("/login{waiting}"),
            format!("/consent{waiting}"),
            format!("/select-account{waiting}"),
            "/device?user_code=BCDF-GHJK".to_owned(),
        ] {
            let answer = self.signed_in.look(&world.auth(&path)).await;
            let answer = world.answer(answer.response);
            if nothing_is_remembered || answer.status() >= 500 {
                says_so(&path, &answer);
            }
        }
    }
}

/// A page, or an answer to the client by redirect: never a failure.
#[track_caller]
fn says_so(what: &str, answer: &Answer) {
    assert_eq!(answer.status(), 503, "{what}: {answer}");
    is_a_page(answer);
}

async fn all_say_so(world: &World, asked: &[Asked], nothing_is_remembered: bool) {
    for (what, request, needs) in asked {
        let answer = world.send(request.clone()).await;
        let remembered = *needs == Needs::Memory && !nothing_is_remembered;
        if *needs == Needs::Published {
            answer.is(200);
        } else if remembered && answer.status() != 503 {
            assert!(answer.status() < 500, "{what}: {answer}");
        } else {
            assert_eq!(answer.status(), 503, "{what}: {answer}");
            is_away(&answer);
        }
    }
}

#[tokio::test]
async fn every_endpoint_says_in_its_own_form_that_the_database_is_away() {
    let world = world(Store::Temporary).await;
    let before = Before::of(&world).await;
    // What waits must not expire, however slow the machine is.
    world.realm.clock().pause();
    let asked = requests(&world, &before).await;
    let mut open = Open::of(&world, &before).await;
    // All clients and realms are in memory again.
    world
        .send(world.introspect(&before.tokens.access))
        .await
        .is(200);
    let away = |file: &PathBuf| file.with_extension("away");
    for file in files(&world) {
        std::fs::rename(&file, away(&file)).unwrap();
    }
    whoever_reads_looks_again().await;
    all_say_so(&world, &asked, false).await;
    open.all_say_so(&world, false).await;
    tokio::time::sleep(FORGOTTEN).await;
    all_say_so(&world, &asked, true).await;
    open.all_say_so(&world, true).await;
    for file in files(&world) {
        std::fs::rename(away(&file), &file).unwrap();
    }
    before.goes_on(&world).await;
    // What was refused was not done: nobody was signed out.
    let page = open.signed_in.open(&world.auth("/apps")).await;
    assert!(page.has("sign-out-everywhere"), "{}", page.text());
}
