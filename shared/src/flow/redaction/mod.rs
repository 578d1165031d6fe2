//! Redaction by allow-list: what of an exchange may be shown to those who need not know its secrets.
//!
//! May use url's form parser and JSON. Only what [`allowed`] lists is shown; **an unknown field is hidden**, and its
//! name is kept. A value that a flow follows is shown as its name (`‹code 1›`), so that the story stays readable.
//! As a second net, a value that has a name is replaced wherever else it stands, also percent-encoded or escaped.
//! Used where the record keeps no secrets ([`crate::observe::Capture`]) and by everything that is exported.

mod allowed;
mod allowed_checks;
mod json;
mod spellings;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use self::spellings::Spellings;
use super::{Body, Check, Header};

/// What stands in place of something hidden that has no name.
pub const HIDDEN: &str = "‹hidden›";

/// Shorter values are hidden where they stand, but not searched for in other text: they occur by chance.
const SHORTEST_SEARCHED: usize = 6;

/// The longest name of a field that is kept, in characters.
const LONGEST_NAME: usize = 64;

/// Hides what is not on the allow-list.
#[derive(Clone, Default)]
pub struct Redaction {
    names: HashMap<String, String>,
    /// Every way of writing a value that has a name.
    spellings: Spellings,
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

impl Redaction {
    /// Hides without naming anything.
    #[must_use]
    pub fn strict() -> Self {
        Self::default()
    }

    /// Hides, and shows each of these values as its name: pairs of value and name.
    #[must_use]
    pub fn naming(names: impl IntoIterator<Item = (String, String)>) -> Self {
        let names: HashMap<_, _> = names
            .into_iter()
            .filter(|(value, _)| !value.is_empty() && value != HIDDEN)
            .collect();
        let searched = names.iter();
        let searched = searched.filter(|(value, _)| value.chars().count() >= SHORTEST_SEARCHED);
        let pairs = searched.map(|(value, name)| (value.as_str(), name.as_str()));
        let spellings = Spellings::of(pairs);
        Self { names, spellings }
    }

    /// The value of a parameter, a JSON member or a claim of this name.
    #[must_use]
    pub fn value(&self, name: &str, value: &str) -> String {
        if value.is_empty() {
            String::new()
        } else if self.names.contains_key(value) || !allowed::parameter(name) {
            self.hidden(value)
        } else {
            self.prose(value)
        }
    }

    /// A field's name: kept, unless it cannot be one.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || "_-.:~[]".contains(c);
        let kept = name.chars().count() <= LONGEST_NAME && name.chars().all(of_a_name);
        if kept && !self.names.contains_key(name) {
            self.text(name)
        } else {
            HIDDEN.to_owned()
        }
    }

    /// A URL: its origin, the words of its path that are our routes, and its parameters by name.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        self.any_url(url, false)
    }

    /// A route or a path: its words that are our routes.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        let mut before = "";
        let mut kept = Vec::new();
        for segment in path.split('/') {
            let shown = segment.is_empty() || before == "r" || allowed::segment(segment);
            kept.push(if shown {
                self.text(segment)
            } else {
                self.hidden(&decoded(segment))
            });
            before = segment;
        }
        kept.join("/")
    }

    /// Form-encoded text: a query, a fragment or a body.
    #[must_use]
    pub fn form(&self, form: &str) -> String {
        let pairs = form.split('&').map(|pair| match pair.split_once('=') {
            None if pair.is_empty() => String::new(),
            None => self.hidden(&decoded(pair)),
            Some((name, value)) => {
                // By its meaning: `client%5Fsecret` is a secret too.
                let (meant, plain) = (decoded(name), decoded(value));
                let shown = self.value(&meant, &plain);
                let name = if self.name(&meant) == meant {
                    name
                } else {
                    HIDDEN
                };
                let value = if shown == plain { value } else { &shown };
                format!("{name}={value}")
            }
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// JSON, member by member; text that is no JSON is hidden whole.
    #[must_use]
    pub fn json(&self, text: &str) -> String {
        json::redacted(self, text).unwrap_or_else(|| HIDDEN.to_owned())
    }

    /// The text of a body of this content type: forms and JSON by name, everything else hidden whole.
    #[must_use]
    pub fn body_text(&self, text: &str, content_type: &str) -> String {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if text.is_empty() {
            String::new()
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            self.form(text)
        } else if essence.to_ascii_lowercase().contains("json") {
            self.json(text)
        } else {
            HIDDEN.to_owned()
        }
    }

    /// A captured body of this content type.
    #[must_use]
    pub fn body(&self, body: &Body, content_type: &str) -> Body {
        Body {
            text: self.body_text(&body.text, content_type),
            ..body.clone()
        }
    }

    /// One header's value.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        match name {
            "authorization" | "proxy-authorization" => self.authorization(value),
            "cookie" => value
                .split(';')
                .map(|pair| self.cookie(pair))
                .collect::<Vec<_>>()
                .join("; "),
            "set-cookie" => self.set_cookie(value),
            "location" | "referer" | "content-location" => self.url(value),
            "origin" if value == "null" || is_web_origin(value) => self.url(value),
            "origin" => self.hidden(value),
            "content-type" if !allowed::media_type(value) => self.hidden(value),
            _ if allowed::header(name) => self.prose(value),
            _ => self.hidden(value),
        }
    }

    /// Headers, in order.
    #[must_use]
    pub fn headers(&self, headers: &[Header]) -> Vec<Header> {
        let redacted = headers.iter().map(|header| Header {
            name: self.name(&header.name),
            value: self.header(&header.name, &header.value),
        });
        redacted.collect()
    }

    /// A check: what it expected and got, where these are descriptions or parameters that may be shown.
    #[must_use]
    pub fn check(&self, check: &Check) -> Check {
        let shown = allowed::check(&check.id);
        let told = |text: &str| match text {
            "" => String::new(),
            text if check.id == super::catalog::REQUEST_NO_REPEATS.id => self.repeated(text),
            text if shown => self.prose(text),
            text => self.hidden(text),
        };
        Check {
            expected: told(&check.expected),
            got: told(&check.got),
            ..check.clone()
        }
    }

    /// What is said of a parameter that stands more than once: its name is whatever somebody sent.
    fn repeated(&self, text: &str) -> String {
        let ways = [("", " more than once"), ("the parameter ", " is repeated")];
        let mut names = ways.into_iter().filter_map(|(before, after)| {
            let name = text.strip_prefix(before)?.strip_suffix(after)?;
            Some(format!("{before}{}{after}", self.name(name)))
        });
        names.next().unwrap_or_else(|| self.prose(text))
    }

    /// A plain fact that a service noted with an exchange.
    #[must_use]
    pub fn note(&self, name: &str, fact: &str) -> String {
        if allowed::note(name) {
            self.prose(fact)
        } else {
            self.hidden(fact)
        }
    }

    /// Text that is shown, without any value that has a name.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.spellings.replaced(text)
    }

    /// What stands in place of a value that is not shown.
    fn hidden(&self, value: &str) -> String {
        let name = self.names.get(value);
        name.map_or_else(|| HIDDEN.to_owned(), Clone::clone)
    }

    /// Words that may be shown; URLs among them lose what may not.
    #[must_use]
    pub fn prose(&self, text: &str) -> String {
        if !text.contains("://") {
            return self.text(text);
        }
        let words = text.split(' ').map(|word| {
            if word.contains("://") {
                self.any_url(word, true)
            } else {
                self.text(word)
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// A URL; `known` when it is a registered address (`redirect_uri`, `iss`), whose path is no secret.
    fn any_url(&self, url: &str, known: bool) -> String {
        let (rest, fragment) = split(url, '#');
        let (place, query) = split(rest, '?');
        let mut kept = self.place(place, known);
        for (mark, part) in [('?', query), ('#', fragment)] {
            if let Some(part) = part {
                kept.push(mark);
                kept.push_str(&self.form(part));
            }
        }
        kept
    }

    /// Scheme, host and path.
    fn place(&self, place: &str, known: bool) -> String {
        let path = |path: &str| {
            if known {
                self.text(path)
            } else {
                self.path(path)
            }
        };
        let Some((scheme, rest)) = place.split_once("://") else {
            return path(place);
        };
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        // `https://user:password@host` is a place to put a secret.
        let host = match authority.rsplit_once('@') {
            Some((_, host)) => format!("{HIDDEN}@{}", self.text(host)),
            None => self.text(authority),
        };
        format!("{}://{host}{}", self.text(scheme), path(rest))
    }

    /// RFC 9110 §11.6.2: the scheme is shown, the credentials are not.
    fn authorization(&self, value: &str) -> String {
        let Some((scheme, credentials)) = value.split_once(' ') else {
            return self.hidden(value);
        };
        if !allowed::scheme(scheme) {
            return HIDDEN.to_owned();
        }
        let name = match basic_secret(scheme, credentials) {
            Some(secret) => self.hidden(&secret),
            None => self.hidden(credentials.trim()),
        };
        format!("{scheme} {name}")
    }

    fn cookie(&self, pair: &str) -> String {
        let name = pair.split('=').next().unwrap_or_default().trim();
        if pair.contains('=') {
            format!("{}={HIDDEN}", self.name(name))
        } else {
            HIDDEN.to_owned()
        }
    }

    fn set_cookie(&self, value: &str) -> String {
        let mut parts = value.split(';');
        let mut kept = self.cookie(parts.next().unwrap_or_default());
        for attribute in parts {
            let name = attribute.split('=').next().unwrap_or_default().trim();
            kept.push_str("; ");
            kept.push_str(if allowed::cookie_attribute(name) {
                attribute.trim()
            } else {
                HIDDEN
            });
        }
        kept
    }
}

/// The client's secret in `Basic` credentials (RFC 6749 §2.3.1: form-encoded first).
fn basic_secret(scheme: &str, credentials: &str) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (_, secret) = pair.split_once(':')?;
    Some(decoded(secret))
}

/// Whether it is an origin of the web (RFC 6454 §6.1).
fn is_web_origin(value: &str) -> bool {
    let parsed = url::Url::parse(value);
    parsed.is_ok_and(|url| url.has_host() && url.origin().ascii_serialization() == value)
}

/// One form-encoded name or value as its reader understands it.
fn decoded(text: &str) -> String {
    let padded = format!("v={text}");
    let read = url::form_urlencoded::parse(padded.as_bytes()).next();
    read.map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}
