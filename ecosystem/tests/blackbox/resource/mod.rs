//! The protected API — RFC 6750 §3.1 and RFC 9068 §4: `/me`, `/photos`, `/stats`.

mod forged;
mod nonce;

use crate::support::{ALICE, BOB, Request, SERVICE, SPA, WEB, World};

const SCOPE: &str = "openid profile photos:read";

#[tokio::test]
async fn a_token_with_the_scope_shows_its_persons_photos_and_nobody_elses() {
    let world = World::new().await;
    let mut lists = Vec::new();
    for person in [ALICE, BOB] {
        let code = world.code_of(person, WEB, SCOPE).await;
        let tokens = world.send(world.redeem(&code)).await.tokens();
        let request = Request::get(&world.api("/photos")).bearer(&tokens.access);
        let answer = world.send(request).await;
        answer.is(200).passed_check("scope.sufficient").await;
        lists.push(answer.response.text());
    }
    assert!(
        lists[0].contains("First light on the ridge"),
        "{}",
        lists[0]
    );
    assert!(
        !lists[1].contains("First light on the ridge"),
        "{}",
        lists[1]
    );
}

#[tokio::test]
async fn me_is_the_person_who_agreed() {
    let world = World::new().await;
    let tokens = world.tokens(SPA, "profile").await;
    let request = Request::get(&world.api("/me")).bearer(&tokens.access);
    let said = world.send(request).await.is(200).json();
    assert!(said.to_string().contains("alice"), "{said}");
}

#[tokio::test]
async fn without_a_token_there_is_a_challenge_without_detail() {
    let world = World::new().await;
    for path in ["/me", "/photos", "/stats"] {
        let answer = world.send(Request::get(&world.api(path))).await;
        answer.is(401).challenges("Bearer");
        assert_eq!(answer.challenge("error"), None, "{answer}");
        assert!(answer.challenge("realm").is_some(), "{answer}");
        let metadata = answer.challenge("resource_metadata").unwrap();
        assert!(
            metadata.contains("/.well-known/oauth-protected-resource"),
            "{answer}"
        );
        answer.failed_check("token.present").await;
    }
}

#[tokio::test]
async fn another_scheme_is_as_good_as_no_token() {
    let world = World::new().await;
    let request = Request::get(&world.api("/photos")).basic("web", "web-secret");
    let answer = world.send(request).await;
    answer.is(401).challenges("Bearer");
    assert_eq!(answer.challenge("error"), None, "{answer}");
    answer.failed_check("token.present").await;
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    for scheme in ["bearer", "BEARER"] {
        let request = Request::get(&world.api("/photos")).authorization(scheme, &tokens.access);
        world.send(request).await.is(200);
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_even_when_it_is_good() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let url = format!("{}?access_token={}", world.api("/photos"), tokens.access);
    let answer = world.send(Request::get(&url)).await;
    assert!(matches!(answer.status(), 400 | 401), "{answer}");
    answer
        .challenges("Bearer")
        .failed_check("token.not_in_query")
        .await;
}

/// RFC 6750 §2: "clients MUST NOT use more than one method to transmit the token in each request".
#[tokio::test]
async fn a_token_sent_in_two_ways_is_an_invalid_request() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let url = format!("{}?access_token={}", world.api("/photos"), tokens.access);
    let answer = world.send(Request::get(&url).bearer(&tokens.access)).await;
    answer.refuses_token(400, "invalid_request");
    answer.failed_check("token.single_method").await;
}

#[tokio::test]
async fn a_token_that_is_none_is_invalid() {
    let world = World::new().await;
    for token in ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "not~a~jwt"] {
        let request = Request::get(&world.api("/photos")).bearer(token);
        let answer = world.send(request).await;
        answer.refuses_token(401, "invalid_token");
    }
}

#[tokio::test]
async fn an_expired_token_is_invalid() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    world.wait_seconds(700);
    let request = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let answer = world.send(request).await;
    answer.refuses_token(401, "invalid_token");
    answer.failed_check("token.not_expired").await;
}

#[tokio::test]
async fn a_token_of_another_realm_is_invalid() {
    let (here, there) = (World::new().await, World::new().await);
    let tokens = there.tokens(WEB, SCOPE).await;
    let request = Request::get(&here.api("/photos")).bearer(&tokens.access);
    let answer = here.send(request).await;
    answer.refuses_token(401, "invalid_token");
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, SCOPE).await;
    let id_token = tokens.body["id_token"].as_str().unwrap();
    let request = Request::get(&world.api("/photos")).bearer(id_token);
    let answer = world.send(request).await;
    answer.refuses_token(401, "invalid_token");
    answer.failed_check("token.type").await;
}

#[tokio::test]
async fn a_scope_that_does_not_suffice_is_named() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid profile").await;
    let request = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let answer = world.send(request).await;
    answer.refuses_token(403, "insufficient_scope");
    assert_eq!(answer.challenge("scope").as_deref(), Some("photos:read"));
    answer.failed_check("scope.sufficient").await;

    let reader = world.tokens(WEB, SCOPE).await;
    let request = Request::new("POST", &world.api("/photos"))
        .bearer(&reader.access)
        .header("content-type", "application/json")
        .body(r#"{"caption":"mine","theme":"sea","hue":10}"#);
    let answer = world.send(request).await;
    answer.refuses_token(403, "insufficient_scope");
    assert_eq!(answer.challenge("scope").as_deref(), Some("photos:write"));
    answer.failed_check("scope.sufficient").await;
}

#[tokio::test]
async fn a_machine_reads_statistics_and_no_photos() {
    let world = World::new().await;
    let tokens = world.send(world.client_credentials(SERVICE)).await.tokens();
    let request = Request::get(&world.api("/stats")).bearer(&tokens.access);
    world.send(request).await.is(200);
    let request = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let answer = world.send(request).await;
    assert_eq!(answer.status(), 403, "{answer}");
}

#[tokio::test]
async fn an_opaque_token_is_asked_about_and_a_revoked_one_is_invalid() {
    let world = World::with(|mut seed| {
        let web = seed.client_mut("web").expect("the demo's web");
        web.policy.access_token_format = Some(shared::seed::AccessTokenFormat::Opaque);
        seed
    })
    .await;
    let tokens = world.tokens(WEB, SCOPE).await;
    assert!(!tokens.access.contains('.'), "{}", tokens.access);
    let ask = || Request::get(&world.api("/photos")).bearer(&tokens.access);
    let answer = world.send(ask()).await;
    answer.is(200).passed_check("token.active").await;
    world.send(world.revoke(WEB, &tokens.access)).await.is(200);
    world.wait_seconds(60);
    let answer = world.send(ask()).await;
    answer.refuses_token(401, "invalid_token");
    answer.failed_check("token.active").await;
}

#[tokio::test]
async fn a_page_of_the_client_app_may_read_the_answer_and_the_challenge() {
    let world = World::new().await;
    let origin = world.ecosystem.client_app().to_owned();
    let preflight = Request::new("OPTIONS", &world.api("/photos"))
        .header("origin", &origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let answer = world.send(preflight).await;
    assert!(answer.status() < 300, "{answer}");
    let allowed = answer
        .header("access-control-allow-headers")
        .to_ascii_lowercase();
    assert!(allowed.contains("authorization"), "{answer}");
    let request = Request::get(&world.api("/photos")).header("origin", &origin);
    let answer = world.send(request).await;
    let exposed = answer
        .header("access-control-expose-headers")
        .to_ascii_lowercase();
    assert!(exposed.contains("www-authenticate"), "{answer}");
    let shared_with = answer.header("access-control-allow-origin");
    assert!(shared_with == origin || shared_with == "*", "{answer}");
}

/// A realm that does not know the API as a client answers it nothing (RFC 7662 §2.1): what it cannot read it cannot take.
#[tokio::test]
async fn where_it_may_ask_nobody_it_takes_jwts_alone() {
    let world = World::with(|mut seed| {
        seed.clients
            .retain(|one| one.client_id != "resource-server");
        seed
    })
    .await;
    let photos = || Request::get(&world.api("/photos"));
    for token in ["opaque", "a-token-of-somewhere-else"] {
        let answer = world.send(photos().bearer(token)).await;
        answer.refuses_token(401, "invalid_token");
        answer.failed_check("token.decodes").await;
    }
    let tokens = world.tokens(WEB, SCOPE).await;
    world.send(photos().bearer(&tokens.access)).await.is(200);
}
