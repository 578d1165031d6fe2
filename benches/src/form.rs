//! `application/x-www-form-urlencoded`, and the forms of the auth server's pages.

use std::collections::HashMap;
use std::fmt::Write;

/// The parameters of a body or a query; of two with one name, the last.
#[must_use]
pub fn read(text: &str) -> HashMap<&str, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name, decode(value)))
        .collect()
}

/// A value as it was before it was encoded. What is no encoding stays as it is.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let ahead = || {
            let mut ahead = rest.clone();
            let mut digit = || char::from(ahead.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()
        };
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match ahead() {
                Some(decoded) => {
                    bytes.push(decoded);
                    rest.nth(1);
                }
                None => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A value encoded, so that it can stand in a body or a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The body of these parameters.
#[must_use]
pub fn body(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

/// A form of a page: where it is sent, and what is in it before anybody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageForm {
    /// The attribute `action`.
    pub action: String,
    /// Hidden fields and ticked boxes, in order.
    pub fields: Vec<(String, String)>,
}

impl PageForm {
    /// The form of a page that has an element of this id in it.
    #[must_use]
    pub fn find(page: &str, id: &str) -> Option<Self> {
        let at = page.find(&format!(r#"id="{id}""#))?;
        let begin = page.get(..at)?.rfind("<form")?;
        let form = page.get(begin..)?;
        let form = form.get(..form.find("</form>")?)?;
        let mut tags = form
            .split('<')
            .map(|tag| tag.split('>').next().unwrap_or_default());
        let action = tags.find(|tag| tag.starts_with("form"))?;
        let fields = tags
            .filter(|tag| tag.starts_with("input"))
            .filter(|tag| match attribute(tag, "type").as_deref() {
                Some("hidden") => true,
                Some("checkbox") => tag.split(' ').any(|word| word == "checked"),
                _ => false,
            })
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
            .collect();
        Some(Self {
            action: attribute(action, "action")?,
            fields,
        })
    }

    /// Its body, with what was typed or pressed.
    #[must_use]
    pub fn body(&self, more: &[(&str, &str)]) -> String {
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_str()));
        body(&fields.chain(more.iter().copied()).collect::<Vec<_>>())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(r#" {name}=""#))?;
    let value = value.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["a b+c%d&e=f/:~", "授权码", "100%", "%zz", ""] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode("%zz%4"), "%zz%4", "no encoding stays");
        assert_eq!(read("a=1&b=x%20y&c").get("b").unwrap(), "x y");
    }

    #[test]
    fn the_form_around_a_button_is_found() {
        let page = r#"<form action="/other"><input type="hidden" name="no" value="no"></form>
            <form method="post" action="/consent" class="stack">
            <input type="hidden" name="csrf" value="abc&amp;d"><input type="checkbox" checked disabled>
            <input type="checkbox" name="scope" value="openid" checked aria-describedby="x">
            <input type="checkbox" name="scope" value="email">
            <button id="consent-allow" name="decision" value="allow">Allow</button></form>"#;
        let form = PageForm::find(page, "consent-allow").unwrap();
        assert_eq!(form.action, "/consent");
        assert_eq!(
            form.body(&[("decision", "allow")]),
            "csrf=abc%26d&scope=openid&decision=allow"
        );
        assert_eq!(PageForm::find(page, "login-submit"), None);
    }
}
