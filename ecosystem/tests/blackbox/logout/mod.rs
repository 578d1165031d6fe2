//! Signing out (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0): at the provider, as a strange
//! client sees it, and at the print shop.

mod back_channel;
pub(crate) mod client;
mod front_channel;
mod listener;
mod rp_initiated;
mod sessions;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::support::{
    ALICE, Browser, Client, Code, Page, Person, Tokens, VERIFIER, World, code_in,
};

/// Signs in with this browser, as far as pages ask, and gets tokens for `client`.
async fn signed_in_as(
    world: &World,
    browser: &mut Browser,
    person: Person,
    (client, scope): (Client, &str),
) -> Tokens {
    let asked = world.authorize(client, scope);
    let page = world.agree_in(browser, person, &asked).await;
    let code = Code {
        client,
        value: code_in(&world.answer(page.response)),
        redirect_uri: world.callback(client),
        verifier: VERIFIER,
    };
    world.send(world.redeem(&code)).await.tokens()
}

/// The same as alice.
async fn signed_in(world: &World, browser: &mut Browser, client: Client, scope: &str) -> Tokens {
    signed_in_as(world, browser, ALICE, (client, scope)).await
}

/// The ID token in a token response.
fn id_token(tokens: &Tokens) -> String {
    tokens.body["id_token"]
        .as_str()
        .expect("an ID token")
        .to_owned()
}

/// The claims of a JWT, believed.
fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

/// The header of a JWT, believed.
pub(crate) fn header(jwt: &str) -> Value {
    part(jwt, 0)
}

fn part(jwt: &str, number: usize) -> Value {
    let part = jwt.split('.').nth(number).expect("three parts");
    let json = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}

/// A logout request with these parameters.
fn logout(world: &World, parameters: &[(&str, &str)]) -> String {
    let query = crate::support::encode(parameters);
    format!("{}?{query}", world.auth("/logout"))
}

/// Whether somebody is still signed in with this browser: a silent request is answered with a code.
pub(crate) async fn is_signed_in(world: &World, browser: &mut Browser, client: Client) -> bool {
    let silent = world.authorize(client, "openid").with("prompt", "none");
    let page = browser.look(&silent.url()).await;
    let location = page.location().to_string();
    let is = location.contains("code=");
    assert!(is || location.contains("login_required"), "{location}");
    is
}

/// The page of a browser that goes to a logout request, and follows nothing to the client.
async fn asks(world: &World, browser: &mut Browser, parameters: &[(&str, &str)]) -> Page {
    let stop = world.app("/");
    browser.open_until(&logout(world, parameters), &stop).await
}

/// A part of a JWT as it stands.
fn part_of(jwt: &str, number: usize) -> String {
    jwt.split('.').nth(number).expect("three parts").to_owned()
}
