//! Token exchange — RFC 8693: a token for another, narrower, and never longer.

use serde_json::{Value, json};
use shared::seed::{ClientSeed, ExcessScope, ExchangeRule, RealmSeed, SubjectType};

use crate::dpop::{bound_tokens, claims, is_bound};
use crate::support::{
    ALICE, Answer, Client, Code, ProofKey, Request, SPA, VERIFIER, WEB, World, code_in,
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// The laboratory of the demo: exchanges the print shop's tokens.
pub(crate) const LAB: Client = Client {
    id: "print-lab",
    secret: Some("print-lab-secret"),
    callback: "",
};
/// Another one behind it, that some tests register.
const COURIER: Client = Client {
    id: "courier",
    secret: Some("courier-secret"),
    callback: "",
};

pub(crate) fn client<'s>(seed: &'s mut RealmSeed, id: &str) -> &'s mut ClientSeed {
    let mut clients = seed.clients.iter_mut();
    clients
        .find(|client| client.client_id == id)
        .expect("a client of the demo")
}

/// The demo with the courier, which may exchange the laboratory's tokens.
fn with_courier(mut seed: RealmSeed) -> RealmSeed {
    let mut courier = client(&mut seed, "print-lab").clone();
    courier.client_id = COURIER.id.to_owned();
    courier.client_secret = COURIER.secret.map(str::to_owned);
    for rule in &mut courier.policy.token_exchange {
        rule.subject_clients = vec!["print-lab".to_owned()];
    }
    seed.with_client(courier)
}

/// The demo, in which the laboratory may also appear as the person itself.
fn impersonating(mut seed: RealmSeed) -> RealmSeed {
    for rule in &mut client(&mut seed, "print-lab").policy.token_exchange {
        rule.impersonation = true;
    }
    seed
}

pub(crate) async fn own_token(world: &World, client: Client) -> String {
    let answer = world.send(world.client_credentials(client)).await;
    answer.tokens().access
}

/// The request of `client` to exchange `subject`, with its own token as the actor's.
pub(crate) async fn delegation(world: &World, client: Client, subject: &str) -> Request {
    let actor = own_token(world, client).await;
    impersonation(world, client, subject)
        .with("actor_token", &actor)
        .with("actor_token_type", ACCESS_TOKEN)
}

fn impersonation(world: &World, client: Client, subject: &str) -> Request {
    let request = world.token(&[
        ("grant_type", GRANT),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ]);
    World::signed(client, request)
}

#[track_caller]
pub(crate) fn token(answer: &Answer) -> (String, Value) {
    let body = answer.is(200).no_store().json();
    assert_eq!(body["issued_token_type"], ACCESS_TOKEN, "{answer}");
    assert!(body.get("refresh_token").is_none(), "{answer}");
    assert!(body.get("id_token").is_none(), "{answer}");
    let token = body["access_token"].as_str().expect("a token").to_owned();
    (token, body)
}

#[tokio::test]
async fn a_delegated_token_says_who_acts_for_whom_and_opens_the_api() {
    let world = World::new().await;
    let shop = world.tokens(WEB, "openid photos:read photos:write").await;
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    let (exchanged, body) = token(&answer);
    answer.passed_check("exchange.allowed").await;
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "photos:read", "what both may have: {body}");
    let (old, new) = (claims(&shop.access), claims(&exchanged));
    assert_eq!(new["sub"], old["sub"]);
    assert_eq!(new["client_id"], "print-lab");
    assert_eq!(new["act"], json!({"sub": "print-lab"}));
    assert_eq!(new["aud"], json!(world.api("")));
    assert_ne!(new["jti"], old["jti"]);
    let photos = Request::get(&world.api("/photos")).bearer(&exchanged);
    world.send(photos).await.is(200);
    let said = world.introspection(&exchanged).await;
    assert_eq!(said["act"], json!({"sub": "print-lab"}), "{said}");
}

#[tokio::test]
async fn a_chain_of_delegations_keeps_who_acted_before() {
    let world = World::with(with_courier).await;
    let shop = world.tokens(WEB, "photos:read").await;
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    let (lab, _) = token(&answer);
    let answer = world.send(delegation(&world, COURIER, &lab).await).await;
    let (courier, _) = token(&answer);
    let act = json!({"sub": "courier", "act": {"sub": "print-lab"}});
    assert_eq!(claims(&courier)["act"], act);
}

#[tokio::test]
async fn nobody_is_impersonated_unless_a_rule_allows_it() {
    let world = World::new().await;
    let shop = world.tokens(WEB, "photos:read").await;
    let answer = world.send(impersonation(&world, LAB, &shop.access)).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.allowed").await;
    let world = World::with(impersonating).await;
    let shop = world.tokens(WEB, "photos:read").await;
    let answer = world.send(impersonation(&world, LAB, &shop.access)).await;
    let (exchanged, _) = token(&answer);
    assert!(claims(&exchanged).get("act").is_none());
    // Who acts already is never hidden.
    let world = World::with(|seed| with_courier(impersonating(seed))).await;
    let shop = world.tokens(WEB, "photos:read").await;
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    let (delegated, _) = token(&answer);
    let answer = world.send(impersonation(&world, COURIER, &delegated)).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.allowed").await;
}

#[tokio::test]
async fn by_default_a_client_may_exchange_nothing() {
    let world = World::new().await;
    let shop = world.tokens(WEB, "photos:read").await;
    // Not a grant of this client.
    let answer = world.send(impersonation(&world, WEB, &shop.access)).await;
    answer.is_refused(400, "unauthorized_client");
    answer.failed_check("grant.allowed").await;
    // A grant of it, and no rule.
    let world = World::with(|mut seed| {
        client(&mut seed, "print-lab").policy.token_exchange = Vec::new();
        seed
    })
    .await;
    let shop = world.tokens(WEB, "photos:read").await;
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.allowed").await;
}

#[tokio::test]
async fn a_public_client_may_not_exchange_whatever_it_registered() {
    let world = World::with(|mut seed| {
        let rule = ExchangeRule {
            subject_clients: vec!["spa".to_owned()],
            audiences: vec!["{resource_server}".to_owned()],
            impersonation: true,
            ..ExchangeRule::default()
        };
        let spa = client(&mut seed, "spa");
        spa.grant_types.push(GRANT.to_owned());
        spa.policy.token_exchange = vec![rule];
        seed
    })
    .await;
    let tokens = world.tokens(SPA, "photos:read").await;
    let answer = world.send(impersonation(&world, SPA, &tokens.access)).await;
    answer.is_refused(400, "unauthorized_client");
}

#[tokio::test]
async fn tokens_of_other_clients_are_not_exchanged() {
    let world = World::new().await;
    let spa = world.tokens(SPA, "photos:read").await;
    let answer = world.send(delegation(&world, LAB, &spa.access).await).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.allowed").await;
}

#[tokio::test]
async fn a_subject_token_is_a_live_access_token_of_this_realm() {
    let world = World::new().await;
    let shop = world.tokens(WEB, "openid photos:read").await;
    let other = World::new().await.tokens(WEB, "photos:read").await;
    let id_token = shop.body["id_token"].as_str().unwrap();
    for wrong in ["invented", "a.b.c", &other.access, id_token, &shop.refresh] {
        let answer = world.send(delegation(&world, LAB, wrong).await).await;
        answer.is_refused(400, "invalid_request");
        answer.failed_check("exchange.subject").await;
    }
    world.send(world.revoke(WEB, &shop.access)).await.is(200);
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    answer.failed_check("exchange.subject").await;
    let shop = world.tokens(WEB, "photos:read").await;
    world.wait_seconds(3600);
    let answer = world
        .send(delegation(&world, LAB, &shop.access).await)
        .await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.subject").await;
}

#[tokio::test]
async fn an_actor_token_is_the_asking_client_s_own() {
    let world = World::with(with_courier).await;
    let shop = world.tokens(WEB, "photos:read").await;
    let foreign = own_token(&world, COURIER).await;
    for wrong in [foreign.as_str(), "invented", &shop.access] {
        let request = impersonation(&world, LAB, &shop.access)
            .with("actor_token", wrong)
            .with("actor_token_type", ACCESS_TOKEN);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request");
        answer.failed_check("exchange.actor").await;
    }
}

#[tokio::test]
async fn parameters_that_do_not_go_together_are_refused() {
    let world = World::with(impersonating).await;
    let shop = world.tokens(WEB, "openid photos:read").await;
    let right = || impersonation(&world, LAB, &shop.access);
    let own = own_token(&world, LAB).await;
    for (wrong, check) in [
        (
            right().without("subject_token"),
            "request.parameter_present",
        ),
        (
            right().without("subject_token_type"),
            "request.parameter_present",
        ),
        (
            right().replacing("subject_token_type", ID_TOKEN),
            "exchange.token_type",
        ),
        (
            right().replacing("subject_token_type", "made-up"),
            "exchange.token_type",
        ),
        (
            right().with("actor_token_type", ACCESS_TOKEN),
            "exchange.token_type",
        ),
        (right().with("actor_token", &own), "exchange.token_type"),
        (
            right().with("requested_token_type", ID_TOKEN),
            "exchange.requested_type",
        ),
    ] {
        let answer = world.send(wrong).await;
        answer.is_refused(400, "invalid_request");
        answer.failed_check(check).await;
    }
}

#[tokio::test]
async fn only_for_audiences_of_the_rule() {
    let world = World::with(impersonating).await;
    let shop = world.tokens(WEB, "photos:read").await;
    let right = || impersonation(&world, LAB, &shop.access);
    for named in ["resource", "audience"] {
        let answer = world.send(right().with(named, &world.api(""))).await;
        let (exchanged, _) = token(&answer);
        assert_eq!(claims(&exchanged)["aud"], json!(world.api("")));
    }
    for (named, wrong) in [
        ("audience", "somebody-else"),
        ("resource", "https://api.example.com"),
        ("resource", "not a URI"),
    ] {
        let answer = world.send(right().with(named, wrong)).await;
        answer.is_refused(400, "invalid_target");
        answer.failed_check("exchange.target").await;
    }
    // One that is not allowed refuses all, wherever it stands.
    for named in ["audience", "resource"] {
        let two = right()
            .with(named, &world.api(""))
            .with(named, "https://not-allowed.example");
        world.send(two).await.is_refused(400, "invalid_target");
    }
    let fragment = format!("{}#part", world.api(""));
    let answer = world.send(right().with("resource", &fragment)).await;
    answer.is_refused(400, "invalid_target");
}

#[tokio::test]
async fn scope_is_narrowed_and_never_widened() {
    let world = World::with(|mut seed| {
        client(&mut seed, "print-lab")
            .scopes
            .push("photos:write".to_owned());
        impersonating(seed)
    })
    .await;
    let shop = world.tokens(WEB, "openid profile photos:read").await;
    let right = || impersonation(&world, LAB, &shop.access);
    let answer = world.send(right()).await;
    assert_eq!(token(&answer).1["scope"], "photos:read");
    for wrong in [
        "photos:write",
        "photos:read photos:write",
        "profile",
        "openid",
        "\"",
    ] {
        let answer = world.send(right().with("scope", wrong)).await;
        answer.is_refused(400, "invalid_scope");
        answer.failed_check("exchange.scope").await;
    }
    // Nothing would be left.
    let shop = world.tokens(WEB, "openid profile").await;
    let answer = world.send(impersonation(&world, LAB, &shop.access)).await;
    answer.is_refused(400, "invalid_scope");
}

/// Nothing comes of nothing: a token that has no scope is exchanged for one that has none, which says none.
#[tokio::test]
async fn a_token_without_a_scope_is_exchanged_for_another() {
    let world = World::with(|mut seed| {
        client(&mut seed, "web").scopes = vec!["openid".to_owned()];
        impersonating(seed)
    })
    .await;
    let asked = world.authorize(WEB, "").without("scope");
    let code = Code {
        client: WEB,
        value: code_in(&world.agree(ALICE, &asked).await),
        redirect_uri: world.callback(WEB),
        verifier: VERIFIER,
    };
    let shop = world.send(world.redeem(&code)).await.tokens();
    let right = || impersonation(&world, LAB, &shop.access);
    let (exchanged, body) = token(&world.send(right()).await);
    assert_eq!(body.get("scope"), None, "{body}");
    assert_eq!(claims(&exchanged).get("scope"), None);
    let answer = world.send(right().with("scope", "photos:read")).await;
    answer.is_refused(400, "invalid_scope");
    answer.failed_check("exchange.scope").await;
}

/// RFC 8693 §2.2.1: where it is not what was asked for, the answer says what it is.
#[tokio::test]
async fn where_the_policy_leaves_out_what_is_too_much_the_answer_says_what_is_left() {
    let world = World::with(|mut seed| {
        let lab = client(&mut seed, "print-lab");
        lab.policy.excess_scope = Some(ExcessScope::Ignore);
        impersonating(seed)
    })
    .await;
    let shop = world.tokens(WEB, "openid profile photos:read").await;
    let ask = |scope| world.send(impersonation(&world, LAB, &shop.access).with("scope", scope));
    let answer = ask("photos:read photos:write openid unheard:of").await;
    let (exchanged, body) = token(&answer);
    assert_eq!(body["scope"], "photos:read");
    assert_eq!(claims(&exchanged)["scope"], "photos:read");
    for refused in ["photos:write", "openid", "\""] {
        let answer = ask(refused).await;
        answer.is_refused(400, "invalid_scope");
        answer.failed_check("exchange.scope").await;
    }
}

#[tokio::test]
async fn it_never_outlives_what_it_came_of_and_dies_with_its_grant() {
    let world = World::with(impersonating).await;
    let shop = world.tokens(WEB, "photos:read").await;
    world.wait_seconds(400);
    let answer = world.send(impersonation(&world, LAB, &shop.access)).await;
    let (exchanged, body) = token(&answer);
    let (old, new) = (claims(&shop.access), claims(&exchanged));
    assert!(new["exp"].as_i64() <= old["exp"].as_i64(), "{new}");
    assert!(body["expires_in"].as_u64().unwrap() <= 200, "{body}");
    assert!(world.is_active(&exchanged).await);
    world.send(world.revoke(WEB, &shop.refresh)).await.is(200);
    assert!(!world.is_active(&exchanged).await);
}

#[tokio::test]
async fn may_act_is_honoured() {
    for (named, allowed) in [("print-lab", true), ("somebody-else", false)] {
        let world = World::with(|mut seed| {
            client(&mut seed, "web").policy.may_act = Some(named.to_owned());
            seed
        })
        .await;
        let shop = world.tokens(WEB, "photos:read").await;
        assert_eq!(claims(&shop.access)["may_act"], json!({"sub": named}));
        let answer = world
            .send(delegation(&world, LAB, &shop.access).await)
            .await;
        if allowed {
            let (exchanged, _) = token(&answer);
            assert!(claims(&exchanged).get("may_act").is_none());
        } else {
            answer.is_refused(400, "invalid_request");
            answer.failed_check("exchange.may_act").await;
        }
    }
}

#[tokio::test]
async fn a_jwt_is_issued_where_one_is_asked_for_and_bound_where_a_proof_comes() {
    let world = World::with(|mut seed| {
        let lab = client(&mut seed, "print-lab");
        lab.policy.access_token_format = Some(shared::seed::AccessTokenFormat::Opaque);
        impersonating(seed)
    })
    .await;
    let shop = world.tokens(WEB, "photos:read").await;
    let right = || impersonation(&world, LAB, &shop.access);
    let (opaque, _) = token(&world.send(right()).await);
    assert!(!opaque.contains('.'), "{opaque}");
    let said = world.introspection(&opaque).await;
    assert_eq!(said["client_id"], "print-lab", "{said}");
    let key = ProofKey::new();
    let request = right().with("requested_token_type", JWT);
    let answer = world.send(key.proves(request)).await;
    let body = is_bound(&answer, &key);
    assert_eq!(body["issued_token_type"], JWT);
}

#[tokio::test]
async fn a_client_with_pairwise_subjects_gets_no_jwt_that_names_the_person() {
    let world = World::with(|mut seed| {
        client(&mut seed, "print-lab").metadata.subject_type = Some(SubjectType::Pairwise);
        impersonating(seed)
    })
    .await;
    let shop = world.tokens(WEB, "openid photos:read").await;
    let known = claims(&shop.access)["sub"].clone();
    let right = || impersonation(&world, LAB, &shop.access);
    let answer = world.send(right().with("requested_token_type", JWT)).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("exchange.requested_type").await;
    for request in [right(), right().with("requested_token_type", ACCESS_TOKEN)] {
        let answer = world.send(request).await;
        let (opaque, body) = token(&answer);
        answer.passed_check("exchange.requested_type").await;
        assert!(!opaque.contains('.'), "{opaque}");
        assert!(!body.to_string().contains(known.as_str().unwrap()));
        // The API is told whose pictures they are, as ever.
        let photos = Request::get(&world.api("/photos")).bearer(&opaque);
        world.send(photos).await.is(200);
        assert_eq!(world.introspection(&opaque).await["sub"], known);
    }
    let unheard = right().with("requested_token_type", ID_TOKEN);
    let answer = world.send(unheard).await;
    answer.failed_check("exchange.requested_type").await;
}

#[tokio::test]
async fn what_is_bound_to_a_key_is_exchanged_with_a_proof_alone() {
    let world = World::with(impersonating).await;
    let key = ProofKey::new();
    let shop = bound_tokens(&world, WEB, "photos:read", &key).await;
    let subject = shop["access_token"].as_str().expect("a token");
    let right = || impersonation(&world, LAB, subject);
    let answer = world.send(right()).await;
    answer.is_refused(400, "invalid_request");
    answer.failed_check("dpop.present").await;
    // By whom it is exchanged, of that one's key is the new token.
    let own = ProofKey::new();
    is_bound(&world.send(own.proves(right())).await, &own);
}
