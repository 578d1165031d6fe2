//! One exchange as a `curl` command that sends the same request again.
//!
//! Drawn from the record. What travels by itself (`Host`, `Content-Length`, hop-by-hop headers, our own
//! announcement) is left out, as is what only tells browsers apart. What the record hides, and what the caller
//! hides, stands as a shell variable: the command refuses to run before its reader has set it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::flow::Kind;
use shared::flow::redaction::HIDDEN;

use super::shell::{Word, printf_format};
use crate::record::parameter::header;
use crate::record::view::ExchangeView;

const FORM: &str = "application/x-www-form-urlencoded";

/// Headers that curl makes itself, that belong to one connection, or that mean nothing in a second request.
const LEFT_OUT: [&str; 22] = [
    "host",
    "content-length",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "accept-encoding",
    "user-agent",
    "referer",
    "upgrade-insecure-requests",
    "cache-control",
    "pragma",
    "priority",
    "dnt",
    "purpose",
    "if-none-match",
    "if-modified-since",
];

/// Names that a variable may have as they are; any other is told apart, so that no name in a request can ask for
/// a variable that the reader's shell happens to have.
const OWN_NAMES: [&str; 10] = [
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

/// A piece of a request, for the question whether it is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// A parameter of the query or of a form body, or what `Authorization` carries: `client_secret` (Basic),
    /// `access_token` (Bearer).
    Parameter(&'a str),
    /// Another header, by its lower-case name.
    Header(&'a str),
    /// A body that is no form.
    Body,
}

/// A command, option by option.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// What is piped into curl, where no argument can hold the body: the format of a `printf`.
    piped: Option<String>,
    url: Word,
    options: Vec<(&'static str, Option<Word>)>,
}

/// The command that sends the request of `exchange` again, with shell variables for what `hides` says; `None` for
/// what never was a request.
pub(crate) fn command(
    exchange: &ExchangeView,
    hides: &dyn Fn(Field<'_>) -> bool,
) -> Option<String> {
    Some(Command::of(exchange, hides)?.to_string())
}

impl Command {
    /// As [`command`], still in its parts.
    pub(crate) fn of(exchange: &ExchangeView, hides: &dyn Fn(Field<'_>) -> bool) -> Option<Self> {
        if exchange.kind == Kind::InBrowser {
            return None;
        }
        let mut made = Self {
            piped: None,
            url: url(&exchange.url, hides),
            options: Vec::new(),
        };
        let has_body = !exchange.request.body.text.is_empty();
        match (exchange.method.as_str(), has_body) {
            ("GET", false) | ("POST", true) => {}
            ("HEAD", false) => made.flag("--head"),
            (method, _) => made.with("--request", Word::of(method)),
        }
        if exchange.url.contains(['{', '}', '[', ']']) {
            made.flag("--globoff");
        }
        if exchange.url.contains("/.") {
            made.flag("--path-as-is");
        }
        made.headers(exchange, hides);
        made.body(exchange, hides);
        let mut taken = BTreeSet::new();
        made.url.tell_apart(&mut taken);
        for word in made
            .options
            .iter_mut()
            .filter_map(|(_, word)| word.as_mut())
        {
            word.tell_apart(&mut taken);
        }
        Some(made)
    }

    /// With one more option.
    pub(crate) fn with(&mut self, option: &'static str, word: Word) {
        self.options.push((option, Some(word)));
    }

    /// With one more option that takes nothing.
    pub(crate) fn flag(&mut self, option: &'static str) {
        self.options.push((option, None));
    }

    /// Whether the reader has to set a variable first.
    pub(crate) fn has_variable(&self) -> bool {
        let words = self.options.iter().filter_map(|(_, word)| word.as_ref());
        words.chain([&self.url]).any(Word::has_variable)
    }

    fn headers(&mut self, exchange: &ExchangeView, hides: &dyn Fn(Field<'_>) -> bool) {
        for header in &exchange.request.headers {
            let (name, value) = (header.name.as_str(), header.value.as_str());
            let is_token = !name.is_empty() && name.bytes().all(is_tchar);
            let is_ours = name.starts_with("grantscope-") || name.starts_with("sec-");
            // No header of a request can be so; in a forged record it would be two headers, or name a file.
            let is_split = value.contains(['\r', '\n', '\0']);
            if !is_token || is_ours || is_split || LEFT_OUT.contains(&name) {
                continue;
            }
            match name {
                "authorization" => self.authorization(value, hides),
                "cookie" => self.with("--cookie", cookie(value)),
                "accept" if value == "*/*" => {}
                "content-type" if value == FORM && !exchange.request.body.text.is_empty() => {}
                _ if value.is_empty() => self.with("--header", Word::of(format!("{name};"))),
                _ => {
                    let word = Word::of(format!("{name}: "));
                    self.with("--header", shown(word, value, Field::Header(name), hides));
                }
            }
        }
        let kind = header(&exchange.request.headers, "content-type");
        if kind.is_none() && !exchange.request.body.text.is_empty() {
            // Else curl would say that the body is a form.
            self.with("--header", Word::of("content-type:"));
        }
    }

    fn authorization(&mut self, value: &str, hides: &dyn Fn(Field<'_>) -> bool) {
        let (scheme, credentials) = value.split_once(' ').unwrap_or((value, ""));
        if scheme.eq_ignore_ascii_case("basic")
            && let Some((id, secret)) = basic(credentials)
        {
            let word = Word::of(format!("{id}:"));
            let secret = shown(word, &secret, Field::Parameter("client_secret"), hides);
            return self.with("--user", secret);
        }
        let word = Word::of(format!("authorization: {scheme} "));
        let field = match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "dpop" => Field::Parameter("access_token"),
            _ => Field::Header("authorization"),
        };
        self.with("--header", shown(word, credentials, field, hides));
    }

    fn body(&mut self, exchange: &ExchangeView, hides: &dyn Fn(Field<'_>) -> bool) {
        let text = &exchange.request.body.text;
        if text.is_empty() {
            return;
        }
        let kind = header(&exchange.request.headers, "content-type").unwrap_or_default();
        if !kind.starts_with(FORM) {
            let word = shown(Word::default(), text, Field::Body, hides);
            return self.raw(word, text);
        }
        match pairs(text) {
            Some(pairs) => {
                for (name, value) in pairs {
                    let word = Word::of(format!("{name}="));
                    let field = Field::Parameter(name);
                    self.with("--data-urlencode", shown(word, &value, field, hides));
                }
            }
            None => self.raw(encoded(Word::default(), text, hides), text),
        }
    }

    /// The body as it is: as an argument, or through a pipe where it holds a NUL.
    fn raw(&mut self, word: Word, text: &str) {
        if word.has_nul() {
            self.piped = Some(printf_format(text));
            self.with("--data-binary", Word::of("@-"));
        } else {
            self.with("--data-raw", word);
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(format) = &self.piped {
            write!(f, "printf {format} | ")?;
        }
        write!(f, "curl {}", self.url)?;
        for (option, word) in &self.options {
            write!(f, " \\\n  {option}")?;
            if let Some(word) = word {
                write!(f, " {word}")?;
            }
        }
        Ok(())
    }
}

/// `value` behind `word`: as it is, or a variable where it is hidden from us or from the reader.
fn shown(word: Word, value: &str, field: Field<'_>, hides: &dyn Fn(Field<'_>) -> bool) -> Word {
    let name = match field {
        Field::Parameter(name) if OWN_NAMES.contains(&name) => name.to_owned(),
        Field::Parameter(name) | Field::Header(name) => format!("hidden_{name}"),
        Field::Body => "hidden_body".to_owned(),
    };
    if !value.is_empty() && hides(field) {
        return word.variable(&name);
    }
    with_hidden(word, value, &name)
}

/// `value` behind `word`, with a variable for each gap that the record has.
fn with_hidden(word: Word, value: &str, name: &str) -> Word {
    let mut kept = value.split(HIDDEN);
    let first = word.text(kept.next().unwrap_or_default());
    kept.fold(first, |word, text| word.variable(name).text(text))
}

/// A URL, its query with variables for what is hidden.
fn url(url: &str, hides: &dyn Fn(Field<'_>) -> bool) -> Word {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once('?') {
        Some((path, query)) => encoded(Word::of(format!("{path}?")), query, hides),
        None => Word::of(url),
    }
}

/// Form text as it was encoded, with variables for what is hidden.
fn encoded(mut word: Word, text: &str, hides: &dyn Fn(Field<'_>) -> bool) -> Word {
    for (at, pair) in text.split('&').enumerate() {
        if at > 0 {
            word = word.text("&");
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let equals = if pair.contains('=') { "=" } else { "" };
        let meant = decoded(name).unwrap_or_else(|| name.to_owned());
        let start = word.text(format!("{name}{equals}"));
        word = shown(start, value, Field::Parameter(&meant), hides);
    }
    word
}

/// The pairs of a form, if encoding them again says the same: names that need no encoding, values that are text.
fn pairs(form: &str) -> Option<Vec<(&str, String)>> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let pairs = form.split('&').map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = decoded(value)?;
        let says_the_same = !name.is_empty() && name.bytes().all(is_plain) && !value.contains('\0');
        says_the_same.then_some((name, value))
    });
    pairs.collect()
}

/// What form-encoded text means; `None` where it is not UTF-8, or holds a `%` that begins no byte.
fn decoded(text: &str) -> Option<String> {
    shared::oauth::Params::decode_component(text).ok()
}

/// The id and the secret of Basic credentials, if curl would make the same of them.
fn basic(credentials: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(credentials).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    if text.contains('\0') || STANDARD.encode(&text) != credentials {
        return None;
    }
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// A `Cookie` header: the values of cookies are never kept, so each is a variable.
fn cookie(value: &str) -> Word {
    let mut word = Word::default();
    for (at, pair) in value.split(';').enumerate() {
        let name = pair.split('=').next().unwrap_or_default().trim();
        let separator = if at == 0 { "" } else { "; " };
        word = word.text(format!("{separator}{name}="));
        word = word.variable(&format!("cookie_{name}"));
    }
    word
}

/// RFC 9110 §5.6.2 `tchar`.
const fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

#[cfg(test)]
#[path = "curl_tests.rs"]
mod tests;
