//! A realm that keeps to FAPI 2.0 from some day on: what becomes of the clients that it has already, and of what they
//! hold — FAPI 2.0 Security Profile §5.3.2 and §5.4.1.

use std::sync::Arc;
use std::time::Duration;

use ecosystem::{Ecosystem, Ports, StartError, Store};
use serde_json::{Value, json};
use shared::flow::Outcome;
use shared::realm::RealmName;
use shared::seed::{RealmSeed, SecurityProfile, Seed};
use tempfile::TempDir;

use crate::dpop::{is_bound, text};
use crate::fapi::{BANK, bank, pushing, signed};
use crate::registration::management::replace;
use crate::registration::registered;
use crate::support::{
    ALICE, Answer, Client, ProofKey, Request, SERVICE, SPA, Signer, TRUSTED, TV, Tokens, VERIFIER,
    WEB, World, code_in,
};

const SCOPE: &str = "openid photos:read offline_access";

/// Servers on this store and these ports, with this seed: a port that was just given back may take a moment.
async fn start(kept: &TempDir, ports: Ports, seed: &RealmSeed) -> World {
    for _ in 0..100 {
        let store = Store::Directory(kept.path().to_path_buf());
        let realms = vec![seed.clone()];
        let builder = Ecosystem::builder().store(store).seed(Seed { realms });
        match builder.ports(ports).start().await {
            Ok(ecosystem) => return World::at_root(Arc::new(ecosystem)),
            Err(StartError::Listen(_)) => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the ecosystem does not start on {ports:?}");
}

/// The demo's cast, and a bank that could keep to the profile but is held to none yet.
async fn world(kept: &TempDir, signer: &Signer) -> World {
    let mut seed = demo();
    for client in [WEB, SPA] {
        let client = seed.client_mut(client.id).expect("one of the cast");
        client.scopes.push("offline_access".to_owned());
    }
    let mut bank = bank(signer);
    bank.policy.profile = None;
    start(kept, Ports::FREE, &seed.with_client(bank)).await
}

fn demo() -> RealmSeed {
    RealmSeed::demo_named(RealmName::default_realm()).expect("the demo")
}

/// The operator starts the servers anew, with a seed of this profile in which no client is named: those that are
/// there stay.
async fn keep_to(kept: &TempDir, profile: SecurityProfile, world: World) -> World {
    let mut seed = demo();
    seed.clients.clear();
    seed.policy.profile = Some(profile);
    let port = |url: &str| url.rsplit(':').next().unwrap().parse().unwrap();
    let addresses = world.ecosystem.addresses().clone();
    let ports = Ports {
        client_app: port(&addresses.client_app),
        auth_server: port(&addresses.auth_server),
        resource_server: port(&addresses.resource_server),
    };
    let ecosystem = Arc::into_inner(world.ecosystem).expect("nobody else has it");
    ecosystem.stop().await;
    start(kept, ports, &seed).await
}

/// The client gets nothing, and the check says by which rules.
async fn is_held_to(answer: &Answer, rules: &[&str]) {
    answer.is_refused(400, "unauthorized_client").no_store();
    let description = answer.json()["error_description"].to_string();
    answer.failed_check("client.profile").await;
    let checks = answer.exchange().await.checks;
    let failed = checks.iter().find(|one| one.outcome == Outcome::Failed);
    let got = &failed.expect("a failed check").got;
    for rule in rules {
        assert!(got.contains(rule), "{rule}: {got}");
        assert!(description.contains(rule), "{rule}: {description}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_keep_to_it_gets_nothing_by_what_it_holds_or_asks_for() {
    let signer = Signer::new("ES256", "one");
    let kept = tempfile::tempdir().unwrap();
    let world = world(&kept, &signer).await;
    let (web, spa) = (
        world.tokens(WEB, SCOPE).await,
        world.tokens(SPA, SCOPE).await,
    );
    let code = world.code(WEB, SCOPE).await;
    let world = keep_to(&kept, SecurityProfile::Fapi2, world).await;
    let key = ProofKey::new();
    let by_secret: &[&str] = &["fapi2.private_key_jwt"];
    let public: &[&str] = &["fapi2.confidential", "fapi2.private_key_jwt"];
    // What they hold: without a key, and with one.
    for (request, rules) in [
        (world.refresh(WEB, &web.refresh), by_secret),
        (world.refresh(SPA, &spa.refresh), public),
        (world.redeem(&code), by_secret),
    ] {
        is_held_to(&world.send(request.clone()).await, rules).await;
        is_held_to(&world.send(key.proves(request)).await, rules).await;
    }
    // What they ask for.
    let device = Request::post(
        &world.auth("/device_authorization"),
        &[("scope", "photos:read")],
    );
    for (request, rules) in [
        (
            World::signed(WEB, pushing(&world, &world.authorize(WEB, SCOPE))),
            by_secret,
        ),
        (world.client_credentials(SERVICE), by_secret),
        (world.password(ALICE), &["fapi2.no_password"]),
        (World::signed(TV, device), public),
    ] {
        is_held_to(&world.send(request).await, rules).await;
    }
    for client in [WEB, SPA] {
        let answer = world.ask(&world.authorize(client, SCOPE)).await;
        let (callback, issuer) = (world.callback(client), world.realm.issuer());
        answer.sends_back("unauthorized_client", &callback, Some("the state"), issuer);
        answer.failed_check("client.profile").await;
    }
    // Nobody learns about a client in whose name he cannot speak.
    let stranger = Client {
        secret: Some("a guess"),
        ..TRUSTED
    };
    let answer = world.send(world.client_credentials(stranger)).await;
    answer.is_refused(401, "invalid_client");
    answer.failed_check("client.authenticated").await;
}

/// The refusals took nothing away, and to give up what one holds is never refused.
#[tokio::test]
async fn what_was_refused_is_not_used_up_and_can_still_be_revoked() {
    let signer = Signer::new("ES256", "one");
    let kept = tempfile::tempdir().unwrap();
    let world = world(&kept, &signer).await;
    let (own, given_up) = (
        world.tokens(WEB, SCOPE).await,
        world.tokens(WEB, SCOPE).await,
    );
    let world = keep_to(&kept, SecurityProfile::Fapi2, world).await;
    let answer = world.send(world.refresh(WEB, &own.refresh)).await;
    is_held_to(&answer, &["fapi2.private_key_jwt"]).await;
    world
        .send(world.revoke(WEB, &given_up.refresh))
        .await
        .is(200);
    assert!(!world.is_active(&given_up.access).await);
    assert!(world.is_active(&own.access).await, "until it expires");
    let world = keep_to(&kept, SecurityProfile::None, world).await;
    world.send(world.refresh(WEB, &own.refresh)).await.tokens();
    let answer = world.send(world.refresh(WEB, &given_up.refresh)).await;
    answer.is_refused(400, "invalid_grant");
}

/// The bank's tokens for its code, as bearer tokens.
async fn bearer_tokens(world: &World, signer: &Signer) -> Tokens {
    let code = world.code(BANK, SCOPE).await;
    let request = signed(world, signer, world.redeem(&code).without("client_id"));
    world.send(request).await.tokens()
}

#[tokio::test]
async fn a_client_that_can_keep_to_it_gets_bound_tokens_for_what_it_held() {
    let (signer, key) = (Signer::new("ES256", "one"), ProofKey::new());
    let kept = tempfile::tempdir().unwrap();
    let world = world(&kept, &signer).await;
    let held = bearer_tokens(&world, &signer).await;
    let code = world.code(BANK, SCOPE).await;
    assert_eq!(held.body["token_type"], "Bearer");
    let world = keep_to(&kept, SecurityProfile::Fapi2, world).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", held.refresh.as_str()),
    ];
    let refresh = || signed(&world, &signer, world.token(&form));
    let redeem = || signed(&world, &signer, world.redeem(&code).without("client_id"));
    for request in [refresh(), redeem()] {
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_request");
        answer.failed_check("dpop.present").await;
    }
    for request in [refresh(), redeem(), refresh()] {
        let answer = world.send(key.proves(request)).await;
        answer.passed_check("client.profile").await;
        let body = is_bound(&answer, &key);
        let photos = Request::get(&world.api("/photos"));
        let access = text(&body, "access_token");
        world.send(photos.clone().bearer(access)).await.is(401);
        world.send(key.presents(photos, access)).await.is(200);
    }
    // What it asks for from now on is pushed.
    let answer = world.ask(&world.authorize(BANK, SCOPE)).await;
    answer.failed_check("request.pushed").await;
}

/// The way out: a client that registered itself mends its registration.
#[tokio::test]
async fn a_client_that_registered_itself_mends_its_registration_and_goes_on() {
    let signer = Signer::new("ES256", "one");
    let kept = tempfile::tempdir().unwrap();
    let world = world(&kept, &signer).await;
    let callback = world.app("/callback");
    let body = json!({
        "redirect_uris": [callback],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let client = registered(&world, body).await;
    let id = text(&client, "client_id");
    let authorization = world
        .authorize(WEB, "openid email")
        .with("client_id", id)
        .with("nonce", "n");
    let code = code_in(&world.agree(ALICE, &authorization).await);
    let world = keep_to(&kept, SecurityProfile::Fapi2, world).await;
    let redeem = || {
        let request = world.token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ]);
        request.basic(id, text(&client, "client_secret"))
    };
    is_held_to(&world.send(redeem()).await, &["fapi2.private_key_jwt"]).await;
    let mut mended = json!({
        "client_id": id, "redirect_uris": [callback], "jwks": signer.jwks(),
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let answer = world.send(replace(&client, &mended)).await;
    answer.is_refused(400, "invalid_client_metadata");
    mended["token_endpoint_auth_method"] = json!("private_key_jwt");
    world.send(replace(&client, &mended)).await.is(200);
    let answer = world.send(redeem()).await;
    answer.is_refused(401, "invalid_client");
    assert_eq!(pushed(&world, &signer, id).await, 201);
}

/// The status of a request that this client pushes, with an assertion by `signer`.
async fn pushed(world: &World, signer: &Signer, id: &str) -> u16 {
    let now = world.realm.clock().now().as_unix();
    let assertion: Value = json!({
        "iss": id, "sub": id, "aud": world.realm.issuer(), "iat": now, "exp": now + 60,
        "jti": shared::oauth::random_id().unwrap(),
    });
    let authorization = world.authorize(WEB, "openid").with("client_id", id);
    let request = pushing(world, &authorization)
        .with(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .with("client_assertion", &signer.sign(&assertion));
    world.send(request).await.status()
}

async fn score(world: &World, client: Client) -> String {
    let url = world.app(&format!("/clients/{}", client.id));
    Request::get(&url).send().await.text()
}

#[tokio::test]
async fn the_score_page_tells_the_owner_which_rules_are_missed() {
    let signer = Signer::new("ES256", "one");
    let kept = tempfile::tempdir().unwrap();
    let world = world(&kept, &signer).await;
    assert!(!score(&world, WEB).await.contains("score-refused"));
    let world = keep_to(&kept, SecurityProfile::Fapi2, world).await;
    let told = score(&world, WEB).await;
    assert!(told.contains("score-refused"), "{told}");
    assert!(told.contains("fapi2.private_key_jwt"), "{told}");
    assert!(!score(&world, BANK).await.contains("score-refused"));
}
