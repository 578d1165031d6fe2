//! What the record keeps of headers and bodies, and what it hides.
//!
//! Cookies and form tokens are hidden always: they are this software's own, not the protocol's.
//! Secrets of the protocol are kept in full only where a realm is a demo.

use actix_web::http::header::HeaderMap;

use crate::flow::{Body, Header};

/// What stands in place of something hidden.
pub(super) const HIDDEN: &str = "‹hidden›";

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

/// Parameters that are secrets of the protocol.
const SECRET_PARAMETERS: [&str; 10] = [
    "password",
    "client_secret",
    "code",
    "code_verifier",
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "token",
    "device_code",
];

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
            "authorization" if !self.secrets => {
                format!("{} {HIDDEN}", value.split(' ').next().unwrap_or_default())
            }
            "location" if !self.secrets => self.url(value),
            _ => value.to_owned(),
        }
    }

    /// A URL as it may be kept.
    pub(super) fn url(self, url: &str) -> String {
        if self.secrets {
            return url.to_owned();
        }
        let (rest, fragment) = url
            .split_once('#')
            .map_or((url, None), |(rest, part)| (rest, Some(part)));
        let (path, query) = rest
            .split_once('?')
            .map_or((rest, None), |(path, part)| (path, Some(part)));
        let mut kept = path.to_owned();
        for (mark, part) in [('?', query), ('#', fragment)] {
            if let Some(part) = part {
                kept.push(mark);
                kept.push_str(&self.form(part));
            }
        }
        kept
    }

    /// A body as it may be kept; `total` is the length that travelled in bytes.
    pub(super) fn body(self, bytes: &[u8], total: u64, content_type: &str) -> Body {
        let kept = bytes
            .get(..bytes.len().min(self.body_limit))
            .unwrap_or_default();
        let text = String::from_utf8_lossy(kept).into_owned();
        let text = if content_type.starts_with("application/x-www-form-urlencoded") {
            self.form(&text)
        } else if content_type.contains("json") && !self.secrets {
            redact_json(&text)
        } else if content_type.starts_with("text/html") && self.secrets {
            hide_form_tokens(&text)
        } else if !self.secrets && !text.is_empty() {
            // Pages show tokens, and what has no form that we know may hold anything.
            HIDDEN.to_owned()
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

    fn form(self, form: &str) -> String {
        let hide =
            |name: &str| name == "csrf" || (!self.secrets && SECRET_PARAMETERS.contains(&name));
        form.split('&')
            .map(|pair| match pair.split_once('=') {
                // By its meaning: `client%5Fsecret` is a secret too.
                Some((name, _)) if hide(&decoded(name)) => format!("{name}={HIDDEN}"),
                _ => pair.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("&")
    }
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
    let name = pair.split('=').next().unwrap_or_default().trim();
    format!("{name}={HIDDEN}")
}

/// JSON with its secret members hidden; text that is no JSON object is hidden whole.
fn redact_json(text: &str) -> String {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(mut members) => {
            for (name, value) in &mut members {
                if SECRET_PARAMETERS.contains(&name.as_str()) {
                    *value = HIDDEN.into();
                }
            }
            serde_json::Value::Object(members).to_string()
        }
        Err(_) => HIDDEN.to_owned(),
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
        assert_eq!(form.text, "client%5Fsecret=‹hidden›&a=b");
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
            strict.url("http://c/cb?code=1&state=2#access_token=3"),
            "http://c/cb?code=‹hidden›&state=2#access_token=‹hidden›"
        );
        let body = strict.body(
            br#"{"access_token":"x","expires_in":5}"#,
            35,
            "application/json",
        );
        assert!(
            !body.text.contains('x') || !body.text.contains("\"x\""),
            "{}",
            body.text
        );
    }
}
