//! The query and form parser (RFC 6749 Appendix B): whatever it reads, written again, it reads the same; it agrees with
//! the parser of the WHATWG; and no name but a repeatable one stands there twice (§3.1).

use shared::oauth::Params;

/// RFC 8707 §2, RFC 8693 §2.1: those that may be repeated.
const REPEATABLE: [&str; 2] = ["resource", "audience"];

pub(super) fn hold(text: &[u8]) {
    let Ok(params) = Params::parse(text) else {
        return;
    };
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let pairs: Vec<_> = params.iter().map(owned).collect();
    let oracle: Vec<_> = url::form_urlencoded::parse(text)
        .into_owned()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    assert_eq!(pairs, oracle, "two parsers read it differently");
    let again = Params::parse(params.encode().as_bytes());
    let again: Option<Vec<_>> = again.ok().map(|params| params.iter().map(owned).collect());
    assert_eq!(
        again.as_ref(),
        Some(&pairs),
        "written again it says something else"
    );
    for (index, (name, _)) in pairs.iter().enumerate() {
        let once = pairs.iter().skip(index + 1).all(|(other, _)| other != name);
        assert!(
            once || REPEATABLE.contains(&name.as_str()),
            "{name} stands there twice"
        );
    }
}
