//! Realms of whose tokens every one is bound to a key: the API takes no other there, and its metadata says so
//! (RFC 9449 §7.2, RFC 9728 §2 `dpop_bound_access_tokens_required`).
//!
//! Learnt from the seeds that are put in, at each start and by a test suite: a realm that keeps to the FAPI 2.0 Security
//! Profile (§5.3.2.1: "shall only issue sender-constrained access tokens"), in which no client is let off. What the
//! operator says of a realm in `[tokens.realms.NAME]` comes first.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use shared::realm::RealmName;
use shared::seed::{ClientSeed, RealmSeed, SecurityProfile};

/// The realms. Cheap to clone: clones know the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct BoundRealms(Arc<RwLock<HashSet<RealmName>>>);

impl BoundRealms {
    /// Learns what a seed says of its realm.
    pub(crate) fn learn(&self, seed: &RealmSeed) {
        if are_all_bound(seed) {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            all.insert(seed.name.clone());
        }
    }

    /// Whether all tokens of `realm` are bound.
    pub(crate) fn has(&self, realm: &RealmName) -> bool {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.contains(realm)
    }
}

fn are_all_bound(seed: &RealmSeed) -> bool {
    let profile = seed.policy.profile.unwrap_or_default();
    let is_bound = |client: &ClientSeed| {
        let own = client.policy.profile.unwrap_or(profile);
        own == SecurityProfile::Fapi2 || client.metadata.dpop_bound_access_tokens
    };
    profile == SecurityProfile::Fapi2 && seed.clients.iter().all(is_bound)
}

#[cfg(test)]
mod tests {
    use shared::seed::ClientPolicy;

    use super::*;

    fn seed(
        realm: Option<SecurityProfile>,
        clients: &[(Option<SecurityProfile>, bool)],
    ) -> RealmSeed {
        let policy = |profile| ClientPolicy {
            profile,
            ..ClientPolicy::default()
        };
        let mut seed = RealmSeed::new("bank".parse().unwrap());
        seed.policy = policy(realm);
        seed.clients = clients
            .iter()
            .map(|(profile, bound)| {
                let mut client = ClientSeed::public("one", "http://localhost/cb");
                client.policy = policy(*profile);
                client.metadata.dpop_bound_access_tokens = *bound;
                client
            })
            .collect();
        seed
    }

    #[test]
    fn a_realm_demands_bound_tokens_where_its_profile_lets_no_client_off() {
        use SecurityProfile::{Fapi2, None as Lax};
        for (seed, bound) in [
            (seed(Some(Fapi2), &[]), true),
            (
                seed(Some(Fapi2), &[(None, false), (Some(Fapi2), false)]),
                true,
            ),
            (seed(Some(Fapi2), &[(Some(Lax), true)]), true),
            (
                seed(Some(Fapi2), &[(None, false), (Some(Lax), false)]),
                false,
            ),
            (seed(None, &[(Some(Fapi2), true)]), false),
            (seed(Some(Lax), &[]), false),
        ] {
            let realms = BoundRealms::default();
            realms.learn(&seed);
            assert_eq!(realms.has(&seed.name), bound, "{seed:?}");
        }
    }
}
