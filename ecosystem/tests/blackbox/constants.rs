//! Clients whose scripts send the same `state` or `nonce` every time: each of their requests is a flow of its own in
//! the record, also where it is pushed (RFC 9126).

use crate::flows::settled;
use crate::support::{ALICE, Authorization, Client, Code, SPA, VERIFIER, WEB, World, code_in};

const SCOPE: &str = "openid photos:read";

/// Pushes `authorization`, brings its reference to the authorization endpoint in a browser of its own, and redeems the code.
async fn runs(world: &World, client: Client, authorization: &Authorization) {
    let reference = world.pushed(client, authorization).await;
    let answer = world.agree(ALICE, &world.refer(client, &reference)).await;
    let code = Code {
        client,
        value: code_in(&answer),
        redirect_uri: world.callback(client),
        verifier: VERIFIER,
    };
    world.send(world.redeem(&code)).await.tokens();
}

#[tokio::test]
async fn pushed_requests_that_share_a_constant_are_flows_of_their_own() {
    for (name, value) in [("state", "fixed-abc"), ("nonce", "fixed-xyz")] {
        let world = World::new().await;
        let clients = [WEB, SPA, WEB];
        for client in clients {
            let authorization = world.authorize(client, SCOPE).without("state");
            runs(&world, client, &authorization.with(name, value)).await;
        }
        let flows = settled(&world).await;
        let of: Vec<_> = flows
            .iter()
            .map(|flow| flow.summary.client_id.as_deref())
            .collect();
        let wanted: Vec<_> = clients.iter().map(|one| Some(one.id)).collect();
        assert_eq!(of, wanted, "{name}");
        for flow in &flows {
            let paths: Vec<_> = flow.exchanges.iter().map(|one| one.path.as_str()).collect();
            for path in ["/par", "/authorize", "/token"] {
                let times = paths.iter().filter(|one| **one == path).count();
                assert_eq!(times, 1, "{name}: {path} in {paths:?}");
            }
        }
    }
}
