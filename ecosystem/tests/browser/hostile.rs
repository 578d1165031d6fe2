//! Everything captured is hostile text: texts that try to become markup or script, in every parameter, header and
//! body that the record keeps, and then every page that shows them, opened in a browser that would run them.

use std::collections::{BTreeSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::control::Decision;
use shared::flow::Party;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::support::{Browser, World};

/// Each would set `window.executed`, or leave an element or attribute behind that gives it away.
const CORPUS: [&str; 22] = [
    "<script>window.executed=1</script>",
    "</script><script>window.executed=1</script>",
    "</style><script>window.executed=1</script>",
    "</textarea></title></pre></code><img src=x onerror=window.executed=1>",
    "\"><img src=x onerror=window.executed=1>",
    "'><svg onload=window.executed=1>",
    "\" autofocus onfocus=window.executed=1 x=\"",
    "' onmouseover='window.executed=1",
    "<iframe srcdoc='<script>parent.executed=1</script>'></iframe>",
    "<svg><animate onbegin=window.executed=1 attributeName=x></svg>",
    "<details open ontoggle=window.executed=1>",
    "<a href=\"javascript:window.executed=1\">x</a>",
    "javascript:window.executed=1",
    "data:text/html,<script>opener.executed=1</script>",
    "<math><mtext><style><img src=x onerror=window.executed=1>",
    "<!--><img src=x onerror=window.executed=1>-->",
    "]]><script>window.executed=1</script>",
    "{{constructor.constructor('window.executed=1')()}}",
    "${window.executed=1}`window.executed=1`",
    "&lt;script&gt;window.executed=1&lt;/script&gt;&#60;img src=x onerror=window.executed=1&#62;",
    "<base href=//evil.invalid/><meta http-equiv=refresh content=0;url=//evil.invalid/>",
    "<form action=//evil.invalid/><button formaction=javascript:window.executed=1>\u{202e}\u{0}\u{7f}",
];
/// What gives away that a text became markup: none of these is on any page of ours.
const MARKUP: &str = "const found = [];
    if (window.executed) found.push('it ran');
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on') || name === 'srcdoc' || name === 'formaction') found.push(`${name}=${value}`);
        if (/^\\s*(javascript|data):/i.test(value) && /^(xlink:)?(href|src|action)$/.test(name) && element.rel !== 'icon') found.push(`${name}=${value}`);
      }
    }
    for (const script of document.scripts) if (!script.src.startsWith(location.origin)) found.push('a script');
    for (const element of document.querySelectorAll('base, iframe, object, embed, img[src=x], math, animate[attributeName=x]')) found.push(element.outerHTML);
    return found;";

/// All texts, each as a name and as a value.
fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    CORPUS.iter().map(|text| (*text, *text))
}

/// The protocol's names with a hostile value each, then every text as name and value.
fn form(names: &[&'static str]) -> String {
    let pairs = names.iter().copied().zip(CORPUS.iter().copied().cycle());
    let mut form = Serializer::new(String::new());
    form.extend_pairs(pairs).extend_pairs(all()).finish()
}

/// A text as it can stand in a header.
fn one_line(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && c.is_ascii())
        .collect()
}

/// Sends one request and reads the answer's id.
async fn send(base: &str, method: &str, target: &str, headers: &str, body: &str) -> String {
    let authority = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority.replace("localhost", "127.0.0.1"))
        .await
        .expect("the service");
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("to send");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("exchange-id: "));
    id.unwrap_or_else(|| panic!("{method} {target}: {answer}"))
        .to_owned()
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const PAGE: &str = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n";

/// Headers of which each carries a text.
fn headers() -> String {
    let texts = CORPUS.iter().zip(0..);
    let lines: Vec<_> = texts
        .map(|(text, at)| format!("X-Hostile-{at}: {}\r\n", one_line(text)))
        .collect();
    lines.concat()
}

/// Every text as name and value of a JSON object.
fn members() -> Value {
    let members = all().map(|(name, value)| (name.to_owned(), json!(value)));
    Value::Object(members.collect())
}

/// A header with something that looks like a JWT (RFC 7519) of hostile claims.
fn bearer() -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = json!({"alg": CORPUS[0], "kid": CORPUS[4], "typ": CORPUS[5]});
    let (header, claims) = (part(&header), part(&members()));
    format!("Authorization: Bearer {header}.{claims}.c2ln\r\n")
}

/// Requests that carry the corpus to the auth server; their exchanges.
async fn attack_auth_server(world: &World) -> Vec<String> {
    let auth = world.auth("");
    let redirect_uri: String = byte_serialize(world.app("/callback").as_bytes()).collect();
    let request = form(&[
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "login_hint",
        "prompt",
        "display",
        "ui_locales",
    ]);
    let known = format!(
        "/authorize?response_type=code&client_id=web&redirect_uri={redirect_uri}&{request}"
    );
    let token = form(&[
        "grant_type",
        "code",
        "redirect_uri",
        "client_id",
        "client_secret",
        "code_verifier",
        "refresh_token",
        "scope",
        "username",
        "password",
    ]);
    let credentials = STANDARD.encode(format!("{}:{}", CORPUS[3], CORPUS[4]));
    let basic = format!("Authorization: Basic {credentials}\r\n{FORM}{}", headers());
    let agent = one_line(CORPUS[4]);
    let agent = format!("User-Agent: {agent}\r\nReferer: {agent}\r\nOrigin: {agent}\r\n{FORM}");
    let page = "Content-Type: text/html\r\n";
    vec![
        send(&auth, "GET", &known, PAGE, "").await,
        send(&auth, "GET", &format!("/authorize?{request}"), PAGE, "").await,
        send(&auth, "POST", "/token", FORM, &token).await,
        send(&auth, "POST", "/token", &basic, "grant_type=code").await,
        send(&auth, "POST", "/token", JSON, &members().to_string()).await,
        send(&auth, "POST", "/introspect", &agent, &form(&["token"])).await,
        send(&auth, "POST", "/revoke", page, &CORPUS.join("\n")).await,
    ]
}

/// The same to the API and to the client app's callback.
async fn attack_the_others(world: &World) -> Vec<String> {
    let (app, api, bearer) = (world.app(""), world.api(""), bearer());
    let path: String = byte_serialize(CORPUS[4].as_bytes()).collect();
    let picture = format!("/photos/{path}/picture.svg");
    let photo = format!("{bearer}{JSON}");
    let came_back = form(&[
        "code",
        "state",
        "iss",
        "error",
        "error_description",
        "error_uri",
    ]);
    let callback = format!("/callback?{came_back}");
    vec![
        send(
            &api,
            "GET",
            "/photos",
            &format!("{bearer}{}", headers()),
            "",
        )
        .await,
        send(&api, "GET", &picture, &bearer, "").await,
        send(&api, "POST", "/photos", &photo, &members().to_string()).await,
        send(&app, "GET", &callback, PAGE, "").await,
    ]
}

/// How many comparisons are looked at: everything with everything is no page more.
const MOST_PAIRS: usize = 12;

/// Opens pages and what they link to below one of `within`, each address once, and looks whether anything became
/// markup; gives the exchanges that it met.
async fn crawl(
    browser: &Browser,
    world: &World,
    (starts, within): (&[&str], &[&str]),
) -> BTreeSet<String> {
    let (mut seen, mut shown) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting: VecDeque<String> = starts.iter().map(|start| world.app(start)).collect();
    let within: Vec<String> = within.iter().map(|path| world.app(path)).collect();
    let mut pairs = 0;
    while let Some(url) = waiting.pop_front() {
        if !seen.insert(url.clone()) {
            continue;
        }
        browser.open(&url).await;
        browser.finds("main").await;
        let found = browser.script(MARKUP, Vec::new()).await;
        assert_eq!(found, json!([]), "{url}");
        let ids = browser
            .script(
                "return [...document.querySelectorAll('[id^=x-]')].map(e => e.id.slice(2))",
                Vec::new(),
            )
            .await;
        shown.extend(serde_json::from_value::<Vec<String>>(ids).expect("ids"));
        let links = browser
            .script("return [...document.querySelectorAll('main a[href]:not([download])')].map(a => new URL(a.getAttribute('href'), location.href).href)", Vec::new())
            .await;
        let links: Vec<String> = serde_json::from_value(links).expect("links");
        for link in links {
            let Ok(mut link) = Url::parse(&link) else {
                continue;
            };
            link.set_fragment(None);
            let page = within.iter().any(|path| link.as_str().starts_with(path));
            // A file is for taking away.
            let file = link
                .path()
                .rsplit('/')
                .next()
                .is_some_and(|name| name.contains('.'));
            let pair = link.query_pairs().any(|(name, _)| name == "with");
            if pair && !seen.contains(link.as_str()) {
                pairs += 1;
            }
            if page && !file && (!pair || pairs <= MOST_PAIRS) {
                waiting.push_back(link.into());
            }
        }
    }
    shown
}

/// A request that carries the corpus and waits at a breakpoint: the pages that show it meanwhile. Gives its exchange.
async fn waits_and_is_looked_at(browser: &Browser, world: &World) -> String {
    let realm = world.ecosystem.default_realm();
    let set = realm.pause_at(Party::AuthServer, "POST", "/token");
    set.expect("a breakpoint");
    let auth = world.auth("");
    let body = form(&["grant_type", "code", "client_id", "scope", "password"]);
    let headers = format!("{FORM}{}{}", headers(), bearer());
    let asked =
        actix_web::rt::spawn(async move { send(&auth, "POST", "/token", &headers, &body).await });
    let paused = realm.next_paused().await.expect("it waits");
    let one = format!("/paused/{}", paused.id);
    crawl(browser, world, (&["/paused", &one], &["/paused/"])).await;
    realm.clear_breakpoints();
    realm
        .decide(&paused, Decision::Continue)
        .expect("it still waits");
    asked.await.expect("an answer")
}

#[actix_web::test]
async fn nothing_that_was_captured_becomes_markup_or_runs() {
    let world = World::start().await;
    let mut exchanges = attack_auth_server(&world).await;
    exchanges.extend(attack_the_others(&world).await);
    let browser = world.browser().await;
    exchanges.push(waits_and_is_looked_at(&browser, &world).await);
    let pages = ["/flows", "/clients/web"];
    let shown = crawl(&browser, &world, (&pages, &["/flows/", "/clients/"])).await;
    let unseen: Vec<_> = exchanges.iter().filter(|id| !shown.contains(*id)).collect();
    assert!(unseen.is_empty(), "on no page: {unseen:?}");
    browser.leave().await;
}
