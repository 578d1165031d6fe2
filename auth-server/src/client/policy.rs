//! What is demanded of a client and what it gets: the client's own values, over the realm's, over the
//! defaults of RFC 9700.
//!
//! The safe value is the default. A value that RFC 9700 forbids exists for realms marked as labs alone:
//! making one anywhere else is an error.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::dpop::ProofAlgorithm;
use shared::fapi2;
use shared::oauth::Digest;
use shared::seed::{
    AccessTokenFormat, AssertionAudience, ClientMetadata, ClientPolicy, ExcessScope, ExchangeRule,
    NonceDemand, PkceRule, RegistrationRule, ScopeClaims, SecurityProfile, SigningAlgorithm,
};
use shared::time::Lifetime;

/// Whether a realm may hold what is vulnerable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RealmKind {
    /// It may not.
    #[default]
    Provider,
    /// It may: it exists to be attacked.
    Lab,
}

/// A realm's policy as stored: what differs from the server's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyDefaults {
    /// Whether the realm is a lab.
    pub(crate) kind: RealmKind,
    /// What holds for its clients unless they say otherwise.
    pub(crate) clients: ClientPolicy,
    /// Whether clients may register themselves (RFC 7591 §3).
    pub(crate) registration: RegistrationRule,
    /// Digests of what lets them, where registration is protected.
    pub(crate) initial_access_tokens: Vec<Digest>,
    /// Scope tokens that a client which registered itself may have for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) machine_scopes: Vec<String>,
    /// What its tokens can be meant for besides its own API (RFC 8707 §2).
    pub(crate) resources: Vec<String>,
    /// In which languages some claims of its people are known besides, as tags (OpenID Connect Discovery §3).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) claims_locales: BTreeSet<String>,
}

/// The policy of one client, every question answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Whether a code challenge is demanded (RFC 7636, RFC 9700 §2.1.1).
    pub(crate) pkce: PkceRule,
    /// What becomes of scope tokens beyond those that it may ask for.
    pub(crate) excess_scope: ExcessScope,
    /// Where it is told what a scope covers of a person.
    pub(crate) id_token_claims: ScopeClaims,
    /// Whether it may ask only by a pushed request (RFC 9126 §6).
    pub(crate) require_pushed_authorization_requests: bool,
    /// Whether it may ask only by a signed request object (RFC 9101 §10.5).
    pub(crate) require_signed_request_object: bool,
    /// Which profile it keeps to.
    pub(crate) profile: SecurityProfile,
    /// Whether each use of a refresh token exchanges it for another (RFC 9700 §4.14.2).
    pub(crate) rotates_refresh_tokens: bool,
    /// How long a code lives: 60 seconds (RFC 6749 §4.1.2 allows ten minutes).
    pub(crate) code_lifetime: Lifetime,
    /// What access tokens look like.
    pub(crate) access_token_format: AccessTokenFormat,
    /// How long access tokens live.
    pub(crate) access_token_lifetime: Lifetime,
    /// How long access tokens live that were issued in the front channel: 5 minutes at most.
    pub(crate) implicit_lifetime: Lifetime,
    /// How long ID tokens live.
    pub(crate) id_token_lifetime: Lifetime,
    /// Whom its client assertions may be meant for.
    pub(crate) assertion_audience: AssertionAudience,
    /// How ID tokens are signed.
    pub(crate) id_token_algorithm: SigningAlgorithm,
    /// How long device and user codes live (RFC 8628 §3.2).
    pub(crate) device_code_lifetime: Lifetime,
    /// How long a device waits between two polls (RFC 8628 §3.2).
    pub(crate) device_poll_interval: Lifetime,
    /// How long an unused refresh token lives.
    pub(crate) refresh_token_lifetime: Lifetime,
    /// How long refresh tokens of one grant live in all.
    pub(crate) refresh_token_absolute_lifetime: Lifetime,
    /// How long a refresh token that was just rotated is still answered.
    pub(crate) refresh_token_grace: Lifetime,
    /// Whose tokens may be exchanged, for whom (RFC 8693).
    pub(crate) token_exchange: Vec<ExchangeRule>,
    /// Who may act for the person of an access token (RFC 8693 §4.4).
    pub(crate) may_act: Option<String>,
    /// For whom may be asked by an assertion (RFC 7523 §2.1).
    pub(crate) jwt_bearer_subjects: Vec<String>,
    /// For which APIs it may ask about tokens (RFC 7662 §4); none is the realm's own.
    pub(crate) introspects: Vec<String>,
    /// Whether `DPoP` proofs need a nonce (RFC 9449 §8).
    pub(crate) dpop_nonce: NonceDemand,
    /// How `DPoP` proofs may be signed (RFC 9449 §5.1).
    pub(crate) dpop_signing_algs: Vec<ProofAlgorithm>,
}

/// A policy that RFC 9700 forbids, outside a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public client without PKCE is open to code injection (RFC 9700 §2.1.1): only a lab realm may have one"
)]
pub(crate) struct VulnerablePolicy;

/// The longest life of a token that was issued in the front channel.
const IMPLICIT_LIFETIME: Lifetime = Lifetime::from_minutes(5);

impl Policy {
    /// The policy of a client, from the realm's values and its own.
    ///
    /// # Errors
    /// [`VulnerablePolicy`] outside a lab.
    #[expect(clippy::too_many_lines, reason = "one answer for each question")]
    pub(crate) fn resolve(
        realm: &PolicyDefaults,
        client: &ClientPolicy,
        is_public: bool,
    ) -> Result<Self, VulnerablePolicy> {
        let base = &realm.clients;
        let minutes = Lifetime::from_minutes;
        let lifetime = |own: Option<Lifetime>, realm: Option<Lifetime>, default| {
            own.or(realm).unwrap_or(default)
        };
        let access = lifetime(
            client.access_token_lifetime,
            base.access_token_lifetime,
            minutes(10),
        );
        let pkce = client.pkce.or(base.pkce).unwrap_or_default();
        if is_public && pkce == PkceRule::Allowed && realm.kind != RealmKind::Lab {
            return Err(VulnerablePolicy);
        }
        Ok(Self {
            pkce,
            excess_scope: client
                .excess_scope
                .or(base.excess_scope)
                .unwrap_or_default(),
            id_token_claims: client
                .id_token_claims
                .or(base.id_token_claims)
                .unwrap_or_default(),
            require_pushed_authorization_requests: client
                .require_pushed_authorization_requests
                .or(base.require_pushed_authorization_requests)
                .unwrap_or_default(),
            require_signed_request_object: client
                .require_signed_request_object
                .or(base.require_signed_request_object)
                .unwrap_or_default(),
            profile: client.profile.or(base.profile).unwrap_or_default(),
            rotates_refresh_tokens: true,
            code_lifetime: Lifetime::from_seconds(60),
            access_token_format: client
                .access_token_format
                .or(base.access_token_format)
                .unwrap_or_default(),
            access_token_lifetime: access,
            implicit_lifetime: access.min(IMPLICIT_LIFETIME),
            id_token_lifetime: minutes(10),
            assertion_audience: client
                .assertion_audience
                .or(base.assertion_audience)
                .unwrap_or_default(),
            id_token_algorithm: client
                .id_token_signed_response_alg
                .or(base.id_token_signed_response_alg)
                .unwrap_or_default(),
            device_code_lifetime: lifetime(
                client.device_code_lifetime,
                base.device_code_lifetime,
                minutes(10),
            ),
            device_poll_interval: lifetime(
                client.device_poll_interval,
                base.device_poll_interval,
                Lifetime::from_seconds(5),
            ),
            refresh_token_lifetime: lifetime(
                client.refresh_token_lifetime,
                base.refresh_token_lifetime,
                minutes(14 * 24 * 60),
            ),
            refresh_token_absolute_lifetime: lifetime(
                client.refresh_token_absolute_lifetime,
                base.refresh_token_absolute_lifetime,
                minutes(90 * 24 * 60),
            ),
            refresh_token_grace: lifetime(
                client.refresh_token_grace,
                base.refresh_token_grace,
                Lifetime::from_seconds(30),
            ),
            token_exchange: client.token_exchange.clone(),
            may_act: client.may_act.clone(),
            jwt_bearer_subjects: client.jwt_bearer_subjects.clone(),
            introspects: client.introspects.clone(),
            dpop_nonce: client.dpop_nonce.or(base.dpop_nonce).unwrap_or_default(),
            dpop_signing_algs: client
                .dpop_signing_algs
                .clone()
                .or_else(|| base.dpop_signing_algs.clone())
                .unwrap_or_else(|| ProofAlgorithm::DEFAULT.to_vec()),
        })
    }
}

/// The policy of a client that registered itself: what the operator said of the realm holds; where he said nothing,
/// OpenID Connect's own defaults, which confidential clients rely on (OpenID Connect Core §3.1.2.1, Dynamic Client
/// Registration §2), and the safe value for the others.
pub(super) fn of_registered(
    realm: &PolicyDefaults,
    own: ClientPolicy,
    is_public: bool,
) -> ClientPolicy {
    let base = &realm.clients;
    let pkce = match (is_public, realm.kind) {
        // RFC 9700 §2.1.1, whatever the realm allows its confidential clients.
        (true, RealmKind::Provider) => PkceRule::Required,
        (true, RealmKind::Lab) => base.pkce.unwrap_or_default(),
        (false, _) => base.pkce.unwrap_or(PkceRule::Allowed),
    };
    let algorithm = own
        .id_token_signed_response_alg
        .or(base.id_token_signed_response_alg)
        .unwrap_or(SigningAlgorithm::Rs256);
    ClientPolicy {
        pkce: Some(pkce),
        excess_scope: Some(base.excess_scope.unwrap_or(ExcessScope::Ignore)),
        id_token_signed_response_alg: Some(algorithm),
        ..own
    }
}

impl Policy {
    /// What the client's own registration demands of it beyond its policy (RFC 9126 §6, RFC 9101 §10.5), and what
    /// its profile demands, whatever either says.
    pub(super) fn tightened(mut self, metadata: &mut ClientMetadata) -> Self {
        let fapi = self.profile == SecurityProfile::Fapi2;
        metadata.dpop_bound_access_tokens |= fapi;
        self.require_pushed_authorization_requests |=
            metadata.require_pushed_authorization_requests | fapi;
        self.require_signed_request_object |= metadata.require_signed_request_object;
        if fapi {
            self.pkce = PkceRule::Required;
            self.assertion_audience = AssertionAudience::Issuer;
            // FAPI 2.0 Security Profile §5.3.2.1: the tokens are bound to a key, so that rotation only adds risk.
            self.rotates_refresh_tokens = false;
            self.dpop_signing_algs
                .retain(|one| fapi2::allows_algorithm(one.as_str()));
            if !self.allows_algorithm(self.id_token_algorithm.as_str()) {
                self.id_token_algorithm = SigningAlgorithm::Es256;
            }
            // What the server signs is the server's to choose; what the client signs is refused where it is registered.
            if let Some(told) = &mut metadata.userinfo_signed_response_alg
                && !fapi2::allows_algorithm(told)
            {
                SigningAlgorithm::Es256.as_str().clone_into(told);
            }
        }
        self
    }

    /// Whether it signs its requests as FAPI 2.0 Message Signing §5.3.1 has it, which bounds their lives: RFC 9101
    /// alone does not.
    pub(crate) fn signs_messages(&self) -> bool {
        self.require_signed_request_object && self.profile == SecurityProfile::Fapi2
    }

    /// Whether a JWT of its may be signed by this algorithm (FAPI 2.0 Security Profile §5.4.1: PS256, ES256 and
    /// `EdDSA`).
    pub(crate) fn allows_algorithm(&self, name: &str) -> bool {
        self.profile != SecurityProfile::Fapi2 || fapi2::allows_algorithm(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safe_value_is_the_default_and_the_client_s_word_is_the_last() {
        let realm = PolicyDefaults {
            clients: ClientPolicy {
                access_token_lifetime: Some(Lifetime::from_minutes(3)),
                refresh_token_grace: Some(Lifetime::from_seconds(0)),
                ..ClientPolicy::default()
            },
            ..PolicyDefaults::default()
        };
        let own = ClientPolicy {
            refresh_token_grace: Some(Lifetime::from_seconds(5)),
            ..ClientPolicy::default()
        };
        let policy = Policy::resolve(&realm, &own, true).unwrap();
        assert_eq!(policy.pkce, PkceRule::Required);
        assert_eq!(policy.access_token_lifetime.as_seconds(), 180);
        assert_eq!(policy.implicit_lifetime.as_seconds(), 180);
        assert_eq!(policy.refresh_token_grace.as_seconds(), 5);
    }

    #[test]
    fn who_registered_itself_is_under_what_the_realm_says_and_openid_connect_fills_the_rest() {
        let mut realm = PolicyDefaults::default();
        let resolved = |realm: &PolicyDefaults, own: ClientPolicy, is_public| {
            let own = of_registered(realm, own, is_public);
            let policy = Policy::resolve(realm, &own, is_public).unwrap();
            (policy.pkce, policy.excess_scope, policy.id_token_algorithm)
        };
        let none = ClientPolicy::default;
        let (required, allowed) = (PkceRule::Required, PkceRule::Allowed);
        let (ignore, rs256) = (ExcessScope::Ignore, SigningAlgorithm::Rs256);
        assert_eq!(resolved(&realm, none(), false), (allowed, ignore, rs256));
        assert_eq!(resolved(&realm, none(), true), (required, ignore, rs256));
        realm.clients = ClientPolicy {
            pkce: Some(PkceRule::Required),
            excess_scope: Some(ExcessScope::Refuse),
            id_token_signed_response_alg: Some(SigningAlgorithm::Ps256),
            ..none()
        };
        // Whatever an older release wrote beside it.
        let stale = ClientPolicy {
            pkce: Some(PkceRule::Allowed),
            excess_scope: Some(ExcessScope::Ignore),
            ..none()
        };
        let said = (required, ExcessScope::Refuse, SigningAlgorithm::Ps256);
        assert_eq!(resolved(&realm, stale, false), said);
        // What a realm allows is for those that can keep a secret, and breaks nobody else.
        realm.clients.pkce = Some(PkceRule::Allowed);
        assert_eq!(resolved(&realm, none(), true).0, required);
        assert_eq!(resolved(&realm, none(), false).0, allowed);
        let own = ClientPolicy {
            id_token_signed_response_alg: Some(SigningAlgorithm::EdDsa),
            ..none()
        };
        assert_eq!(resolved(&realm, own, false).2, SigningAlgorithm::EdDsa);
    }

    #[test]
    fn only_a_lab_may_be_vulnerable() {
        let own = ClientPolicy {
            pkce: Some(PkceRule::Allowed),
            ..ClientPolicy::default()
        };
        let mut realm = PolicyDefaults::default();
        assert_eq!(Policy::resolve(&realm, &own, true), Err(VulnerablePolicy));
        assert!(Policy::resolve(&realm, &own, false).is_ok());
        realm.kind = RealmKind::Lab;
        assert!(Policy::resolve(&realm, &own, true).is_ok());
    }
}
