//! The client credentials grant — RFC 6749 §4.4.

use shared::seed::{AccessTokenFormat, ClientSeed, ExcessScope};

use crate::support::{Client, Request, SERVICE, World};

#[tokio::test]
async fn a_client_gets_a_token_for_itself_and_no_refresh_token() {
    let world = World::new().await;
    let answer = world.send(world.client_credentials(SERVICE)).await;
    let tokens = answer.tokens();
    assert_eq!(tokens.refresh, "");
    assert!(tokens.body.get("id_token").is_none());
    let said = world.introspection(&tokens.access).await;
    assert_eq!(said["client_id"], "service", "{said}");
    assert_eq!(said["sub"], "service", "{said}");
    assert!(said.get("username").is_none(), "{said}");
    answer.passed_check("client.authenticated").await;
}

#[tokio::test]
async fn a_scope_that_is_not_this_clients_is_invalid() {
    let world = World::new().await;
    for scope in ["photos:read", "stats:read photos:read", "openid", "a\\b"] {
        let request = world.client_credentials(SERVICE).with("scope", scope);
        let answer = world.send(request).await;
        answer.is_refused(400, "invalid_scope").no_store();
        answer.failed_check("scope.allowed").await;
    }
}

/// OpenID Connect Core §3.1.2.1: `openid` is about a person who signs in, and there is none.
#[tokio::test]
async fn what_is_about_a_sign_in_is_refused_or_left_out_as_the_policy_says() {
    for format in [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque] {
        for ignores in [false, true] {
            let world = World::with(|mut seed| {
                let client = seed.client_mut(SERVICE.id).unwrap();
                let more = ["openid", "offline_access", "profile"].map(str::to_owned);
                client.scopes.extend(more);
                client.policy.access_token_format = Some(format);
                client.policy.excess_scope = ignores.then_some(ExcessScope::Ignore);
                seed
            })
            .await;
            let ask = |scope| world.send(world.client_credentials(SERVICE).with("scope", scope));
            for scope in ["openid", "openid offline_access"] {
                let answer = ask(scope).await;
                answer.is_refused(400, "invalid_scope").no_store();
                answer.failed_check("scope.allowed").await;
            }
            let answer = ask("stats:read openid offline_access").await;
            if ignores {
                let tokens = answer.tokens();
                assert_eq!(tokens.body["scope"], "stats:read");
                let said = world.introspection(&tokens.access).await;
                assert_eq!(said["scope"], "stats:read", "{said}");
            } else {
                answer.is_refused(400, "invalid_scope");
            }
            let userinfo = Request::get(&world.auth("/userinfo"));
            let tokens = world.send(world.client_credentials(SERVICE)).await.tokens();
            let answer = world.send(userinfo.bearer(&tokens.access)).await;
            answer.refuses_token(403, "insufficient_scope");
        }
    }
}

#[tokio::test]
async fn what_was_granted_is_said_when_nothing_was_asked_for() {
    let world = World::new().await;
    let tokens = world.send(world.client_credentials(SERVICE)).await.tokens();
    assert_eq!(tokens.body["scope"], "stats:read");
}

/// RFC 6749 §4.4: "the client credentials grant type MUST only be used by confidential clients".
#[tokio::test]
async fn a_public_client_gets_none() {
    const PUBLIC: Client = Client {
        id: "public",
        secret: None,
        callback: "",
    };
    let world = World::with(|seed| {
        let client = ClientSeed::public("public", "http://127.0.0.1/done");
        seed.with_client(client)
    })
    .await;
    let answer = world.send(world.client_credentials(PUBLIC)).await;
    answer.is_refused(400, "unauthorized_client").no_store();
    answer.failed_check("grant.allowed").await;
}
