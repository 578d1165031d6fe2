//! The documents: what they name exists, what they list is all there is, and their examples run.
//!
//! May read the repository's files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shared::flow::catalog;

use crate::support::{Request, World};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of each row of every table in `text`, headings left out.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("|--"));
    lines
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_check_is_documented_and_no_other() {
    let document = read("docs/checks.md");
    let documented: BTreeSet<(&str, &str)> = rows(&document)
        .iter()
        .filter(|row| row[0].starts_with('`'))
        .map(|row| (row[0].trim_matches('`'), row[1]))
        .collect();
    let known: BTreeSet<(&str, &str)> = catalog::ALL
        .iter()
        .map(|check| (check.id, check.reference))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn every_row_of_conformance_names_files_and_tests_that_exist() {
    let document = read("docs/conformance.md");
    let rows: Vec<_> = rows(&document)
        .into_iter()
        .filter(|row| row.len() == 4 && row[2].starts_with('`'))
        .collect();
    assert!(rows.len() > 40, "only {} rows", rows.len());
    for row in rows {
        let file = quoted(row[2])[0];
        assert!(
            root().join(file).exists(),
            "{}: {file} does not exist",
            row[0]
        );
        for test in quoted(row[3]) {
            let (file, name) = test
                .split_once("::")
                .unwrap_or_else(|| panic!("{test:?} names no test"));
            let source = read(&format!("ecosystem/tests/blackbox/{file}"));
            // A test that a macro makes of a table stands there as `name: "check.id"`.
            let made = format!("    {name}: \"");
            assert!(
                source.contains(&format!("fn {name}(")) || source.contains(&made),
                "{}: {test} does not exist",
                row[0]
            );
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let documents = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/api.md",
        "docs/checks.md",
        "docs/operations.md",
        "docs/decisions/README.md",
    ];
    for document in documents {
        let text = read(document);
        let folder = root().join(document).parent().expect("a folder").to_owned();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let local = !target.contains("://") && !target.starts_with('#');
            assert!(
                !local || folder.join(target).exists(),
                "{document} links to {target}, which does not exist"
            );
        }
    }
}

#[tokio::test]
async fn the_readmes_curl_gets_a_token() {
    let readme = read("README.md");
    let command = readme
        .split("`curl -u ")
        .nth(1)
        .and_then(|rest| rest.split('`').next())
        .expect("the command");
    let mut words = command.split(' ');
    let (id, secret) = words
        .next()
        .and_then(|pair| pair.split_once(':'))
        .expect("credentials");
    let mut form = Vec::new();
    let mut url = "";
    while let Some(word) = words.next() {
        match word {
            "-d" => form.push(
                words
                    .next()
                    .and_then(|pair| pair.split_once('='))
                    .expect("name=value"),
            ),
            word => url = word,
        }
    }
    let path = url
        .strip_prefix("http://localhost:9000")
        .expect("the demo's auth server");
    let world = World::new().await;
    let answer = world
        .send(Request::post(&world.auth(path), &form).basic(id, secret))
        .await;
    answer.is(200);
    assert!(answer.json()["access_token"].is_string());
}
