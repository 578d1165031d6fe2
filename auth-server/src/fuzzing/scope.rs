//! Scope (RFC 6749 §3.3): what is read is written and read the same, and set operations are those of sets. Two scopes,
//! one a line.

use shared::oauth::Scope;

pub(super) fn hold(text: &str) {
    let (one, other) = text.split_once('\n').unwrap_or((text, ""));
    let (Ok(one), Ok(other)) = (one.parse::<Scope>(), other.parse::<Scope>()) else {
        return;
    };
    assert_eq!(one.to_string().parse::<Scope>().as_ref(), Ok(&one));
    for token in one.iter() {
        let legal = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(!token.as_str().is_empty() && token.as_str().bytes().all(legal));
    }
    let union = one.union(&other);
    assert!(one.is_subset(&union) && other.is_subset(&union));
    let rest = one.difference(&other);
    assert!(rest.is_subset(&one));
    assert!(rest.iter().all(|token| !other.contains(token.as_str())));
    assert!(one.is_subset(&rest.union(&other)), "nothing gets lost");
}
