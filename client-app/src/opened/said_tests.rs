//! Every phrase that a server can say has its words in every language, and nothing of the protocol is translated.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use shared::flow::{Outcome, catalog};
use shared::page::Language;

use super::*;
use crate::page::samples::frame;

/// Words of the protocol that stand as an expected or a got value, and stay as they are.
const PROTOCOL: [&str; 33] = [
    "JWT",
    "logout+jwt",
    "sid",
    "sub",
    "S256",
    "at+jwt",
    "dpop+jwt",
    "grant_type",
    "token",
    "openid",
    "request",
    "request_uri",
    "fragment",
    "application/json",
    "application/x-www-form-urlencoded",
    "client_id",
    "redirect_uri",
    "code",
    "code_verifier",
    "refresh_token",
    "client_secret",
    "access_token",
    "scope",
    "response_mode",
    "response_type",
    "bearer",
    "nbf",
    "error",
    "csrf",
    "nonce",
    "alg",
    "at_hash",
    "typ",
];

fn said(language: Language, id: &str, text: &str) -> Said {
    let check = Check {
        id: id.to_owned(),
        outcome: Outcome::Failed,
        expected: text.to_owned(),
        got: text.to_owned(),
        reference: String::new(),
    };
    Said::expected(&frame(language), &check, 1_000)
}

fn shown(said: &Said) -> String {
    let pieces = said.0.iter().map(|piece| match piece {
        Piece::Words(text) => text.clone(),
        Piece::Raw(text) => format!("[{text}]"),
        Piece::Time(moment, far) => format!("{} ({far})", moment.text),
    });
    pieces.collect()
}

#[test]
fn a_phrase_is_told_with_what_stood_in_it() {
    let told = |text: &str| shown(&said(Language::En, "code.not_expired", text));
    assert_eq!(
        told("before 1060"),
        "before 1970-01-01 00:17:40 UTC (in 1 min)"
    );
    assert_eq!(told("1000"), "1970-01-01 00:16:40 UTC (at that moment)");
    assert_eq!(told("990"), "1970-01-01 00:16:30 UTC (10 s ago)");
    let told = |text: &str| shown(&said(Language::En, "x.y", text));
    assert_eq!(told("90 s ago"), "1 min 30 s ago");
    assert_eq!(
        told("some of: openid photos:read"),
        "some of [openid photos:read]"
    );
    assert_eq!(told("beyond that: $(id) <b>"), "more: [$(id) <b>]");
    assert_eq!(told("fragment or query"), "[fragment] or [query]");
    assert_eq!(
        told("exp after 940 (now, less 60 s)"),
        "an expiry after 1970-01-01 00:15:40 UTC (1 min ago) (now, less 1 min)"
    );
    let told = shown(&said(Language::ZhCn, "x.y", "prompt: login; max_age: 5"));
    assert_eq!(told, "prompt [login]，max_age [5]");
}

#[test]
fn the_algorithm_none_is_no_absence_and_stranger_text_stays() {
    let check = Check {
        id: "token.algorithm".to_owned(),
        outcome: Outcome::Failed,
        expected: "ES256".to_owned(),
        got: "none".to_owned(),
        reference: String::new(),
    };
    let frame = frame(Language::ZhCn);
    assert_eq!(shown(&Said::got(&frame, &check, 0)), "[none]");
    for hostile in [
        "\u{e000}",
        "{value}",
        "before soon",
        "{ $value }",
        "-1 s ago",
        "99999999999999999999 bytes",
    ] {
        assert_eq!(
            shown(&said(Language::En, "x.y", hostile)),
            format!("[{hostile}]")
        );
    }
    let huge = "of: ".to_owned() + &"a".repeat(LONGEST);
    assert_eq!(
        shown(&said(Language::En, "x.y", &huge)),
        format!("[{huge}]")
    );
}

#[test]
fn every_phrase_has_a_sentence_with_its_values() {
    for (pattern, key) in known_phrases() {
        let mut text = String::new();
        for (at, part) in pattern.split('{').enumerate() {
            match part.split_once('}') {
                Some((slot, literal)) if at > 0 => {
                    text.push_str(match slot {
                        "raw" => "R",
                        "span" => "7 s",
                        _ => "7",
                    });
                    text.push_str(literal);
                }
                _ => text.push_str(part),
            }
        }
        for language in Language::ALL {
            let told = said(language, "x.y", &text);
            let values = told
                .0
                .iter()
                .filter(|piece| !matches!(piece, Piece::Words(_)));
            let raw = pattern.matches("{raw}").count() + pattern.matches("{time}").count();
            assert_eq!(values.count(), raw, "{key} in {language:?}: {told:?}");
            assert!(!shown(&told).contains("said-"), "{key}");
        }
    }
}

/// The Rust sources of the three services, tests left out.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<PathBuf> = ["auth-server", "resource-server", "client-app"]
        .map(|service| root.join(service).join("src"))
        .into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && !name.contains("test")
                && name != "sample.rs"
            {
                let text = fs::read_to_string(&path).unwrap();
                let program = text.split("#[cfg(test)]").next().unwrap().to_owned();
                found.push((path, program));
            }
        }
    }
    found
}

/// The text from an opening bracket to the one that closes it.
fn bracketed(text: &str) -> &str {
    let mut depth = 0;
    let end = text.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..=end.unwrap()]
}

/// The string literals of a piece of source; a placeholder stands as `{}`.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('"') {
        rest = &rest[start + 1..];
        let end = rest.find('"').unwrap();
        let mut literal: String = rest[..end].split("\\\n").map(str::trim_start).collect();
        rest = &rest[end + 1..];
        while let (Some(open), Some(close)) = (literal.find('{'), literal.find('}')) {
            literal.replace_range(open..=close, "\u{1}");
        }
        found.push(literal.replace('\u{1}', "{}"));
    }
    found
}

/// The phrases that stand in the calls that make checks, and in the lets that their arguments come from.
fn phrases(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut names = BTreeSet::new();
    for call in source.match_indices("require") {
        let behind = &source[call.0..];
        let Some(open) = behind.find('(').filter(|open| *open < 13) else {
            continue;
        };
        let arguments = bracketed(&behind[open..]);
        let inside = arguments[1..].trim_start().trim_start_matches('&');
        if !inside.starts_with("check::") && !inside.starts_with("catalog::") {
            continue;
        }
        found.extend(literals(arguments));
        let words = arguments.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        names.extend(words.map(str::to_owned));
    }
    for (at, _) in source.match_indices("let ") {
        let Some((pattern, behind)) = source[at + 4..].split_once(" = ") else {
            continue;
        };
        let mut bound = pattern.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_said = bound.any(|name| {
            names.contains(name)
                && ["expected", "got", "word", "few", "most", "reason"].contains(&name)
        });
        if is_said {
            found.extend(literals(behind.split(";\n").next().unwrap()));
        }
    }
    found
}

#[test]
fn every_phrase_that_the_sources_say_is_known() {
    let known: BTreeSet<String> = known_phrases()
        .map(|(pattern, _)| {
            let mut pattern = (*pattern).to_owned();
            while let Some(open) = pattern.find('{') {
                let close = pattern.find('}').unwrap();
                pattern.replace_range(open..=close, "\u{1}");
            }
            pattern.replace('\u{1}', "{}")
        })
        .collect();
    let mut missing = Vec::new();
    let mut said = 0;
    for (path, source) in sources() {
        for phrase in phrases(&source) {
            let has_words = phrase.chars().any(char::is_alphabetic);
            let is_format = ["{}", "{}: {}", "{} or {}"].contains(&phrase.as_str());
            let is_protocol = PROTOCOL.contains(&phrase.as_str());
            said += 1;
            // A lifetime prints its unit: the slot of the phrase takes it.
            if has_words
                && !is_format
                && !is_protocol
                && !known.contains(&phrase)
                && phrase.trim() != "or"
            {
                missing.push(format!("{}: {phrase:?}", path.display()));
            }
        }
    }
    assert!(
        said > 120,
        "only {said} phrases were found: the sources are written otherwise"
    );
    assert!(missing.is_empty(), "no words for\n{}", missing.join("\n"));
    assert!(catalog::ALL.len() > 60);
}

#[test]
fn a_note_of_ours_is_told_in_every_language_and_any_other_stays() {
    let told =
        |language, name: &str, fact: &str| shown(&Said::fact(&frame(language), name, fact, 0));
    for language in [Language::En, Language::ZhCn] {
        for (name, fact) in [
            ("not_paused", "too many requests wait"),
            ("not_paused", "the body is too large"),
            ("released", "limit"),
            ("left", "true"),
        ] {
            let words = told(language, name, fact);
            assert!(!words.contains('[') && !words.contains(fact), "{words}");
        }
        assert_eq!(told(language, "client_id", "limit"), "[limit]");
        assert_eq!(told(language, "not_paused", "<b>"), "[<b>]");
    }
    assert_eq!(
        told(
            Language::ZhCn,
            "not_changed",
            "the header \"cookie\" cannot be changed here"
        ),
        "此处不能修改头字段 [\"cookie\"]"
    );
}
