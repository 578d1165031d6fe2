//! What a client says of itself when it registers (RFC 7591 §2): any object is judged without a panic; what is kept is
//! within what this realm grants, and every URI is of a kind that can be followed safely.

use serde_json::Value;
use shared::oauth::GrantType;
use shared::seed::{ClientSeed, SecurityProfile};
use url::{Host, Url};

use super::must;
use crate::client::registration::{REGISTRABLE, Terms, read};
use crate::client::signed::object;

const GRANTED: &str = "openid profile photos:read offline_access";

pub(super) fn hold(json: &[u8]) {
    let Some(map) = object(json) else { return };
    assert_eq!(
        serde_json::from_slice::<Value>(json).ok(),
        Some(Value::Object(map.clone()))
    );
    let profiles = [SecurityProfile::None, SecurityProfile::Fapi2];
    for (near, profile) in [true, false].into_iter().zip(profiles) {
        let scope = must(GRANTED.parse().ok(), "a scope");
        let terms = Terms {
            scope,
            near,
            profile,
        };
        if let Ok(seed) = read(&map, &terms) {
            is_granted(&seed);
            is_safe(&seed, near);
        }
    }
}

fn is_granted(seed: &ClientSeed) {
    for grant in &seed.grant_types {
        let known = GrantType::parse(grant).is_some_and(|grant| REGISTRABLE.contains(&grant));
        assert!(known, "{grant} is not for those who register themselves");
    }
    for token in &seed.scopes {
        assert!(GRANTED.split(' ').any(|known| known == token), "{token}");
    }
    assert!(
        !seed.first_party && !seed.may_introspect,
        "rights of its own making"
    );
    assert!(seed.policy.token_exchange.is_empty() && seed.policy.jwt_bearer_subjects.is_empty());
    assert_eq!(seed.auth_methods.len(), 1);
}

/// RFC 6749 §3.1.2, RFC 9700 §2.1; nothing leads to a script or to a file.
fn is_safe(seed: &ClientSeed, near: bool) {
    for uri in seed
        .redirect_uris
        .iter()
        .chain(&seed.post_logout_redirect_uris)
    {
        let url = must(Url::parse(uri).ok(), "an absolute URI");
        assert_eq!(url.fragment(), None, "{uri}");
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" => assert!(local, "{uri}"),
            private => assert!(private.contains('.'), "{uri}"),
        }
    }
    let kept = &seed.metadata;
    let called = [
        &kept.jwks_uri,
        &kept.sector_identifier_uri,
        &kept.logo_uri,
        &kept.backchannel_logout_uri,
        &kept.frontchannel_logout_uri,
    ];
    for uri in called.into_iter().flatten().chain(&kept.request_uris) {
        let url = must(Url::parse(uri).ok(), "an absolute URI");
        assert!(
            url.scheme() == "https" || (near && url.scheme() == "http"),
            "{uri}"
        );
        assert!(url.has_host() && url.username().is_empty() && url.password().is_none());
    }
}
