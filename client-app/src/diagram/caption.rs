//! Caption: an exchange as one line that a person can read: `POST /token  grant_type=authorization_code → 200, 14 ms`.
//!
//! A caption names parameters whose values are words of the protocol and shows no other value, so a picture of a flow
//! may be handed on as it is. What was captured is hostile text: it is cut here and escaped by the templates.

use shared::flow::{Kind, Party, ValueKind};
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use super::scene::Chip;
use crate::record::parameter::{POSTS_TO, ParameterPlace, header};
use crate::record::view::ExchangeView;
use crate::viewer::{milliseconds, place_of};

/// The most characters of a path, of a parameter's value and of a stranger's name.
const MOST: usize = 44;

/// What stands at the two arrows of an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    /// `POST /token`.
    pub(crate) request: String,
    /// `grant_type=authorization_code`, where a parameter says what the request is; else empty.
    pub(crate) telling: String,
    /// `200, 14 ms`; empty for what happened in the browser.
    pub(crate) answer: String,
}

impl Caption {
    /// The caption of `exchange`.
    pub(crate) fn new(frame: &Frame, addresses: &Addresses, exchange: &ExchangeView) -> Self {
        if exchange.kind == Kind::InBrowser {
            return Self {
                request: frame.t("diagram-read-in-browser"),
                telling: String::new(),
                answer: String::new(),
            };
        }
        Self {
            request: format!(
                "{} {}",
                cut(&exchange.method),
                cut(&without_handles(&exchange.path))
            ),
            telling: telling(exchange).unwrap_or_default(),
            answer: answer(frame, addresses, exchange),
        }
    }

    /// The request with what tells it from others.
    pub(crate) fn asked(&self) -> String {
        match self.telling.as_str() {
            "" => self.request.clone(),
            telling => format!("{}  {telling}", self.request),
        }
    }
}

/// The parameter that says what kind of request it is.
fn telling(exchange: &ExchangeView) -> Option<String> {
    let sent = exchange.parameters.iter().filter(|parameter| {
        matches!(
            parameter.place,
            ParameterPlace::RequestBody | ParameterPlace::RequestQuery
        )
    });
    let mut named = sent.filter(|parameter| {
        let name = parameter.name.as_str();
        matches!(name, "grant_type" | "response_type" | "error")
    });
    let found = named.next()?;
    Some(format!("{}={}", found.name, word(&found.value)))
}

fn answer(frame: &Frame, addresses: &Addresses, exchange: &ExchangeView) -> String {
    let Some(status) = exchange.status else {
        return frame.t("record-no-status");
    };
    let took = format!("{} ms", milliseconds(exchange.duration_ms));
    let answered = exchange.parameters.iter().filter(|parameter| {
        let place = parameter.place;
        matches!(
            place,
            ParameterPlace::ResponseBody
                | ParameterPlace::RedirectQuery
                | ParameterPlace::RedirectFragment
        )
    });
    let mut errors = answered.filter(|parameter| parameter.name == "error");
    let error = errors.next().map(|error| word(&error.value));
    if let Some(target) = exchange.notes.get(POSTS_TO) {
        let place = cut(&without_handles(&place_of(frame, addresses, target)));
        let error = error.map_or_else(String::new, |error| format!("  error={error}"));
        return format!("{status} ⇢ POST {place}{error}, {took}");
    }
    let location = header(&exchange.response.headers, "location");
    match (location, error) {
        (Some(location), error) if (300..400).contains(&status) => {
            let place = cut(&without_handles(&place_of(frame, addresses, location)));
            let error = error.map_or_else(String::new, |error| format!("  error={error}"));
            format!("{status} ⇢ {place}{error}, {took}")
        }
        (_, Some(error)) => format!("{status} {error}, {took}"),
        (_, None) => format!("{status}, {took}"),
    }
}

/// A place without what only its owner should know: `/runs/…` in place of the run's handle.
fn without_handles(place: &str) -> String {
    let part = |part: &str| {
        let random = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let opaque = part.len() > 19 && !part.contains(' ') && part.contains(random);
        if opaque {
            "…".to_owned()
        } else {
            part.to_owned()
        }
    };
    place.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What stands before the name of a grant that came after RFC 6749 (RFC 6755 §3).
const GRANT_URN: &str = "urn:ietf:params:oauth:grant-type:";

/// A value if it can only be a word of the protocol (RFC 6749 Appendix A.10), else an ellipsis.
fn word(value: &str) -> String {
    if let Some(name) = value.strip_prefix(GRANT_URN) {
        return format!("…:{}", word(name));
    }
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | ':' | ' ' | '.');
    if value.len() <= MOST && value.chars().all(plain) {
        value.to_owned()
    } else {
        "…".to_owned()
    }
}

/// At most [`MOST`] characters of `text`.
fn cut(text: &str) -> String {
    shortened(text, MOST)
}

/// At most `most` characters of `text`, the last of them an ellipsis where there were more.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head = text.chars().take(most.saturating_sub(1));
    head.chain(['…']).collect()
}

/// The name of a party in the reader's language; a stranger's own.
pub(super) fn name_of(frame: &Frame, party: &Party, most: usize) -> String {
    match party {
        Party::Stranger(product) => shortened(product, most),
        known => frame.t(key_of("party", known.role())),
    }
}

/// What stands on a chip: `access token`, and from the second of its kind on its number.
pub(super) fn label_of(frame: &Frame, chip: &Chip) -> String {
    let name = frame.t(key_of("diagram-value", slug_of(chip.kind)));
    match chip.number {
        0 | 1 => name,
        number => format!("{name} {number}"),
    }
}

/// The kind as part of a key and of a class.
pub(super) const fn slug_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Password => "password",
        ValueKind::ClientSecret => "client-secret",
        ValueKind::State => "state",
        ValueKind::Nonce => "nonce",
        ValueKind::RequestUri => "request-uri",
        ValueKind::Code => "code",
        ValueKind::DeviceCode => "device-code",
        ValueKind::UserCode => "user-code",
        ValueKind::CodeVerifier => "verifier",
        ValueKind::CodeChallenge => "challenge",
        ValueKind::KeyThumbprint => "key-thumbprint",
        ValueKind::AccessToken => "access-token",
        ValueKind::RefreshToken => "refresh-token",
        ValueKind::IdToken => "id-token",
        ValueKind::Interaction | ValueKind::Run => "handle",
        ValueKind::SessionId => "session-id",
        ValueKind::LogoutToken => "logout-token",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_protocol_are_shown() {
        assert_eq!(word("authorization_code"), "authorization_code");
        assert_eq!(word("code id_token"), "code id_token");
        assert_eq!(word("Gf3k_s3cret"), "…");
        assert_eq!(word(&"a".repeat(80)), "…");
        let device_code = "urn:ietf:params:oauth:grant-type:device_code";
        assert_eq!(word(device_code), "…:device_code");
        assert_eq!(shortened("abcdef", 4), "abc…");
        assert_eq!(without_handles("/runs/P7OG_yl1lRRVGIuDipwRGN7G"), "/runs/…");
        assert_eq!(
            without_handles("Authorization server /token"),
            "Authorization server /token"
        );
        let metadata = "/.well-known/oauth-authorization-server";
        assert_eq!(without_handles(metadata), metadata);
    }
}
