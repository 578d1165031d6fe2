//! The record of each grant, hop by hop, against a reviewed golden file: who asked whom, through which channel,
//! what, and which checks ran.
//!
//! Each is run as a person would, through the client app's pages. `UPDATE_GOLDEN=1` writes the files anew; read
//! the difference before you commit it.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use ecosystem::record::FlowView;
use serde_json::{Value, json};

use crate::support::{ALICE, Browser, Page, Request, World, forms};

/// What ends when the record has taken in everything.
const QUIET: Duration = Duration::from_millis(150);

/// All flows of the realm, oldest first, once nothing more arrives.
pub(crate) async fn settled(world: &World) -> Vec<FlowView> {
    let mut before = String::new();
    loop {
        let mut flows = Vec::new();
        for flow in world.realm.flows().await.unwrap().iter().rev() {
            flows.push(world.realm.flow(&flow.id).await.unwrap());
        }
        let now = serde_json::to_string(&flows).unwrap();
        if now == before {
            return flows;
        }
        before = now;
        tokio::time::sleep(QUIET).await;
    }
}

/// What of a flow is the same in every run.
fn essence(flow: &FlowView) -> Value {
    let hops = flow.exchanges.iter().map(|hop| {
        let checks = hop.checks.iter().map(|check| {
            let outcome = serde_json::to_value(check.outcome).unwrap();
            format!("{} {}", check.id, outcome.as_str().unwrap())
        });
        json!({
            "from": hop.from,
            "to": hop.to,
            "channel": hop.channel,
            "method": hop.method,
            "path": hop.path,
            "status": hop.status,
            "checks": checks.collect::<Vec<_>>(),
        })
    });
    let result = serde_json::to_value(&flow.summary.result).unwrap();
    json!({
        "grant": flow.summary.grant,
        "client_id": flow.summary.client_id,
        "result": result["status"],
        "exchanges": hops.collect::<Vec<_>>(),
    })
}

/// What was recorded in this realm is what `golden/{name}.json` says, and who knows what what its neighbour says.
async fn is_golden(world: &World, name: &str) {
    let flows = settled(world).await;
    is_written(&flows.iter().map(essence).collect::<Vec<_>>(), name);
    crate::knowledge::is_golden(world, &flows, name).await;
}

/// `golden/{name}.json` says the same.
pub(crate) fn is_written(recorded: &[Value], name: &str) {
    let recorded = serde_json::to_string_pretty(recorded).unwrap() + "\n";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/blackbox/golden");
    let path = folder.join(format!("{name}.json"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &recorded).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = recorded
        .lines()
        .zip(golden.lines())
        .position(|(recorded, golden)| recorded != golden);
    assert!(
        recorded == golden,
        "golden/{name}.json differs, from line {:?}; recorded:\n{recorded}",
        differs.map_or(golden.lines().count(), |line| line) + 1
    );
}

/// A person at the client app's page of a grant.
pub(crate) async fn at(world: &World, grant: &str) -> (Browser, Page) {
    let mut browser = Browser::new();
    let page = browser.open(&world.app(&format!("/grants/{grant}"))).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    (browser, page)
}

/// Signs in and agrees, wherever the browser is asked to.
pub(crate) async fn sign_in_and_agree(browser: &mut Browser, page: Page) -> Page {
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    if page.has("consent-allow") {
        return browser.press(&page, "consent-allow", &[]).await;
    }
    page
}

/// The inspector shows tokens, and the API answers `call`.
async fn calls_the_api(browser: &mut Browser, page: &Page, call: &str) -> Page {
    assert_eq!(page.response.status, 200, "{}", page.text());
    let page = browser.press(page, call, &[]).await;
    assert!(page.has("api-answer"), "{}", page.text());
    assert!(
        !page.response.text().contains("is-refused"),
        "{}",
        page.text()
    );
    page
}

/// Runs the authorization code grant as alice, to her photos.
pub(crate) async fn runs_authorization_code(world: &World) {
    let (mut browser, page) = at(world, "authorization-code").await;
    let page = browser.press(&page, "run", &[]).await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let page = calls_the_api(&mut browser, &page, "call-photos").await;
    assert!(
        page.text().contains("First light on the ridge"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn authorization_code() {
    let world = World::new().await;
    runs_authorization_code(&world).await;
    is_golden(&world, "authorization_code").await;
}

#[tokio::test]
async fn refresh_token() {
    let world = World::new().await;
    let (mut browser, page) = at(&world, "refresh-token").await;
    let page = browser.press(&page, "run", &[]).await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let page = browser.press(&page, "refresh", &[]).await;
    let page = calls_the_api(&mut browser, &page, "call-photos").await;
    assert!(
        page.text().contains("First light on the ridge"),
        "{}",
        page.text()
    );
    is_golden(&world, "refresh_token").await;
}

#[tokio::test]
async fn revocation() {
    let world = World::new().await;
    let (mut browser, page) = at(&world, "refresh-token").await;
    let page = browser.press(&page, "run", &[]).await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let page = browser.press(&page, "revoke-refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    let page = browser.press(&page, "refresh", &[]).await;
    let text = page.response.text();
    assert!(text.contains("is-refused"), "{text}");
    is_golden(&world, "revocation").await;
}

#[tokio::test]
async fn client_credentials() {
    let world = World::new().await;
    let (mut browser, page) = at(&world, "client-credentials").await;
    let page = browser.press(&page, "run", &[]).await;
    calls_the_api(&mut browser, &page, "call-stats").await;
    is_golden(&world, "client_credentials").await;
}

#[tokio::test]
async fn password() {
    let world = World::new().await;
    let (mut browser, page) = at(&world, "password").await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "run", &fields).await;
    let page = calls_the_api(&mut browser, &page, "call-photos").await;
    let page = browser.press(&page, "refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    is_golden(&world, "password").await;
}

/// Runs the implicit grant as alice, to her photos. What the scripts of the page do is done here in their place;
/// the browser tests run the scripts themselves.
pub(crate) async fn runs_implicit(world: &World) {
    let (mut browser, page) = at(world, "implicit").await;
    let form = page.element("implicit-form");
    let of = |name: &str| form.attribute(name).unwrap().to_owned();
    let scope = page.ticked("scope").join(" ");
    let query = crate::support::encode(&[
        ("response_type", "token"),
        ("client_id", &of("data-client")),
        ("redirect_uri", &of("data-redirect")),
        ("scope", &scope),
        ("state", "made by the script"),
    ]);
    let page = browser
        .open(&format!("{}?{query}", of("data-authorize")))
        .await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let last = page.hops[page.hops.len() - 2].header("location").unwrap();
    let fragment = last.split_once('#').unwrap().1.to_owned();
    let answer: Vec<(String, String)> = url::form_urlencoded::parse(fragment.as_bytes())
        .into_owned()
        .collect();
    let value = |name: &str| &answer.iter().find(|(known, _)| known == name).unwrap().1;
    assert_eq!(value("state"), "made by the script");

    let script = |request: Request| {
        request
            .header("origin", world.ecosystem.client_app())
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Scripted/1.0")
            .header("sec-fetch-mode", "cors")
    };
    let parameters: Vec<Value> = answer
        .iter()
        .map(|(name, value)| json!({ "name": name, "sha256_hex": sha256_hex(value) }))
        .collect();
    let checks = ["state.matches", "iss.matches", "authorization.succeeded"]
        .map(|id| json!({ "id": id, "outcome": "passed", "expected": "", "got": "" }));
    let report = json!({
        "event": "fragment_received",
        "page": page.element("implicit").attribute("data-page").unwrap(),
        "url": of("data-redirect"),
        "parameters": parameters,
        "checks": checks,
    });
    let told = script(Request::new("POST", &world.app("/record/browser")))
        .header("content-type", "application/json")
        .body(report.to_string());
    assert!(world.send(told).await.status() < 300);
    let preflight = script(Request::new("OPTIONS", &world.api("/photos")))
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    assert!(world.send(preflight).await.status() < 300);
    let call = script(Request::get(&world.api("/photos"))).bearer(value("access_token"));
    world.send(call).await.is(200);
}

#[tokio::test]
async fn implicit() {
    let world = World::new().await;
    runs_implicit(&world).await;
    is_golden(&world, "implicit").await;
}

/// A value's digest, by which a script tells the record which value it saw.
pub(crate) fn sha256_hex(text: &str) -> String {
    use std::fmt::Write;
    let mut hex = String::new();
    for byte in digest(&SHA256, text.as_bytes()).as_ref() {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

/// A client that nobody here wrote is a stranger with a name, and its flow is recorded all the same.
#[tokio::test]
async fn a_strangers_flow_is_recorded() {
    let world = World::new().await;
    let curl = |request: Request| request.header("user-agent", "curl/8.5.0");
    let answer = world
        .send(curl(world.client_credentials(crate::support::SERVICE)))
        .await;
    let token = answer.tokens().access;
    let stats = Request::get(&world.api("/stats")).bearer(&token);
    world.send(curl(stats)).await.is(200);
    let flows = settled(&world).await;
    assert_eq!(flows.len(), 1, "the token joins both requests: {flows:#?}");
    let parties: Vec<String> = flows[0]
        .summary
        .parties
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(parties.contains(&"stranger:curl".to_owned()), "{parties:?}");
    is_golden(&world, "stranger").await;
}

/// Nothing of a record is shown that is a cookie or a form's own token.
#[tokio::test]
async fn no_cookie_and_no_form_token_is_in_the_record() {
    let world = World::new().await;
    let (mut browser, page) = at(&world, "authorization-code").await;
    let csrf = forms(&page.response.text())
        .iter()
        .flat_map(|form| &form.fields)
        .find(|field| field.name == "csrf")
        .map(|field| field.value.clone())
        .expect("a form token");
    let page = browser.press(&page, "run", &[]).await;
    sign_in_and_agree(&mut browser, page).await;
    let recorded = serde_json::to_string(&settled(&world).await).unwrap();
    assert!(!recorded.contains(&csrf), "a form token is in the record");
    let cookies = browser.cookie_values();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        assert!(!recorded.contains(cookie), "a cookie is in the record");
    }
}
