//! One exchange, opened: every tab of every kind of exchange holds what the record holds, checks speak the reader's
//! language, tokens are verified step by step, and the command that is offered really sends the same request.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use ecosystem::record::{ExchangeView, FlowView};

mod checks;
mod explained;
mod tokens;

use crate::support::{ALICE, Answer, Browser, Page, Request, SERVICE, SPA, WEB, World, unescape};

const TABS: [&str; 6] = [
    "words",
    "request",
    "response",
    "parameters",
    "checks",
    "curl",
];
/// What stays behind a *reveal*, or is never kept.
const BEHIND_REVEAL: [&str; 3] = ["authorization", "cookie", "set-cookie"];
/// All flows of the realm, once nothing more arrives.
async fn settled(world: &World) -> Vec<FlowView> {
    let mut before = String::new();
    loop {
        let mut flows = Vec::new();
        for flow in world.realm.flows().await.unwrap() {
            flows.push(world.realm.flow(&flow.id).await.unwrap());
        }
        let now = serde_json::to_string(&flows).unwrap();
        if now == before {
            return flows;
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// The page of an exchange, in a language.
async fn opened(world: &World, exchange: &ExchangeView, tab: &str, language: &str) -> Answer {
    let (flow, id) = (&exchange.flow, &exchange.id);
    let url = world.app(&format!("/flows/{flow}/exchanges/{id}/open?tab={tab}"));
    let request = Request::get(&url).header("accept-language", language);
    world.send(request).await
}

/// The panel of a tab, as it stands in the page.
#[track_caller]
fn panel<'p>(page: &'p str, tab: &str) -> &'p str {
    let start = page.find(&format!("id=\"panel-{tab}\""));
    let panel = &page[start.unwrap_or_else(|| panic!("no panel {tab}"))..];
    panel.split("</section>").next().unwrap()
}

/// What stands in the elements that begin with `opening`.
fn contents(html: &str, opening: &str, end: &str) -> Vec<String> {
    let parts = html.split(opening).skip(1);
    let inner = parts.map(|part| part.split(end).next().unwrap());
    inner.map(unescape).collect()
}

/// A person at the client app runs a grant.
async fn runs(world: &World, grant: &str, fields: &[(&str, &str)]) -> (Browser, Page) {
    let mut browser = Browser::new();
    let page = browser.open(&world.app(&format!("/grants/{grant}"))).await;
    let mut page = browser.press(&page, "run", fields).await;
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    (browser, page)
}

/// The four grants and refresh through the client app, and what a stranger asks besides.
async fn four_grants(world: &World) {
    let person = [("username", ALICE.username), ("password", ALICE.password)];
    let (mut browser, page) = runs(world, "authorization-code", &[]).await;
    let page = browser.press(&page, "call-photos", &[]).await;
    assert!(page.has("api-answer"), "{}", page.text());
    let (mut browser, page) = runs(world, "refresh-token", &[]).await;
    browser.press(&page, "refresh", &[]).await;
    runs(world, "client-credentials", &[]).await;
    runs(world, "password", &person).await;
    let implicit = world
        .authorize(SPA, "photos:read")
        .with("response_type", "token")
        .without("code_challenge")
        .without("code_challenge_method");
    world.agree(ALICE, &implicit).await;
    let token = world.send(world.client_credentials(SERVICE)).await.tokens();
    world.introspection(&token.access).await;
    world
        .send(world.revoke(SERVICE, &token.access))
        .await
        .is(200);
    let tokens = world.tokens(WEB, "openid profile email").await;
    let userinfo = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    world.send(userinfo).await.is(200);
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        world.send(Request::get(&world.auth(path))).await.is(200);
    }
}

/// Everything of an exchange that a page has to show, in the panel where it belongs.
fn shows(page: &str, exchange: &ExchangeView) {
    let missing = |tab: &str, what: &str| {
        let shown = unescape(panel(page, tab));
        assert!(shown.contains(what), "{tab} lacks {what:?}\n{exchange:#?}");
    };
    for (tab, message) in [
        ("request", &exchange.request),
        ("response", &exchange.response),
    ] {
        for header in &message.headers {
            missing(tab, &header.name);
            if !BEHIND_REVEAL.contains(&header.name.as_str()) {
                missing(tab, &header.value);
            }
        }
    }
    for parameter in &exchange.parameters {
        missing("parameters", &parameter.name);
        missing("parameters", &parameter.value);
    }
    for check in &exchange.checks {
        missing("checks", &check.id);
        missing("checks", &check.reference);
    }
    for value in &exchange.values {
        missing("words", value.hash.as_str());
    }
    if !exchange.method.is_empty() {
        missing("curl", exchange.url.split(['?', '#']).next().unwrap());
        missing("request", &format!("{} /", exchange.method));
    }
}

#[tokio::test]
async fn each_tab_of_each_exchange_shows_what_the_record_holds() {
    let world = World::new().await;
    four_grants(&world).await;
    let flows = settled(&world).await;
    let mut places = BTreeSet::new();
    for exchange in flows.iter().flat_map(|flow| &flow.exchanges) {
        for language in ["en", "zh-CN"] {
            let answer = opened(&world, exchange, "words", language).await;
            answer.is(200);
            let page = answer.response.text();
            shows(&page, exchange);
            assert!(
                !page.contains("{opened-") && !page.contains("{token-"),
                "{page}"
            );
        }
        if places.insert((exchange.to.to_string(), exchange.path.clone())) {
            for tab in TABS {
                let answer = opened(&world, exchange, tab, "en").await;
                let page = answer.is(200).response.text();
                for other in TABS {
                    let opening = panel(&page, other).split('>').next().unwrap();
                    assert_eq!(opening.contains("hidden"), other != tab, "{opening}");
                }
            }
        }
    }
    assert!(places.len() > 14, "{places:?}");
    assert_eq!(
        settled(&world).await.len(),
        flows.len(),
        "looking made a flow"
    );
}

/// The secret of the demo's people and clients stands nowhere outside a reveal.
#[tokio::test]
async fn passwords_wait_behind_a_reveal() {
    let world = World::new().await;
    let person = [("username", ALICE.username), ("password", ALICE.password)];
    runs(&world, "password", &person).await;
    let mut revealed = 0;
    for exchange in settled(&world)
        .await
        .iter()
        .flat_map(|flow| &flow.exchanges)
    {
        let page = opened(&world, exchange, "words", "en")
            .await
            .response
            .text();
        let mut outside = String::new();
        for (at, part) in page.split("<details").enumerate() {
            let (inside, rest) = part.split_once("</details>").unwrap_or(("", part));
            if at > 0 && inside.contains(ALICE.password) {
                assert!(inside.starts_with(" class=\"reveal\">"), "{inside}");
                revealed += 1;
            }
            outside.push_str(if at > 0 { rest } else { part });
        }
        for secret in [
            ALICE.password,
            "trusted-secret",
            "dHJ1c3RlZDp0cnVzdGVkLXNlY3JldA",
        ] {
            assert!(
                !outside.contains(secret),
                "{secret} in {} {}",
                exchange.method,
                exchange.path
            );
        }
    }
    assert!(revealed > 3, "{revealed}");
}

/// The command that is offered is run by a real shell, and sends what was sent.
#[tokio::test]
async fn the_command_sends_the_same_request_again() {
    const NASTY: &str = "it's \"q\" $(touch /tmp/grantscope-pwned) `id` ${HOME} \\ !! %41 +&=;\n\t\u{1b}[31m 中文 \u{202e}x";
    let world = World::new().await;
    let request = world.client_credentials(SERVICE).with("x", NASTY);
    let first = world.send(request).await;
    first.is(200);
    let page = opened(&world, &first.exchange().await, "curl", "en")
        .await
        .response
        .text();
    let commands = contents(panel(&page, "curl"), "<pre class=\"code\"", "</code></pre>");
    let full = commands[1]
        .split_once("<code>")
        .expect("the command with its secrets")
        .1;
    let run = |command: String| {
        Command::new("bash")
            .arg("-c")
            .arg(command)
            .output()
            .expect("bash")
    };
    let command = format!("{full} --silent --include");
    let output = tokio::task::spawn_blocking(move || run(command))
        .await
        .unwrap();
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && answer.contains("200 OK"),
        "{answer}\n{full}"
    );
    assert!(!std::path::Path::new("/tmp/grantscope-pwned").exists());
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("exchange-id: "))
        .expect("an id");
    let second = world
        .realm
        .exchange(&id.trim().parse().unwrap())
        .await
        .unwrap();
    let sent = second
        .parameters
        .iter()
        .find(|parameter| parameter.name == "x");
    assert_eq!(sent.expect("x").value, NASTY);
    assert_eq!(second.from.to_string(), "stranger:curl");
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let world = World::new().await;
    let none = "0".repeat(32);
    for path in [
        format!("/flows/{none}/exchanges/{none}/open"),
        "/flows/x/exchanges/y/open?tab=words".to_owned(),
        format!("/api/exchanges/{none}/tokens"),
    ] {
        world.send(Request::get(&world.app(&path))).await.is(404);
    }
    let answer = world.send(world.client_credentials(SERVICE)).await;
    let exchange = answer.exchange().await;
    let elsewhere = world.app(&format!(
        "/flows/{none}/exchanges/{}/open?tab=checks",
        exchange.id
    ));
    let moved = world.send(Request::get(&elsewhere)).await;
    let location = moved.is(303).location();
    assert!(
        location.path().contains(exchange.flow.as_str()),
        "{location}"
    );
    let odd = opened(&world, &exchange, "nonsense", "en").await;
    let page = odd.is(200).response.text();
    assert!(
        !panel(&page, "words")
            .split('>')
            .next()
            .unwrap()
            .contains("hidden")
    );
}
