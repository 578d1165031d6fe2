//! The device authorization grant — RFC 8628: a TV asks, a phone answers, the TV polls.
//!
//! | file | what is in it |
//! |---|---|
//! | `endpoint` | `/device_authorization` |
//! | `polls` | the grant at `/token` |
//! | `tv` | the client app's screen, and the record |
//! | `beyond` | resources (RFC 8707), and a restart |
//! | `phone` | `/device`, `/device/confirm` |

mod beyond;
mod endpoint;
mod phone;
mod polls;
mod tv;

use serde_json::Value;

use crate::support::{Answer, Browser, Client, Page, Person, Request, TV, World};

/// `grant_type` of a poll (RFC 8628 §3.4).
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What the TV asks for.
const SCOPE: &str = "openid photos:read profile";
/// How long its codes live, in seconds.
const LIFETIME: u32 = 600;
/// How long it waits between two polls, in seconds.
const INTERVAL: u32 = 5;

/// What the TV was told.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client: Client,
    pub(crate) body: Value,
    pub(crate) device_code: String,
    pub(crate) user_code: String,
}

/// A device authorization request of `client`.
pub(crate) fn request(world: &World, client: Client, scope: &str) -> Request {
    let request = Request::post(&world.auth("/device_authorization"), &[("scope", scope)]);
    World::signed(client, request)
}

/// The TV asks.
pub(crate) async fn ask(world: &World) -> Asked {
    ask_as(world, TV, SCOPE).await
}

/// Any client asks.
pub(crate) async fn ask_as(world: &World, client: Client, scope: &str) -> Asked {
    told(world, client, request(world, client, scope)).await
}

/// Any client asks for nothing in particular.
pub(crate) async fn ask_without_scope(world: &World, client: Client) -> Asked {
    told(world, client, request(world, client, "").without("scope")).await
}

async fn told(world: &World, client: Client, request: Request) -> Asked {
    let answer = world.send(request).await;
    answer.is(200).no_store();
    let body = answer.json();
    let text = |name: &str| body[name].as_str().expect(name).to_owned();
    Asked {
        client,
        device_code: text("device_code"),
        user_code: text("user_code"),
        body,
    }
}

/// The poll of a device.
pub(crate) fn poll(world: &World, asked: &Asked) -> Request {
    let request = world.token(&[
        ("grant_type", DEVICE_CODE),
        ("device_code", &asked.device_code),
    ]);
    World::signed(asked.client, request)
}

/// A poll after the interval has passed.
pub(crate) async fn poll_in_time(world: &World, asked: &Asked) -> Answer {
    world.wait_seconds(INTERVAL);
    world.send(poll(world, asked)).await
}

/// The question that `person` is asked in `browser` after typing `code`, or what they see instead.
pub(crate) async fn enter(
    world: &World,
    browser: &mut Browser,
    person: Person,
    code: &str,
) -> Page {
    let page = browser.open(&world.auth("/device")).await;
    let page = browser
        .press(&page, "device-submit", &[("user_code", code)])
        .await;
    if !page.has("login-submit") {
        return page;
    }
    let fields = [("username", person.username), ("password", person.password)];
    browser.press(&page, "login-submit", &fields).await
}

/// `person` says yes in a browser of their own.
pub(crate) async fn approve(world: &World, person: Person, asked: &Asked) -> Page {
    let mut browser = Browser::new();
    let page = enter(world, &mut browser, person, &asked.user_code).await;
    browser.press(&page, "device-confirm", &[]).await
}
