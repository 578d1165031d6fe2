//! As much HTML as a person's browser needs to press a button: forms and what they send.
//!
//! Reads well-formed pages, as our templates make them.

/// A form: where it goes, and what it sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    /// Its `action`.
    pub(crate) action: String,
    /// Names and values, in order.
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// The form of `page` that has the button `id`, with the button pressed.
    pub(crate) fn with_button(page: &str, id: &str) -> Option<Self> {
        let wanted = format!("id=\"{id}\"");
        let mut forms = page.split("<form ").skip(1);
        let form = forms.find(|form| before(form, "</form>").contains(&wanted))?;
        let inside = before(form, "</form>");
        let mut fields = Vec::new();
        for tag in inside.split('<').skip(1) {
            let name = tag.split([' ', '>', '\n']).next().unwrap_or_default();
            if !matches!(name, "input" | "button") {
                continue;
            }
            let tag = before(tag, ">");
            let button = name == "button" || attribute(tag, "type").as_deref() == Some("submit");
            let choice = attribute(tag, "type").as_deref() == Some("checkbox");
            let sent = if button {
                tag.contains(&wanted)
            } else {
                !choice || tag.contains(" checked")
            };
            if let (true, Some(name)) = (sent, attribute(tag, "name")) {
                let value = attribute(tag, "value");
                let value = value.unwrap_or_else(|| if choice { "on" } else { "" }.to_owned());
                fields.push((name, value));
            }
        }
        Some(Self {
            action: attribute(&format!(" {}", before(form, ">")), "action").unwrap_or_default(),
            fields,
        })
    }

    /// The same with `name` as `value`.
    pub(crate) fn filled(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Whether there is an element with this id.
pub(crate) fn has(page: &str, id: &str) -> bool {
    page.contains(&format!("id=\"{id}\""))
}

fn before<'a>(text: &'a str, end: &str) -> &'a str {
    text.split(end).next().unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(before(after, "\"")))
}

/// Text with the references resolved that askama writes.
fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sends_its_fields_its_ticked_boxes_and_the_button_that_was_pressed() {
        let page = r#"<form method="get" action="/other"><button id="no">No</button></form>
            <form method="post" action="/consent?a=1&#38;b=2"><input type="hidden" name="csrf" value="a&#39;b">
            <input type="checkbox" name="scope" value="x" checked><input type="checkbox" name="scope" value="y">
            <button type="submit" id="allow" name="decision" value="allow">Yes</button>
            <button type="submit" id="deny" name="decision" value="deny">No</button></form>"#;
        let form = Form::with_button(page, "allow").unwrap();
        assert_eq!(form.action, "/consent?a=1&b=2");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(
            fields,
            [("csrf", "a'b"), ("scope", "x"), ("decision", "allow")]
        );
        assert!(Form::with_button(page, "maybe").is_none());
        assert!(has(page, "deny"));
    }
}
