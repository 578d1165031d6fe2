//! Redirect matching (RFC 9700 §2.1, RFC 8252 §7.3): what matches is equal character by character, or is a loopback
//! literal that differs in its port alone. The first line is what was registered, the rest what is asked.

use shared::oauth::RedirectUri;
use url::{Host, Url};

use super::must;

pub(super) fn hold(text: &str) {
    let Some((registered, asked)) = text.split_once('\n') else {
        return;
    };
    let Ok(parsed) = registered.parse::<RedirectUri>() else {
        return;
    };
    assert!(parsed.matches(registered), "it matches itself");
    if !parsed.matches(asked) || asked == registered {
        return;
    }
    let read = |text| must(Url::parse(text).ok(), "what matches is a URL");
    let (registered, asked) = (read(registered), read(asked));
    let loopback = match asked.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    assert!(loopback, "only a loopback literal may choose its port");
    assert_eq!(asked.scheme(), "http");
    assert_eq!(asked.username(), "");
    assert_eq!(asked.password(), None);
    assert_eq!(asked.host(), registered.host());
    assert_eq!(asked.path(), registered.path());
    assert_eq!(asked.query(), registered.query());
    assert_eq!(asked.fragment(), None);
}
