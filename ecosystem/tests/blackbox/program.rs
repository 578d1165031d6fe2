//! `cargo run`: the command line, the ready file, the data directory, and how it stops.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Request;

/// How long a start may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program; killed when the test ends before it does.
pub(crate) struct Program {
    child: Child,
    ready: std::path::PathBuf,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecosystem"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A connection on which `request` was sent and whose answer nobody has read yet.
pub(crate) async fn left_open(request: &Request) -> tokio::net::TcpStream {
    let mut stream = crate::support::connect(request.url()).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &request.bytes())
        .await
        .unwrap();
    stream
}

/// Runs it to its end.
fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().expect("it runs")
}

/// Starts it on free ports, unless told otherwise.
pub(crate) fn start(directory: &Path, arguments: &[&str]) -> Program {
    start_with(directory, arguments, |_| ())
}

/// The same, with its environment or its output as `change` makes them.
pub(crate) fn start_with(
    directory: &Path,
    arguments: &[&str],
    change: impl FnOnce(&mut Command),
) -> Program {
    let ready = directory.join("ready.json");
    // A killed run leaves its file behind.
    let _ = std::fs::remove_file(&ready);
    let mut all = vec!["--ready-file", "ready.json"];
    if !arguments.contains(&"--ports") {
        all.extend(["--ports", "0,0,0"]);
    }
    all.extend(arguments);
    let mut command = command(directory, &all);
    change(&mut command);
    let child = command.spawn().expect("it starts");
    Program { child, ready }
}

impl Program {
    /// The three URLs, once all answer.
    pub(crate) fn urls(&mut self) -> Value {
        let started = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(&self.ready) {
                return serde_json::from_str(&text).expect("the ready file is whole");
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("ended with {status}: {}", self.errors());
            }
            assert!(started.elapsed() < PATIENCE, "not ready");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits for the end: the exit code and how long it took.
    pub(crate) fn end(&mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        let status = self.child.wait().expect("a child");
        (status.code(), started.elapsed())
    }

    fn output(&mut self) -> String {
        let mut text = String::new();
        let stdout = self.child.stdout.as_mut().expect("piped");
        stdout.read_to_string(&mut text).expect("UTF-8");
        text
    }

    fn errors(&mut self) -> String {
        let mut text = String::new();
        let stderr = self.child.stderr.as_mut().expect("piped");
        stderr.read_to_string(&mut text).expect("UTF-8");
        text
    }
}

pub(crate) fn url(urls: &Value, service: &str) -> String {
    urls[service].as_str().expect("a URL").to_owned()
}

#[tokio::test]
async fn it_says_where_to_go_and_as_whom_and_stops_at_a_signal() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    for service in ["client_app", "auth_server", "resource_server"] {
        let health = format!("{}/healthz", url(&urls, service));
        assert_eq!(Request::get(&health).send().await.status, 200);
    }
    program.signal("INT");
    let (code, took) = program.end();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
    let output = program.output();
    assert!(output.contains(&url(&urls, "client_app")), "{output}");
    assert!(output.contains("alice / alice-password"), "{output}");
    assert!(output.contains("bob / bob-password"), "{output}");
    assert!(
        !directory.path().join("data").exists(),
        "--memory wrote something"
    );
    assert!(
        !directory.path().join("ready.json").exists(),
        "it still says ready"
    );
}

#[tokio::test]
async fn an_open_stream_does_not_hold_the_stop() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let events = Request::get(&format!("{}/api/stream", url(&urls, "client_app")));
    let mut stream = crate::support::connect(events.url()).await;
    let bytes = events.header("accept", "text/event-stream").bytes();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes)
        .await
        .unwrap();
    let mut first = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first)
        .await
        .unwrap();
    assert_eq!(
        &first,
        b"HTTP/1.1 200",
        "{}",
        String::from_utf8_lossy(&first)
    );
    program.signal("TERM");
    let (code, took) = program.end();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_millis(2500), "{took:?}");
}

/// What waits at a breakpoint goes on at once, and an open stream ends: the program is gone within two seconds.
#[tokio::test]
async fn what_waits_at_a_breakpoint_does_not_hold_the_stop() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let app = url(&urls, "client_app");
    let set = Request::new("PUT", &format!("{app}/api/breakpoints"))
        .header("content-type", "application/json")
        .body(r#"{"service": "auth-server", "path": "/token"}"#);
    assert_eq!(set.send().await.status, 200);
    let events = Request::get(&format!("{app}/api/stream")).header("accept", "text/event-stream");
    let _stream = left_open(&events).await;
    let token = format!("{}/token", url(&urls, "auth_server"));
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let request = Request::post(&token, &[("grant_type", "client_credentials")]);
            tokio::spawn(request.basic("service", "service-secret").send())
        })
        .collect();
    loop {
        let paused = Request::get(&format!("{app}/api/paused")).send().await;
        let paused: Value = serde_json::from_slice(&paused.body).unwrap();
        if paused["waiting"]
            .as_array()
            .is_some_and(|all| all.len() == 3)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.signal("TERM");
    let (code, took) = program.end();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_millis(2500), "{took:?}");
    for answer in waiting {
        assert_eq!(answer.await.unwrap().status, 200, "it went on as it came");
    }
}

/// A request that is dropped is no fault of the server: its log does not say so.
#[tokio::test]
async fn a_dropped_request_is_no_error_of_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let app = url(&urls, "client_app");
    let json = |method: &str, path: &str, body: &str| {
        let request = Request::new(method, &format!("{app}{path}"));
        let request = request.header("content-type", "application/json");
        request.body(body.to_owned()).send()
    };
    let breakpoint = r#"{"service": "auth-server", "path": "/token"}"#;
    assert_eq!(
        json("PUT", "/api/breakpoints", breakpoint).await.status,
        200
    );
    let token = format!("{}/token", url(&urls, "auth_server"));
    let request = Request::post(&token, &[("grant_type", "client_credentials")]);
    let request = request.basic("service", "service-secret");
    let mut stream = left_open(&request).await;
    let id = loop {
        let paused = json("GET", "/api/paused", "").await;
        let paused: Value = serde_json::from_slice(&paused.body).unwrap();
        if let Some(id) = paused["waiting"][0]["id"].as_str() {
            break id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let path = format!("/api/paused/{id}");
    assert_eq!(
        json("POST", &path, r#"{"action": "drop"}"#).await.status,
        200
    );
    let mut answer = Vec::new();
    let closed = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
    assert_eq!(closed.expect("a clean close"), 0, "nothing was written");
    program.signal("TERM");
    assert_eq!(program.end().0, Some(0));
    let logged = program.errors() + &program.output();
    assert!(!logged.contains("ERROR"), "{logged}");
}

/// Comes back when so many requests wait at breakpoints.
async fn until_waiting(app: &str, count: usize) {
    loop {
        let paused = Request::get(&format!("{app}/api/paused")).send().await;
        let paused: Value = serde_json::from_slice(&paused.body).unwrap();
        let waiting = paused["waiting"].as_array();
        if waiting.is_some_and(|all| all.len() == count) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sixteen requests wait, 64 streams are open and bodies are stalled on every service: gone within two seconds.
#[tokio::test]
async fn everything_at_once_does_not_hold_the_stop() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let app = url(&urls, "client_app");
    let set = Request::new("PUT", &format!("{app}/api/breakpoints"))
        .header("content-type", "application/json")
        .body(r#"{"service": "auth-server", "path": "/token"}"#);
    assert_eq!(set.send().await.status, 200);
    let token = format!("{}/token", url(&urls, "auth_server"));
    let mut open = Vec::new();
    for _ in 0..16 {
        let request = Request::post(&token, &[("grant_type", "client_credentials")]);
        let request = request.basic("service", "service-secret");
        open.push(left_open(&request).await);
    }
    for _ in 0..64 {
        let events = Request::get(&format!("{app}/api/stream"));
        let events = events.header("accept", "text/event-stream");
        open.push(left_open(&events).await);
    }
    until_waiting(&app, 16).await;
    // Bodies that never come: beyond those that wait, to every service, to pages and to the API.
    let [auth, resource] = ["auth_server", "resource_server"].map(|name| url(&urls, name));
    for target in [
        format!("{auth}/introspect"),
        format!("{auth}/revoke"),
        format!("{auth}/login"),
        format!("{app}/api/breakpoints"),
        format!("{app}/record/exchanges"),
        format!("{resource}/photos"),
    ] {
        for _ in 0..4 {
            let stalled = Request::post(&target, &[]).header("content-length", "100");
            open.push(left_open(&stalled).await);
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    program.signal("TERM");
    let (code, took) = program.end();
    assert_eq!(code, Some(0));
    println!("gone after {took:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop(open);
}

/// Two seconds are for what is in flight; who does not want to wait asks twice.
#[tokio::test]
async fn a_second_signal_leaves_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = start(directory.path(), &["--memory"]);
    let urls = program.urls();
    let stalled = Request::post(&format!("{}/token", url(&urls, "auth_server")), &[]);
    let mut stream = crate::support::connect(stalled.url()).await;
    let head = stalled.header("content-length", "100").bytes();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &head)
        .await
        .unwrap();
    // Long enough for the server to have taken the request up.
    tokio::time::sleep(Duration::from_millis(200)).await;
    program.signal("INT");
    tokio::time::sleep(Duration::from_millis(200)).await;
    program.signal("INT");
    let (code, took) = program.end();
    assert_eq!(code, Some(130));
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_option_that_moves_it() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = run(
        directory.path(),
        &["--memory", "--ports", &format!("0,{port},0")],
    );
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains(&format!("port {port}")), "{errors}");
    assert!(errors.contains("--ports"), "{errors}");
}

#[tokio::test]
async fn help_tells_all_and_a_wrong_option_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let help = run(directory.path(), &["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for option in [
        "--memory",
        "--data-dir",
        "--fresh",
        "--ports",
        "--seed",
        "--ready-file",
        "Exit codes",
    ] {
        assert!(text.contains(option), "{option}: {text}");
    }
    for wrong in [
        vec!["--prots"],
        vec!["--ports", "80"],
        vec!["--memory", "--fresh"],
    ] {
        assert_eq!(
            run(directory.path(), &wrong).status.code(),
            Some(2),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn data_outlives_a_run_moves_with_the_ports_and_is_removed_by_fresh() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = start(directory.path(), &[]);
    let before = url(&first.urls(), "auth_server");
    let keys = Request::get(&format!("{before}/jwks")).send().await.text();
    first.signal("TERM");
    assert_eq!(first.end().0, Some(0));
    drop(first);
    assert!(directory.path().join("data/auth-server.db").exists());
    std::fs::write(directory.path().join("data/mine.txt"), "mine").unwrap();

    let mut second = start(directory.path(), &[]);
    let urls = second.urls();
    let after = url(&urls, "auth_server");
    assert_ne!(before, after);
    assert_eq!(
        Request::get(&format!("{after}/jwks")).send().await.text(),
        keys
    );
    // The redirection URI follows the client app to its new port.
    let callback = format!("{}/callback", url(&urls, "client_app"));
    let query = crate::support::encode(&[
        ("client_id", "web"),
        ("redirect_uri", &callback),
        ("response_type", "code"),
        ("code_challenge", crate::support::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let mut browser = crate::support::Browser::new();
    let page = browser.open(&format!("{after}/authorize?{query}")).await;
    assert!(page.has("login-submit"), "{}", page.text());

    let third = run(directory.path(), &["--ports", "0,0,0"]);
    let errors = String::from_utf8_lossy(&third.stderr).into_owned();
    assert_eq!(
        third.status.code(),
        Some(1),
        "two runs in one directory: {errors}"
    );
    assert!(errors.contains("--data-dir"), "{errors}");
    drop(second);

    let mut fresh = start(directory.path(), &["--fresh"]);
    let anew = url(&fresh.urls(), "auth_server");
    assert_ne!(
        Request::get(&format!("{anew}/jwks")).send().await.text(),
        keys
    );
    assert!(
        directory.path().join("data/mine.txt").exists(),
        "not ours to remove"
    );
}

#[tokio::test]
async fn a_seed_file_of_ones_own_fills_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let seed = "[[realm]]\n[[realm.people]]\nsub = \"1\"\nusername = \"carol\"\npassword = \"carol-password\"\n";
    std::fs::write(directory.path().join("seed.toml"), seed).unwrap();
    let mut program = start(directory.path(), &["--memory", "--seed", "seed.toml"]);
    program.urls();
    program.signal("INT");
    program.end();
    let output = program.output();
    assert!(output.contains("carol / carol-password"), "{output}");
    assert!(!output.contains("alice"), "{output}");

    std::fs::write(
        directory.path().join("seed.toml"),
        "[[realm]]\nnane = 'x'\n",
    )
    .unwrap();
    let output = run(directory.path(), &["--memory", "--seed", "seed.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("nane") && errors.contains("seed.toml"),
        "{errors}"
    );

    // What nobody can mean is a fault of the seed, told by its key, and not of what is stored.
    let lax = "[[realm]]\n[realm.policy]\npkce = 'allowed'\n[[realm.clients]]\nclient_id = 'app'\nname = 'App'\nredirect_uris = ['http://localhost:1/cb']\ngrant_types = ['authorization_code']\n";
    std::fs::write(directory.path().join("seed.toml"), lax).unwrap();
    let output = run(directory.path(), &["--memory", "--seed", "seed.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("realm default, policy.pkce"), "{errors}");
    assert!(!errors.contains("corrupt"), "{errors}");
}
