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

/// The provider's own, which proves nothing either.
const OWN: Client = Client {
    id: "own",
    secret: None,
    callback: "",
};

async fn world() -> World {
    World::with(|seed| {
        let native = |mut client: ClientSeed| {
            client.redirect_uris = vec![LOOPBACK.to_owned(), SCHEME.to_owned()];
            client.with_scopes(&["openid", "photos:read"])
        };
        let secret = KEYED.secret.expect("it has one");
        let keyed = ClientSeed::confidential(KEYED.id, secret, LOOPBACK)
            .with_grants(&["authorization_code", "implicit"]);
        let mut keyed = native(keyed);
        keyed.response_types = vec!["code".to_owned(), "id_token token".to_owned()];
        let mut own = native(ClientSeed::public(OWN.id, LOOPBACK));
        own.first_party = true;
        seed.with_client(native(ClientSeed::public(DESKTOP.id, LOOPBACK)))
            .with_client(keyed)
            .with_client(own)
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

/// What comes in the answer itself is given before anybody proves anything.
#[tokio::test]
async fn a_secret_proves_nothing_where_tokens_come_in_the_answer() {
    let world = world().await;
    let mut browser = Browser::new();
    let (own, others) = ("http://127.0.0.1:4321/cb", "http://127.0.0.1:6666/cb");
    let in_front = |redirect_uri| {
        let asked = asking(&world, KEYED, redirect_uri);
        asked
            .with("response_type", "id_token token")
            .with("nonce", "once")
            .without("code_challenge")
            .without("code_challenge_method")
    };
    let page = agreed(&mut browser, &in_front(own), own).await;
    assert!(page.location().as_str().contains("access_token="));
    let silent = in_front(others).with("prompt", "none");
    let answer = world.answer(browser.open_until(&silent.url(), others).await.response);
    let (state, issuer) = (Some("the state"), world.realm.issuer());
    answer.sends_back("consent_required", others, state, issuer);
}

#[tokio::test]
async fn that_it_is_the_providers_own_proves_nothing_either() {
    let world = world().await;
    let mut browser = Browser::new();
    let own = "http://127.0.0.1:4321/cb";
    let page = agreed(&mut browser, &asking(&world, OWN, own), own).await;
    code_in(&world.answer(page.response));
    agreed(&mut browser, &asking(&world, OWN, own), own).await;
}
