//! What a script of ours saw in the browser, as an exchange: the fragment of the implicit grant (RFC 6749 §4.2.2)
//! is sent to no server, so nobody else can tell.
//!
//! The script names values by their SHA-256 only. What it says is taken as what *somebody at this browser*
//! says: known checks only, everything bounded, and always marked as seen by the browser.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::flow::{
    Body, Channel, Check, Exchange, ExchangeId, Kind, Observer, Outcome, Party, RecordKey, Side,
    Value, ValueKind, ValuePlace, catalog,
};
use shared::realm::RealmName;

/// The most bytes of a report.
pub const MAX_REPORT: usize = 16 * 1024;
/// The most parameters and the most checks of a report.
const MOST: usize = 40;
/// The most characters of one text.
const MAX_TEXT: usize = 300;

/// `POST {base}/record/browser`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserReport {
    /// The run that the page belongs to, where it knows.
    #[serde(default)]
    pub run: Option<String>,
    /// The exchange that brought the page, where the page knows it: both belong to one flow.
    #[serde(default)]
    pub page: Option<ExchangeId>,
    /// What happened: `fragment_received` is the only one known.
    pub event: BrowserEvent,
    /// The page's URL without the fragment's values.
    pub url: String,
    /// What stood in the fragment: each name, and the SHA-256 of its value in hex.
    #[serde(default)]
    pub parameters: Vec<SeenParameter>,
    /// What the script verified.
    #[serde(default)]
    pub checks: Vec<SeenCheck>,
}

/// What a script may report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowserEvent {
    /// The answer of the authorization server arrived in the fragment.
    FragmentReceived,
}

/// A parameter of the fragment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenParameter {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its value, 64 hex digits.
    pub sha256_hex: String,
}

/// A check that the script ran.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenCheck {
    /// An id of the catalogue.
    pub id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What would have passed.
    #[serde(default)]
    pub expected: String,
    /// What came.
    #[serde(default)]
    pub got: String,
}

/// Why a report is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadReport {
    /// More than 40 parameters or checks.
    #[error("more than 40 parameters or checks")]
    TooMany,
    /// A digest is not 64 hex digits.
    #[error("sha256_hex is 64 lower-case hex digits")]
    Digest,
    /// The URL is not a page of this client app.
    #[error("url is not an address of this client app")]
    Url,
    /// No check has this id.
    #[error("no check has the id {0:?}")]
    UnknownCheck(String),
}

impl BrowserReport {
    /// The report as an exchange of `realm` that began at `now_us`; `client_app` is this service's public URL.
    ///
    /// # Errors
    /// [`BadReport`] for what no page of ours would say.
    pub fn into_exchange(
        self,
        realm: RealmName,
        key: &RecordKey,
        client_app: &str,
        (now_us, realm_time): (i64, i64),
    ) -> Result<Exchange, BadReport> {
        if self.parameters.len() > MOST || self.checks.len() > MOST {
            return Err(BadReport::TooMany);
        }
        let path = self.path(client_app, &realm)?;
        let values = self.values(key)?;
        let names: Vec<_> = self
            .parameters
            .iter()
            .map(|parameter| cut(&parameter.name))
            .collect();
        let checks = self.checks.iter().map(known).collect::<Result<_, _>>()?;
        let notes = BTreeMap::from([
            ("event".to_owned(), "fragment_received".to_owned()),
            ("fragment".to_owned(), cut(&names.join(" "))),
        ]);
        Ok(Exchange {
            id: ExchangeId::new(now_us),
            realm,
            kind: Kind::InBrowser,
            observer: Observer {
                party: Party::Browser,
                side: Side::Browser,
            },
            from: Party::Browser,
            to: Party::Browser,
            channel: Channel::Front,
            caused_by: self.page,
            started_us: now_us,
            duration_us: 0,
            realm_time,
            method: String::new(),
            url: cut(&self.url),
            path,
            request_headers: Vec::new(),
            request_body: Body::default(),
            status: None,
            response_headers: Vec::new(),
            response_body: Body::default(),
            failure: None,
            checks,
            values,
            kept_back: Vec::new(),
            notes,
        })
    }

    /// The values that the fragment carried, by their digests.
    fn values(&self, key: &RecordKey) -> Result<Vec<Value>, BadReport> {
        let mut values = Vec::new();
        for parameter in &self.parameters {
            let digest = digest_of(&parameter.sha256_hex).ok_or(BadReport::Digest)?;
            if let Some(kind) = kind_of(&parameter.name) {
                values.push(Value {
                    kind,
                    hash: key.hash_digest(&digest),
                    place: ValuePlace::BrowserFragment,
                });
            }
        }
        if let Some(run) = self.run.as_deref().filter(|run| !run.is_empty()) {
            values.push(Value {
                kind: ValueKind::Run,
                hash: key.hash(run),
                place: ValuePlace::BrowserFragment,
            });
        }
        Ok(values)
    }

    /// The page's path without its realm.
    fn path(&self, client_app: &str, realm: &RealmName) -> Result<String, BadReport> {
        let rest = self
            .url
            .strip_prefix(client_app)
            .filter(|rest| rest.starts_with('/'));
        let path = rest
            .ok_or(BadReport::Url)?
            .split(['?', '#'])
            .next()
            .unwrap_or_default();
        let base = realm.base_path();
        Ok(cut(path.strip_prefix(&base).unwrap_or(path)))
    }
}

/// A check of the catalogue as the script saw it end.
fn known(seen: &SeenCheck) -> Result<Check, BadReport> {
    let Some(definition) = catalog::find(&seen.id) else {
        return Err(BadReport::UnknownCheck(cut(&seen.id)));
    };
    Ok(Check {
        outcome: seen.outcome,
        expected: cut(&seen.expected),
        got: cut(&seen.got),
        ..Check::not_reached(definition)
    })
}

fn kind_of(name: &str) -> Option<ValueKind> {
    Some(match name {
        "access_token" => ValueKind::AccessToken,
        "id_token" => ValueKind::IdToken,
        "code" => ValueKind::Code,
        "state" => ValueKind::State,
        _ => return None,
    })
}

/// The 32 bytes that 64 hex digits write.
fn digest_of(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let pairs = (0..64).step_by(2).map(|at| hex.get(at..at + 2));
    pairs
        .map(|pair| u8::from_str_radix(pair?, 16).ok())
        .collect()
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(json: serde_json::Value) -> Result<Exchange, BadReport> {
        let key = RecordKey::from_text("k");
        let report: BrowserReport = serde_json::from_value(json).unwrap();
        report.into_exchange(
            RealmName::default_realm(),
            &key,
            "http://localhost:8080",
            (5, 1),
        )
    }

    #[test]
    fn a_token_in_the_fragment_is_recognised_by_its_digest() {
        // SHA-256 of "token".
        let digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
        let exchange = report(serde_json::json!({
            "event": "fragment_received",
            "url": "http://localhost:8080/implicit/callback",
            "parameters": [{"name": "access_token", "sha256_hex": digest}],
            "checks": [{"id": "state.matches", "outcome": "passed"}],
        }))
        .unwrap();
        assert_eq!(
            exchange.values[0].hash,
            RecordKey::from_text("k").hash("token")
        );
        assert_eq!(exchange.path, "/implicit/callback");
        assert_eq!(exchange.checks[0].reference, "RFC 6749 §10.12");
    }

    #[test]
    fn what_no_page_of_ours_would_say_is_refused() {
        let with = |field: &str, value: serde_json::Value| {
            let mut json = serde_json::json!({
                "event": "fragment_received", "url": "http://localhost:8080/callback",
            });
            json[field] = value;
            report(json)
        };
        assert!(matches!(
            with("url", "http://evil.example/".into()),
            Err(BadReport::Url)
        ));
        assert!(matches!(
            with("url", "http://localhost:80800/".into()),
            Err(BadReport::Url)
        ));
        let check = serde_json::json!([{"id": "made.up", "outcome": "passed"}]);
        assert!(matches!(
            with("checks", check),
            Err(BadReport::UnknownCheck(_))
        ));
        let parameter = serde_json::json!([{"name": "state", "sha256_hex": "xx"}]);
        assert!(matches!(
            with("parameters", parameter),
            Err(BadReport::Digest)
        ));
    }
}
