//! Guesses at passwords, client secrets, user codes and tokens (RFC 6749 §10.10, RFC 8628 §5.1): counted in the
//! database, so that neither a restart nor another process forgets them, and never so that strangers lock out whom
//! they guess at.
//!
//! The tests stand behind a trusted proxy, which gives each caller an address.

use std::path::Path;
use std::sync::Arc;

use auth_server::config::LimitsConfig;
use ecosystem::{Ecosystem, Store};
use shared::serve::TrustedProxies;

use crate::support::{ALICE, Answer, BOB, Browser, Person, Request, SERVICE, Schema, WEB, World};

/// A stranger's address.
pub(super) const STRANGER: &str = "203.0.113.7";
/// Where the honest are.
pub(super) const HOME: &str = "198.51.100.20";
/// Wrong passwords for one account from one address that are answered as usual.
pub(super) const PASSWORDS: usize = 10;
/// Wrong secrets for one client from one address that are answered as usual.
pub(super) const SECRETS: usize = 50;

/// A server behind a proxy that is trusted, on this store.
pub(super) async fn behind_proxy(store: Store) -> World {
    behind_proxy_with(store, LimitsConfig::default()).await
}

/// The same with these limits.
pub(super) async fn behind_proxy_with(store: Store, limits: LimitsConfig) -> World {
    let proxies: TrustedProxies = ["127.0.0.1".parse().unwrap()].into_iter().collect();
    let builder = Ecosystem::builder().store(store).trusted_proxies(proxies);
    let builder = builder.limits(limits);
    let started = builder.start().await;
    World::at_root(Arc::new(started.unwrap_or_else(|error| panic!("{error}"))))
}

/// Stores; what they leave in a PostgreSQL server goes with this value.
pub(super) struct Stores(
    Vec<Store>,
    #[expect(dead_code, reason = "held")] Option<Schema>,
);

impl IntoIterator for &Stores {
    type Item = Store;
    type IntoIter = std::vec::IntoIter<Store>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.clone().into_iter()
    }
}

/// A store in files, and one on PostgreSQL where there is a server.
pub(super) fn stores(directory: &Path, name: &str) -> Stores {
    let files = Store::Directory(directory.join(name));
    let schema = Schema::new(&format!("guess_{name}"));
    let postgres = schema.as_ref().map(Schema::store);
    Stores([files].into_iter().chain(postgres).collect(), schema)
}

/// Sends it as the proxy passes it on from `address`.
pub(super) fn from(request: Request, address: &str) -> Request {
    request.header("x-forwarded-for", address)
}

pub(super) async fn try_to_sign_in(
    world: &World,
    browser: &mut Browser,
    (username, password): (&str, &str),
    address: &str,
) -> Answer {
    let form = browser.look(&world.auth("/login")).await;
    let fields = [("username", username), ("password", password)];
    let request = form
        .form("login-submit")
        .request(&form.response.url, "login-submit", &fields);
    let from_page = form.response.url.clone();
    let page = browser.send(from(request, address), Some(&from_page)).await;
    world.answer(page.response)
}

/// Guesses until there is no room left; how many were answered.
async fn exhaust(world: &World, username: &str, address: &str) -> usize {
    let mut browser = Browser::new();
    for guess in 0..=200 {
        let answer = try_to_sign_in(world, &mut browser, (username, "guess"), address).await;
        if answer.status() == 429 {
            assert!(!answer.header("retry-after").is_empty(), "{answer}");
            return guess;
        }
        answer.is(422);
    }
    panic!("two hundred guesses were answered");
}

async fn signs_in(world: &World, browser: &mut Browser, person: Person, address: &str) -> bool {
    let typed = (person.username, person.password);
    let mut fresh = browser.clone();
    let answer = try_to_sign_in(world, &mut fresh, typed, address).await;
    let signed_in = answer.status() == 303;
    assert!(signed_in || answer.status() == 429, "{answer}");
    if signed_in {
        *browser = fresh;
    }
    signed_in
}

/// The browser without its session: its owner signed out, and comes back.
async fn signed_out(world: &World, browser: &mut Browser) {
    let page = browser.open(&world.auth("/logout")).await;
    let page = browser.press(&page, "logout-confirm", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
}

#[tokio::test]
async fn guesses_at_a_password_are_remembered_and_its_owner_signs_in_elsewhere_and_at_home() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "password") {
        let world = behind_proxy(store.clone()).await;
        // Alice has signed in at the address from which somebody will guess: a campus, a family.
        let mut own = Browser::new();
        assert!(signs_in(&world, &mut own, ALICE, STRANGER).await);
        signed_out(&world, &mut own).await;
        assert_eq!(exhaust(&world, "alice", STRANGER).await, PASSWORDS);
        let other = behind_proxy(store.clone()).await;
        for world in [&world, &other] {
            let mut stranger = Browser::new();
            assert!(
                !signs_in(world, &mut stranger, ALICE, STRANGER).await,
                "a new browser"
            );
            assert!(
                signs_in(world, &mut Browser::new(), ALICE, HOME).await,
                "elsewhere"
            );
            assert!(
                signs_in(world, &mut Browser::new(), BOB, STRANGER).await,
                "somebody else"
            );
            let mut own = own.clone();
            assert!(
                signs_in(world, &mut own, ALICE, STRANGER).await,
                "her own browser"
            );
        }
        // Whoever has her browser in hand guesses no more often than others.
        for guess in 0..=PASSWORDS {
            let mut hands = own.clone();
            let answer = try_to_sign_in(&world, &mut hands, ("alice", "guess"), STRANGER).await;
            answer.is(if guess < PASSWORDS { 422 } else { 429 });
        }
        drop((world, other));
        let world = behind_proxy(store).await;
        let mut stranger = Browser::new();
        assert!(
            !signs_in(&world, &mut stranger, ALICE, STRANGER).await,
            "after a restart"
        );
    }
}

#[tokio::test]
async fn another_spelling_is_no_second_count_and_an_unknown_name_no_other_answer() {
    let world = behind_proxy(Store::Memory).await;
    // A person signs in by name alone: an address of mail is nobody's name, whatever the password.
    for name in ["alice@example.com", "ALICE", " alice", "alice "] {
        let mut browser = Browser::new();
        let answer = try_to_sign_in(&world, &mut browser, (name, ALICE.password), HOME).await;
        answer.is(422);
    }
    let mut known = Browser::new();
    let mut unknown = Browser::new();
    let wrong = try_to_sign_in(&world, &mut known, ("alice", "guess"), HOME).await;
    let nobody = try_to_sign_in(&world, &mut unknown, ("nobody", "guess"), HOME).await;
    assert_eq!(wrong.status(), nobody.status());
    let plain =
        |answer: &Answer| crate::support::plain(&answer.response.text()).replace("nobody", "alice");
    assert_eq!(
        plain(&wrong).len(),
        plain(&nobody).len(),
        "they can be told apart"
    );
    assert_eq!(
        exhaust(&world, "nobody", STRANGER).await,
        PASSWORDS,
        "an unknown name"
    );
}

#[tokio::test]
async fn what_a_caller_says_of_its_address_counts_for_nothing_without_a_trusted_proxy() {
    let world = World::new().await;
    let mut browser = Browser::new();
    for guess in 0..40 {
        let address = format!("203.0.113.{guess}");
        let typed = ("alice", "guess");
        let answer = try_to_sign_in(&world, &mut browser, typed, &address).await;
        if answer.status() == 429 {
            assert_eq!(guess, PASSWORDS);
            return;
        }
        answer.is(422);
    }
    panic!("a new address in every header, and a new count for each");
}

#[tokio::test]
async fn a_proxy_passes_on_what_the_caller_wrote_and_only_its_own_word_counts() {
    let world = behind_proxy(Store::Memory).await;
    let mut browser = Browser::new();
    for guess in 0..=PASSWORDS {
        let forged = format!("192.0.2.{guess}, {STRANGER}");
        let answer = try_to_sign_in(&world, &mut browser, ("alice", "guess"), &forged).await;
        answer.is(if guess < PASSWORDS { 422 } else { 429 });
    }
}

/// A wrong secret for `service` from `address`.
pub(super) async fn wrong_secret(world: &World, address: &str) -> Answer {
    let request = world.token(&[("grant_type", "client_credentials")]);
    world
        .send(from(request.basic(SERVICE.id, "guess"), address))
        .await
}

/// The right one.
pub(super) async fn right_secret(world: &World, address: &str) -> u16 {
    let answer = world
        .send(from(world.client_credentials(SERVICE), address))
        .await;
    assert!(matches!(answer.status(), 200 | 401), "{answer}");
    answer.status()
}

#[tokio::test]
async fn guesses_at_a_secret_are_remembered_and_its_client_goes_on_where_it_lives() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "secret") {
        let world = behind_proxy(store.clone()).await;
        assert_eq!(right_secret(&world, HOME).await, 200);
        for address in [STRANGER, HOME] {
            for _ in 0..SECRETS {
                wrong_secret(&world, address)
                    .await
                    .is_refused(401, "invalid_client");
            }
        }
        let other = behind_proxy(store.clone()).await;
        for world in [&world, &other] {
            // Even if the next guess were right, nobody would learn it.
            assert_eq!(right_secret(world, STRANGER).await, 401);
            let refused = world
                .send(from(world.client_credentials(SERVICE), STRANGER))
                .await;
            refused.failed_check("client.guesses").await;
            assert_eq!(right_secret(world, HOME).await, 200, "where it lives");
            assert_eq!(right_secret(world, "198.51.100.99").await, 200, "elsewhere");
            let web = World::signed(WEB, world.token(&[("grant_type", "nothing")]));
            let answer = world.send(from(web, STRANGER)).await;
            answer.is_refused(400, "unsupported_grant_type");
        }
        drop((world, other));
        let world = behind_proxy(store).await;
        assert_eq!(right_secret(&world, STRANGER).await, 401, "after a restart");
        assert_eq!(
            right_secret(&world, HOME).await,
            200,
            "where it lived before the restart"
        );
    }
}

#[tokio::test]
async fn guesses_at_user_codes_are_remembered_by_every_process() {
    let directory = tempfile::tempdir().unwrap();
    for store in &stores(directory.path(), "device") {
        let world = behind_proxy(store.clone()).await;
        let asked = crate::device::ask(&world).await;
        let mut browser = Browser::new();
        for _ in 0..5 {
            let page = crate::device::enter(&world, &mut browser, ALICE, "BBBB-BBBB").await;
            assert_eq!(page.response.status, 422, "{}", page.text());
        }
        drop(world);
        let world = behind_proxy(store).await;
        let page = crate::device::enter(&world, &mut Browser::new(), ALICE, &asked.user_code).await;
        assert_eq!(page.response.status, 429, "{}", page.text());
        let page = crate::device::enter(&world, &mut Browser::new(), BOB, &asked.user_code).await;
        assert!(page.has("device-confirm"), "{}", page.text());
    }
}

/// Codes and tokens have 256 random bits: no count is needed, and none can lock anybody out.
#[tokio::test]
async fn tokens_are_beyond_guessing_and_a_thousand_wrong_ones_harm_nobody() {
    let world = World::new().await;
    let scope = "openid photos:read offline_access";
    let tokens = world.tokens(WEB, scope).await;
    let code = world.code(WEB, scope).await;
    let asked = crate::device::ask(&world).await;
    for secret in [&tokens.refresh, &code.value, &asked.device_code] {
        // Base64url has six bits a character.
        assert!(secret.len() * 6 >= 256, "fewer than 256 bits: {secret}");
    }
    for round in 0..250 {
        let guess = format!("{}{round:04}", &tokens.refresh[..tokens.refresh.len() - 4]);
        let (refreshed, asked, photos, redeemed) = tokio::join!(
            world.send(world.refresh(WEB, &guess)),
            world.send(world.introspect(&guess)),
            world.send(Request::get(&world.api("/photos")).bearer(&guess)),
            world.send(world.redeem(&crate::support::Code {
                value: guess.clone(),
                ..code.clone()
            })),
        );
        refreshed.is_refused(400, "invalid_grant");
        assert_eq!(asked.is(200).json()["active"], false);
        photos.is(401);
        redeemed.is_refused(400, "invalid_grant");
    }
    world.send(world.redeem(&code)).await.tokens();
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .tokens();
}
