//! The print shop's authorization request in the address bar, pushed or signed: the same flow each time, drawn from the
//! record with what was asked, wherever it stood — RFC 9126, RFC 9101.

use ecosystem::record::FlowView;

use crate::support::{ALICE, Browser, Page, World};

/// Runs the authorization code grant, its request delivered in this way, to the photos.
async fn runs(world: &World, browser: &mut Browser, delivery: &str) -> Page {
    let path = format!("/grants/authorization-code?delivery={delivery}");
    let page = browser.open(&world.app(&path)).await;
    let page = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let page = browser.press(&page, "consent-allow", &[]).await;
    let page = browser.press(&page, "call-photos", &[]).await;
    assert!(page.has("api-answer"), "{}", page.text());
    page
}

/// The one flow of this realm.
async fn flow(world: &World) -> FlowView {
    let flows = world.realm.flows().await.expect("flows");
    assert_eq!(flows.len(), 1, "one flow, joined: {flows:#?}");
    world.realm.flow(&flows[0].id).await.expect("the flow")
}

/// The names of the parameters in the query of the authorization request.
fn in_the_address(flow: &FlowView) -> Vec<String> {
    let asked = flow.exchanges.iter().find(|one| one.path == "/authorize");
    let url = url::Url::parse(&asked.expect("an authorization request").url).expect("a URL");
    let mut names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    names.sort_unstable();
    names
}

fn says(flow: &FlowView, verdict: &str) -> bool {
    flow.verdicts.iter().any(|said| said.id == verdict)
}

#[tokio::test]
async fn a_pushed_request_leaves_the_address_bar() {
    let world = World::new().await;
    runs(&world, &mut Browser::new(), "pushed").await;
    let flow = flow(&world).await;
    assert_eq!(in_the_address(&flow), ["client_id", "request_uri"]);
    assert!(
        flow.exchanges
            .iter()
            .any(|one| one.path == "/par" && one.status == Some(201))
    );
    assert!(says(&flow, "pkce.s256_used"), "{:#?}", flow.verdicts);
    assert!(says(&flow, "state.checked"), "{:#?}", flow.verdicts);
    assert!(!says(&flow, "pkce.not_used"), "{:#?}", flow.verdicts);
}

#[tokio::test]
async fn a_signed_request_stands_there_as_one_token() {
    let world = World::new().await;
    runs(&world, &mut Browser::new(), "signed").await;
    let flow = flow(&world).await;
    assert_eq!(in_the_address(&flow), ["client_id", "request"]);
    let asked = flow
        .exchanges
        .iter()
        .find(|one| one.path == "/authorize")
        .unwrap();
    let signature = asked
        .checks
        .iter()
        .find(|one| one.id == "request_object.signature");
    assert_eq!(signature.unwrap().outcome, shared::flow::Outcome::Passed);
    assert!(says(&flow, "pkce.s256_used"), "{:#?}", flow.verdicts);
    assert!(says(&flow, "state.checked"), "{:#?}", flow.verdicts);
}

#[tokio::test]
async fn the_lesson_points_into_a_pushed_run() {
    let world = World::new().await;
    let mut browser = Browser::new();
    runs(&world, &mut browser, "pushed").await;
    let lesson = browser.open(&world.app("/lessons/pushed-requests")).await;
    assert_eq!(lesson.response.status, 200);
    let text = lesson.text();
    assert!(!text.contains("Did not happen in this run"), "{text}");
}
