//! Flows of many hundred exchanges, which anybody can make: what is made of them has bounds, and says so.

use std::sync::Arc;

use ecosystem::Ecosystem;
use serde_json::Value;

use crate::support::{Request, SERVICE, World};

/// The most exchanges of an exported file.
const IN_A_FILE: usize = 500;
/// The most exchanges that are offered for breaking at once.
const OFFERED: usize = 50;
/// How often the API is called in the flow: a few more than a file holds.
const CALLS: usize = 519;

/// A flow of one token and [`CALLS`] calls with it: its id, and how many exchanges it has with what the servers asked
/// each other.
async fn long_flow(world: &World) -> (String, usize) {
    let tokens = world.client_credentials(SERVICE).send().await;
    let tokens: Value = serde_json::from_slice(&tokens.body).unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    for _ in 0..CALLS {
        let call = Request::get(&world.api("/stats")).bearer(token);
        assert_eq!(call.send().await.status, 200);
    }
    let mut before = 0;
    for _ in 0..100 {
        let flows = world.realm.flows().await.unwrap();
        assert_eq!(flows.len(), 1, "{flows:?}");
        let now = flows[0].exchange_count;
        if now > CALLS && now == before {
            return (flows[0].id.to_string(), now);
        }
        before = now;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the record has {before} exchanges of the flow");
}

#[tokio::test]
async fn what_is_made_of_a_long_flow_is_bounded_and_says_so() {
    // Of its own: the record of all tests keeps a pace, and its ring is shared.
    let ecosystem = Ecosystem::start().await;
    let ecosystem = ecosystem.unwrap_or_else(|error| panic!("{error}"));
    let world = World::at_root(Arc::new(ecosystem));
    let (flow, exchanges) = long_flow(&world).await;
    exports(&world, &flow, exchanges).await;
    breaking(&world, &flow).await;
}

/// Every file holds the first exchanges, and says what it left out.
async fn exports(world: &World, flow: &str, exchanges: usize) {
    let left_out = (exchanges - IN_A_FILE).to_string();
    for (format, of_one) in [
        ("md", "\n### "),
        ("har", "\"pageref\""),
        ("sh", "\nstep "),
        ("mmd", ". GET /stats"),
        ("svg", "class=\"list-line\" x=\"22\""),
    ] {
        let url = world.app(&format!("/flows/{flow}/flow.{format}"));
        let file = Request::get(&url).send().await;
        assert_eq!(file.status, 200, "{format}");
        let text = file.text();
        let said = format!("the first {IN_A_FILE} exchanges");
        assert!(text.contains(&said), "{format} says that it is not whole");
        assert!(
            text.contains(&left_out),
            "{format} says how much it left out"
        );
        let exchanges = text.matches(of_one).count();
        // Of those five hundred some are the token, and the keys that the API fetched.
        let most = if format == "mmd" || format == "sh" {
            IN_A_FILE - 5
        } else {
            IN_A_FILE
        };
        assert!(
            (most..=IN_A_FILE).contains(&exchanges),
            "{format}: {exchanges}"
        );
    }
    let page = Request::get(&world.app(&format!("/flows/{flow}/export")))
        .send()
        .await;
    assert!(page.text().contains("id=\"left-out\""));
}

/// The page and its JSON show some exchanges, say how many more there are, and lead to them.
async fn breaking(world: &World, flow: &str) {
    let url = world.app(&format!("/flows/{flow}/break"));
    let page = Request::get(&url).send().await;
    assert!(page.body.len() < 2_000_000, "{} bytes", page.body.len());
    let text = page.text();
    assert_eq!(
        text.matches("class=\"card break-exchange\"").count(),
        OFFERED
    );
    assert!(text.contains("id=\"break-left-out\""));

    let api = world.app(&format!("/api/flows/{flow}/break"));
    let (mut after, mut seen) = (0, 0);
    loop {
        let answer = Request::get(&format!("{api}?after={after}")).send().await;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let exchanges = answer["exchanges"].as_array().unwrap();
        assert!(exchanges.len() <= OFFERED);
        seen += exchanges.len();
        assert_eq!(answer["left_out"], CALLS + 1 - seen);
        match answer["next"].as_u64() {
            Some(next) => {
                let link = format!("/break?after={next}\"");
                assert!(
                    after > 0 || text.contains(&link),
                    "the page leads on: {link}"
                );
                after = next;
            }
            None => break,
        }
    }
    assert_eq!(seen, CALLS + 1, "all of them, some at a time");
}
