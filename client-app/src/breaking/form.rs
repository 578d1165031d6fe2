//! Form: as much HTML as the robot needs to fill in the forms of sign-in, consent and the client app.
//!
//! Not a parser of the web's HTML but of pages as our templates make them: attributes in double quotes. May use
//! nothing. What it reads is sent back to whom it came from, and nowhere else.

/// A form: where it goes, and what it sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// The URL as it stands in `action`.
    pub(super) action: String,
    /// Name and value of every field that a browser would send without a button being pressed.
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// Sets the field of this name, wherever it stands; adds it where it is not.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => value.clone_into(&mut field.1),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }
}

/// The forms of a page.
pub(super) fn forms_of(page: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    for part in page.split("<form ").skip(1) {
        let part = part.split("</form>").next().unwrap_or_default();
        let head = part.split('>').next().unwrap_or_default();
        let inputs = part.split("<input ").skip(1).map(input);
        let sent = inputs.filter(|(_, _, sent)| *sent);
        forms.push(Form {
            action: attribute(head, "action").unwrap_or_default(),
            fields: sent.map(|(name, value, _)| (name, value)).collect(),
        });
    }
    forms
}

/// Name and value of an input, and whether a browser sends it.
fn input(part: &str) -> (String, String, bool) {
    let tag = part.split('>').next().unwrap_or_default();
    let name = attribute(tag, "name").unwrap_or_default();
    let is_box = attribute(tag, "type").is_some_and(|kind| kind == "checkbox");
    let word = |wanted: &str| tag.split_whitespace().any(|word| word == wanted);
    let sent = !name.is_empty() && !word("disabled") && (!is_box || word("checked"));
    let value = attribute(tag, "value");
    let value = value.unwrap_or_else(|| if is_box { "on" } else { "" }.to_owned());
    (name, value, sent)
}

/// The value of an attribute in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    let opening = format!("{name}=\"");
    loop {
        let (before, after) = rest.split_once(opening.as_str())?;
        let value = after.split('"').next().unwrap_or_default();
        if before.is_empty() || before.ends_with(char::is_whitespace) {
            return Some(unescape(value));
        }
        rest = after;
    }
}

/// Text with the character references resolved that askama writes.
fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_boxes_and_escapes() {
        let page = r#"<p>x</p><form method="post" action="http://a/consent" class="stack">
            <input type="hidden" name="csrf" value="t&#38;x">
            <label><input type="checkbox" name="scope" value="a" checked aria-describedby="s"></label>
            <label><input type="checkbox" name="scope" value="b" aria-describedby="s"></label>
            <input type="checkbox" checked disabled>
            <button name="decision" value="allow">Allow</button></form><form action="/two"></form>"#;
        let forms = forms_of(page);
        assert_eq!(forms.len(), 2);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(forms[0].action, "http://a/consent");
        assert_eq!(forms[0].fields, [pair("csrf", "t&x"), pair("scope", "a")]);
        let mut form = forms[0].clone();
        form.set("csrf", "u");
        form.set("decision", "allow");
        assert_eq!(form.fields[0], pair("csrf", "u"));
        assert_eq!(form.fields[2], pair("decision", "allow"));
    }
}
