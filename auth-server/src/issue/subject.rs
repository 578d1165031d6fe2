//! Subjects as clients see them (OpenID Connect Core §8): one for all, or one for each sector, so that two sectors
//! cannot find out that they serve the same person.
//!
//! May use aws-lc-rs. Inside this server a person has one subject; it becomes the client's where it leaves: in ID
//! tokens, at UserInfo, in introspection by the client, in logout tokens. Access tokens of such a client are opaque,
//! for their subject is the resource server's business, and a JWT is read by whoever holds it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client::Client;
use crate::realms::Realm;

/// The subject under which `client` knows the person `sub`: HMAC-SHA256 of its sector and the person's own subject,
/// keyed by the realm's salt (§8.1), or that subject itself.
pub(crate) fn seen_by(client: &Client, realm: &Realm, sub: &str) -> String {
    match client.sector() {
        None => sub.to_owned(),
        Some(sector) => pairwise(&realm.subject_salt, &sector, sub),
    }
}

/// The name under which `client` knows the login session `sid`: as with subjects, one for each sector where those are
/// pairwise, or two sectors could tell by it that they serve the same person (OpenID Connect Core §8.1, §17.3).
pub(crate) fn session_seen_by(client: &Client, realm: &Realm, sid: &str) -> String {
    match client.sector() {
        None => sid.to_owned(),
        // No subject begins with a NUL: no session can be taken for a person.
        Some(sector) => pairwise(&realm.subject_salt, &sector, &format!("\0{sid}")),
    }
}

fn pairwise(salt: &str, sector: &str, sub: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(sector.as_bytes());
    // A host holds no NUL: no sector and subject can be taken for another pair.
    context.update(&[0]);
    context.update(sub.as_bytes());
    URL_SAFE_NO_PAD.encode(context.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_sees_one_subject_and_another_sector_another() {
        let seen = |salt, sector, sub| pairwise(salt, sector, sub);
        let alice = seen("salt", "a.example", "alice");
        assert_eq!(alice, seen("salt", "a.example", "alice"));
        for other in [
            seen("salt", "b.example", "alice"),
            seen("salt", "a.example", "bob"),
            seen("other", "a.example", "alice"),
        ] {
            assert_ne!(alice, other);
        }
        assert_eq!(alice.len(), 43);
    }
}
