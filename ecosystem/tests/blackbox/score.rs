//! The score of a client: judged by its registration and by what its last flows did (RFC 9700, FAPI 2.0).

use serde_json::{Value, json};

use crate::flows::settled;
use crate::support::{
    ALICE, Authorization, Browser, Request, SPA, Signer, TRUSTED, WEB, World, code_in, plain,
};

async fn score(world: &World, client: &str) -> Value {
    let answer = world
        .send(Request::get(
            &world.app(&format!("/api/clients/{client}/score")),
        ))
        .await;
    answer.is(200).json()
}

fn ended<'s>(score: &'s Value, rule: &str) -> &'s str {
    let rules = score["rules"].as_array().unwrap();
    let found = rules.iter().find(|one| one["id"] == rule);
    found.unwrap_or_else(|| panic!("no rule {rule}"))["ended"]
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn password_and_implicit_are_judged_honestly() {
    let world = World::new().await;
    let trusted = score(&world, TRUSTED.id).await;
    assert_eq!(ended(&trusted, "no-password-grant"), "not_met");
    assert_eq!(ended(&trusted, "fapi-no-password"), "not_met");
    assert_eq!(ended(&trusted, "fapi-code-alone"), "met");
    assert_eq!(ended(&trusted, "pkce-required"), "not_asked");
    let spa = score(&world, SPA.id).await;
    assert_eq!(ended(&spa, "no-token-in-front"), "not_met");
    assert_eq!(ended(&spa, "no-password-grant"), "met");
    assert_eq!(ended(&spa, "fapi-no-password"), "met");
    assert_eq!(ended(&spa, "fapi-code-alone"), "not_met");
    let page = Browser::new().open(&world.app("/clients/spa")).await;
    assert!(plain(&page.response.text()).contains("RFC 9700 advises against it"));
}

#[tokio::test]
async fn a_flow_answers_what_a_registration_cannot() {
    let world = World::new().await;
    let before = score(&world, WEB.id).await;
    assert_eq!(ended(&before, "pkce-required"), "met");
    assert_eq!(ended(&before, "flow-pkce"), "not_seen");
    assert_eq!(ended(&before, "fapi-pushed"), "not_met");
    let tokens = world.tokens(WEB, "openid photos:read offline_access").await;
    world
        .send(world.refresh(WEB, &tokens.refresh))
        .await
        .is(200);
    world.realm.flows().await.unwrap();
    let mut after = score(&world, WEB.id).await;
    for _ in 0..100 {
        if ended(&after, "flow-rotation") != "not_seen" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        after = score(&world, WEB.id).await;
    }
    for rule in [
        "flow-pkce",
        "flow-state",
        "flow-no-token-in-url",
        "flow-no-password",
        "flow-rotation",
    ] {
        assert_eq!(ended(&after, rule), "met", "{rule}: {after}");
    }
    // The client is a stranger to the record: nobody saw it check the issuer.
    assert_eq!(ended(&after, "flow-iss"), "not_seen");
    assert_eq!(ended(&after, "flow-proof"), "not_met");
    let rule = after["rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "flow-pkce")
        .unwrap();
    let flow = rule["shown_by"][0].as_str().unwrap();
    let shown = Request::get(&world.app(&format!("/flows/{flow}")))
        .send()
        .await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains(&format!(
        "id=\"x-{}\"",
        rule["shown_by"][1].as_str().unwrap()
    )));
}

#[tokio::test]
async fn algorithms_are_judged_by_what_the_server_would_take() {
    let world = World::new().await;
    let (rsa, ec) = (Signer::new("PS256", "one"), Signer::new("ES256", "one"));
    let mut any_rsa = rsa.jwk();
    any_rsa.as_object_mut().unwrap().remove("alg");
    let any_rsa = json!({ "keys": [any_rsa] });
    let of = |jwks: &Value, more: Value| {
        let mut body = json!({
            "redirect_uris": ["https://client.example/cb"], "jwks": jwks,
            "token_endpoint_auth_method": "private_key_jwt",
            "id_token_signed_response_alg": "ES256",
        });
        let members = body.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        body
    };
    let both = json!({
        "token_endpoint_auth_signing_alg": "PS256", "request_object_signing_alg": "PS256",
    });
    let assertion = json!({"token_endpoint_auth_signing_alg": "PS256"});
    let object = json!({"request_object_signing_alg": "PS256"});
    let told = json!({"userinfo_signed_response_alg": "RS256"});
    for (body, bad) in [
        (of(&ec.jwks(), json!({})), vec![]),
        (of(&rsa.jwks(), json!({})), vec![]),
        (of(&any_rsa, both), vec![]),
        (of(&any_rsa, assertion), vec!["request_object: RS256"]),
        (of(&any_rsa, object), vec!["assertion: RS256"]),
        (of(&ec.jwks(), told), vec!["userinfo: RS256"]),
        (
            of(&ec.jwks(), json!({"id_token_signed_response_alg": "RS256"})),
            vec!["id_token: RS256"],
        ),
        (
            of(&any_rsa, json!({})),
            vec!["assertion: RS256", "request_object: RS256"],
        ),
    ] {
        let asked = Request::new("POST", &world.auth("/register"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let client = world.send(asked).await.is(201).json();
        let score = score(&world, client["client_id"].as_str().unwrap()).await;
        let wanted = if bad.is_empty() { "met" } else { "not_met" };
        assert_eq!(ended(&score, "fapi-algorithms"), wanted, "{body}");
        if !bad.is_empty() {
            let rules = score["rules"].as_array().unwrap();
            let rule = rules.iter().find(|one| one["id"] == "fapi-algorithms");
            assert_eq!(rule.unwrap()["got"], bad.join(", "));
        }
    }
}

#[tokio::test]
async fn facts_about_registrations_are_for_the_client_app_alone() {
    let world = World::new().await;
    for proof in [None, Some("nonce;wrong")] {
        let mut request = Request::get(&world.auth("/registrations"));
        if let Some(proof) = proof {
            request = request.header("record-proof", proof);
        }
        assert_eq!(request.send().await.status, 403);
    }
}

#[tokio::test]
async fn a_client_that_is_unknown_gets_a_page_that_says_so() {
    let world = World::new().await;
    let page = Browser::new().open(&world.app("/clients/nobody")).await;
    assert_eq!(page.response.status, 404);
    let answer = Request::get(&world.app("/api/clients/nobody/score"))
        .send()
        .await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn who_leaves_state_to_pkce_or_to_a_nonce_meets_the_rule_and_is_told_which() {
    let world = World::with(|mut seed| {
        for client in &mut seed.clients {
            if client.client_id == WEB.id {
                client.policy.pkce = Some(shared::seed::PkceRule::Allowed);
            }
        }
        seed
    })
    .await;
    let without_pkce = |asked: Authorization| {
        let asked = asked.without("state").without("code_challenge");
        asked.without("code_challenge_method")
    };
    let openid = world.authorize(WEB, "openid photos:read");
    let nonce = openid.with("nonce", "once");
    let nothing = without_pkce(world.authorize(WEB, "photos:read"));
    for (asked, wanted, got, words) in [
        (
            nonce,
            "met",
            "state.sent",
            "state was sent; nobody was seen checking it",
        ),
        (
            world.authorize(WEB, "photos:read").without("state"),
            "met",
            "state.left_to_pkce",
            "PKCE ties the answer to this browser instead",
        ),
        (
            without_pkce(world.authorize(WEB, "openid photos:read")).with("nonce", "twice"),
            "met",
            "state.left_to_nonce",
            "the nonce of the ID token ties the answer to this browser",
        ),
        (
            nothing,
            "not_met",
            "state.not_sent",
            "the answer is not tied to this browser",
        ),
    ] {
        code_in(&world.agree(ALICE, &asked).await);
        settled(&world).await;
        let score = score(&world, WEB.id).await;
        let rules = score["rules"].as_array().unwrap();
        let rule = rules.iter().find(|one| one["id"] == "flow-state").unwrap();
        assert_eq!(rule["ended"], wanted, "{rule}");
        assert_eq!(rule["got"], got, "{rule}");
        let page = Browser::new().open(&world.app("/clients/web")).await;
        let text = plain(&page.response.text());
        assert!(text.contains(words), "{got}: {text}");
    }
}

#[tokio::test]
async fn of_many_clients_a_hundred_are_listed_and_the_rest_is_counted() {
    const MORE: usize = 120;
    let mut all = 0;
    let world = World::with(|mut seed| {
        let like = seed.clients.iter().find(|one| one.client_id == SPA.id);
        let like = like.cloned().unwrap();
        seed.clients.extend((0..MORE).map(|number| {
            let mut client = like.clone();
            client.client_id = format!("zz-{number:03}");
            client
        }));
        all = seed.clients.len();
        seed
    })
    .await;
    let list = world.send(Request::get(&world.app("/api/clients"))).await;
    let list = list.is(200).json();
    assert_eq!(list["clients"].as_array().unwrap().len(), 100);
    assert_eq!(list["left"], all - 100);
    let page = Browser::new().open(&world.app("/clients")).await;
    let said = format!("Not listed: {} more", all - 100);
    assert!(plain(&page.response.text()).contains(&said));
    // Who is not listed has a page all the same.
    let unlisted = score(&world, "zz-119").await;
    assert_eq!(unlisted["client"]["client_id"], "zz-119");
    let page = Browser::new().open(&world.app("/clients/zz-119")).await;
    assert_eq!(page.response.status, 200);
}
