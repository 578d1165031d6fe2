//! What was taken away at a breakpoint belongs to the flow that began it, by what was sent.

use serde_json::{Value, json};
use shared::control::{Answer as Error, Decision};
use shared::flow::Party;

use super::api;
use crate::support::{Browser, WEB, World};

/// Runs the code grant of our own client app until its browser is held at `GET /authorize`.
async fn held_run(world: &World) -> (Browser, shared::control::Paused) {
    world
        .realm
        .pause_at(Party::AuthServer, "GET", "/authorize")
        .unwrap();
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    browser.press(&page, "run", &[]).await;
    let paused = world.realm.next_paused().await.expect("it waits");
    (browser, paused)
}

/// The one flow that there is: its exchanges, as service, method and path.
async fn only_flow(world: &World, wanted: usize) -> Vec<String> {
    for _ in 0..100 {
        let flows = world.realm.flows().await.unwrap();
        if let [only] = flows.as_slice() {
            let flow = world.realm.flow(&only.id).await.unwrap();
            if flow.exchanges.len() == wanted {
                let exchanges = flow.exchanges.iter();
                return exchanges
                    .map(|one| format!("{} {} {}", one.to, one.method, one.path))
                    .collect();
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not one flow: {:#?}", world.realm.flows().await.unwrap());
}

const RUN: &str = "client-app POST /grants/{grant}/run";
const AUTHORIZE: &str = "auth-server GET /authorize";

#[tokio::test]
async fn a_dropped_authorization_request_stands_in_the_flow_of_its_run() {
    let world = World::new().await;
    let (_, paused) = held_run(&world).await;
    world.realm.decide(&paused, Decision::Drop).unwrap();
    assert_eq!(only_flow(&world, 2).await, [RUN, AUTHORIZE]);
    let exchange = world.realm.exchange(&paused.id).await.unwrap();
    assert!(exchange.values.is_empty(), "the server got nothing");
    // The browser had sent them, and nobody else has learned of them.
    let knowledge = world.realm.knowledge(&exchange.flow).await.unwrap();
    let knowledge = serde_json::to_value(&knowledge).unwrap();
    let values = knowledge["values"].as_array().unwrap();
    let state = values.iter().find(|value| value["kind"] == "state");
    let cells = state.expect("a state")["cells"].as_array().unwrap();
    let of = |who: &str| cells.iter().find(|cell| cell["knower"] == who);
    assert!(
        of("browser").is_some_and(|cell| cell["learned"].is_object()),
        "{cells:#?}"
    );
    assert!(
        of("auth-server").is_none_or(|cell| cell["learned"].is_null()),
        "{cells:#?}"
    );
}

#[tokio::test]
async fn an_authorization_request_that_a_breakpoint_answers_stands_in_the_flow_of_its_run() {
    let world = World::new().await;
    let (mut browser, paused) = held_run(&world).await;
    let answer = Error {
        status: 503,
        error: "temporarily_unavailable".to_owned(),
        error_description: String::new(),
    };
    world
        .realm
        .decide(&paused, Decision::Answer { answer })
        .unwrap();
    let shared::control::Hold::Page { resume } = &paused.hold else {
        panic!("held by a page");
    };
    assert_eq!(browser.open(resume).await.response.status, 503);
    assert_eq!(only_flow(&world, 2).await, [RUN, AUTHORIZE]);
}

/// With another `state` and without the rest, nothing that the server got leads back to the run.
#[tokio::test]
async fn a_request_that_was_changed_beyond_recognition_stands_in_its_flow() {
    let world = World::new().await;
    let (mut browser, paused) = held_run(&world).await;
    let edits = ["state", "nonce", "code_challenge"].map(|name| {
        let parameter = paused.parameter(name).expect(name);
        parameter.set(format!("another-{}", parameter.value))
    });
    let edits = edits.to_vec();
    world
        .realm
        .decide(&paused, Decision::Change { edits })
        .unwrap();
    let shared::control::Hold::Page { resume } = &paused.hold else {
        panic!("held by a page");
    };
    browser.look(resume).await;
    assert_eq!(only_flow(&world, 2).await, [RUN, AUTHORIZE]);
}

/// Nobody observes the sender of a stranger's call: what it had sent is told by the one who took it away.
#[tokio::test]
async fn a_strangers_dropped_token_request_stands_in_the_flow_of_its_code() {
    let world = World::new().await;
    let code = world.code(WEB, "photos:read").await;
    world
        .realm
        .pause_at(Party::AuthServer, "POST", "/token")
        .unwrap();
    let waiting = {
        let (world, request) = (world.clone(), world.redeem(&code));
        tokio::spawn(async move {
            let mut stream = crate::support::connect(request.url()).await;
            let bytes = request.bytes();
            tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes)
                .await
                .unwrap();
            let mut answer = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
            drop(world);
            answer
        })
    };
    let paused = world.realm.next_paused().await.expect("it waits");
    world.realm.decide(&paused, Decision::Drop).unwrap();
    assert!(waiting.await.unwrap().is_empty());
    let dropped = world.realm.exchange(&paused.id).await.unwrap();
    let flow = world.realm.flow(&dropped.flow).await.unwrap();
    assert!(
        flow.exchanges.iter().any(|one| one.path == "/authorize"),
        "{:#?}",
        flow.exchanges
            .iter()
            .map(|one| &one.path)
            .collect::<Vec<_>>()
    );
}

/// A breakpoint for one flow stops its requests and nobody else's: here the code that is redeemed did not exist yet
/// when it was set.
#[tokio::test]
async fn a_breakpoint_can_be_kept_to_one_flow() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    assert!(page.has("login-submit"), "{}", page.text());
    let flow = world.realm.flows().await.unwrap()[0].id.clone();
    let set = json!({"service": "auth-server", "method": "POST", "path": "/token", "flow": flow});
    let (status, look) = api(&world, "PUT", "/api/breakpoints", &set).await;
    assert_eq!(status, 200, "{look}");
    assert_eq!(look["breakpoints"][0]["flow"], json!(flow));
    let other = world.code(WEB, "photos:read").await;
    world.send(world.redeem(&other)).await.is(200);
    world
        .send(world.client_credentials(crate::support::SERVICE))
        .await
        .is(200);
    assert!(world.realm.paused().is_empty(), "others run through");
    let alice = crate::support::ALICE;
    let fields = [("username", alice.username), ("password", alice.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let answer = tokio::spawn(async move { browser.press(&page, "consent-allow", &[]).await });
    let paused = world.realm.next_paused().await.expect("its own waits");
    assert_eq!(
        (paused.path.as_str(), &paused.from),
        ("/token", &Party::ClientApp)
    );
    world.realm.decide(&paused, Decision::Continue).unwrap();
    let done = answer.await.unwrap();
    assert!(
        done.response.url.path().contains("/runs/"),
        "{}",
        done.text()
    );
    let path = format!("/api/breakpoints?service=auth-server&method=POST&path=/token&flow={flow}");
    let (status, look) = api(&world, "DELETE", &path, &Value::Null).await;
    assert_eq!((status, &look["breakpoints"]), (200, &json!([])));
}

#[tokio::test]
async fn the_page_of_breakpoints_keeps_one_to_the_flow_it_came_from() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    assert!(page.has("login-submit"), "{}", page.text());
    let flow = world.realm.flows().await.unwrap()[0].id.clone();
    let here = world.app(&format!("/flows/{flow}"));
    let shown = browser.open(&here).await.response.text();
    let link = format!("/paused?flow={flow}");
    assert!(shown.contains(&link), "the bar leads there with the flow");
    let points = browser.open(&world.app(&link)).await;
    let chosen = flow.to_string();
    let set = points.form("flow-only");
    let key = points.response.text();
    let key = key
        .split('"')
        .find(|text| text.starts_with("auth-server POST /token"));
    let form = [("flow", chosen.as_str()), ("set", key.expect("its button"))];
    let mut fields: Vec<(&str, &str)> = form.to_vec();
    let csrf = set
        .fields
        .iter()
        .find(|field| field.name == "csrf")
        .expect("a token");
    fields.push(("csrf", &csrf.value));
    let request = crate::support::Request::post(&world.app("/paused/breakpoints"), &fields);
    let from = points.response.url.clone();
    assert_eq!(
        browser.send(request, Some(&from)).await.response.status,
        303
    );
    let (_, look) = api(&world, "GET", "/api/breakpoints", &Value::Null).await;
    assert_eq!(look["breakpoints"][0]["flow"], json!(flow), "{look}");
}
