//! What this API knows of realms by the seeds that are put in, at each start and by a test suite.
//!
//! **Whether every token there is bound to a key**: the API takes no other, offers no other way of presenting one, and its
//! metadata says so (RFC 9449 §7.2, RFC 9728 §2 `dpop_bound_access_tokens_required`). So it is in a realm that keeps to the
//! FAPI 2.0 Security Profile (§5.3.2.1: "shall only issue sender-constrained access tokens") and lets off no client that
//! gets tokens. What the operator says of a realm in `[tokens.realms.NAME]` comes first.
//!
//! **Whether it may ask there about tokens that it cannot read** (RFC 7662 §2.1): where the seed names clients and this API
//! is none of them, or one that the realm's profile keeps from asking by its secret, JWTs are all that it can take.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use shared::realm::RealmName;
use shared::seed::{ClientSeed, RealmSeed, SecurityProfile};

/// The realms. Cheap to clone: clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct SeededRealms {
    /// As which client this API asks about tokens.
    client_id: Arc<str>,
    known: Arc<RwLock<HashMap<RealmName, Known>>>,
}

/// What is known of a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// Whether all tokens are bound.
    bound: bool,
    /// Whether the auth server answers this API about them.
    may_ask: bool,
}

impl SeededRealms {
    /// None yet; this API is the client of this identifier.
    pub(crate) fn new(client_id: &str) -> Self {
        Self {
            client_id: client_id.into(),
            known: Arc::default(),
        }
    }

    /// Learns what a seed says of its realm.
    pub(crate) fn learn(&self, seed: &RealmSeed) {
        let known = Known::of(seed, &self.client_id);
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(seed.name.clone(), known);
    }

    /// Whether all tokens of `realm` are bound.
    pub(crate) fn bind_all(&self, realm: &RealmName) -> bool {
        self.of(realm).is_some_and(|known| known.bound)
    }

    /// Whether the auth server may be asked about a token of `realm`: in one that no seed spoke of, it tells.
    pub(crate) fn may_ask(&self, realm: &RealmName) -> bool {
        self.of(realm).is_none_or(|known| known.may_ask)
    }

    fn of(&self, realm: &RealmName) -> Option<Known> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.get(realm).copied()
    }
}

impl Known {
    fn of(seed: &RealmSeed, client_id: &str) -> Self {
        let realm = seed.policy.profile.unwrap_or_default();
        let keeps_to = |client: &ClientSeed| client.policy.profile.unwrap_or(realm);
        let bound = |client: &ClientSeed| {
            // Who has no grant gets no token: this API itself, which only asks about those of others.
            client.grant_types.is_empty()
                || keeps_to(client) == SecurityProfile::Fapi2
                || client.metadata.dpop_bound_access_tokens
        };
        let strict = realm == SecurityProfile::Fapi2;
        Self {
            bound: strict && seed.clients.iter().all(bound),
            may_ask: match seed.client(client_id) {
                // By its secret, which the profile takes of nobody (§5.3.2.1).
                Some(own) => keeps_to(own) == SecurityProfile::None,
                None => seed.clients.is_empty() && !strict,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::seed::ClientPolicy;

    use super::*;

    const API: &str = "resource-server";

    fn client(id: &str, (profile, bound): (Option<SecurityProfile>, bool)) -> ClientSeed {
        let mut client = ClientSeed::public(id, "http://localhost/cb");
        client.policy = ClientPolicy {
            profile,
            ..ClientPolicy::default()
        };
        client.metadata.dpop_bound_access_tokens = bound;
        client
    }

    fn seed(
        realm: Option<SecurityProfile>,
        clients: &[(Option<SecurityProfile>, bool)],
    ) -> RealmSeed {
        let mut seed = RealmSeed::new("bank".parse().unwrap());
        seed.policy.profile = realm;
        seed.clients = clients.iter().map(|one| client("one", *one)).collect();
        seed
    }

    fn learnt(seed: &RealmSeed) -> SeededRealms {
        let realms = SeededRealms::new(API);
        realms.learn(seed);
        realms
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
            assert_eq!(learnt(&seed).bind_all(&seed.name), bound, "{seed:?}");
        }
    }

    #[test]
    fn a_client_that_gets_no_tokens_lets_nothing_through() {
        use SecurityProfile::{Fapi2, None as Lax};
        let mut seed = seed(Some(Fapi2), &[(None, false)]);
        let mut own = client(API, (Some(Lax), false)).with_grants(&[]);
        seed.clients.push(own.clone());
        assert!(learnt(&seed).bind_all(&seed.name));
        own.grant_types = vec!["client_credentials".to_owned()];
        seed = seed.with_client(own);
        assert!(!learnt(&seed).bind_all(&seed.name));
    }

    #[test]
    fn a_realm_that_does_not_know_this_api_is_not_asked() {
        use SecurityProfile::{Fapi2, None as Lax};
        let with = |realm, own| seed(realm, &[(None, false)]).with_client(client(API, own));
        for (seed, may_ask) in [
            (seed(None, &[]), true),
            (seed(None, &[(None, false)]), false),
            (seed(Some(Fapi2), &[]), false),
            (with(None, (None, false)), true),
            (with(Some(Fapi2), (None, false)), false),
            (with(Some(Fapi2), (Some(Lax), false)), true),
        ] {
            assert_eq!(learnt(&seed).may_ask(&seed.name), may_ask, "{seed:?}");
        }
        assert!(SeededRealms::new(API).may_ask(&"unheard-of".parse().unwrap()));
    }

    #[test]
    fn the_latest_seed_counts() {
        let realms = learnt(&seed(Some(SecurityProfile::Fapi2), &[]));
        let lax = seed(None, &[]);
        realms.learn(&lax);
        assert!(!realms.bind_all(&lax.name));
        assert!(realms.may_ask(&lax.name));
    }
}
