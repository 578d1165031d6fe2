//! SIGKILL under load: every token that a client was given before still refreshes or introspects as it should,
//! nothing revoked comes back, and the store opens clean. `GRANTSCOPE_KILLS` says how often (default 10).
//!
//! The program is killed, not asked: what an answer promised must have been in the store before it was sent.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Request;

/// Clients at work at once.
const WORKERS: usize = 4;
/// How long a rotated refresh token may be presented again, with a little more for a slow machine.
const GRACE: Duration = Duration::from_secs(35);

/// A running program on ports of its own.
struct Program {
    child: Child,
    auth_server: String,
}

impl Program {
    async fn start(data: &Path, ports: [u16; 3]) -> Self {
        let ready = data.join("ready.json");
        let _ = std::fs::remove_file(&ready);
        let [client_app, auth_server, resource_server] = ports;
        let mut child = Command::new(env!("CARGO_BIN_EXE_ecosystem"))
            .arg("--data-dir")
            .arg(data)
            .args([
                "--ports",
                &format!("{client_app},{auth_server},{resource_server}"),
                "--ready-file",
            ])
            .arg(&ready)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let asked = Instant::now();
        while !ready.exists() {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the program ended instead of opening its store"
            );
            assert!(
                asked.elapsed() < Duration::from_mins(1),
                "the program is not ready after a minute"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Self {
            child,
            auth_server: format!("http://localhost:{auth_server}"),
        }
    }

    fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it is gone");
    }

    /// The answer, or nothing when the program was killed before it was whole.
    async fn ask(
        &self,
        path: &str,
        client: (&str, &str),
        form: &[(&str, &str)],
    ) -> Option<(u16, Value)> {
        ask(&self.auth_server, path, client, form).await
    }

    async fn is_active(&self, token: &str) -> bool {
        let (status, answer) = self
            .ask("/introspect", RESOURCE_SERVER, &[("token", token)])
            .await
            .expect("an answer");
        assert_eq!(status, 200, "{answer}");
        answer["active"] == true
    }
}

const RESOURCE_SERVER: (&str, &str) = ("resource-server", "resource-server-secret");
const TRUSTED: (&str, &str) = ("trusted", "trusted-secret");
const SERVICE: (&str, &str) = ("service", "service-secret");

async fn ask(
    base: &str,
    path: &str,
    (id, secret): (&str, &str),
    form: &[(&str, &str)],
) -> Option<(u16, Value)> {
    let request = Request::post(&format!("{base}{path}"), form).basic(id, secret);
    let port = request.url().port()?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(&request.bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: usize = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    })?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() == length).then(|| (status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

/// What one client was told.
#[derive(Clone, Default)]
struct Facts {
    /// The newest refresh token that was answered.
    current: String,
    /// Refresh tokens that were rotated away, and when.
    retired: Vec<(String, Instant)>,
    /// Access tokens that may be used.
    live: Vec<String>,
    /// Access and refresh tokens whose revocation was answered.
    revoked: Vec<String>,
    acknowledged: usize,
}

fn text(answer: &Value, member: &str) -> String {
    answer[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {answer}"))
        .to_owned()
}

impl Facts {
    /// Gets the first refresh token, before anything is killed: an attempt at a password counts as a guess until
    /// it has proved to be right, and a kill in between leaves it counted.
    async fn sign_in(&mut self, program: &Program) {
        let form = [
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", "alice-password"),
            ("scope", "photos:read"),
        ];
        let (status, answer) = program
            .ask("/token", TRUSTED, &form)
            .await
            .expect("an answer");
        assert_eq!(status, 200, "{answer}");
        self.current = text(&answer, "refresh_token");
    }

    /// Works until the program is gone.
    async fn work(mut self, base: String) -> Self {
        while self.step(&base).await.is_some() {}
        self
    }

    async fn step(&mut self, base: &str) -> Option<()> {
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.current.as_str()),
        ];
        let (status, answer) = ask(base, "/token", TRUSTED, &refresh).await?;
        assert_eq!(
            status, 200,
            "the newest refresh token was refused: {answer}"
        );
        let next = text(&answer, "refresh_token");
        self.retired
            .push((std::mem::replace(&mut self.current, next), Instant::now()));
        self.live.push(text(&answer, "access_token"));
        let (status, answer) = ask(
            base,
            "/token",
            SERVICE,
            &[("grant_type", "client_credentials")],
        )
        .await?;
        assert_eq!(status, 200, "{answer}");
        let machine = text(&answer, "access_token");
        let (status, answer) = ask(base, "/revoke", SERVICE, &[("token", &machine)]).await?;
        assert_eq!(status, 200, "{answer}");
        self.revoked.push(machine);
        self.acknowledged += 3;
        Some(())
    }

    /// Holds the program to what it answered before it was killed.
    async fn hold(&mut self, program: &Program) {
        for token in self.live.iter().rev().take(5) {
            assert!(program.is_active(token).await, "an access token was lost");
        }
        for token in self.revoked.iter().rev().take(5) {
            assert!(!program.is_active(token).await, "a revoked token came back");
        }
    }
}

/// Three ports that nobody listens on now, below those that the system gives to outgoing connections: what is
/// free now is still free after a restart.
fn free_ports() -> [u16; 3] {
    let start = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let free =
        (start..32_000).filter(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    let ports: Vec<u16> = free.take(3).collect();
    ports.try_into().expect("three free ports")
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// SQLite's own word on every database file in `data`.
fn assert_clean(data: &Path) {
    let mut databases = 0;
    for file in std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if file.extension().is_some_and(|extension| extension == "db") {
            let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
            let rows: Vec<Integrity> = diesel::sql_query("PRAGMA integrity_check")
                .load(&mut connection)
                .unwrap();
            assert_eq!(rows[0].integrity_check, "ok", "{}", file.display());
            databases += 1;
        }
    }
    assert!(databases > 0, "there is no database in {}", data.display());
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let kills: u32 = std::env::var("GRANTSCOPE_KILLS").map_or(10, |count| {
        count.parse().expect("GRANTSCOPE_KILLS is a number")
    });
    let (data, ports) = (tempfile::tempdir().unwrap(), free_ports());
    let mut clients = vec![Facts::default(); WORKERS];
    for kill in 0..kills {
        let program = Program::start(data.path(), ports).await;
        for client in &mut clients {
            if client.current.is_empty() {
                client.sign_in(&program).await;
            }
            client.hold(&program).await;
        }
        let base = program.auth_server.clone();
        let working: Vec<_> = clients
            .drain(..)
            .map(|client| tokio::spawn(client.work(base.clone())))
            .collect();
        let spread = u64::from(kill.wrapping_mul(2_654_435_761) % 350);
        tokio::time::sleep(Duration::from_millis(100 + spread)).await;
        program.kill();
        for client in working {
            clients.push(
                client
                    .await
                    .expect("a client was refused what it had been promised"),
            );
        }
    }
    let program = Program::start(data.path(), ports).await;
    for client in &mut clients {
        client.hold(&program).await;
        let old = client
            .retired
            .iter()
            .find(|(_, when)| when.elapsed() > GRACE);
        if let Some((token, _)) = old {
            let replay = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token.as_str()),
            ];
            let (status, answer) = program
                .ask("/token", TRUSTED, &replay)
                .await
                .expect("an answer");
            assert_eq!(
                (status, answer["error"].as_str()),
                (400, Some("invalid_grant")),
                "a rotated token came back"
            );
        }
    }
    program.kill();
    assert_clean(data.path());
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged).sum();
    println!("{kills} kills, {acknowledged} acknowledged facts, none lost, none risen again");
    assert!(acknowledged > 0, "no work was done between the kills");
}
