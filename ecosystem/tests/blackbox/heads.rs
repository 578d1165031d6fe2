//! `HEAD` works where `GET` is safe, and does nothing where it is not — RFC 9110 §9.2.1 and §9.3.2.

use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use ecosystem::Ecosystem;

use crate::dpop::{bound_tokens, text};
use crate::registration::registered;
use crate::support::{ALICE, Browser, ProofKey, Request, WEB, World, code_in};

const SCOPE: &str = "openid profile photos:read";

/// The same request twice: what `HEAD` is answered, once it was compared with what `GET` is.
async fn same_head(world: &World, url: &str, token: Option<&str>) -> u16 {
    let asked = |method| {
        let request = Request::new(method, url);
        match token {
            Some(token) => request.bearer(token),
            None => request,
        }
    };
    let get = world.send(asked("GET")).await;
    let head = world.send(asked("HEAD")).await;
    assert_eq!(head.status(), get.status(), "{url}");
    assert!(head.response.body.is_empty(), "{url}: {head}");
    for name in ["content-type", "cache-control", "location"] {
        assert_eq!(head.header(name), get.header(name), "{url}: {name}");
    }
    assert_eq!(
        head.challenge("error"),
        get.challenge("error"),
        "{url}: {head}"
    );
    if !get.response.body.is_empty() {
        assert_ne!(head.header("content-length"), "0", "{url}");
    }
    head.status()
}

#[tokio::test]
async fn what_is_read_answers_without_its_body() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let token = Some(tokens.access.as_str());
    for url in [
        world.auth("/userinfo"),
        world.api("/photos"),
        world.api("/me"),
        world.api("/me/picture.svg"),
    ] {
        assert_eq!(same_head(&world, &url, token).await, 200, "{url}");
        assert_eq!(same_head(&world, &url, None).await, 401, "{url}");
    }
    let body = serde_json::json!({ "redirect_uris": ["https://client.example/cb"] });
    let client = registered(&world, body).await;
    let own = text(&client, "registration_client_uri");
    let token = Some(text(&client, "registration_access_token"));
    assert_eq!(same_head(&world, own, token).await, 200, "{own}");
    let answer = world.send(Request::get(&world.api("/photos"))).await;
    let metadata = answer.challenge("resource_metadata").expect("an address");
    for url in [
        metadata,
        world.auth("/jwks"),
        world.auth("/.well-known/openid-configuration"),
        world.auth("/"),
        world.auth("/settings"),
        world.api("/"),
        world.app("/"),
        world.app("/jwks"),
        world.app("/flows"),
        world.app("/api/flows"),
        world.app("/lessons"),
        world.app("/clients"),
        world.app("/grants/authorization-code"),
    ] {
        assert_eq!(same_head(&world, &url, None).await, 200, "{url}");
    }
    for base in [
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
        world.ecosystem.client_app(),
    ] {
        for (path, status) in [
            ("/healthz", 200),
            ("/readyz", 200),
            ("/vitals", 200),
            ("/metrics", 200),
            ("/favicon.ico", 302),
        ] {
            let url = format!("{base}{path}");
            let head = world.send(Request::new("HEAD", &url)).await;
            assert_eq!(head.status(), status, "{url}");
            assert!(head.response.body.is_empty(), "{url}");
        }
    }
}

/// RFC 9449 §4.3 (8): `htm` is the method, and this is one of its own.
#[tokio::test]
async fn a_proof_is_made_for_the_method() {
    let world = World::new().await;
    let key = ProofKey::new();
    let tokens = bound_tokens(&world, WEB, SCOPE, &key).await;
    let token = text(&tokens, "access_token");
    let head = Request::new("HEAD", &world.api("/photos"));
    let answer = world.send(key.presents(head.clone(), token)).await;
    assert!(answer.is(200).response.body.is_empty(), "{answer}");
    let proof = key.proof("GET", &world.api("/photos"));
    let proof = proof.with("ath", crate::support::hash(token));
    let wrong = head
        .authorization("DPoP", token)
        .header("DPoP", proof.sign());
    let answer = world.send(wrong).await;
    answer.is(401).failed_check("dpop.method").await;
}

/// The authorization endpoint could not tell what a `GET` would be answered without issuing a code.
#[tokio::test]
async fn where_a_get_counts_nothing_happens() {
    let world = World::new().await;
    let authorization = world.authorize(WEB, SCOPE);
    let mut browser = Browser::new();
    world.agree_in(&mut browser, ALICE, &authorization).await;
    // Signed in, and allowed: a GET would be given a code at once.
    let uri = world.pushed(WEB, &authorization).await;
    let referred = world.refer(WEB, &uri);
    for url in [
        referred.url(),
        authorization.url(),
        world.auth("/login"),
        world.auth("/consent"),
        world.auth("/select-account"),
        world.auth("/logout"),
        world.auth("/device"),
    ] {
        let page = browser.send(Request::new("HEAD", &url), None).await;
        let answer = world.answer(page.response);
        answer.is(405);
        assert_eq!(answer.header("allow"), "GET, POST", "{url}");
        assert_eq!(answer.header("location"), "", "{url}");
    }
    // Nothing was used up, and nobody signed out.
    let page = browser.look(&referred.url()).await;
    code_in(&world.answer(page.response));
    for path in ["/callback", "/sign-in/callback", "/frontchannel-logout"] {
        let head = Request::new("HEAD", &world.app(path));
        let status = world.send(head).await.status();
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }
}

/// RFC 6761 §6.3: `localhost` is the machine itself, by either protocol.
#[tokio::test]
async fn localhost_is_answered_by_ipv4_and_by_ipv6() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return; // No IPv6 on this machine: nobody resolves localhost to it.
    }
    let ecosystem = Ecosystem::start().await.unwrap();
    for url in [
        ecosystem.auth_server(),
        ecosystem.resource_server(),
        ecosystem.client_app(),
    ] {
        let parsed = url::Url::parse(url).unwrap();
        assert_eq!(parsed.host_str(), Some("localhost"));
        let port = parsed.port().unwrap();
        let near = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        for host in [
            url.to_owned(),
            format!("http://[::1]:{port}"),
            format!("http://127.0.0.1:{port}"),
        ] {
            let health = Request::get(&format!("{host}/healthz")).at(near);
            assert_eq!(health.send().await.status, 200, "{host}");
        }
        let elsewhere = Request::get(&format!("http://photos.example:{port}/")).at(near);
        assert_eq!(
            elsewhere.send().await.status,
            421,
            "the host guard is there"
        );
    }
    let port = url::Url::parse(ecosystem.auth_server()).unwrap().port();
    ecosystem.stop().await;
    let near = SocketAddr::from((Ipv6Addr::LOCALHOST, port.unwrap()));
    assert!(TcpListener::bind(near).is_ok(), "the port is free again");
}
