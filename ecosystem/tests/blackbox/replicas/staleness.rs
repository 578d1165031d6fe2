//! How soon one server sees what another changed: what decides about people and tokens at once, what is registered
//! and which keys there are within the time that `docs/scaling.md` states.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::seed::RegistrationRule;
use shared::time::Lifetime;

use super::Farm;
use crate::support::{ALICE, Browser, Request, SERVICE, SPA, WEB};

/// What `docs/scaling.md` says of clients, realms and keys, and a moment for the machine.
const STALENESS: Duration = Duration::from_secs(2 + 1);
/// How long a new key is announced before it signs, in seconds.
const ANNOUNCEMENT: u32 = 10;

/// Whether `holds` comes true within the stated time.
async fn soon(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if holds().await {
            return true;
        }
        if begun.elapsed() > STALENESS {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn text<'a>(client: &'a Value, name: &str) -> &'a str {
    client[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {client}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_changed_or_went_at_one_server() {
    let open = |mut seed: shared::seed::RealmSeed| {
        seed.registration = RegistrationRule::Open;
        seed
    };
    let Some(farm) = Farm::with("client", open).await else {
        return;
    };
    let (world, servers) = (&farm.world, farm.auth_servers());
    let json = |request: Request, body: &Value| {
        let request = request.header("content-type", "application/json");
        request.body(body.to_string())
    };
    let mut body = json!({
        "redirect_uris": ["https://client.example/one"],
        "grant_types": ["authorization_code", "client_credentials"],
    });
    let register = json(Request::new("POST", &world.auth("/register")), &body);
    let client = farm.send(servers[0], register).await.is(201).json();
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let manage = |method| {
        let token = text(&client, "registration_access_token");
        Request::new(method, text(&client, "registration_client_uri")).bearer(token)
    };
    let own = || {
        let request = world.token(&[("grant_type", "client_credentials")]);
        request.basic(id, secret)
    };
    // Unknown is not remembered: all servers know it at once, and keep it in memory from here on.
    for place in &servers {
        farm.send(*place, own()).await.tokens();
    }

    body["client_id"] = json!(id);
    body["client_secret"] = json!(secret);
    body["grant_types"] = json!(["authorization_code"]);
    let change = json(manage("PUT"), &body);
    farm.send(servers[0], change).await.is(200);
    let answer = farm.send(servers[0], own()).await;
    answer.is_refused(400, "unauthorized_client");
    for place in &servers[1..] {
        let seen = async || farm.send(*place, own()).await.status() == 400;
        assert!(soon(seen).await, "{place} takes the client for what it was");
    }

    farm.send(servers[0], manage("DELETE")).await.is(204);
    for place in &servers {
        let gone = async || farm.send(*place, own()).await.status() == 401;
        assert!(soon(gone).await, "{place} knows a client that was removed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_rotated_at_one_server() {
    let Some(farm) = Farm::new("rotate").await else {
        return;
    };
    let (world, servers) = (&farm.world, farm.auth_servers());
    let published = async |place| {
        let answer = farm.send(place, Request::get(&world.auth("/jwks"))).await;
        let keys = answer.is(200).json()["keys"].clone();
        let keys = keys.as_array().unwrap().iter();
        keys.map(|key| text(key, "kid").to_owned())
            .collect::<BTreeSet<_>>()
    };
    // All remember the old key, and it is the same.
    let before = published(servers[0]).await;
    for place in &servers {
        assert_eq!(published(*place).await, before);
    }
    let realm = world.realm.name().clone();
    world.ecosystem.rotate_keys(&realm).await.unwrap();
    for place in &servers {
        let seen = async || {
            let now = published(*place).await;
            now.is_superset(&before) && now.len() > before.len()
        };
        assert!(soon(seen).await, "{place} does not publish the new key");
    }
    // Nobody signs with it before everybody knows it; then everybody does, and everybody believes it.
    world
        .realm
        .clock()
        .advance(Lifetime::from_seconds(ANNOUNCEMENT));
    for place in &servers {
        let answer = farm.send(*place, world.client_credentials(SERVICE)).await;
        let token = answer.tokens().access;
        for place in &servers {
            let answer = farm.send(*place, world.introspect(&token)).await;
            assert_eq!(answer.is(200).json()["active"], true);
        }
        for place in farm.resource_servers() {
            let request = Request::get(&world.api("/stats")).bearer(&token);
            farm.send(place, request).await.is(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_at_one_server_has_ended_at_all_at_once() {
    let Some(farm) = Farm::new("ended").await else {
        return;
    };
    let (world, servers) = (&farm.world, farm.auth_servers());
    let mut browser = Browser::new();
    let authorization = world.authorize(WEB, "openid offline_access photos:read");
    world.agree_in(&mut browser, ALICE, &authorization).await;
    let ask = world.authorize(SPA, "openid").with("prompt", "none");
    let silent = async |browser: &mut Browser, place| {
        let page = browser.send(Request::get(&ask.url()).at(place), None).await;
        let location = world.answer(page.response).location();
        location.query().unwrap_or_default().to_owned()
    };
    for place in &servers {
        let told = silent(&mut browser, *place).await;
        assert!(!told.contains("error=login_required"), "{told}");
    }
    let page = browser.open(&world.auth("/logout")).await;
    let page = browser.press(&page, "logout-confirm", &[]).await;
    assert_eq!(page.response.status, 200);
    for place in &servers {
        let told = silent(&mut browser, *place).await;
        assert!(told.contains("error=login_required"), "{told}");
    }
    // The same of tokens: revoked at one, dead at all.
    let tokens = world.tokens(WEB, "openid offline_access photos:read").await;
    let revoke = world.revoke(WEB, &tokens.refresh);
    farm.send(servers[1], revoke).await.is(200);
    for place in &servers {
        let answer = farm.send(*place, world.introspect(&tokens.access)).await;
        assert_eq!(answer.is(200).json()["active"], false);
        let answer = farm.send(*place, world.refresh(WEB, &tokens.refresh)).await;
        answer.is_refused(400, "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_realm_that_was_made_at_one_server_is_there_at_all_at_once() {
    let Some(farm) = Farm::new("realm").await else {
        return;
    };
    let realm = farm.world.ecosystem.realm("fresh").await.unwrap();
    let url = format!(
        "{}/.well-known/oauth-authorization-server/r/fresh",
        farm.world.ecosystem.auth_server()
    );
    for place in farm.auth_servers() {
        let answer = farm.send(place, Request::get(&url)).await;
        assert_eq!(answer.is(200).json()["issuer"], realm.issuer());
    }
}
