//! A PostgreSQL server of the test's own: tables locked, read-only, backends cut in the middle, stopped and started,
//! and one that accepts connections and says nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use ecosystem::Store;

use super::{Before, a_crowd_is_refused, is_away, is_live_but_not_ready, is_ready, world};
use crate::support::{Request, SERVICE, World};

/// A server with its data; stopped when the test ends.
struct Server {
    directory: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

impl Server {
    /// A new one, where PostgreSQL is installed.
    fn start() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = versions
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .find(|programs| programs.join("initdb").exists())?;
        let port = free_port();
        let directory = tempfile::tempdir().unwrap();
        let server = Self {
            directory,
            programs,
            port,
        };
        server.own();
        let data = server.data();
        server.run(
            "initdb",
            &["-D", &data, "--auth=trust", "-U", "postgres", "--no-sync"],
        );
        server.go();
        Some(server)
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    /// PostgreSQL does not run as root.
    fn own(&self) {
        let _ = Command::new("chown")
            .arg("postgres")
            .arg(self.directory.path())
            .output();
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        let done = command
            .args(arguments)
            .current_dir("/")
            // What it leaves running must not hold our pipe.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "{arguments:?}: {done}");
    }

    fn go(&self) {
        let place = self.directory.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off",
            self.port
        );
        let (data, log) = (self.data(), format!("{place}/log"));
        self.run(
            "pg_ctl",
            &["-D", &data, "-w", "-l", &log, "-o", &options, "start"],
        );
    }

    fn stop(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.data(), "-m", "immediate", "-w", "stop"],
        );
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// Cuts every connection but one's own.
    fn cut(&self) {
        self.connect()
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
            )
            .unwrap();
    }

    /// Sends a signal to every process of it.
    fn signal(&self, name: &str) {
        let file = Path::new(&self.data()).join("postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        let leader = text.lines().next().unwrap().to_owned();
        let children = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &leader])
            .output();
        let children = String::from_utf8(children.unwrap().stdout).unwrap();
        for pid in std::iter::once(leader.as_str()).chain(children.split_whitespace()) {
            let sent = Command::new("kill").args(["-s", name, pid]).status();
            assert!(sent.unwrap().success() || name == "CONT", "{pid}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.stop();
        }
    }
}

/// A port below those that the system gives to outgoing connections.
fn free_port() -> u16 {
    let start = 15_000 + u16::try_from(std::process::id() % 4_000).unwrap();
    (start..20_000)
        .find(|&port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok())
        .expect("a free port")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// Every table of the services, locked.
struct Locked(PgConnection);

impl Locked {
    fn hold(server: &Server, mode: &str) -> Self {
        let mut connection = server.connect();
        connection
            .batch_execute(&format!(
                "BEGIN; DO $$ DECLARE one record; BEGIN FOR one IN SELECT schemaname, tablename \
                 FROM pg_tables WHERE schemaname LIKE 'fault%' LOOP \
                 EXECUTE format('LOCK TABLE %I.%I IN {mode} MODE', one.schemaname, one.tablename); \
                 END LOOP; END $$;",
            ))
            .unwrap();
        Self(connection)
    }

    fn release(mut self) {
        self.0.batch_execute("ROLLBACK").unwrap();
    }
}

async fn on(server: &Server) -> World {
    let store = Store::Postgres {
        url: server.url().parse().unwrap(),
        schema: "fault".to_owned(),
    };
    world(store).await
}

#[tokio::test]
async fn a_server_that_is_locked_read_only_cut_or_stopped_is_told_and_comes_back() {
    let Some(server) = Server::start() else {
        eprintln!("PostgreSQL is not installed: not run");
        return;
    };
    let world = on(&server).await;

    let mut before = Before::of(&world).await;
    let locked = Locked::hold(&server, "ACCESS EXCLUSIVE");
    before.nothing_is_done(&world, false).await;
    a_crowd_is_refused(&world, 40).await;
    locked.release();
    println!(
        "tables locked: back after {:?}",
        before.goes_on(&world).await
    );

    // Who makes an index lets everybody read and nobody write.
    let locked = Locked::hold(&server, "SHARE");
    is_live_but_not_ready(&world).await;
    is_away(&world.send(super::device(&world)).await);
    locked.release();
    assert!(is_ready(&world).await);

    let mut before = Before::of(&world).await;
    let read_only =
        |value| format!("ALTER ROLE postgres SET default_transaction_read_only = {value}");
    server.connect().batch_execute(&read_only("on")).unwrap();
    server.cut();
    before.nothing_is_done(&world, true).await;
    let mut connection = server.connect();
    let off = read_only("off");
    for statement in ["SET default_transaction_read_only = off", off.as_str()] {
        connection.batch_execute(statement).unwrap();
    }
    server.cut();
    println!("read-only: back after {:?}", before.goes_on(&world).await);

    cut_in_the_middle(&world, &server).await;

    let mut before = Before::of(&world).await;
    server.stop();
    before.nothing_is_done(&world, false).await;
    server.go();
    println!("stopped: back after {:?}", before.goes_on(&world).await);
}

/// Connections are cut while requests are under way: each is answered with what happened or with 503, and a word
/// that was given stands.
async fn cut_in_the_middle(world: &World, server: &Server) {
    let mut told = [0, 0];
    for _ in 0..5 {
        let asked = (0..20).map(|_| world.send(super::device(world)));
        let cut = async {
            tokio::time::sleep(Duration::from_millis(15)).await;
            server.cut();
        };
        let (answers, ()) = tokio::join!(futures_util::future::join_all(asked), cut);
        for answer in &answers {
            if answer.status() == 200 {
                told[0] += 1;
                let code = answer.json()["device_code"].as_str().unwrap().to_owned();
                let poll = world.token(&[
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    ("device_code", &code),
                    ("client_id", "tv"),
                ]);
                let polled = world.send(poll).await;
                if polled.status() != 503 {
                    polled.is_refused(400, "authorization_pending");
                }
            } else {
                told[1] += 1;
                is_away(answer);
            }
        }
    }
    println!(
        "cut in the middle: {} answered, {} refused",
        told[0], told[1]
    );
    let begun = Instant::now();
    while !is_ready(world).await {
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(5), "it did not come back");
    }
}

/// Stopped, but not gone: it takes connections, and no answer ever comes. Twenty seconds is the longest wait, so this
/// is not for every run: `cargo test -p ecosystem --test blackbox says_nothing -- --ignored`.
#[tokio::test]
#[ignore = "takes a minute"]
async fn a_server_that_says_nothing_is_given_up_on_and_comes_back() {
    let server = Server::start().expect("PostgreSQL is installed");
    let world = on(&server).await;
    let before = Before::of(&world).await;
    server.signal("STOP");
    let begun = Instant::now();
    let asked = (0..20).map(|_| world.send(super::device(&world)));
    for answer in futures_util::future::join_all(asked).await {
        is_away(&answer);
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(25), "{took:?}");
    is_live_but_not_ready(&world).await;
    server.signal("CONT");
    let back = before.goes_on(&world).await;
    println!("silent: refused within {took:?}, back after {back:?}");
    let machine = Request::post(
        &world.auth("/token"),
        &[("grant_type", "client_credentials")],
    );
    world.send(World::signed(SERVICE, machine)).await.tokens();
}
