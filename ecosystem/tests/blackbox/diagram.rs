//! The diagram of a client that is not ours: a stranger has its lane, and is drawn with the same fidelity as our own.

use std::time::Duration;

use ecosystem::record::FlowView;

use crate::support::{Request, SERVICE, World, tags};

const AGENT: &str = "curl/8.5.0";

/// A token, two calls to the API and one that is refused, as `curl` would make them.
async fn curl_speaks(world: &World) -> FlowView {
    let token = Request::post(
        &world.auth("/token"),
        &[("grant_type", "client_credentials")],
    )
    .basic(SERVICE.id, SERVICE.secret.unwrap_or_default())
    .header("User-Agent", AGENT);
    let tokens = world.send(token).await.is(200).tokens();
    for (path, status) in [("/stats", 200), ("/stats", 200), ("/photos", 403)] {
        let call = Request::get(&world.api(path)).bearer(&tokens.access);
        world
            .send(call.header("User-Agent", AGENT))
            .await
            .is(status);
    }
    for _ in 0..100 {
        let flows = world.realm.flows().await.unwrap();
        if let Some(flow) = flows.iter().find(|flow| flow.exchange_count >= 4) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            return world.realm.flow(&flow.id).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the record never had all four");
}

/// The `data-x` of every drawn exchange of a page, in order, in one drawing.
fn drawn(page: &str) -> Vec<String> {
    let hops = tags(page).into_iter();
    let hops = hops.filter(|tag| {
        let class = tag.attribute("class").unwrap_or_default();
        class.split(' ').any(|class| class == "hop")
    });
    let ids = hops.filter_map(|hop| hop.attribute("data-x").map(str::to_owned));
    ids.collect()
}

#[tokio::test]
async fn a_stranger_has_its_lane_and_every_exchange_is_drawn_once_in_order() {
    let world = World::new().await;
    let flow = curl_speaks(&world).await;
    let recorded: Vec<_> = flow
        .exchanges
        .iter()
        .map(|exchange| exchange.id.to_string())
        .collect();
    let id = &flow.summary.id;
    let map = Request::get(&world.app(&format!("/flows/{id}?view=map")));
    let map = map.send().await.text();
    let twice: Vec<_> = recorded.iter().chain(&recorded).cloned().collect();
    assert_eq!(drawn(&map), twice, "the wide map and the narrow one");
    let sequence = Request::get(&world.app(&format!("/flows/{id}?view=sequence")));
    let sequence = sequence.send().await.text();
    assert_eq!(drawn(&sequence), recorded);
    assert!(sequence.contains("<span class=\"party stranger\">curl</span>"));
    for caption in [
        "POST /token  grant_type=client_credentials",
        "GET /stats",
        "403 insufficient_scope",
    ] {
        assert!(sequence.contains(caption), "no {caption}: {sequence}");
    }
    // The twin says the same to everybody.
    let total = recorded.len();
    for number in 1..=total {
        assert!(sequence.contains(&format!("Step {number} of {total}.")));
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_drawn_again() {
    let world = World::new().await;
    let flow = curl_speaks(&world).await;
    let id = &flow.summary.id;
    let second = flow.exchanges[1].id.to_string();
    let pieces = format!("/flows/{id}/pieces?view=sequence&list=1&of={second}");
    let pieces = Request::get(&world.app(&pieces)).send().await.text();
    assert_eq!(drawn(&pieces), std::slice::from_ref(&second));
    let listed = tags(&pieces).into_iter().filter(|tag| {
        let id = tag.attribute("id").unwrap_or_default();
        id.starts_with("x-")
    });
    let listed: Vec<_> = listed
        .filter_map(|tag| tag.attribute("id").map(str::to_owned))
        .collect();
    assert_eq!(listed, [format!("x-{second}")]);
    for gone in [
        "/flows/0/diagram",
        "/flows/0/pieces?of=",
        "/flows/0/card?of=0",
        "/exchanges/0/diagram",
        "/flows/0/present",
    ] {
        let answer = world.send(Request::get(&world.app(gone))).await;
        answer.is(404);
    }
}
