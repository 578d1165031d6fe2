//! What an operator sees: the id of a request wherever somebody may quote it, its line in the log, and metrics.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystem::Ecosystem;
use serde_json::Value;

use crate::support::{ALICE, Browser, Request, Response, WEB, World};

/// What a reader of OpenMetrics asks for.
const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
/// What stands for a secret in a place where none belongs.
const CANARY: &str = "canary-5e1c9d";

/// A world whose ecosystem nobody else calls.
async fn alone() -> World {
    World::at_root(Arc::new(Ecosystem::start().await.expect("it starts")))
}

/// The request's id, as its answer tells it: 32 lower-case hex digits.
#[track_caller]
fn request_id(answer: &Response) -> String {
    let id = answer.header("x-request-id").unwrap_or_default();
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    assert!(id.len() == 32 && id.bytes().all(hex), "{id:?}");
    id.to_owned()
}

/// What the service at `base` has counted, as OpenMetrics.
async fn metrics(base: &str) -> String {
    let url = format!("{base}/metrics");
    let answer = Request::get(&url)
        .header("accept", OPEN_METRICS)
        .send()
        .await;
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap_or_default();
    assert_eq!(
        kind,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.text()
}

/// The samples whose line has all of `parts`.
fn samples<'a>(text: &'a str, parts: &[&str]) -> Vec<&'a str> {
    let all = text.lines().filter(|line| !line.starts_with('#'));
    all.filter(|line| parts.iter().all(|part| line.contains(part)))
        .collect()
}

/// The value of the one sample with all of `parts`.
#[track_caller]
fn value(text: &str, parts: &[&str]) -> f64 {
    let found = samples(text, parts);
    assert_eq!(found.len(), 1, "{parts:?}: {found:?}");
    let sample = found[0].split(" # ").next().expect("a sample");
    let value = sample.rsplit(' ').next().expect("a value");
    value.parse().expect("a number")
}

/// What the exemplar of a sample names.
fn exemplar<'a>(sample: &'a str, label: &str) -> &'a str {
    let (_, rest) = sample
        .split_once(&format!("{label}=\""))
        .unwrap_or_else(|| panic!("no {label} in {sample}"));
    rest.split('"').next().expect("an id")
}

#[tokio::test]
async fn every_answer_names_its_request_and_an_observed_one_its_exchange() {
    let world = World::new().await;
    for url in [
        world.app("/"),
        world.app("/flows"),
        world.app("/nothing/here"),
        world.auth("/healthz"),
        world.auth("/nothing/here"),
        world.api("/nothing/here"),
    ] {
        let answer = Request::get(&url).send().await;
        request_id(&answer);
    }
    for (url, status) in [
        (world.auth("/jwks"), 200),
        (world.auth("/authorize"), 400),
        (world.api("/me"), 401),
    ] {
        let answer = Request::get(&url).send().await;
        assert_eq!(answer.status, status, "{url}");
        let id = request_id(&answer);
        assert_eq!(answer.header("exchange-id"), Some(id.as_str()), "{url}");
    }
    // Not even a host that the service does not answer for goes without.
    let foreign = Request::get(&world.auth("/jwks")).header("host", "evil.example");
    let foreign = foreign.send().await;
    assert_eq!(foreign.status, 421);
    request_id(&foreign);
    // A person under such a name reads it, in the language that the browser asks for.
    for (language, title) in [
        ("en", "does not answer under that name"),
        ("zh-CN,en;q=0.5", "本服务不以这个主机名应答"),
    ] {
        let page = Request::get(&world.app("/"))
            .header("host", "evil.example")
            .header("accept", "text/html")
            .header("accept-language", language);
        let page = page.send().await;
        assert_eq!(page.status, 421);
        let id = request_id(&page);
        assert!(page.text().contains(title), "{}", page.text());
        assert!(page.text().contains(&id), "{}", page.text());
    }
}

#[tokio::test]
async fn a_page_that_says_what_went_wrong_has_the_id_of_its_request() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.auth("/login")).await;
    assert!(!page.has("exchange-id"), "nothing went wrong");
    let wrong = [("username", "alice"), ("password", "wrong")];
    let login = browser.press(&page, "login-submit", &wrong).await;
    let right = [("username", ALICE.username), ("password", ALICE.password)];
    browser.press(&login, "login-submit", &right).await;
    let page = browser.open(&world.auth("/device")).await;
    let device = browser
        .press(&page, "device-submit", &[("user_code", "BCDF-GHJK")])
        .await;
    let flow = browser.look(&world.app("/flows/0123")).await;
    let gone = browser.look(&world.app("/paused/0123")).await;
    for (page, status) in [(login, 422), (device, 422), (flow, 404), (gone, 404)] {
        assert_eq!(page.response.status, status, "{}", page.text());
        let id = request_id(&page.response);
        assert!(page.has("exchange-id"), "{}", page.text());
        assert!(page.text().contains(&id), "{}", page.text());
    }
}

#[tokio::test]
async fn a_request_id_of_a_stranger_is_not_taken_over() {
    let world = World::new().await;
    let theirs = "0123456789abcdef0123456789abcdef";
    for path in ["/jwks", "/nothing"] {
        let request = Request::get(&world.auth(path)).header("x-request-id", theirs);
        assert_ne!(request_id(&request.send().await), theirs, "{path}");
    }
}

#[tokio::test]
async fn an_error_page_shows_the_id_that_its_header_and_the_record_have() {
    let world = World::new().await;
    let page = Request::get(&world.auth("/authorize?client_id=nobody"));
    let page = page.header("accept", "text/html").send().await;
    assert_eq!(page.status, 400);
    let id = request_id(&page);
    assert!(page.text().contains(&id), "{}", page.text());
    assert!(page.text().contains(&format!("/exchanges/{id}/flow")));
    let exchange = world.realm.exchange(&id.parse().expect("an id")).await;
    assert_eq!(exchange.expect("recorded").path, "/authorize");
    // What has no route is in no record, and in the log under its id.
    for base in [world.auth("/nothing"), world.app("/nothing")] {
        let page = Request::get(&base).header("accept", "text/html");
        let page = page.send().await;
        assert_eq!(page.status, 404);
        let id = request_id(&page);
        assert!(page.text().contains(&id), "{base}: {}", page.text());
        assert!(!page.text().contains(&format!("/exchanges/{id}/flow")));
    }
}

#[tokio::test]
async fn requests_refusals_and_tokens_are_counted_and_lead_to_their_exchange() {
    let world = alone().await;
    let tokens = world.tokens(WEB, "openid photos:read").await;
    let answer = Request::get(&world.api("/photos"))
        .bearer(&tokens.access)
        .send()
        .await;
    let photos = request_id(&answer);
    let wrong = Request::post(
        &world.auth("/token"),
        &[("grant_type", "client_credentials")],
    );
    let wrong = wrong.basic("web", CANARY).send().await;
    let refused = request_id(&wrong);

    let counted = metrics(world.ecosystem.auth_server()).await;
    let ok = [
        "grantscope_request_duration_seconds_count",
        "route=\"/token\"",
        "status=\"2xx\"",
    ];
    assert!(value(&counted, &ok) >= 1.0);
    let check = [
        "grantscope_refusals_total",
        "check=\"client.authenticated\"",
    ];
    let check = samples(&counted, &check);
    assert_eq!(exemplar(check[0], "exchange_id"), refused, "{check:?}");
    let issued = |token: &str| {
        let token = format!("token=\"{token}\"");
        let labels = [
            "grantscope_tokens_issued_total",
            "grant=\"authorization_code\"",
            &token,
        ];
        value(&counted, &labels)
    };
    assert!(issued("code") >= 1.0 && issued("access_token") >= 1.0 && issued("id_token") >= 1.0);
    assert!(value(&counted, &["grantscope_record_exchanges_total", "kept"]) >= 3.0);
    assert!(value(&counted, &["grantscope_signing_key_age_seconds"]) >= 0.0);
    assert!(!counted.contains(CANARY), "{counted}");

    let counted = metrics(world.ecosystem.resource_server()).await;
    let bucket = ["_bucket", "route=\"/photos\"", "exchange_id"];
    let bucket = samples(&counted, &bucket);
    assert_eq!(exemplar(bucket[0], "exchange_id"), photos, "{bucket:?}");
    let exchange = world.realm.exchange(&photos.parse().expect("an id")).await;
    assert_eq!(exchange.expect("recorded").path, "/photos");
}

#[tokio::test]
async fn an_exemplar_of_the_client_app_leads_to_the_flow() {
    let world = alone().await;
    let tokens = world.tokens(WEB, "photos:read").await;
    let answer = Request::get(&world.api("/photos"))
        .bearer(&tokens.access)
        .send()
        .await;
    let id = request_id(&answer).parse().expect("an id");
    let flow = world.realm.exchange(&id).await.expect("recorded").flow;
    let counted = metrics(world.ecosystem.client_app()).await;
    let seen = [
        "grantscope_observed_exchanges_total",
        "observer=\"resource-server\"",
        "2xx",
    ];
    let seen = samples(&counted, &seen);
    assert_eq!(exemplar(seen[0], "flow_id"), flow.to_string(), "{seen:?}");
    let url = world.app(&format!("/flows/{}", exemplar(seen[0], "flow_id")));
    assert_eq!(Request::get(&url).send().await.status, 200);
    assert!(value(&counted, &["grantscope_record_size_exchanges "]) >= 4.0);
}

#[tokio::test]
async fn whoever_does_not_ask_for_openmetrics_gets_the_plain_format() {
    let world = alone().await;
    Request::get(&world.auth("/jwks")).send().await;
    for accept in ["*/*", "text/plain;version=0.0.4"] {
        let url = format!("{}/metrics", world.ecosystem.auth_server());
        let answer = Request::get(&url).header("accept", accept).send().await;
        let kind = answer.header("content-type").unwrap_or_default();
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
        let text = answer.text();
        assert!(
            text.contains("# TYPE grantscope_sweeps_total counter\n"),
            "{text}"
        );
        assert!(
            !text.contains("exchange_id") && !text.contains("# EOF"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_a_proxy_forwards_and_what_a_page_asks_for_gets_no_metrics() {
    let world = World::new().await;
    for base in [
        world.ecosystem.client_app(),
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    ] {
        let url = format!("{base}/metrics");
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            let request = Request::get(&url).header(name, "192.0.2.7");
            assert_eq!(request.send().await.status, 404, "{name}");
        }
        let rebound = Request::get(&url).header("host", "evil.example");
        assert_eq!(rebound.send().await.status, 421);
    }
}

/// The labels of every sample, but those of histograms' buckets.
fn labels(text: &str) -> BTreeSet<&str> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let sets = samples.filter_map(|line| {
        let (_, rest) = line.split_once('{')?;
        Some(rest.split("} ").next()?.trim_end_matches('}'))
    });
    sets.filter(|labels| !labels.contains("le=")).collect()
}

#[tokio::test]
async fn no_request_makes_a_label_of_its_own() {
    let world = alone().await;
    let ask = async |number: usize| {
        for base in [world.auth(""), world.app(""), world.api("")] {
            let path = format!("{base}/{CANARY}/{number}?{CANARY}={number}");
            Request::get(&path).send().await;
            let method = format!("CANARY{number}");
            Request::new(&method, &path).send().await;
        }
        let client = format!("{CANARY}-{number}");
        let form = [("grant_type", client.as_str()), ("client_id", &client)];
        Request::post(&world.auth("/token"), &form).send().await;
        let me = Request::get(&world.api("/me")).bearer(&client);
        me.send().await;
    };
    ask(0).await;
    let before = metrics(world.ecosystem.auth_server()).await;
    for number in 1..20 {
        ask(number).await;
    }
    let after = metrics(world.ecosystem.auth_server()).await;
    let (before, after) = (labels(&before).len(), labels(&after).len());
    assert!(
        after <= before + 1,
        "{before} sets of labels became {after}"
    );
    for base in [
        world.ecosystem.client_app(),
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    ] {
        assert!(!metrics(base).await.to_ascii_lowercase().contains("canary"));
    }
}

/// Starts the demo with its log as JSON, gives its three URLs to `work`, stops it, and gives its log.
async fn log_of<F: Future<Output = ()>>(work: impl FnOnce(Value) -> F) -> Vec<Value> {
    let directory = tempfile::tempdir().expect("a directory");
    let ready = directory.path().join("ready.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_ecosystem"))
        .args(["--memory", "--ports", "0,0,0", "--log-format", "json"])
        .args(["--ready-file", "ready.json"])
        .current_dir(directory.path())
        .env("RUST_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let began = Instant::now();
    while !ready.exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "not ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let urls = std::fs::read_to_string(&ready).expect("it is there");
    work(serde_json::from_str(&urls).expect("JSON")).await;
    let pid = child.id().to_string();
    let stopped = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(stopped.expect("kill").success());
    let mut log = String::new();
    let mut errors = child.stderr.take().expect("piped");
    errors.read_to_string(&mut log).expect("UTF-8");
    child.wait().expect("it ends");
    assert!(!log.contains(CANARY), "{log}");
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    log.lines().map(line).collect()
}

#[tokio::test]
async fn the_log_has_one_line_a_request_under_its_id_and_no_secret() {
    let mut sent = Vec::new();
    let log = log_of(async |urls: Value| {
        let auth = urls["auth_server"].as_str().expect("a URL");
        let token = format!("{auth}/token");
        let form = [("grant_type", "authorization_code"), ("code", CANARY)];
        let refused = Request::post(&token, &form).basic("web", CANARY);
        sent.push((request_id(&refused.send().await), "/token", "INFO"));
        let page = Request::get(&format!("{auth}/authorize?client_id=web&state={CANARY}"));
        sent.push((request_id(&page.send().await), "/authorize", "INFO"));
        let lost = Request::get(&format!("{auth}/{CANARY}?{CANARY}")).header("cookie", CANARY);
        sent.push((request_id(&lost.send().await), "none", "INFO"));
        let probe = Request::get(&format!("{auth}/healthz"));
        request_id(&probe.send().await);
    })
    .await;
    for (id, path, level) in &sent {
        let lines: Vec<_> = log
            .iter()
            .filter(|line| line["request_id"] == **id)
            .collect();
        assert_eq!(lines.len(), 1, "{id}: {lines:?}");
        let line = lines[0];
        assert_eq!(line["path"], *path, "{line}");
        assert_eq!(line["level"], *level, "{line}");
        assert_eq!(line["service"], "auth-server", "{line}");
        assert!(
            line["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0),
            "{line}"
        );
        assert!(
            line["status"].as_u64().is_some_and(|status| status >= 400),
            "{line}"
        );
    }
    let by_path = |path: &str| log.iter().find(|line| line["path"] == path);
    let token = by_path("/token").expect("a line");
    assert_eq!(token["client_id"], "web", "{token}");
    assert_eq!(token["check"], "client.authenticated", "{token}");
    assert_eq!(token["realm"], "default", "{token}");
    assert!(by_path("/healthz").is_none(), "a probe fills the log");
}

#[tokio::test]
async fn the_documented_metrics_are_those_that_are_exported() {
    let world = alone().await;
    let tokens = world.tokens(WEB, "openid photos:read").await;
    for path in ["/photos", "/nothing"] {
        let request = Request::get(&world.api(path)).bearer(&tokens.access);
        request.send().await;
    }
    Request::get(&world.auth("/authorize")).send().await;
    let mut exported = BTreeSet::new();
    for base in [
        world.ecosystem.client_app(),
        world.ecosystem.auth_server(),
        world.ecosystem.resource_server(),
    ] {
        let text = metrics(base).await;
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        exported.extend(types.map(|line| match line.split_once(' ') {
            Some((name, "counter")) => format!("{name}_total"),
            Some((name, _)) => name.to_owned(),
            None => panic!("{line}"),
        }));
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("../docs/operations.md")).expect("the document");
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `grantscope_"));
    let documented: BTreeSet<String> = rows
        .filter_map(|row| row.split('`').next())
        .map(|name| format!("grantscope_{name}"))
        .collect();
    assert_eq!(documented, exported);
}
