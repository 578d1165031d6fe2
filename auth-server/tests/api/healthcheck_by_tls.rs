//! `auth-server healthcheck` of a server that speaks HTTPS: by the certificate of its configuration, and by roots.
//!
//! May use rcgen for an authority and what it signs. The server is the program itself, as the image runs it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// How long the program may take to be ready.
const START: Duration = Duration::from_mins(1);

/// Where a certificate and its key are, PEM.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

/// An authority, and the certificates that it signed.
struct Authority {
    directory: PathBuf,
    root: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(directory: &Path, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let root = directory.join(format!("{name}.pem"));
        std::fs::write(&root, params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            directory: directory.to_path_buf(),
            root,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for `localhost` that is over since `days_over` days, or not yet (negative).
    fn sign(&self, name: &str, days_over: i64) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let today = shared::time::wall_clock_us() / 1_000_000;
        let moment = |days: i64| {
            let seconds = u64::try_from(today - days * 86_400).unwrap();
            std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
        };
        params.not_before = moment(days_over + 30).into();
        params.not_after = moment(days_over).into();
        let pair = Pair {
            certificate: self.directory.join(format!("{name}.pem")),
            key: self.directory.join(format!("{name}-key.pem")),
        };
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(&pair.certificate, signed.pem()).unwrap();
        std::fs::write(&pair.key, key.serialize_pem()).unwrap();
        pair
    }
}

/// The program as a server by HTTPS; killed when dropped.
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(shown: &Pair) -> Running {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let public = format!("https://localhost:{port}");
    let child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .env("AUTH_SERVER__SERVER__BIND", format!("127.0.0.1:{port}"))
        .env("AUTH_SERVER__STORE__URL", "sqlite::memory:")
        .env("AUTH_SERVER__WIRING__ADDRESSES__AUTH_SERVER", public)
        .env("AUTH_SERVER__WIRING__TLS__CERTIFICATE", &shown.certificate)
        .env("AUTH_SERVER__WIRING__TLS__KEY", &shown.key)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Running { child, port }
}

/// What `healthcheck` says: nothing of a healthy server, the reason of another.
fn said(address: &str, settings: &[(&str, &Path)]) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-server"));
    command.args(["healthcheck", address]);
    for (name, path) in settings {
        command.env(format!("AUTH_SERVER__WIRING__TLS__{name}"), path);
    }
    let output = command.output().unwrap();
    let reason = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => Ok(()),
        Some(1) => Err(reason),
        other => panic!("{other:?}: {reason}"),
    }
}

/// Asks until the server is up; panics where it never is.
fn said_when_up(address: &str, settings: &[(&str, &Path)]) {
    let until = Instant::now() + START;
    while let Err(reason) = said(address, settings) {
        assert!(Instant::now() < until, "{reason}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_server_by_https_is_healthy_by_the_certificate_of_its_configuration_alone() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new(directory.path(), "ca");
    let shown = authority.sign("shown", -30);
    let other = authority.sign("other", -30);
    let server = start(&shown);
    let port = server.port;
    let own: [(&str, &Path); 2] = [("CERTIFICATE", &shown.certificate), ("KEY", &shown.key)];
    said_when_up(&format!("localhost:{port}"), &own);
    said(&format!("https://localhost:{port}"), &own).unwrap();
    // The name does not count: the container asks itself by an address.
    said(&format!("127.0.0.1:{port}"), &own).unwrap();

    // Somebody else's certificate, though the same authority signed it for the same name.
    let renewed: [(&str, &Path); 1] = [("CERTIFICATE", &other.certificate)];
    let reason = said(&format!("localhost:{port}"), &renewed).unwrap_err();
    assert!(reason.contains("another certificate"), "{reason}");
    // Plain HTTP at a port that speaks TLS.
    assert!(said(&format!("localhost:{port}"), &[]).is_err());
    assert!(said(&format!("http://localhost:{port}"), &own).is_err());
}

#[test]
fn without_a_certificate_of_its_own_https_is_believed_by_roots() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new(directory.path(), "ca");
    let stranger = Authority::new(directory.path(), "stranger");
    let server = start(&authority.sign("shown", -30));
    let (port, roots) = (server.port, [("ROOTS", authority.root.as_path())]);
    said_when_up(&format!("https://localhost:{port}"), &roots);
    // A name that the certificate is not for, an authority that did not sign it, and nobody to believe.
    assert!(said(&format!("https://127.0.0.1:{port}"), &roots).is_err());
    let strange = [("ROOTS", stranger.root.as_path())];
    assert!(said(&format!("https://localhost:{port}"), &strange).is_err());
    let reason = said(&format!("https://localhost:{port}"), &[]).unwrap_err();
    assert!(reason.contains("roots"), "{reason}");
}

#[test]
fn by_roots_a_certificate_that_is_over_is_not_believed() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new(directory.path(), "ca");
    let shown = authority.sign("over", 1);
    let server = start(&shown);
    let port = server.port;
    // It answers, and by its own configuration it is the one that was asked for.
    said_when_up(
        &format!("localhost:{port}"),
        &[("CERTIFICATE", &shown.certificate)],
    );
    let roots = [("ROOTS", authority.root.as_path())];
    let reason = said(&format!("https://localhost:{port}"), &roots).unwrap_err();
    assert!(reason.contains("expired"), "{reason}");
}
