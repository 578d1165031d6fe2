//! Which realms there are: the issuer of a realm publishes its metadata (RFC 8414 §3), an invented one has no issuer.
//!
//! May use the HTTP client. Pages of any well-formed name can be asked for; what is kept for a realm (breakpoints, a
//! clock that was moved) is kept only for one that exists.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::observe::HttpRequest;
use shared::realm::{Addresses, RealmName};

use crate::state::AppState;

/// How long a realm is believed to be there without asking again.
const FRESH: Duration = Duration::from_mins(1);
/// How many are remembered.
const MOST: usize = 4096;
/// How long the auth server may take to say.
const PATIENCE: Duration = Duration::from_secs(2);

/// The realms that were found.
#[derive(Debug, Default)]
pub(crate) struct KnownRealms(Mutex<HashMap<RealmName, Instant>>);

/// Why nothing can be kept for a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRealm {
    /// The auth server has no such issuer.
    #[error("there is no realm of this name")]
    Unknown,
    /// The auth server does not answer, and alone knows.
    #[error("the auth server does not answer, and alone knows which realms there are")]
    Away,
}

impl KnownRealms {
    fn is_fresh(&self, realm: &RealmName) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(realm);
        found.is_some_and(|found| found.elapsed() < FRESH)
    }

    fn remember(&self, realm: &RealmName) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, found| found.elapsed() < FRESH);
        }
        if known.len() < MOST {
            known.insert(realm.clone(), Instant::now());
        }
    }
}

impl AppState {
    /// Whether there is a realm of this name.
    ///
    /// # Errors
    /// [`NoRealm`].
    pub(crate) async fn realm_exists(&self, realm: &RealmName) -> Result<(), NoRealm> {
        if realm.is_default() || self.realms.is_fresh(realm) {
            return Ok(());
        }
        let request = HttpRequest::get(metadata_of(&self.addresses, realm));
        let answer = self.http.send_unobserved_within(request, PATIENCE).await;
        let answer = answer.map_err(|_| NoRealm::Away)?;
        let metadata: Option<serde_json::Value> = answer.json().ok();
        let issuer = metadata.as_ref().and_then(|body| body["issuer"].as_str());
        match answer.status {
            200 if issuer == Some(self.addresses.issuer(realm).as_str()) => {
                self.realms.remember(realm);
                Ok(())
            }
            500.. => Err(NoRealm::Away),
            _ => Err(NoRealm::Unknown),
        }
    }
}

/// Where the issuer of a realm publishes its metadata (RFC 8414 §3.1).
fn metadata_of(addresses: &Addresses, realm: &RealmName) -> String {
    let path = realm.base_path();
    format!(
        "{}/.well-known/oauth-authorization-server{path}",
        addresses.auth_server
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_of_a_realm_stand_where_the_rfc_puts_them() {
        let blue = "blue".parse().unwrap();
        assert_eq!(
            metadata_of(&Addresses::default(), &blue),
            "http://localhost:9000/.well-known/oauth-authorization-server/r/blue"
        );
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let known = KnownRealms::default();
        for number in 0..MOST + 3 {
            known.remember(&format!("realm-{number}").parse().unwrap());
        }
        assert!(known.is_fresh(&"realm-0".parse().unwrap()));
        assert!(!known.is_fresh(&format!("realm-{MOST}").parse().unwrap()));
    }
}
