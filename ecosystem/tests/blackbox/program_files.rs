//! `cargo run` and its SQLite files: other programs look into them, or lock them.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use ecosystem::Store;
use serde_json::Value;

use crate::program::{Program, start, url};
use crate::support::{Request, encode};

/// Every file of a data directory, opened as another program does.
fn files(directory: &Path) -> Vec<SqliteConnection> {
    let open = |name: &str| {
        let file = directory.join("data").join(name);
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        connection
            .batch_execute("PRAGMA busy_timeout = 5000")
            .unwrap();
        connection
    };
    Store::FILES.into_iter().map(open).collect()
}

/// What a client may ask of the auth server, by its password.
async fn ask(program: &Value, path: &str, form: &[(&str, &str)]) -> Value {
    let request = post(program, path, form);
    let answer = request.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn post(program: &Value, path: &str, form: &[(&str, &str)]) -> Request {
    Request::new("POST", &format!("{}{path}", url(program, "auth_server")))
        .header("content-type", "application/x-www-form-urlencoded")
        .basic("trusted", "trusted-secret")
        .body(encode(form))
}

pub(crate) async fn token(program: &Value) -> (String, String) {
    let form = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", "alice-password"),
        ("scope", "photos:read offline_access"),
    ];
    of(&ask(program, "/token", &form).await)
}

fn of(tokens: &Value) -> (String, String) {
    let text = |name: &str| tokens[name].as_str().expect(name).to_owned();
    (text("access_token"), text("refresh_token"))
}

pub(crate) async fn refreshed(program: &Value, token: &str) -> (String, String) {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    of(&ask(program, "/token", &form).await)
}

pub(crate) async fn is_active(program: &Value, token: &str) -> bool {
    ask(program, "/introspect", &[("token", token)]).await["active"] == true
}

/// An operator looks into the database with a program of his own and closes it again. SQLite's log is in use by the
/// server, and stays; so does all that is acknowledged after that.
#[tokio::test]
async fn whoever_looks_into_the_database_takes_nothing_away() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = start(directory.path(), &[]);
    let urls = first.urls();
    let (access, refresh) = token(&urls).await;
    for mut connection in files(directory.path()) {
        connection
            .batch_execute("SELECT count(*) FROM sqlite_schema")
            .unwrap();
    }
    for name in Store::FILES {
        let log = directory.path().join("data").join(format!("{name}-wal"));
        assert!(log.exists(), "{} was deleted", log.display());
    }
    let (_, rotated) = refreshed(&urls, &refresh).await;
    ask(&urls, "/revoke", &[("token", &access)]).await;
    first.signal("KILL");
    first.end();
    drop(first);

    let mut second = start(directory.path(), &[]);
    let urls = second.urls();
    assert!(!is_active(&urls, &access).await, "it was revoked");
    assert!(is_active(&urls, &rotated).await, "it was given out");
}

/// Somebody tidies up: the logs beside the files, into which everything goes first, are deleted or moved away under the
/// server. What was acknowledged before is brought into the files by the next write, and goes on in new logs.
#[tokio::test]
async fn whoever_takes_the_logs_away_takes_nothing_away() {
    for moved in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let mut first = start(directory.path(), &[]);
        let urls = first.urls();
        let (_, refresh) = token(&urls).await;
        let (_, rotated) = refreshed(&urls, &refresh).await;
        let ((_, kept), (_, revoked)) = (token(&urls).await, token(&urls).await);
        let log = |name: &str| directory.path().join("data").join(format!("{name}-wal"));
        for name in Store::FILES {
            if moved {
                std::fs::rename(log(name), log(name).with_extension("away")).unwrap();
            } else {
                std::fs::remove_file(log(name)).unwrap();
            }
        }
        // Readers that open now would begin a log of their own: nobody is told anything else by them.
        for _ in 0..20 {
            assert!(is_active(&urls, &rotated).await);
        }
        ask(&urls, "/revoke", &[("token", &revoked)]).await;
        let log = log("auth-server.db");
        assert!(log.exists(), "what is written goes where nobody finds it");
        let (_, last) = refreshed(&urls, &rotated).await;
        first.signal("KILL");
        first.end();
        drop(first);

        let mut second = start(directory.path(), &[]);
        let urls = second.urls();
        assert!(!is_active(&urls, &revoked).await, "it was revoked after");
        assert!(is_active(&urls, &last).await, "it was given out after");
        assert!(is_active(&urls, &kept).await, "it was given out before");
        let file = directory.path().join("data/auth-server.db");
        let mut file = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        let found: Integrity = diesel::sql_query("PRAGMA integrity_check")
            .get_result(&mut file)
            .unwrap();
        assert_eq!(found.integrity_check, "ok");
    }
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// The files stay locked: what is under way cannot end, and the program does.
#[tokio::test]
async fn a_locked_database_does_not_hold_the_end() {
    for signals in [&["TERM"][..], &["TERM", "INT"]] {
        let directory = tempfile::tempdir().unwrap();
        let mut program = start(directory.path(), &[]);
        let urls = program.urls();
        let (access, _) = token(&urls).await;
        let mut locked = files(directory.path());
        for connection in &mut locked {
            connection.batch_execute("BEGIN EXCLUSIVE").unwrap();
        }
        let revoking = post(&urls, "/revoke", &[("token", &access)]);
        let _under_way = crate::program::left_open(&revoking).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        for signal in signals {
            program.signal(signal);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ends(&mut program, signals.len() == 1);
    }
}

#[track_caller]
fn ends(program: &mut Program, by_itself: bool) {
    let (code, took) = program.end();
    if by_itself {
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(4), "{took:?}");
    } else {
        assert_eq!(code, Some(130), "the second signal says when");
        assert!(took < Duration::from_millis(1500), "{took:?}");
    }
}
