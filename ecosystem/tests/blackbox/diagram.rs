//! The diagram of a client that is not ours: a stranger has its lane, and is drawn with the same fidelity as our own.

use std::time::Duration;

use ecosystem::record::FlowView;

use crate::support::{Request, SERVICE, World, tags};

const AGENT: &str = "curl/8.5.0";

/// A token, two calls to the API and one that is refused, as `curl` would make them.
async fn curl_speaks(world: &World) -> FlowView {
    curl_calls(world, &[("/stats", 200), ("/stats", 200), ("/photos", 403)]).await
}

/// A token and these calls with it; each with the status of its answer.
async fn curl_calls(world: &World, calls: &[(&str, u16)]) -> FlowView {
    let token = Request::post(
        &world.auth("/token"),
        &[("grant_type", "client_credentials")],
    )
    .basic(SERVICE.id, SERVICE.secret.unwrap_or_default())
    .header("User-Agent", AGENT);
    let tokens = world.send(token).await.is(200).tokens();
    for &(path, status) in calls {
        let call = Request::get(&world.api(path)).bearer(&tokens.access);
        world
            .send(call.header("User-Agent", AGENT))
            .await
            .is(status);
    }
    for _ in 0..100 {
        let flows = world.realm.flows().await.unwrap();
        if let Some(flow) = flows.iter().find(|flow| flow.exchange_count > calls.len()) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            return world.realm.flow(&flow.id).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the record never had all of them");
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

/// An arrow of a map: its exchange, the lines on which it lies, whether it is folded, whether it is looked at.
struct Arrow {
    exchange: String,
    lines: Vec<String>,
    folded: bool,
    now: bool,
}

/// The arrows of the `class` map of a page, and the exchanges and foldings of the numbers above them.
fn arrows(page: &str, class: &str) -> (Vec<Arrow>, Vec<(String, bool)>) {
    let (mut arrows, mut numbers, mut inside) = (Vec::new(), Vec::new(), false);
    for tag in tags(page) {
        let classes = tag.attribute("class").unwrap_or_default();
        let has = |name: &str| classes.split(' ').any(|class| class == name);
        if has("board") {
            inside = has(class);
        }
        let Some(exchange) = tag.attribute("data-x").filter(|_| inside) else {
            continue;
        };
        if has("hop") {
            let lines = tag.attribute("data-on").unwrap_or_default();
            arrows.push(Arrow {
                exchange: exchange.to_owned(),
                lines: lines.split(' ').map(str::to_owned).collect(),
                folded: has("is-folded"),
                now: has("is-now"),
            });
        } else if has("number-of") {
            numbers.push((exchange.to_owned(), has("is-folded")));
        }
    }
    (arrows, numbers)
}

#[tokio::test]
async fn a_long_flow_folds_on_the_map_and_all_of_it_can_be_seen() {
    let world = World::new().await;
    let flow = curl_calls(&world, &[("/stats", 200); 29]).await;
    let recorded: Vec<_> = flow
        .exchanges
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    assert!(recorded.len() >= 30);
    let id = &flow.summary.id;
    let page = |query: String| Request::get(&world.app(&format!("/flows/{id}?view=map{query}")));
    let whole = page(String::new()).send().await.text();
    for class in ["wide", "narrow"] {
        let (arrows, numbers) = arrows(&whole, class);
        let all: Vec<_> = arrows.iter().map(|one| one.exchange.clone()).collect();
        assert_eq!(all, recorded, "{class}: folded or not, each is in the page");
        let as_arrows = arrows.iter().map(|one| (one.exchange.clone(), one.folded));
        assert_eq!(numbers, as_arrows.collect::<Vec<_>>(), "a number of each");
        let mut taken = Vec::new();
        for arrow in arrows.iter().rev() {
            let covered = arrow.lines.iter().any(|line| taken.contains(line));
            assert_eq!(
                arrow.folded, covered,
                "{class}: the newest of a line is shown"
            );
            if !covered {
                taken.extend(arrow.lines.iter().cloned());
            }
        }
        let folded = arrows.iter().filter(|one| one.folded).count();
        assert!(folded >= 15, "{class}: {folded} of {}", arrows.len());
    }
    assert!(
        whole.contains("id=\"map-all\""),
        "what is folded can be asked for"
    );

    // Whoever steps back looks at one that is folded.
    let folded = arrows(&whole, "wide").0.iter().position(|one| one.folded);
    let folded = folded.expect("one is folded");
    let early = page(format!("&step={}", folded + 1));
    let early = early.send().await.text();
    let (arrows, _) = arrows(&early, "wide");
    let looked_at: Vec<_> = arrows.iter().filter(|one| one.now).collect();
    assert_eq!(looked_at.len(), 1);
    assert_eq!(looked_at[0].exchange, recorded[folded]);
    assert!(looked_at[0].folded);

    // The picture folds as the page does, says so, and names every exchange below.
    let picture = Request::get(&world.app(&format!("/flows/{id}/flow.svg?view=map")));
    let picture = picture.send().await.text();
    assert!(picture.contains("only the newest is drawn"));
    assert!(picture.contains(".is-folded{display:none}"));
    let lines = picture.matches("class=\"list-line\" x=\"22\"").count();
    assert_eq!(lines, recorded.len());
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
