//! `WWW-Authenticate` (RFC 6750 §3, RFC 9110 §11.6.1): any header is read without a panic, and what a quoted string
//! says comes out as it went in.

use shared::oauth::Challenge;

pub(super) fn hold(text: &str) {
    for (name, _) in Challenge::read(text) {
        assert!(!name.is_empty());
    }
    // RFC 9110 §5.6.4: a quoted string can say any visible text.
    let visible = |c: char| matches!(c, '\t' | ' ' | '!'..='~');
    if text.chars().all(visible) {
        let quoted = text.replace('\\', r"\\").replace('"', "\\\"");
        let header = format!("Bearer realm=\"x\", error_description=\"{quoted}\", error=\"e\"");
        let read = Challenge::read(&header);
        let said = |name: &str| {
            let pair = read.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.as_str())
        };
        assert_eq!(said("error_description"), Some(text), "{header}");
        assert_eq!(said("error"), Some("e"), "{header}");
    }
}
