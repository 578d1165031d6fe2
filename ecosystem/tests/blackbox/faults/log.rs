//! A log on a full disk: `/dev/full` takes nothing. Lines are lost and counted; nobody who is served notices.

use std::fs::File;
use std::time::{Duration, Instant};

use crate::program::{start_with, url};
use crate::program_files::{is_active, refreshed, token};
use crate::support::Request;

/// How many lines of the log a service says were lost.
async fn lost(base: &str) -> u64 {
    let answer = Request::get(&format!("{base}/metrics")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let name = "grantscope_log_lost_lines_total ";
    let count = text.lines().find_map(|line| line.strip_prefix(name));
    let count = count.unwrap_or_else(|| panic!("{name}is not there: {text}"));
    count.trim().parse().expect("a number")
}

#[tokio::test]
async fn a_log_on_a_full_disk_loses_lines_counts_them_and_holds_nobody() {
    if File::options().write(true).open("/dev/full").is_err() {
        eprintln!("not tried: there is no /dev/full here");
        return;
    }
    let full = || {
        let full = File::options().write(true).open("/dev/full");
        full.expect("it was opened a moment ago")
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut program = start_with(directory.path(), &["--log-format", "json"], |command| {
        command
            .env("RUST_LOG", "debug")
            .stdout(full())
            .stderr(full());
    });
    let urls = program.urls();
    let (auth, api) = (url(&urls, "auth_server"), url(&urls, "resource_server"));
    let begun = Instant::now();
    // A flow to its end, and what is refused on the way: each of them a line and more.
    for _ in 0..20 {
        let (access, refresh) = token(&urls).await;
        let photos = Request::get(&format!("{api}/photos")).bearer(&access);
        assert_eq!(photos.send().await.status, 200);
        let (access, _) = refreshed(&urls, &refresh).await;
        assert!(is_active(&urls, &access).await);
        let none = Request::get(&format!("{api}/photos")).bearer("none");
        assert_eq!(none.send().await.status, 401);
    }
    println!("twenty flows without a log took {:?}", begun.elapsed());
    // One log, three services.
    for base in [&auth, &api, &url(&urls, "client_app")] {
        let lost = lost(base).await;
        assert!(lost >= 100, "{lost} lines were lost of 100 and more");
    }
    let ready = Request::get(&format!("{auth}/readyz")).send().await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    program.signal("TERM");
    let (code, took) = program.end();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
}
