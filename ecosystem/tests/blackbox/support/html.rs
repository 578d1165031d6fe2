//! As much HTML as a scripted browser needs: tags with their attributes, and forms with their fields.
//!
//! Not a parser of the web's HTML but of well-formed pages, which is what our templates make. May use nothing.

/// A tag with its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    /// The lower-case name; an end tag begins with `/`.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// Where the text after it begins, in bytes.
    after: usize,
}

/// A form: where it goes, and what it sends.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// `action`, as it stands; empty for the page's own URL.
    pub(crate) action: String,
    /// `get` or `post`.
    pub(crate) method: String,
    /// Fields in order: id, name, value, and what kind of control it is.
    pub(crate) fields: Vec<Field>,
}

/// A control in a form.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its id; empty without one.
    pub(crate) id: String,
    /// Its name; empty without one.
    pub(crate) name: String,
    /// What it would send.
    pub(crate) value: String,
    /// Whether it is a button, which sends its value only when it is pressed.
    pub(crate) button: bool,
    /// Whether it is a box or radio that is not ticked.
    pub(crate) unticked: bool,
}

impl Tag {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// All tags of `page` in order, without comments and doctype.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = page[at..].find('<').map(|offset| at + offset) {
        if page[open..].starts_with("<!--") {
            at = page[open..]
                .find("-->")
                .map_or(page.len(), |end| open + end + 3);
            continue;
        }
        let end = end_of_tag(page, open);
        if !page[open..].starts_with("<!") {
            tags.push(tag(&page[open + 1..end], (end + 1).min(page.len())));
        }
        at = (end + 1).min(page.len());
    }
    tags
}

/// The position of the `>` that ends the tag opened at `open`, quotes respected.
fn end_of_tag(page: &str, open: usize) -> usize {
    let mut quote = None;
    for (offset, c) in page[open..].char_indices() {
        match (quote, c) {
            (None, '>') => return open + offset,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    page.len()
}

fn tag(inside: &str, after: usize) -> Tag {
    let inside = inside.trim_end_matches('/').trim();
    let (name, mut rest) = inside
        .split_once(char::is_whitespace)
        .unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let (raw, remaining) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    after[1..].split_once(quote).unwrap_or((&after[1..], ""))
                }
                _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            value = unescape(raw);
            rest = remaining;
        }
        attributes.push((name, value));
    }
    Tag {
        name: name.to_ascii_lowercase(),
        attributes,
        after,
    }
}

/// Text with its character references resolved.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((reference, remaining)) = after.split_once(';') else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = reference.strip_prefix('#').and_then(|number| {
            number.strip_prefix(['x', 'X']).map_or_else(
                || number.parse().ok(),
                |hex| u32::from_str_radix(hex, 16).ok(),
            )
        });
        let known = match reference {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(char::from_u32),
        };
        if let Some(c) = known {
            out.push(c);
            rest = remaining;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

/// The text of a page, without its tags, runs of white space as one space.
pub(crate) fn text(page: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for tag in tags(page) {
        let start = page[at..]
            .find('<')
            .map_or(page.len(), |offset| at + offset);
        out.push_str(&page[at..start]);
        out.push(' ');
        at = tag.after;
    }
    out.push_str(&page[at..]);
    unescape(&out)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// All forms of a page.
pub(crate) fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(page) {
        match tag.name.as_str() {
            "form" => {
                inside = true;
                forms.push(Form {
                    action: tag.attribute("action").unwrap_or_default().to_owned(),
                    method: tag
                        .attribute("method")
                        .unwrap_or("get")
                        .to_ascii_lowercase(),
                    fields: Vec::new(),
                });
            }
            "/form" => inside = false,
            "input" | "button" | "select" | "textarea" if inside => {
                let form = forms.last_mut().expect("inside a form");
                form.fields.push(field(&tag));
            }
            _ => {}
        }
    }
    forms
}

fn field(tag: &Tag) -> Field {
    let text = |name: &str| tag.attribute(name).unwrap_or_default().to_owned();
    let kind = text("type");
    let choice = matches!(kind.as_str(), "checkbox" | "radio");
    Field {
        id: text("id"),
        name: text("name"),
        value: match tag.attribute("value") {
            None if choice => "on".to_owned(),
            value => value.unwrap_or_default().to_owned(),
        },
        button: tag.name == "button" || matches!(kind.as_str(), "submit" | "button" | "reset"),
        unticked: choice && tag.attribute("checked").is_none(),
    }
}

#[test]
fn a_form_is_read_with_its_fields_and_escapes() {
    let page = r#"<!doctype html><!-- <form> --><form method="POST" action="/login?a=1&amp;b=2">
        <input id=username name="username" value='a&#39;b'><input type="checkbox" name="x" checked>
        <button id="login-submit" name="go" value="1" disabled>Sign in &gt;</button></form>"#;
    let forms = forms(page);
    assert_eq!(forms.len(), 1);
    assert_eq!(forms[0].action, "/login?a=1&b=2");
    assert_eq!(forms[0].method, "post");
    assert_eq!(forms[0].fields[0].value, "a'b");
    assert_eq!(forms[0].fields[1].value, "on");
    assert!(forms[0].fields[2].button);
    assert_eq!(text(page), "Sign in >");
}
