//! A token as the page shows it: its three parts, claim by claim, and the steps of its verification.

use serde_json::Value;
use shared::page::{Frame, key_of};

use super::Opened;
use super::find::Use;
use super::read::Part;
use super::verify::Verdict;
use crate::jwt::seconds;
use crate::opened::checks::Decision;
use crate::opened::parameters::place_key;
use crate::page::{Moment, distance};
use crate::viewer::{Reference, claim_reference, indented};

/// The claims that are moments (RFC 7519 §2 `NumericDate`).
const MOMENTS: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];
/// The most of an opaque or unreadable token that is shown, in characters.
const MOST_SHOWN: usize = 4000;

/// One token.
pub(crate) struct TokenCard {
    /// For links inside the page: `token-2`.
    pub(crate) anchor: String,
    /// What it is, in words.
    pub(crate) title: String,
    /// The parameter that holds it.
    pub(crate) name: String,
    pub(crate) place: String,
    /// Header, payload and signature, where it has three parts.
    pub(crate) parts: Option<[String; 3]>,
    /// The beginning of the token.
    pub(crate) raw: String,
    pub(crate) header: Vec<ClaimLine>,
    pub(crate) claims: Vec<ClaimLine>,
    pub(crate) verdict: &'static str,
    pub(crate) verdict_text: String,
    pub(crate) decision: Decision,
}

/// A member of the header, or a claim.
pub(crate) struct ClaimLine {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) sentence: Option<String>,
    pub(crate) reference: Option<Reference>,
    pub(crate) time: Option<ClaimTime>,
}

/// A claim that is a moment.
pub(crate) struct ClaimTime {
    pub(crate) moment: Moment,
    /// How far it was from the exchange.
    pub(crate) then: String,
    /// How far it is from the realm's clock now; none where that is the same.
    pub(crate) now: Option<String>,
}

impl TokenCard {
    /// The card of the `at`th token, of an exchange at `then`, looked at `now` (realm time, seconds).
    pub(super) fn new(frame: &Frame, opened: &Opened, (at, then, now): (usize, i64, i64)) -> Self {
        let (found, read) = (&opened.found, &opened.read);
        let title = match found.meant {
            Use::AccessToken => "token-access",
            Use::IdToken => "token-id",
            Use::RefreshToken => "token-refresh",
            Use::DpopProof => "token-proof",
            Use::Jwt => "token-jwt",
        };
        let lines = |part: &Part, in_header| {
            let members = part.members.iter();
            let line = |(name, value): &(String, Value)| {
                ClaimLine::new(frame, (name, value), in_header, (then, now))
            };
            members.map(line).collect::<Vec<_>>()
        };
        let is_jwt = opened.verdict != Verdict::Opaque;
        let mut parts = read.text.split('.').map(str::to_owned);
        let parts = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(header), Some(payload), Some(signature), None) => {
                Some([header, payload, signature])
            }
            _ => None,
        };
        let parts = parts.filter(|_| is_jwt && read.text.len() <= super::read::LONGEST);
        let none = Vec::new;
        Self {
            anchor: format!("token-{at}"),
            title: frame.t(title),
            name: found.name.clone(),
            place: frame.t(place_key(found.place)),
            parts,
            raw: read.text.chars().take(MOST_SHOWN).collect(),
            header: if is_jwt {
                lines(&read.header, true)
            } else {
                none()
            },
            claims: if is_jwt {
                lines(&read.payload, false)
            } else {
                none()
            },
            verdict: opened.verdict.name(),
            verdict_text: frame.t(key_of("token-verdict", opened.verdict.name())),
            decision: Decision::new(frame, &opened.checks, then),
        }
    }
}

impl ClaimLine {
    fn new(
        frame: &Frame,
        (name, value): (&str, &Value),
        in_header: bool,
        (then, now): (i64, i64),
    ) -> Self {
        let prefix = if in_header { "claim-header" } else { "claim" };
        let sentence = frame.find(key_of(prefix, name));
        let sentence = sentence.or_else(|| {
            let known = !in_header;
            known
                .then(|| frame.find(key_of("parameter", name)))
                .flatten()
        });
        let seconds = seconds(value).filter(|_| !in_header && MOMENTS.contains(&name));
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Object(_) => indented(&value.to_string()).unwrap_or_default(),
            other => other.to_string(),
        };
        Self {
            sentence,
            reference: claim_reference(name, in_header).map(Reference::of),
            time: seconds.map(|seconds| ClaimTime {
                moment: Moment::of(seconds.saturating_mul(1_000_000)),
                then: distance(frame, seconds, then),
                now: (then != now).then(|| distance(frame, seconds, now)),
            }),
            name: name.to_owned(),
            value: text,
        }
    }
}
