//! The bench in its short form: every workload, once, on the programs that this build made.
//!
//! It asserts that nothing answers anything unexpected, not how long things take: that is for a quiet machine and a
//! release build (`benches/run`). `cargo test --workspace` builds the demo's program, which it starts; alone:
//! `cargo build -p ecosystem && cargo test -p benches`.

use std::process::Command;

#[test]
fn every_workload_works_in_short() {
    let document = tempfile::NamedTempFile::new().unwrap();
    let before = "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n";
    std::fs::write(document.path(), before).unwrap();
    let bench = env!("CARGO_BIN_EXE_bench");
    assert!(std::path::Path::new(env!("CARGO_BIN_EXE_floor")).is_file());
    let ran = Command::new(bench)
        .args(["--smoke", "--commit", "smoke", "--write"])
        .arg(document.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let written = std::fs::read_to_string(document.path()).unwrap();
    assert!(written.starts_with("before\n<!-- bench: begin -->\nCommit `smoke`"));
    assert!(written.ends_with("<!-- bench: end -->\nafter\n") && !written.contains("\nold\n"));
    for operation in [
        "client credentials, ES256",
        "authorization code + PKCE",
        "refresh with rotation",
        "introspection of a JWT",
        "introspection of an opaque token",
        "JWKS",
        "discovery",
        "API call, JWT not seen before",
        "API call, JWT seen before",
        "password grant",
        "refresh, ID token by RS256",
    ] {
        let row = written
            .lines()
            .find(|line| line.starts_with(&format!("| {operation} |")));
        let figures = row.unwrap_or_else(|| panic!("no row for {operation}:\n{written}"));
        assert!(
            figures
                .split('|')
                .skip(2)
                .any(|cell| cell.trim().parse::<f64>().is_ok_and(|it| it > 0.0))
        );
    }
    for part in ["Live refresh tokens", "logins at once", "Start and memory"] {
        assert!(written.contains(part), "{part}:\n{written}");
    }
}

#[test]
fn an_unexpected_answer_is_no_result() {
    // A directory without programs: nothing can be measured, and that is said.
    let empty = tempfile::tempdir().unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--smoke", "--programs"])
        .arg(empty.path())
        .output()
        .unwrap();
    assert!(!ran.status.success());
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(
        said.contains("no result: ecosystem does not start"),
        "{said}"
    );
}
