//! What the record keeps of headers and bodies, and what it hides.
//!
//! Cookies and form tokens are hidden always: they are this software's own, not the protocol's.
//! Secrets of the protocol are kept in full only where a realm is a demo; elsewhere only what
//! [`crate::flow::redaction`] lists is kept.

use std::collections::BTreeMap;

use actix_web::http::header::HeaderMap;

use crate::flow::redaction::{HIDDEN, Redaction};
use crate::flow::{Body, Check, Header};

/// What is kept of bodies and headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The most that is kept of one body, in bytes.
    pub body_limit: usize,
    /// Whether secrets of the protocol are kept in full (a demo) or hidden.
    pub secrets: bool,
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            body_limit: 32 * 1024,
            secrets: true,
        }
    }
}

impl Capture {
    /// The headers as they may be kept.
    pub(super) fn headers(self, headers: &HeaderMap) -> Vec<Header> {
        headers
            .iter()
            .filter(|(name, _)| name.as_str() != super::EXCHANGE_HEADER)
            .map(|(name, value)| Header {
                name: name.as_str().to_owned(),
                value: self.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())),
            })
            .collect()
    }

    /// One header's value as it may be kept.
    pub(super) fn header(self, name: &str, value: &str) -> String {
        if !self.secrets {
            return Redaction::strict().header(name, value);
        }
        match name {
            "cookie" => value
                .split(';')
                .map(cookie_name)
                .collect::<Vec<_>>()
                .join("; "),
            "set-cookie" => {
                let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
                format!("{};{attributes}", cookie_name(pair))
                    .trim_end_matches(';')
                    .to_owned()
            }
            _ => value.to_owned(),
        }
    }

    /// A URL as it may be kept.
    pub(super) fn url(self, url: &str) -> String {
        if self.secrets {
            url.to_owned()
        } else {
            Redaction::strict().url(url)
        }
    }

    /// A route or a path as it may be kept.
    pub(super) fn path(self, path: String) -> String {
        if self.secrets {
            path
        } else {
            Redaction::strict().path(&path)
        }
    }

    /// The name of a parameter as it may be kept.
    pub(super) fn name(self, name: &str) -> String {
        if self.secrets {
            name.to_owned()
        } else {
            Redaction::strict().name(name)
        }
    }

    /// The value of a parameter, a header (`header:authorization`) or a whole `body`, as it may be kept.
    pub(super) fn parameter(self, name: &str, value: &str) -> String {
        match name.strip_prefix("header:") {
            Some(header) => self.header(header, value),
            None if name == "csrf" => HIDDEN.to_owned(),
            None if self.secrets => value.to_owned(),
            None if name == "body" => HIDDEN.to_owned(),
            None => Redaction::strict().value(name, value),
        }
    }

    /// Checks as they may be kept.
    pub(super) fn checks(self, checks: Vec<Check>) -> Vec<Check> {
        if self.secrets {
            return checks;
        }
        let redaction = Redaction::strict();
        checks.iter().map(|check| redaction.check(check)).collect()
    }

    /// Plain facts as they may be kept.
    pub(super) fn notes(self, notes: BTreeMap<String, String>) -> BTreeMap<String, String> {
        if self.secrets {
            return notes;
        }
        let redaction = Redaction::strict();
        let kept = notes.into_iter().map(|(name, fact)| {
            let fact = redaction.note(&name, &fact);
            (name, fact)
        });
        kept.collect()
    }

    /// A body as it may be kept; `total` is the length that travelled in bytes.
    pub(super) fn body(self, bytes: &[u8], total: u64, content_type: &str) -> Body {
        let kept = bytes
            .get(..bytes.len().min(self.body_limit))
            .unwrap_or_default();
        let text = String::from_utf8_lossy(kept).into_owned();
        let text = if !self.secrets {
            Redaction::strict().body_text(&text, content_type)
        } else if content_type.starts_with("application/x-www-form-urlencoded") {
            without_form_token(&text)
        } else if content_type.starts_with("text/html") {
            hide_form_tokens(&text)
        } else {
            text
        };
        let kept_bytes = u64::try_from(kept.len()).unwrap_or(u64::MAX);
        Body {
            text,
            bytes: total,
            truncated: kept_bytes < total,
        }
    }
}

/// A form with the token that proves where it was sent from hidden.
fn without_form_token(form: &str) -> String {
    form.split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if decoded(name) == "csrf" => format!("{name}={HIDDEN}"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

/// A page with the tokens of its forms hidden: they are this software's own, as cookies are.
fn hide_form_tokens(page: &str) -> String {
    const FIELD: &str = "name=\"csrf\" value=\"";
    let mut parts = page.split(FIELD);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(FIELD);
        kept.push_str(HIDDEN);
        // What a cut page has no end for is hidden to its end.
        let end = part.find('"').unwrap_or(part.len());
        kept.push_str(part.get(end..).unwrap_or_default());
    }
    kept
}

/// A parameter's name as its reader understands it.
fn decoded(name: &str) -> String {
    url::form_urlencoded::parse(name.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

fn cookie_name(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) => format!("{}={HIDDEN}", name.trim()),
        // RFC 6265bis §5.6: a value without a name.
        None => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_and_form_tokens_are_never_kept() {
        let demo = Capture::default();
        assert_eq!(
            demo.header("cookie", "as_session=abc; lang=en"),
            "as_session=‹hidden›; lang=‹hidden›"
        );
        assert_eq!(demo.header("cookie", "secret; a=b"), "‹hidden›; a=‹hidden›");
        assert_eq!(
            demo.header("set-cookie", "secret; Path=/"),
            "‹hidden›; Path=/"
        );
        assert_eq!(
            demo.header("set-cookie", "a=b; Path=/; HttpOnly"),
            "a=‹hidden›; Path=/; HttpOnly"
        );
        let body = demo.body(
            b"csrf=abc&username=alice",
            23,
            "application/x-www-form-urlencoded",
        );
        assert_eq!(body.text, "csrf=‹hidden›&username=alice");
        let page = br#"<input name="csrf" value="abc"><p>csrf</p><input name="csrf" value="a"#;
        let body = demo.body(page, 70, "text/html; charset=utf-8");
        assert_eq!(
            body.text,
            r#"<input name="csrf" value="‹hidden›"><p>csrf</p><input name="csrf" value="‹hidden›"#
        );
    }

    #[test]
    fn outside_a_demo_encoded_names_and_other_bodies_hide_nothing_from_us() {
        let strict = Capture {
            secrets: false,
            ..Capture::default()
        };
        let form = strict.body(
            b"client%5Fsecret=s3&a=b",
            22,
            "application/x-www-form-urlencoded",
        );
        assert_eq!(form.text, "client%5Fsecret=‹hidden›&a=‹hidden›");
        for content_type in ["text/html", "text/plain", ""] {
            assert_eq!(strict.body(b"s3", 2, content_type).text, HIDDEN);
        }
        assert_eq!(strict.body(b"", 0, "text/html").text, "");
    }

    #[test]
    fn outside_a_demo_no_secret_is_kept() {
        let strict = Capture {
            secrets: false,
            ..Capture::default()
        };
        assert_eq!(
            strict.header("authorization", "Basic d2Vi"),
            "Basic ‹hidden›"
        );
        assert_eq!(
            strict.url("http://c/callback?code=1&scope=2#access_token=3"),
            "http://c/callback?code=‹hidden›&scope=2#access_token=‹hidden›"
        );
        assert_eq!(strict.path("/runs/abc".to_owned()), "/runs/‹hidden›");
        assert_eq!(strict.header("x-api-key", "abc"), HIDDEN);
        let body = strict.body(
            br#"{"access_token":"x","expires_in":5}"#,
            35,
            "application/json",
        );
        assert_eq!(body.text, r#"{"access_token":"‹hidden›","expires_in":5}"#);
    }
}
