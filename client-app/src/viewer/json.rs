//! JSON as it travelled, only indented: members keep their order and numbers their digits.

use std::fmt::Write;

/// What one level is indented by.
const INDENT: &str = "  ";
/// The deepest level that is indented; what lies deeper stays on one line.
const DEEPEST: usize = 32;

/// `text` with line breaks and indentation, if it is JSON; else `None`.
pub(crate) fn indented(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut letters = text
        .chars()
        .filter(|c| !matches!(c, '\n' | '\r' | '\t'))
        .peekable();
    while let Some(c) = letters.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            ' ' => {}
            '{' | '[' => {
                while letters.next_if_eq(&' ').is_some() {}
                out.push(c);
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                out.push(c);
                in_string = true;
            }
            other => out.push(other),
        }
    }
    Some(out)
}

fn line(out: &mut String, depth: usize) {
    if depth <= DEEPEST {
        // Writing to a String does not fail.
        let _ = write!(out, "\n{}", INDENT.repeat(depth));
    }
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn order_and_digits_stay() {
        let text = r#"{ "z":1.50,"a":{"k": [ ],"s":"a\\\"b: {, "}}"#;
        let expected =
            "{\n  \"z\": 1.50,\n  \"a\": {\n    \"k\": [],\n    \"s\": \"a\\\\\\\"b: {, \"\n  }\n}";
        assert_eq!(indented(text).unwrap(), expected);
        assert_eq!(indented("{\"a\":"), None);
    }
}
