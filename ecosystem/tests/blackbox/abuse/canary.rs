//! A canary in every field: values that nobody else has, sent wherever a request has room for one. None may sing in a
//! log (at any level), on an error page, in an export, in a figure for operators, or in another realm.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Browser, Request, Response, base64url, encode};

/// The program itself, with everything that it writes kept in files.
struct Program {
    child: Child,
    directory: tempfile::TempDir,
    urls: Value,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let seed = directory.path().join("seed.toml");
        std::fs::write(&seed, seeded()).unwrap();
        let file = |name: &str| File::create(directory.path().join(name)).unwrap();
        let ready = directory.path().join("ready.json");
        let mut child = Command::new(env!("CARGO_BIN_EXE_ecosystem"))
            .args(["--memory", "--ports", "0,0,0", "--ready-file"])
            .arg(&ready)
            .arg("--seed")
            .arg(&seed)
            .env("RUST_LOG", "trace")
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::from(file("stdout")))
            .stderr(Stdio::from(file("stderr")))
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !ready.exists() {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended: {}",
                read(directory.path(), "stderr")
            );
            assert!(begun.elapsed() < Duration::from_mins(1), "not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let urls = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
        Self {
            child,
            directory,
            urls,
        }
    }

    fn url(&self, service: &str, path: &str) -> String {
        format!("{}{path}", self.urls[service].as_str().unwrap())
    }

    fn auth(&self, path: &str) -> String {
        self.url("auth_server", path)
    }

    fn app(&self, path: &str) -> String {
        self.url("client_app", path)
    }

    fn api(&self, path: &str) -> String {
        self.url("resource_server", path)
    }

    /// Everything that it has written so far.
    fn written(&self) -> String {
        let directory = self.directory.path();
        format!("{}{}", read(directory, "stdout"), read(directory, "stderr"))
    }
}

fn read(directory: &Path, name: &str) -> String {
    let bytes = std::fs::read(directory.join(name)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The demo, and a realm beside it that nothing happens in.
fn seeded() -> String {
    let demo =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/demo.toml"));
    let demo = demo.unwrap();
    let (_, realm) = demo.split_once("[[realm]]").expect("a realm");
    let other = realm.replacen("name = \"default\"", "name = \"other\"", 1);
    assert_ne!(realm, other, "the demo's realm has another name");
    format!("{demo}\n[[realm]]{other}")
}

/// The canaries that were let go, and where.
#[derive(Default)]
struct Canaries {
    all: Vec<(String, String)>,
}

impl Canaries {
    /// A new one, for this place.
    fn let_go(&mut self, place: &str) -> String {
        let number = self.all.len();
        // 43 characters, as our own secrets have; no two alike.
        let value = format!(
            "CaNaRy{number:04}{}",
            base64url(format!("{place} canary").as_bytes())
        );
        let value: String = value
            .chars()
            .chain("x".repeat(43).chars())
            .take(43)
            .collect();
        let value = value.replace(['-', '_'], "z");
        self.all.push((value.clone(), place.to_owned()));
        value
    }

    /// One that a service gave out.
    fn given(&mut self, place: &str, value: &str) {
        assert!(value.len() > 16, "{place}: {value:?}");
        self.all.push((value.to_owned(), place.to_owned()));
    }

    /// Those that sing in `text`, in any of the ways in which a value is written.
    fn heard_in(&self, text: &str) -> Vec<String> {
        let sings = |value: &str| {
            let encoded = base64url(value.as_bytes());
            // The middle of it: its ends depend on what stands beside it.
            let middle = &encoded[4..encoded.len() - 4];
            text.contains(value) || text.contains(middle)
        };
        self.all
            .iter()
            .filter(|(value, _)| sings(value))
            .map(|(value, place)| format!("{place}: {value}"))
            .collect()
    }
}

/// Fields that hold secrets at one endpoint or another, and one that nobody knows.
const FIELDS: [&str; 24] = [
    "password",
    "username",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "code_challenge",
    "refresh_token",
    "access_token",
    "id_token",
    "id_token_hint",
    "token",
    "device_code",
    "user_code",
    "client_assertion",
    "assertion",
    "subject_token",
    "actor_token",
    "request",
    "request_uri",
    "state",
    "nonce",
    "login_hint",
    "unknown_parameter",
];
/// Headers that do, or might.
const HEADERS: [&str; 10] = [
    "authorization",
    "cookie",
    "dpop",
    "referer",
    "x-api-key",
    "origin",
    "user-agent",
    "x-forwarded-for",
    "if-none-match",
    "accept-language",
];

/// Where requests are answered, and where nothing is.
fn endpoints(program: &Program) -> Vec<String> {
    vec![
        program.auth("/token"),
        program.auth("/par"),
        program.auth("/introspect"),
        program.auth("/revoke"),
        program.auth("/device_authorization"),
        program.auth("/authorize"),
        program.auth("/login"),
        program.auth("/consent"),
        program.auth("/device"),
        program.auth("/logout"),
        program.auth("/userinfo"),
        program.auth("/apps"),
        program.auth("/nowhere"),
        program.api("/photos"),
        program.api("/me"),
        program.api("/nowhere"),
        program.app("/callback"),
        program.app("/sign-in/callback"),
        program.app("/grants/password/run"),
        program.app("/backchannel-logout"),
        program.app("/lab/prints"),
        program.app("/nowhere"),
    ]
}

/// One request to every endpoint with a canary in each field, and in each header; their answers.
async fn let_go(program: &Program, canaries: &mut Canaries) -> Vec<Response> {
    let mut answers = Vec::new();
    for url in endpoints(program) {
        for request in in_fields(&url, canaries) {
            answers.push(request.send().await);
        }
        for request in in_headers(&url, canaries) {
            answers.push(request.send().await);
        }
        for request in in_strange_places(&url, canaries) {
            answers.push(request.send().await);
        }
    }
    for path in ["/register", "/register/x"] {
        let canary = canaries.let_go("a registration");
        let key = serde_json::json!({"kty": "EC", "d": canary});
        let json = serde_json::json!({"client_name": "x", "jwks": {"keys": [key]}});
        let request = Request::new("POST", &program.auth(path))
            .header("content-type", "application/json")
            .bearer(&canary)
            .body(json.to_string());
        answers.push(request.send().await);
    }
    answers
}

/// In every parameter, of a body and of a URL.
fn in_fields(url: &str, canaries: &mut Canaries) -> Vec<Request> {
    let grants = [
        "authorization_code",
        "refresh_token",
        "password",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ];
    let mut requests = Vec::new();
    for grant in grants {
        let mut form = Request::post(url, &[("grant_type", grant)]);
        for field in FIELDS {
            form = form.with(
                field,
                &canaries.let_go(&format!("{field} in a body to {url}")),
            );
        }
        requests.push(form);
    }
    for field in FIELDS {
        let canary = canaries.let_go(&format!("{field} in a URL of {url}"));
        let get = format!("{url}?{}", encode(&[(field, &canary)]));
        requests.push(Request::get(&get).header("accept", "text/html"));
    }
    requests
}

/// In every header.
fn in_headers(url: &str, canaries: &mut Canaries) -> Vec<Request> {
    let mut requests = Vec::new();
    for header in HEADERS {
        let canary = canaries.let_go(&format!("{header} to {url}"));
        let value = match header {
            "authorization" => format!("Bearer {canary}"),
            "cookie" => format!("as_session={canary}; app_session={canary}; as_device={canary}"),
            "origin" | "referer" => format!("https://{canary}.example"),
            _ => canary,
        };
        requests.push(Request::new("POST", url).header(header, value));
    }
    let canary = canaries.let_go(&format!("Basic to {url}"));
    requests.push(Request::post(url, &[("a", "b")]).basic("web", &canary));
    let canary = canaries.let_go(&format!("a content type to {url}"));
    requests.push(Request::new("POST", url).header("content-type", canary));
    requests
}

/// In a path, and in JSON: as a value and as a name.
fn in_strange_places(url: &str, canaries: &mut Canaries) -> Vec<Request> {
    let canary = canaries.let_go(&format!("a path below {url}"));
    let below = Request::get(&format!("{url}/{canary}")).header("accept", "text/html");
    let canary = canaries.let_go(&format!("JSON to {url}"));
    let json = serde_json::json!({
        "client_secret": canary, "redirect_uris": [canary], canary.clone(): 1,
    });
    let json = Request::new("POST", url)
        .header("content-type", "application/json")
        .body(json.to_string());
    vec![below, json]
}

/// A whole flow in a browser, with wrong turns; every secret that it carried becomes a canary.
async fn whole_flow(program: &Program, canaries: &mut Canaries) {
    let mut browser = Browser::new();
    let start = browser
        .open(&program.app("/grants/authorization-code"))
        .await;
    let page = browser.press(&start, "run", &[]).await;
    let wrong = canaries.let_go("a password that is wrong");
    let fields = [("username", "alice"), ("password", wrong.as_str())];
    let page = browser.press(&page, "login-submit", &fields).await;
    let fields = [("username", "alice"), ("password", "alice-password")];
    let page = browser.press(&page, "login-submit", &fields).await;
    let page = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    for hop in &page.hops {
        let Some(location) = hop.header("location") else {
            continue;
        };
        let query = location.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if ["code", "state"].contains(&&*name) {
                canaries.given(&format!("{name} of a real flow"), &value);
            }
        }
    }
    for cookie in browser.cookie_values() {
        canaries.given("a cookie of a real browser", cookie);
    }
    let form = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", "alice-password"),
        ("scope", "openid photos:read offline_access"),
    ];
    let answer = Request::post(&program.auth("/token"), &form).basic("trusted", "trusted-secret");
    let tokens: Value = serde_json::from_slice(&answer.send().await.body).unwrap();
    for name in ["access_token", "refresh_token", "id_token"] {
        if let Some(token) = tokens[name].as_str() {
            // The signature is what makes it one.
            canaries.given(&format!("a real {name}"), token.rsplit('.').next().unwrap());
        }
    }
    let token = tokens["access_token"].as_str().unwrap();
    let photos = Request::get(&program.api("/photos"))
        .bearer(token)
        .send()
        .await;
    assert_eq!(photos.status, 200);
}

async fn flows(program: &Program, base: &str) -> Vec<Value> {
    let answer = Request::get(&program.app(&format!("{base}/api/flows")))
        .send()
        .await;
    let flows: Value = serde_json::from_slice(&answer.body).unwrap();
    flows["flows"].as_array().unwrap().clone()
}

#[tokio::test]
async fn no_canary_sings() {
    let program = Program::start().await;
    let mut canaries = Canaries::default();
    let answers = let_go(&program, &mut canaries).await;
    whole_flow(&program, &mut canaries).await;
    println!(
        "{} canaries in {} requests",
        canaries.all.len(),
        answers.len()
    );
    let failed: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status >= 500)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let heard = [
        on_error_pages(&answers, &canaries),
        in_exports(&program, &canaries).await,
        elsewhere(&program, &canaries).await,
        in_the_log(&program, &canaries),
    ];
    assert!(heard.iter().all(Vec::is_empty), "{heard:#?}");
}

/// What names somebody is shown to whoever sent it, and so is what they said they sent; a secret is not.
fn on_error_pages(answers: &[Response], canaries: &Canaries) -> Vec<String> {
    let shown = [
        "username in",
        "login_hint in",
        "user_code in",
        "state in",
        "client_id in",
        "request_uri in",
        "a content type to",
    ];
    let mut heard = Vec::new();
    for answer in answers.iter().filter(|answer| answer.status >= 400) {
        for canary in canaries.heard_in(&answer.text()) {
            if !shown.iter().any(|place| canary.starts_with(place)) {
                heard.push(format!("{} {}: {canary}", answer.status, answer.url.path()));
            }
        }
    }
    heard
}

/// Files of what was recorded.
async fn in_exports(program: &Program, canaries: &Canaries) -> Vec<String> {
    let known = flows(program, "").await;
    assert!(known.len() > 5, "{known:?}");
    let mut heard = Vec::new();
    for flow in known.iter().take(12) {
        for format in ["sh", "har", "md", "mmd", "svg"] {
            let path = format!("/flows/{}/flow.{format}", flow["id"].as_str().unwrap());
            let file = Request::get(&program.app(&path)).send().await;
            assert_eq!(file.status, 200, "{path}");
            let sung = canaries.heard_in(&file.text());
            heard.extend(sung.iter().map(|canary| format!("{path}: {canary}")));
        }
    }
    heard
}

/// Another realm, and what operators read.
async fn elsewhere(program: &Program, canaries: &Canaries) -> Vec<String> {
    assert!(flows(program, "/r/other").await.is_empty());
    let mut heard = Vec::new();
    for url in [
        program.app("/r/other/flows"),
        program.app("/r/other/api/flows"),
        program.app("/r/other/paused"),
        program.app("/r/other/api/paused"),
        program.app("/r/other/sign-in"),
        program.app("/r/other/clients"),
        program.auth("/r/other/login"),
        program.auth("/r/other/apps"),
        program.auth("/r/other/registrations"),
        program.auth("/metrics"),
        program.app("/metrics"),
        program.api("/metrics"),
        program.auth("/readyz"),
        program.app("/vitals"),
        program.auth("/vitals"),
        program.api("/vitals"),
    ] {
        let answer = Request::get(&url).send().await;
        let sung = canaries.heard_in(&answer.text());
        heard.extend(sung.iter().map(|canary| format!("{url}: {canary}")));
    }
    heard
}

/// The log, at its most talkative: who speaks is no secret, and what an operator looks for.
fn in_the_log(program: &Program, canaries: &Canaries) -> Vec<String> {
    let log = program.written();
    assert!(log.contains("/token"), "no request was logged: {log}");
    assert!(log.contains("TRACE"), "the log is not talkative");
    let named = ["client_id in", "user-agent to"];
    let mut heard = canaries.heard_in(&log);
    heard.retain(|canary| !named.iter().any(|place| canary.starts_with(place)));
    let first = heard.first().and_then(|canary| canary.rsplit(": ").next());
    if let Some(line) = first.and_then(|canary| log.lines().find(|line| line.contains(canary))) {
        println!("{line}");
    }
    heard
}
