//! `auth-server healthcheck`, as the image calls it.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::World;

/// Whether the program says that a service is ready; its messages are not shown.
fn is_healthy(arguments: &[&str], bind: Option<&str>) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-server"));
    command.arg("healthcheck").args(arguments);
    command.envs(bind.map(|bind| ("AUTH_SERVER__SERVER__BIND", bind)));
    let status = command.stderr(Stdio::null()).status().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    status.success()
}

#[tokio::test]
async fn a_ready_server_is_healthy_at_its_address_and_by_its_configuration() {
    let world = World::start().await;
    let (_, port) = world.url.rsplit_once(':').unwrap();
    assert!(is_healthy(&[&format!("localhost:{port}")], None));
    assert!(is_healthy(&[], Some(&format!("0.0.0.0:{port}"))));
}

#[test]
fn where_nobody_answers_nobody_is_healthy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // It is listened on, and nobody answers; then nobody listens.
    assert!(!is_healthy(&[&address], None));
    drop(listener);
    assert!(!is_healthy(&[], Some(&address)));
}
