//! The house rules, kept by a test: what may be imported where, who reads the environment, how long a file is.
//!
//! Reads the sources as text. A rule that nobody checks is broken within a month.

use std::path::{Path, PathBuf};

/// The longest file, in lines.
const MAX_LINES: usize = 500;

/// The services, which speak HTTP to each other and import each other never.
const SERVICES: [&str; 3] = ["auth-server", "resource-server", "client-app"];

/// A source file: its path below the workspace, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Its lines that are code: no comments, and nothing from the first `#[cfg(test)]` on.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .map(|line| line.split("//").next().unwrap_or_default())
    }

    fn mentions(&self, word: &str) -> bool {
        self.code().any(|line| line.contains(word))
    }

    /// Whether it is compiled for tests only.
    fn is_test(&self) -> bool {
        ["tests.rs", "testing.rs", "samples.rs", "sample.rs"]
            .iter()
            .any(|name| self.path.ends_with(name))
    }

    fn is_in(&self, rooms: &[&str]) -> bool {
        rooms.iter().any(|room| self.path.contains(room))
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

/// All Rust sources below `folder`.
fn sources(folder: &str) -> Vec<Source> {
    let root = workspace();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                let path = path.strip_prefix(&root).expect("inside").display();
                found.push(Source {
                    path: path.to_string(),
                    text,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The sources of every program and library.
fn all_sources() -> Vec<Source> {
    let crates = [
        "shared",
        "auth-server",
        "resource-server",
        "client-app",
        "ecosystem",
    ];
    let found: Vec<Source> = crates
        .iter()
        .flat_map(|name| sources(&format!("{name}/src")))
        .collect();
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[track_caller]
fn none(rule: &str, broken: impl Iterator<Item = String>) {
    let broken: Vec<String> = broken.collect();
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn only_a_store_knows_diesel() {
    let sources = all_sources();
    let broken = sources
        .iter()
        .filter(|source| !source.is_in(&["/store/"]) && source.mentions("diesel"))
        .map(|source| source.path.clone());
    none("only store/ may use diesel", broken);
}

#[test]
fn services_do_not_import_each_other() {
    for service in SERVICES {
        let manifest = workspace().join(service).join("Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).expect("a manifest");
        let sources = sources(&format!("{service}/src"));
        for other in SERVICES.into_iter().filter(|other| *other != service) {
            let dependency = format!("\n{other}.workspace");
            assert!(
                !manifest.contains(&dependency),
                "{service} depends on {other}"
            );
            let path = format!("{}::", other.replace('-', "_"));
            let broken = sources
                .iter()
                .filter(|source| source.mentions(&path))
                .map(|source| source.path.clone());
            none(&format!("{service} must not import {other}"), broken);
        }
    }
    let manifest = std::fs::read_to_string(workspace().join("shared/Cargo.toml")).expect("shared");
    for service in SERVICES {
        assert!(
            !manifest.contains(&format!("\n{service}.")),
            "shared depends on {service}"
        );
    }
}

#[test]
fn only_main_reads_arguments_and_environment() {
    let sources = all_sources();
    let broken = sources
        .iter()
        .filter(|source| !source.path.ends_with("/main.rs") && !source.is_test())
        .filter(|source| source.mentions("std::env") || source.mentions("env::var"))
        .map(|source| source.path.clone());
    none("only main.rs may read std::env", broken);
}

/// A second way of naming or reading cookies would be one that nobody guards.
#[test]
fn cookies_are_made_and_read_in_one_place() {
    let sources = all_sources();
    let broken = sources
        .iter()
        .filter(|source| !source.is_test() && !source.path.ends_with("serve/cookies.rs"))
        .filter(|source| source.mentions("Cookie::build") || source.mentions("Cookie::new"))
        .chain(
            sources
                .iter()
                .filter(|source| !source.is_test() && source.mentions("request.cookie(")),
        )
        .map(|source| source.path.clone());
    none("only serve::Cookies makes and reads cookies", broken);
}

#[test]
fn the_protocols_rooms_know_no_http() {
    let sources = sources("auth-server/src");
    let rooms = [
        "/grant/",
        "/issue/",
        "/client/",
        "/authorization/",
        "/store/",
    ];
    let broken = sources
        .iter()
        .filter(|source| source.is_in(&rooms) && source.mentions("actix"))
        .map(|source| source.path.clone());
    none(
        "grant, issue, client, authorization and store know no actix",
        broken,
    );
}

#[test]
fn nothing_is_shared_by_two_ecosystems_of_one_process() {
    let sources = all_sources();
    let shared = [
        "Mutex", "RwLock", "OnceLock", "OnceCell", "LazyLock", "Atomic", "RefCell",
    ];
    let is_global = |line: &str| {
        let line = line.trim_start();
        let line = line
            .strip_prefix("pub ")
            .or(line.strip_prefix("pub(crate) "))
            .unwrap_or(line);
        line.starts_with("static ") && shared.iter().any(|word| line.contains(word))
            || line.contains("thread_local!")
            || line.contains("lazy_static!")
    };
    let broken = sources.iter().flat_map(|source| {
        source
            .code()
            .filter(|line| is_global(line))
            .map(|line| format!("{}: {}", source.path, line.trim()))
            .collect::<Vec<_>>()
    });
    none("no process globals", broken);
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut sources = all_sources();
    for name in [
        "shared",
        "auth-server",
        "resource-server",
        "client-app",
        "ecosystem",
    ] {
        sources.extend(self::sources(&format!("{name}/tests")));
    }
    sources.extend(self::sources("reliability/src"));
    let silent = sources
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path.clone());
    none("the first line is //! and says what it is for", silent);
    let long = sources
        .iter()
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(source, lines)| format!("{}: {lines} lines", source.path));
    none("a file has at most 500 lines", long);
}
