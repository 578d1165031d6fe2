//! The short run: every target with its corpus, and with changes of it that are made blindly.
//!
//! The changes are those that libFuzzer makes first, without what it learns from the paths that were taken. Each run
//! begins elsewhere; a failure prints what was fed, which then belongs into the corpus.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::rand;

use super::{Target, World};

/// How long each target is fed.
const TIME: Duration = Duration::from_secs(2);

/// Text that means something to the targets: chance would not find it.
const WORDS: [&str; 38] = [
    "%00",
    "%2",
    "%",
    "+",
    "&",
    "=",
    ":",
    "\n",
    "\"",
    "\\",
    "{",
    "}",
    ",",
    "[",
    "]",
    "null",
    "true",
    "-1",
    "1e300",
    "1800000000",
    "0.5",
    "http://127.0.0.1:9/cb",
    "http://localhost:8080/callback",
    "https://a@b/",
    "Basic ",
    "openid",
    "state=",
    "client_id=spa",
    "redirect_uri=",
    "\"aud\":",
    "\"iss\":\"spa\"",
    "\"exp\":",
    "\"nbf\":",
    "\"request\":",
    "response_type=code",
    "\u{0}",
    "\u{202e}",
    "é",
];

/// A generator of numbers that is good enough for this (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % bound.max(1)
    }

    /// A place in `data`, its end included.
    fn place(&mut self, data: &[u8]) -> usize {
        self.below(data.len() + 1)
    }
}

fn corpus(target: Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target.name());
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// One change of `data`.
fn change(data: &mut Vec<u8>, corpus: &[Vec<u8>], chance: &mut Chance) {
    let (from, to) = (chance.place(data), chance.place(data));
    let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 32));
    match chance.below(7) {
        0 if from < data.len() => data[from] ^= 1 << chance.below(8),
        1 => data.insert(from, u8::try_from(chance.below(256)).unwrap()),
        2 => drop(data.splice(from..from, WORDS[chance.below(WORDS.len())].bytes())),
        3 => drop(data.drain(from..to)),
        4 => {
            let copy = data[from..to].to_vec();
            let place = chance.place(data);
            drop(data.splice(place..place, copy));
        }
        5 => {
            let other = &corpus[chance.below(corpus.len())];
            let rest = chance.place(other);
            data.truncate(from);
            data.extend(&other[rest..]);
        }
        _ => {
            let word = WORDS[chance.below(WORDS.len())];
            drop(data.splice(from..to, word.bytes()));
        }
    }
    data.truncate(4096);
}

/// Feeds a target for `TIME`; how often.
fn feed(world: &World, target: Target, chance: &mut Chance) -> u32 {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{} has no corpus", target.name());
    let feed = |data: &[u8]| {
        let fed = catch_unwind(AssertUnwindSafe(|| world.feed(target, data)));
        assert!(
            fed.is_ok(),
            "{}: b\"{}\"",
            target.name(),
            data.escape_ascii()
        );
    };
    for data in &corpus {
        feed(data);
    }
    let (start, mut times) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        for _ in 0..16 {
            let mut data = corpus[chance.below(corpus.len())].clone();
            for _ in 0..=chance.below(6) {
                change(&mut data, &corpus, chance);
            }
            feed(&data);
            times += 1;
        }
    }
    times
}

#[test]
fn every_property_holds_for_a_while() {
    let mut seed = [0; 8];
    rand::fill(&mut seed).unwrap();
    let world = World::new();
    let mut chance = Chance(u64::from_le_bytes(seed) | 1);
    for target in Target::ALL {
        let times = feed(&world, target, &mut chance);
        assert!(times > 0, "{} was not fed", target.name());
        eprintln!("{}: {times} times", target.name());
    }
}

#[test]
fn what_is_good_is_let_through() {
    let world = World::new();
    let reached = |target, data: &str| world.feed(target, data.as_bytes());
    // Properties say what is refused; that the good example of each corpus is not, is said here.
    let proof = world.sign(
        &format!(
            r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{}}}"#,
            world.jwk()
        ),
        r#"{"jti":"one","htm":"POST","htu":"http://localhost:9000/token","iat":1800000000}"#,
    );
    assert!(super::dpop::judge(&world, &proof).is_some());
    reached(Target::Dpop, "");
    assert!(super::authorize::passes(
        &world,
        b"response_type=code&client_id=spa&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcallback&scope=openid\
          &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ));
}

#[test]
fn every_target_has_its_file_and_its_entry() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let files = std::fs::read_dir(fuzz.join("fuzz_targets"))
        .unwrap()
        .count();
    assert_eq!(files, Target::ALL.len());
    for target in Target::ALL {
        let file = format!("fuzz_targets/{}.rs", target.name());
        let text = std::fs::read_to_string(fuzz.join(&file)).unwrap();
        assert!(text.contains(&format!("Target::{target:?}")), "{file}");
        assert!(manifest.contains(&format!("path = \"{file}\"")), "{file}");
    }
}
