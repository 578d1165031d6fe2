//! `prompt=select_account`: the accounts of a browser, one of which is chosen — OpenID Connect Core §3.1.2.1.

use super::{Answered, Signed};
use crate::support::{
    ALICE, Authorization, BOB, Browser, Code, Page, Person, VERIFIER, WEB, World,
};

fn choosing(world: &World) -> Authorization {
    world
        .authorize(WEB, "openid")
        .with("prompt", "select_account")
}

/// Who an answer speaks of.
async fn subject(world: &World, page: &Page) -> String {
    let code = Code {
        client: WEB,
        value: Answered::of(page).get("code").expect("a code").to_owned(),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let id_token = tokens.body["id_token"].as_str().unwrap();
    let token = Signed::verify(world, id_token).await;
    token.claims["sub"].as_str().unwrap().to_owned()
}

/// Signs in as somebody who is not on the list.
async fn sign_in_beside(world: &World, browser: &mut Browser, person: Person) -> Page {
    let page = browser.open(&choosing(world).url()).await;
    let page = browser.press(&page, "account-other", &[]).await;
    let fields = [("username", person.username), ("password", person.password)];
    let stop = world.callback(WEB);
    let page = browser
        .press_until(&page, "login-submit", &fields, &stop)
        .await;
    browser
        .press_until(&page, "consent-allow", &[], &stop)
        .await
}

async fn both(world: &World) -> Browser {
    let mut browser = Browser::new();
    world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, "openid"))
        .await;
    let page = sign_in_beside(world, &mut browser, BOB).await;
    assert_eq!(subject(world, &page).await, "bob-0002");
    browser
}

#[tokio::test]
async fn who_is_signed_in_is_asked_whether_to_go_on_as_the_same() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&choosing(&world).url()).await;
    assert!(page.has("login-submit"), "nobody to choose from");
    world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, "openid"))
        .await;
    let page = browser.open(&choosing(&world).url()).await;
    assert!(page.has("account-1"), "{}", page.text());
    assert!(!page.has("account-2"));
    assert!(page.text().contains("Alice"));
    let stop = world.callback(WEB);
    let page = browser.press_until(&page, "account-1", &[], &stop).await;
    assert_eq!(subject(&world, &page).await, "alice-0001");
    let page = browser.open(&choosing(&world).url()).await;
    assert!(page.has("account-1"), "each request asks anew");
}

#[tokio::test]
async fn two_people_share_a_browser_and_each_can_be_chosen_without_a_password() {
    let world = World::new().await;
    let mut browser = both(&world).await;
    let stop = world.callback(WEB);
    for (name, sub) in [("Alice", "alice-0001"), ("Bob", "bob-0002")] {
        let page = browser.open(&choosing(&world).url()).await;
        let of = |id: &str| {
            let form = page.form(id);
            form.fields.iter().any(|field| field.id == id)
        };
        assert!(of("account-1") && of("account-2"), "{}", page.text());
        // Whoever is signed in stands first.
        let text = page.text();
        let first = if text.find(name) < text.find(if name == "Bob" { "Alice" } else { "Bob" }) {
            "account-1"
        } else {
            "account-2"
        };
        let page = browser.press_until(&page, first, &[], &stop).await;
        assert_eq!(subject(&world, &page).await, sub);
        // From then on this account is the one that is signed in.
        let silent = world.authorize(WEB, "openid").with("prompt", "none");
        let page = browser.look(&silent.url()).await;
        assert_eq!(subject(&world, &page).await, sub);
    }
}

#[tokio::test]
async fn the_expected_account_stands_first() {
    let world = World::new().await;
    let mut browser = both(&world).await;
    for (hint, other) in [("alice", "bob"), ("bob", "alice")] {
        let authorization = choosing(&world).with("login_hint", hint);
        let page = browser.open(&authorization.url()).await;
        let text = page.response.text();
        let at = |name: &str| text.find(&format!("<code>{name}</code>")).unwrap();
        assert!(at(hint) < at(other), "{hint}");
    }
}

#[tokio::test]
async fn signing_out_leaves_nobody_behind() {
    let world = World::new().await;
    let mut browser = both(&world).await;
    let page = browser.open(&world.auth("/logout")).await;
    browser.press(&page, "logout-confirm", &[]).await;
    let page = browser.open(&choosing(&world).url()).await;
    assert!(page.has("login-submit"), "{}", page.text());
    assert!(!page.has("account-1"));
}

#[tokio::test]
async fn a_choice_is_this_browser_s_own_and_may_be_refused() {
    let world = World::new().await;
    let mut browser = both(&world).await;
    let page = browser.open(&choosing(&world).url()).await;
    // Another browser cannot send the form.
    let mut other = Browser::new();
    other.open(&world.auth("/")).await;
    let request = page
        .form("account-1")
        .request(&page.response.url, "account-1", &[]);
    let refused = other.send(request, Some(&page.response.url)).await;
    assert_eq!(refused.response.status, 403);
    world
        .answer(refused.response)
        .failed_check("csrf.token")
        .await;
    let stop = world.callback(WEB);
    let page = browser
        .press_until(&page, "account-cancel", &[], &stop)
        .await;
    assert_eq!(Answered::of(&page).get("error"), Some("access_denied"));
    // A session that is not on the list is none that can be chosen.
    let page = browser.open(&choosing(&world).url()).await;
    let form = page.form("account-1");
    let hidden = |name: &str| {
        let field = form.fields.iter().find(|field| field.name == name).unwrap();
        field.value.clone()
    };
    let request = crate::support::Request::post(
        page.response.url.join(&form.action).unwrap().as_str(),
        &[
            ("csrf", &hidden("csrf")),
            ("interaction", &hidden("interaction")),
            ("account", "invented"),
        ],
    );
    let shown = browser.send(request, Some(&page.response.url)).await;
    assert!(shown.has("account-1"), "the list again");
}
