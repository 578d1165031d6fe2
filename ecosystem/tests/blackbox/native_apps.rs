//! Native apps that prove nothing: any program on the person's machine can pass for one, so that nobody's earlier yes
//! is taken for another — RFC 8252 §8.6, RFC 6749 §10.2.

use shared::seed::ClientSeed;

use crate::support::{ALICE, Authorization, Browser, Client, Page, World, code_in};

/// A program on somebody's computer.
const DESKTOP: Client = Client {
    id: "desktop",
    secret: None,
    callback: "",
};
/// The same, which can prove who it is.
const KEYED: Client = Client {
    id: "keyed",
    secret: Some("keyed-secret"),
    callback: "",
};
const LOOPBACK: &str = "http://127.0.0.1/cb";
const SCHEME: &str = "com.example.app:/cb";

async fn world() -> World {
    World::with(|seed| {
        let native = |mut client: ClientSeed| {
            client.redirect_uris = vec![LOOPBACK.to_owned(), SCHEME.to_owned()];
            client.with_scopes(&["openid", "photos:read"])
        };
        let secret = KEYED.secret.expect("it has one");
        seed.with_client(native(ClientSeed::public(DESKTOP.id, LOOPBACK)))
            .with_client(native(ClientSeed::confidential(KEYED.id, secret, LOOPBACK)))
    })
    .await
}

fn asking(world: &World, client: Client, redirect_uri: &str) -> Authorization {
    let asked = world.authorize(client, "openid photos:read");
    asked.with("redirect_uri", redirect_uri)
}

/// Alice says yes, at whichever address the answer goes to.
async fn agreed(browser: &mut Browser, asked: &Authorization, stop: &str) -> Page {
    let mut page = browser.open_until(&asked.url(), stop).await;
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser
            .press_until(&page, "login-submit", &fields, stop)
            .await;
    }
    assert!(page.has("consent-allow"), "{}", page.text());
    browser.press_until(&page, "consent-allow", &[], stop).await
}

#[tokio::test]
async fn whoever_listens_on_another_port_gets_no_code_for_an_earlier_yes() {
    let world = world().await;
    let mut browser = Browser::new();
    let (own, others) = ("http://127.0.0.1:4321/cb", "http://127.0.0.1:6666/cb");
    let page = agreed(&mut browser, &asking(&world, DESKTOP, own), own).await;
    code_in(&world.answer(page.response));

    for (redirect_uri, stop) in [(others, others), (own, own), (SCHEME, "com.example.app:")] {
        let asked = asking(&world, DESKTOP, redirect_uri);
        let silent = asked.clone().with("prompt", "none");
        let answer = world.answer(browser.open_until(&silent.url(), stop).await.response);
        let (state, issuer) = (Some("the state"), world.realm.issuer());
        answer.sends_back("consent_required", redirect_uri, state, issuer);
        answer.failed_check("consent.given").await;
        // Signed in she is, and is asked: for each, and each time.
        let page = agreed(&mut browser, &asked, stop).await;
        code_in(&world.answer(page.response));
    }
}

#[tokio::test]
async fn who_can_prove_who_it_is_is_remembered() {
    let world = world().await;
    let mut browser = Browser::new();
    let own = "http://127.0.0.1:4321/cb";
    let asked = asking(&world, KEYED, own);
    agreed(&mut browser, &asked, own).await;
    let silent = asked.with("prompt", "none");
    let answer = world.answer(browser.open_until(&silent.url(), own).await.response);
    code_in(&answer);
}
