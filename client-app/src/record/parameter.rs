//! The protocol's parameters of one exchange, wherever they stood: query, form body, JSON answer, redirect, header.
//!
//! May use url's form parser and JSON. RFC 6749 Appendix B for forms, §5.1 for JSON, §2.3.1 for Basic.
//! What is read here is hostile text: only shown and compared, never trusted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use shared::flow::{Body, Exchange, Header};

/// The most parameters that are read of one exchange; what lies beyond is not shown as a parameter.
const MOST: usize = 200;

/// Where a parameter stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterPlace {
    /// In the query of the request's URL.
    RequestQuery,
    /// In the `Authorization` header of the request.
    RequestHeader,
    /// In the body of the request.
    RequestBody,
    /// In the query of the `Location` that the response redirects to.
    RedirectQuery,
    /// In the fragment of the `Location`: it stays in the browser.
    RedirectFragment,
    /// In the body of the response.
    ResponseBody,
}

/// One parameter of one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name: `code_challenge_method`.
    pub name: String,
    /// Its value, decoded; JSON that is no string stands as JSON.
    pub value: String,
    /// Where it stood.
    pub place: ParameterPlace,
}

/// All parameters of `exchange`, in the order in which they travelled.
#[must_use]
pub fn parameters_of(exchange: &Exchange) -> Vec<Parameter> {
    let mut found = Vec::new();
    let query = exchange.url.split_once('?').map_or("", |(_, rest)| rest);
    let query = query.split('#').next().unwrap_or_default();
    form(&mut found, query, ParameterPlace::RequestQuery);
    if let Some(value) = header(&exchange.request_headers, "authorization") {
        authorization(&mut found, value);
    }
    body(
        &mut found,
        &exchange.request_body,
        header(&exchange.request_headers, "content-type"),
        ParameterPlace::RequestBody,
    );
    if let Some(location) = header(&exchange.response_headers, "location") {
        let (rest, fragment) = location.split_once('#').unwrap_or((location, ""));
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        form(&mut found, query, ParameterPlace::RedirectQuery);
        form(&mut found, fragment, ParameterPlace::RedirectFragment);
    }
    body(
        &mut found,
        &exchange.response_body,
        header(&exchange.response_headers, "content-type"),
        ParameterPlace::ResponseBody,
    );
    if exchange.notes.contains_key(POSTS_TO) {
        posted(&mut found, &exchange.response_body.text);
    }
    found.truncate(MOST);
    found
}

/// The note of an answer that is a form for the browser to post: where it goes (OAuth 2.0 Form Post Response Mode §2).
pub const POSTS_TO: &str = "posts_to";

/// The fields of the form that carries an authorization response: hidden inputs of the page, in order.
fn posted(found: &mut Vec<Parameter>, page: &str) {
    let form = page.split("id=\"form-post\"").nth(1).unwrap_or_default();
    let form = form.split("</form>").next().unwrap_or_default();
    let fields = form.split("<input type=\"hidden\" ").skip(1).take(MOST);
    for field in fields {
        let attribute = |name: &str| {
            let (_, rest) = field.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| unescaped(value))
        };
        if let (Some(name), Some(value)) = (attribute("name"), attribute("value")) {
            let place = ParameterPlace::ResponseBody;
            found.push(Parameter { name, value, place });
        }
    }
}

/// Text of an attribute as our templates write it: numbered and the five named references.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, rest) = part.split_once(';').unwrap_or(("", part));
        let character = match reference {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            other => other
                .strip_prefix('#')
                .and_then(|number| number.parse().ok())
                .and_then(char::from_u32),
        };
        match character {
            Some(character) => plain.extend([character]),
            None => plain.extend(["&", reference]),
        }
        plain.push_str(rest);
    }
    plain
}

/// The first header of this lower-case name.
#[must_use]
pub fn header<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    let named = headers.iter().find(|header| header.name == name);
    named.map(|header| header.value.as_str())
}

fn form(found: &mut Vec<Parameter>, text: &str, place: ParameterPlace) {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    found.extend(
        pairs
            .take(MOST)
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| Parameter {
                name: name.into_owned(),
                value: value.into_owned(),
                place,
            }),
    );
}

fn body(found: &mut Vec<Parameter>, body: &Body, kind: Option<&str>, place: ParameterPlace) {
    let kind = kind.unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        form(found, &body.text, place);
    } else if kind.contains("json")
        && let Ok(Members(members)) = serde_json::from_str(&body.text)
    {
        let members = members.into_iter().take(MOST);
        found.extend(members.map(|(name, value)| Parameter { name, value, place }));
    }
}

/// The members of a JSON object in the order in which they stand; what is no string, as JSON.
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    let value = match value {
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    };
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// `Basic` holds a client's id and secret, each form-encoded; `Bearer` an access token.
fn authorization(found: &mut Vec<Parameter>, value: &str) {
    let place = ParameterPlace::RequestHeader;
    let mut add = |name: &str, value: String| {
        found.push(Parameter {
            name: name.to_owned(),
            value,
            place,
        });
    };
    let Some((scheme, credentials)) = value.split_once(' ') else {
        return;
    };
    if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop") {
        add("access_token", credentials.trim().to_owned());
    } else if scheme.eq_ignore_ascii_case("basic")
        && let Ok(decoded) = STANDARD.decode(credentials.trim())
        && let Ok(decoded) = String::from_utf8(decoded)
        && let Some((id, secret)) = decoded.split_once(':')
    {
        add("client_id", form_decoded(id));
        add("client_secret", form_decoded(secret));
    }
}

fn form_decoded(text: &str) -> String {
    let encoded = format!("v={text}");
    let decoded = url::form_urlencoded::parse(encoded.as_bytes()).next();
    decoded.map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_json_keep_their_order() {
        let Members(members) = serde_json::from_str(r#"{"z":"1","a":2,"m":["x"]}"#).unwrap();
        let pairs: Vec<_> = members
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(pairs, [("z", "1"), ("a", "2"), ("m", r#"["x"]"#)]);
    }

    #[test]
    fn the_fields_of_a_form_that_is_posted_are_read_and_nothing_else_of_the_page() {
        let page = "<form action=\"/language\"><input type=\"hidden\" name=\"csrf\" value=\"1\"></form>\
            <form method=\"post\" action=\"http://localhost/cb\" id=\"form-post\">\
            <input type=\"hidden\" name=\"code\" value=\"abc\">\
            <input type=\"hidden\" name=\"state\" value=\"&#34;&#60;b&#62; &#38;amp; 中\"></form>\
            <input type=\"hidden\" name=\"later\" value=\"x\">";
        let mut found = Vec::new();
        posted(&mut found, page);
        let pairs: Vec<_> = found
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(pairs, [("code", "abc"), ("state", "\"<b> &amp; 中")]);
        posted(&mut found, "no form at all & \"");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn basic_credentials_are_decoded_twice() {
        let mut found = Vec::new();
        authorization(
            &mut found,
            &format!("Basic {}", STANDARD.encode("web:a%2Bb")),
        );
        assert_eq!(found[1].value, "a+b");
    }
}
