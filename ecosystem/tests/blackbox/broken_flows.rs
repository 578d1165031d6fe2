//! The good flows of `docs/break-it.md` in which something is signed, handed on, or decided on another device.

use serde_json::Value;

use crate::break_it::{Good, sign_in_and_agree, world};
use crate::device::DEVICE_CODE;
use crate::support::{ALICE, Browser, Page, Request, TV, World};

/// Alice says yes on her phone, at the address in the QR code.
async fn answers(address: &str) {
    let mut phone = Browser::new();
    let page = phone.open(address).await;
    let page = phone.press(&page, "device-submit", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = phone.press(&page, "login-submit", &fields).await;
    let page = phone.press(&page, "device-confirm", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
}

/// A device that nobody here wrote: it polls too early, its person types the code, and it polls again.
pub(crate) async fn stranger_device() -> Good {
    let world = world().await;
    let post = |path: &str, pairs: &[(&str, &str)]| {
        let id = [("client_id", TV.id)];
        let request = Request::post(&world.auth(path), &[pairs, &id].concat());
        request.header("user-agent", "curl/8.5.0")
    };
    let asked = post("/device_authorization", &[("scope", "photos:read")]);
    let asked = world.send(asked).await.is(200).json();
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
    let poll = [
        ("grant_type", DEVICE_CODE),
        ("device_code", text("device_code")),
    ];
    let early = world.send(post("/token", &poll)).await;
    early.is_refused(400, "authorization_pending");
    answers(text("verification_uri_complete")).await;
    let tokens = world.send(post("/token", &poll)).await.tokens();
    let photos = Request::get(&world.api("/photos"))
        .bearer(&tokens.access)
        .header("user-agent", "curl/8.5.0");
    world.send(photos).await.is(200);
    Good {
        title: "Device authorization, by curl",
        world,
        without: &["/login"],
        only: &[],
    }
}

/// Through the client app: the job that asks by an assertion.
pub(crate) async fn jwt_bearer() -> Good {
    let world = world().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/jwt-bearer")).await;
    let page = browser.press(&page, "run", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title: "JWT bearer, by the client app",
        world,
        without: &[],
        only: &[],
    }
}

async fn code(world: &World, delivery: &str) -> (Browser, Page) {
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[("delivery", delivery)]).await;
    let page = sign_in_and_agree(&mut browser, page).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    (browser, page)
}

/// Through the client app by the rules of FAPI 2.0: a client that signs who it is, and tokens bound to its key.
pub(crate) async fn fapi() -> Good {
    let world = world().await;
    let (mut browser, page) = code(&world, "fapi").await;
    let page = browser.press(&page, "call-photos", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title: "Authorization code by FAPI 2.0, by the client app",
        world,
        without: &[],
        only: &["client_assertion", "request_uri", "access_token"],
    }
}

/// Through the client app: the laboratory exchanges the shop's token.
pub(crate) async fn exchange() -> Good {
    let world = world().await;
    let (mut browser, page) = code(&world, "").await;
    let page = browser.press(&page, "hand-over", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title: "Token exchange, by the laboratory behind the client app",
        world,
        without: &[],
        only: &["subject_token"],
    }
}
