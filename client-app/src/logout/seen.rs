//! Which logout tokens came already (OpenID Connect Back-Channel Logout 1.0 §2.6 (8)): each counts once.
//!
//! Kept until the token would be refused anyway, because it has expired; bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::realm::RealmName;
use shared::time::Timestamp;

/// The most tokens that are remembered; beyond it, those that expire first are forgotten.
const MOST: usize = 10_000;

/// The `jti` of tokens that were accepted, and when they expire.
#[derive(Debug, Default)]
pub(crate) struct SeenTokens(Mutex<HashMap<(RealmName, String), Timestamp>>);

impl SeenTokens {
    /// Remembers a token until `expires_at`; whether it came for the first time.
    pub(super) fn is_first(
        &self,
        realm: &RealmName,
        jti: &str,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let expired = |name: &RealmName, until: &Timestamp| name == realm && *until <= now;
        seen.retain(|(name, _), until| !expired(name, until));
        while seen.len() >= MOST {
            let first = seen.iter().min_by_key(|(_, until)| **until);
            let Some(first) = first.map(|(key, _)| key.clone()) else {
                break;
            };
            seen.remove(&first);
        }
        let key = (realm.clone(), jti.to_owned());
        seen.insert(key, expires_at).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_once_in_its_realm_until_it_expires() {
        let seen = SeenTokens::default();
        let (home, blue) = (RealmName::default_realm(), "blue".parse().unwrap());
        let at = Timestamp::from_unix;
        assert!(seen.is_first(&home, "one", (at(0), at(120))));
        assert!(!seen.is_first(&home, "one", (at(60), at(120))));
        assert!(seen.is_first(&blue, "one", (at(60), at(120))));
        assert!(seen.is_first(&home, "two", (at(60), at(120))));
        assert!(seen.is_first(&home, "one", (at(120), at(240))));
    }
}
