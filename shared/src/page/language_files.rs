//! Holds the language files to their promise: complete, the same in every language, nothing unused.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Keys made from data at run time, by prefix, and what they are made of. All other keys stand
/// literally in a template or a source file.
const MADE_FROM_DATA: &[(&str, &str)] = &[
    ("check-", "ids of shared::flow::catalog"),
    ("parameter-", "names of OAuth parameters"),
    ("header-", "names of HTTP headers"),
    ("claim-", "names of JWT claims"),
    ("scope-", "scope tokens"),
    ("client-link-", "what a client links to"),
    ("provider-group-", "kinds of members of metadata"),
    ("provider-method-", "ways of authenticating"),
    ("error-", "error codes and error pages"),
    ("grant-", "grant types"),
    ("party-", "shared::flow parties"),
    ("channel-", "shared::flow channels"),
    ("fate-title-", "Fate::name() of a request that waited"),
    ("fate-text-", "Fate::name() of a request that waited"),
    ("status-", "HTTP status codes, states of a flow"),
    ("outcome-", "outcomes of a check"),
    ("verdict-", "verdicts on a flow"),
    ("life-", "kinds of lifetimes, their states and ends"),
    ("predict-", "ways, directions and reasons of an exchange"),
    ("tv-poll-", "what the auth server answers to a poll"),
    ("value-", "kinds of value"),
    ("diagram-value-", "kinds of value on a chip"),
    ("endpoint-", "names of endpoints"),
    ("token-verdict-", "what came of verifying a token"),
    ("why-", "names of endpoints: why the protocol has them"),
    ("export-format-", "formats in which a flow is exported"),
    ("export-about-", "formats in which a flow is exported"),
    ("export-picture-", "diagram::View::name()"),
    ("export-theme-", "diagram::svg::Theme"),
    ("service-", "Service::name()"),
    ("tone-", "Tone::name()"),
    ("sign-in-response-", "what comes back from a sign-in"),
    ("sign-in-ask-", "how insistently a sign-in asks"),
    ("sign-in-mode-", "response modes"),
    ("score-rule-", "ids of rules of a client's score"),
    ("score-why-", "ids of rules of a client's score"),
    ("score-ended-", "how a rule ended"),
    ("score-standard-", "standards of a client's score"),
    ("score-lead-", "standards of a client's score"),
    ("signed-out-by-", "logout::Way::name() of the client app"),
    ("logout-frame-page-", "what a front-channel logout came to"),
    ("logout-told-", "logout::notify::Outcome::name()"),
    ("settings-", "names of settings and of their values"),
    ("doctor-", "ids of findings of the doctor"),
    ("lesson-", "names of lessons and of what they point at"),
    ("knowledge-exposure-", "Exposure::name()"),
    ("knowledge-how-", "How::name()"),
    ("knowledge-rule-", "ids of rules of record::knowledge"),
    ("knowledge-value-", "kinds of value that are followed"),
    (
        "break-",
        "mutations, reasons and outcomes of breaking a flow",
    ),
];

/// What a file says: key -> the names of its `{ $placeables }`.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The files under `folder` with this extension.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
}

/// Reads the keys of a Fluent file, by lines: a message starts in the first column.
fn keys(path: &Path) -> Keys {
    let mut keys = Keys::new();
    let mut last = String::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            last = line
                .split_once('=')
                .expect("key = text")
                .0
                .trim()
                .to_owned();
            assert!(
                keys.insert(last.clone(), BTreeSet::new()).is_none(),
                "{path:?} says {last} twice"
            );
        }
        for placeable in line.split('$').skip(1).filter(|_| !line.starts_with('#')) {
            let end = placeable.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            let name = &placeable[..end.unwrap_or(placeable.len())];
            keys.get_mut(&last).unwrap().insert(name.to_owned());
        }
    }
    keys
}

/// The keys of one language by area.
fn language(tag: &str) -> BTreeMap<String, Keys> {
    let mut found = Vec::new();
    files(
        &repository().join("shared/locales").join(tag),
        "ftl",
        &mut found,
    );
    found
        .iter()
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                keys(path),
            )
        })
        .collect()
}

/// Every template and every Rust source of the workspace.
fn sources() -> Vec<(PathBuf, String)> {
    let root = repository();
    let mut found = Vec::new();
    files(&root.join("templates"), "html", &mut found);
    for member in [
        "shared",
        "auth-server",
        "resource-server",
        "client-app",
        "ecosystem",
    ] {
        files(&root.join(member).join("templates"), "html", &mut found);
        files(&root.join(member).join("src"), "rs", &mut found);
    }
    // Tests name keys that must not exist, and so do examples in comments.
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        (path, code)
    };
    found
        .into_iter()
        .filter(|path| !path.ends_with("page/language_files.rs"))
        .map(read)
        .collect()
}

/// The string literals right after `opening`, such as `.t("`.
fn literals<'a>(text: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(opening)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
}

fn is_made_from_data(key: &str) -> bool {
    MADE_FROM_DATA
        .iter()
        .any(|(prefix, _)| key.starts_with(prefix))
}

#[test]
fn every_key_is_used_and_every_language_is_complete() {
    let english = language("en");
    let mut wrong = Vec::new();
    for tag in super::Language::ALL.map(super::Language::tag) {
        let other = language(tag);
        let names = |all: &BTreeMap<String, Keys>| all.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&english), names(&other), "{tag} has the same files");
        for (area, said) in &english {
            let theirs = &other[area];
            for (key, placeables) in said {
                match theirs.get(key) {
                    None => wrong.push(format!("{tag}/{area}.ftl lacks {key}")),
                    Some(found) if found != placeables => {
                        wrong.push(format!(
                            "{tag}/{area}.ftl: {key} has {found:?}, English {placeables:?}"
                        ));
                    }
                    Some(_) => {}
                }
            }
            let extra = theirs.keys().filter(|key| !said.contains_key(*key));
            wrong.extend(extra.map(|key| format!("{tag}/{area}.ftl has {key}, English has not")));
        }
    }

    let known: BTreeSet<&str> = english
        .values()
        .flat_map(|keys| keys.keys().map(String::as_str))
        .collect();
    let sources = sources();
    for (path, text) in &sources {
        for opening in [".t(\"", ".ta(\""] {
            for key in literals(text, opening).filter(|key| !known.contains(key)) {
                wrong.push(format!("{}: no language file has {key:?}", path.display()));
            }
        }
    }
    for key in known.iter().filter(|key| !is_made_from_data(key)) {
        let quoted = format!("\"{key}\"");
        if !sources.iter().any(|(_, text)| text.contains(&quoted)) {
            wrong.push(format!("no template and no source uses {key}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_is_embedded() {
    let texts = super::Texts::load().unwrap();
    for (area, keys) in language("en") {
        for key in keys.keys() {
            assert!(
                texts.find(super::Language::En, key, &()).is_some(),
                "add {area} to AREAS in text.rs"
            );
        }
    }
}

#[test]
fn every_check_is_explained() {
    let explained: BTreeSet<String> = language("en")["checks"].keys().cloned().collect();
    let checks = crate::flow::catalog::ALL.iter();
    let needed: BTreeSet<String> = checks
        .map(|check| super::key_of("check", check.id))
        .collect();
    let missing: Vec<_> = needed.difference(&explained).collect();
    let stale: Vec<_> = explained.difference(&needed).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "missing {missing:?}, stale {stale:?}"
    );
}
