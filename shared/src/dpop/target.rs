//! When two URLs are the same `htu` (RFC 9449 §4.3 (9)): after normalisation by syntax and scheme
//! (RFC 3986 §6.2.2 and §6.2.3), without query and fragment.
//!
//! May use url.

use std::fmt::Write as _;

use url::Url;

/// Whether `claimed` names the same target as `own`, the public URL of the request.
#[must_use]
pub fn same_target(claimed: &str, own: &str) -> bool {
    match (normal(claimed), normal(own)) {
        (Some(claimed), Some(own)) => claimed == own,
        _ => false,
    }
}

/// Scheme, host, port and path in their one spelling; `None` for what is no http(s) URL.
fn normal(text: &str) -> Option<String> {
    // RFC 3986 §2: what stands in no URI is not mended.
    let in_uri = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
    if !text.bytes().all(in_uri) {
        return None;
    }
    // Lower-cases scheme and host, drops the default port, removes dot segments.
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    Some(format!("{origin}{}", unescaped(url.path())?))
}

/// A path in which unreserved characters stand for themselves, and other escapes are in upper case
/// (RFC 3986 §6.2.2.1 and §6.2.2.2).
fn unescaped(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            normal.push(character);
            continue;
        }
        let high = rest.next()?.to_digit(16)?;
        let low = rest.next()?.to_digit(16)?;
        let byte = char::from(u8::try_from(high * 16 + low).ok()?);
        if byte.is_ascii_alphanumeric() || "-._~".contains(byte) {
            normal.push(byte);
        } else {
            let _ = write!(normal, "%{high:X}{low:X}");
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_and_everything_else_does() {
        let own = "http://localhost:9000/r/team-blue/token";
        for same in [
            own,
            "HTTP://LocalHost:9000/r/team-blue/token",
            "http://localhost:9000/r/team-blue/token?x=1#y",
            "http://localhost:9000/r/team%2Dblue/%74oken",
            "http://localhost:9000/r/x/../team-blue/./token",
        ] {
            assert!(same_target(same, own), "{same}");
        }
        for other in [
            "https://localhost:9000/r/team-blue/token",
            "http://localhost:9001/r/team-blue/token",
            "http://127.0.0.1:9000/r/team-blue/token",
            "http://localhost:9000/r/team-blue/token/",
            "http://localhost:9000/r/team-blue/Token",
            "http://localhost:9000/r/team-blue%2Ftoken",
            "http://localhost:9000/token",
            "http://user@localhost:9000/r/team-blue/token",
            "http://localhost:9000\\r\\team-blue\\token",
            " http://localhost:9000/r/team-blue/token",
            "/r/team-blue/token",
            "",
        ] {
            assert!(!same_target(other, own), "{other}");
        }
        assert!(same_target("https://as.example:443", "https://as.example/"));
        assert!(same_target(
            "https://as.example/a%2fb",
            "https://as.example/a%2Fb"
        ));
    }
}
