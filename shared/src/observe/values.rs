//! Recognising protocol values by the parameters that carry them.
//!
//! May use the form parser of url, JSON and actix's headers. The names are those of RFC 6749, RFC 7636, RFC 9126
//! and `OpenID` Connect Core.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::seen::header_text;
use crate::control::StoredRequest;
use crate::flow::{RecordKey, Value, ValueHash, ValueKind, ValuePlace};
use crate::oauth::UserCode;

/// What a parameter of this name carries, if it is worth following.
#[must_use]
pub fn kind_of(name: &str) -> Option<ValueKind> {
    Some(match name {
        "password" => ValueKind::Password,
        "client_secret" => ValueKind::ClientSecret,
        "state" => ValueKind::State,
        "nonce" => ValueKind::Nonce,
        "request_uri" => ValueKind::RequestUri,
        "code" => ValueKind::Code,
        "device_code" => ValueKind::DeviceCode,
        "user_code" => ValueKind::UserCode,
        "code_verifier" => ValueKind::CodeVerifier,
        "code_challenge" => ValueKind::CodeChallenge,
        "dpop_jkt" => ValueKind::KeyThumbprint,
        "access_token" | "token" | "subject_token" | "actor_token"
        // RFC 7592 §3: a bearer token like any other.
        | "registration_access_token" => ValueKind::AccessToken,
        "refresh_token" => ValueKind::RefreshToken,
        "id_token" | "id_token_hint" => ValueKind::IdToken,
        "interaction" => ValueKind::Interaction,
        "run" => ValueKind::Run,
        "logout_token" => ValueKind::LogoutToken,
        "sid" => ValueKind::SessionId,
        _ => return None,
    })
}

/// The form in which a value of this kind is compared: a person types a user code in many ways (RFC 8628 §6.1).
fn canonical(kind: ValueKind, value: &str) -> Cow<'_, str> {
    match kind {
        ValueKind::UserCode => value
            .parse::<UserCode>()
            .map_or(Cow::Borrowed(value), |code| Cow::Owned(code.shown())),
        _ => Cow::Borrowed(value),
    }
}

/// Collects values without repeating one.
pub(super) struct Collector<'k> {
    key: &'k RecordKey,
    found: Vec<Value>,
}

impl<'k> Collector<'k> {
    pub(super) const fn new(key: &'k RecordKey) -> Self {
        Self {
            key,
            found: Vec::new(),
        }
    }

    /// Goes on after `found`.
    pub(super) const fn after(key: &'k RecordKey, found: Vec<Value>) -> Self {
        Self { key, found }
    }

    pub(super) fn finish(self) -> Vec<Value> {
        self.found
    }

    pub(super) fn add(&mut self, kind: ValueKind, value: &str, place: ValuePlace) {
        // A request object at an address of the client's is the same in every flow (OpenID Connect Core §6.2).
        let by_address = kind == ValueKind::RequestUri && !value.starts_with("urn:");
        if value.is_empty() || by_address {
            return;
        }
        let value = Value {
            kind,
            hash: self.key.hash(&canonical(kind, value)),
            place,
        };
        if !self.found.contains(&value) {
            self.found.push(value);
        }
    }

    /// Values of form-encoded text: a query, a fragment or a form body.
    pub(super) fn form(&mut self, text: &str, place: ValuePlace) {
        let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).collect();
        let refresh = pairs
            .iter()
            .any(|(name, value)| name == "token_type_hint" && value == "refresh_token");
        for (name, value) in &pairs {
            let kind = match kind_of(name) {
                Some(_) if name == "token" && refresh => ValueKind::RefreshToken,
                Some(kind) => kind,
                None => continue,
            };
            self.add(kind, value, place);
        }
    }

    /// Values of a JSON object's members.
    pub(super) fn json(&mut self, text: &str, place: ValuePlace) {
        let Ok(members) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
        else {
            return;
        };
        for (name, value) in &members {
            if let (Some(kind), Some(value)) = (kind_of(name), value.as_str()) {
                self.add(kind, value, place);
            }
        }
    }

    /// Values of a URL's query and fragment.
    pub(super) fn location(&mut self, url: &str) {
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        self.form(query, ValuePlace::RedirectQuery);
        self.form(fragment, ValuePlace::RedirectFragment);
    }

    /// The value of an `Authorization` header (RFC 6749 §2.3.1, RFC 6750 §2.1).
    pub(super) fn authorization(&mut self, header: &str) {
        let Some((scheme, credentials)) = header.split_once(' ') else {
            return;
        };
        if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop") {
            self.add(
                ValueKind::AccessToken,
                credentials.trim(),
                ValuePlace::RequestHeader,
            );
        } else if scheme.eq_ignore_ascii_case("basic") {
            let Ok(decoded) = STANDARD.decode(credentials.trim()) else {
                return;
            };
            let Ok(decoded) = String::from_utf8(decoded) else {
                return;
            };
            if let Some((_, secret)) = decoded.split_once(':') {
                let encoded = format!("s={secret}");
                let secret = url::form_urlencoded::parse(encoded.as_bytes()).next();
                if let Some((_, secret)) = secret {
                    self.add(ValueKind::ClientSecret, &secret, ValuePlace::RequestHeader);
                }
            }
        }
    }
}

/// The values that a request carries: `target` (an address with its query), headers and body; and the run whose page
/// is asked for.
pub(super) fn of_request(
    key: &RecordKey,
    (target, headers, body): (&str, &HeaderMap, &[u8]),
    run: Option<&str>,
) -> Vec<Value> {
    let mut collector = Collector::new(key);
    collector.form(
        target.split_once('?').map_or("", |(_, query)| query),
        ValuePlace::RequestQuery,
    );
    collector.authorization(&header_text(headers, &header::AUTHORIZATION));
    let kind = header_text(headers, &header::CONTENT_TYPE);
    if kind.starts_with("application/x-www-form-urlencoded") {
        collector.form(&String::from_utf8_lossy(body), ValuePlace::RequestBody);
    }
    if let Some(run) = run {
        collector.add(ValueKind::Run, run, ValuePlace::RequestQuery);
    }
    collector.finish()
}

/// The challenge that the verifier of a token request was made for (RFC 7636 §4.2): by it the request belongs to a
/// flow of which only the beginning is known.
pub(super) fn challenge_of(key: &RecordKey, request: &StoredRequest) -> Option<ValueHash> {
    let form = request.is_form().then_some(&request.body)?;
    let mut parameters = url::form_urlencoded::parse(form);
    let (_, verifier) = parameters.find(|(name, _)| name == "code_verifier")?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    Some(key.hash(&URL_SAFE_NO_PAD.encode(digest)))
}

/// The values that a query carries.
#[must_use]
pub fn values_of_query(key: &RecordKey, query: &str) -> Vec<Value> {
    let mut collector = Collector::new(key);
    collector.form(query, ValuePlace::RequestQuery);
    collector.finish()
}

/// The values that a form body carries.
#[must_use]
pub fn values_of_form(key: &RecordKey, form: &str) -> Vec<Value> {
    let mut collector = Collector::new(key);
    collector.form(form, ValuePlace::RequestBody);
    collector.finish()
}

/// The values that a JSON response carries.
#[must_use]
pub fn values_of_json(key: &RecordKey, json: &str) -> Vec<Value> {
    let mut collector = Collector::new(key);
    collector.json(json, ValuePlace::ResponseBody);
    collector.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_is_recognised_in_query_body_and_header() {
        let key = RecordKey::from_text("k");
        let in_json = values_of_json(&key, r#"{"access_token":"abc","expires_in":600}"#);
        let mut collector = Collector::new(&key);
        collector.authorization("Bearer abc");
        collector.location("http://localhost/cb#access_token=abc&state=s");
        let others = collector.finish();
        assert!(
            others
                .iter()
                .filter(|value| value.kind == ValueKind::AccessToken)
                .all(|value| value.hash == in_json[0].hash)
        );
        assert_eq!(others.len(), 3);
    }

    #[test]
    fn a_user_code_is_the_same_however_it_is_typed() {
        let key = RecordKey::from_text("k");
        let shown = values_of_json(&key, r#"{"device_code":"d","user_code":"WDJB-MJHT"}"#);
        assert_eq!(shown[0].kind, ValueKind::DeviceCode);
        let typed = values_of_form(&key, "user_code=wdjb+mjht&csrf=x");
        assert_eq!(typed[0].hash, shown[1].hash);
        assert_eq!(
            values_of_form(&key, "user_code=hello")[0].hash,
            key.hash("hello")
        );
    }

    #[test]
    fn a_basic_secret_is_form_decoded() {
        let key = RecordKey::from_text("k");
        let mut collector = Collector::new(&key);
        collector.authorization(&format!("Basic {}", STANDARD.encode("web:a%2Bb")));
        assert_eq!(collector.finish()[0].hash, key.hash("a+b"));
    }
}
