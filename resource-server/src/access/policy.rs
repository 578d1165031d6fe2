//! Policy: what a realm's API demands of an access token. The defaults are the safe values (RFC 9068 §4, RFC 8725).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use shared::dpop::ProofAlgorithm;
use shared::realm::RealmName;
use shared::seed::NonceDemand;
use shared::time::Lifetime;

/// A signature algorithm that can be allowed: `none` and those with a shared secret cannot even be named
/// (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 (RFC 8037 §3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, the quickest first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Ps256, Self::Rs256];

    /// The registered name (RFC 7518 §3.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// About which tokens the auth server is asked (RFC 7662).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Introspect {
    /// Those that cannot be read here. A revoked JWT is then good until it expires: at most its lifetime.
    #[default]
    Opaque,
    /// Every one, so that a revoked JWT is refused at once; each call then costs one more.
    Always,
}

/// The operation that needs a recent sign-in by default.
pub const PHOTOS_DELETE: &str = "photos.delete";

/// How, and how lately, a person must have signed in for an operation (RFC 9470 §3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authentication {
    /// How long ago at most. Absent: however long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Lifetime>,
    /// In which of these ways (`acr`), the preferred one first. Empty: in any.
    pub acr_values: Vec<String>,
}

impl Authentication {
    /// At most five minutes ago, with a password at least.
    fn recent() -> Self {
        Self {
            max_age: Some(Lifetime::from_minutes(5)),
            acr_values: vec!["urn:grantscope:acr:password".to_owned()],
        }
    }
}

/// What one realm demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenPolicy {
    /// Algorithms of signatures. Default: all four.
    pub algorithms: Vec<SigningAlgorithm>,
    /// How far clocks may disagree on `exp`, `nbf` and `iat`, in seconds. Default 5.
    pub leeway: Lifetime,
    /// `"opaque"` (the default) or `"always"`: about which tokens the auth server is asked.
    pub introspect: Introspect,
    /// Whether only tokens that are bound to a key are accepted (RFC 9449). Default `false`, but of a realm that the seed
    /// keeps to FAPI 2.0, and of which nothing is said here.
    pub dpop_required: bool,
    /// `"optional"` (the default) or `"required"`: whether `DPoP` proofs need a nonce of this server (RFC 9449 §9).
    pub dpop_nonce: NonceDemand,
    /// What of the person's sign-in single operations demand (RFC 9470), by their names: `photos.delete`. Default: that
    /// whoever deletes a photo signed in at most five minutes ago.
    pub step_up: BTreeMap<String, Authentication>,
    /// How `DPoP` proofs may be signed. Default `["ES256", "PS256", "EdDSA"]`.
    pub dpop_signing_algs: Vec<ProofAlgorithm>,
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            algorithms: SigningAlgorithm::ALL.to_vec(),
            leeway: Lifetime::from_seconds(5),
            introspect: Introspect::Opaque,
            dpop_required: false,
            dpop_nonce: NonceDemand::Optional,
            step_up: BTreeMap::from([(PHOTOS_DELETE.to_owned(), Authentication::recent())]),
            dpop_signing_algs: ProofAlgorithm::DEFAULT.to_vec(),
        }
    }
}

/// The policies of all realms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenPolicies {
    /// Of every realm that has none of its own.
    pub default: TokenPolicy,
    /// By the realm's name.
    pub realms: HashMap<RealmName, TokenPolicy>,
}

impl TokenPolicies {
    /// The policy of `realm`.
    #[must_use]
    pub fn of(&self, realm: &RealmName) -> &TokenPolicy {
        self.realms.get(realm).unwrap_or(&self.default)
    }
}
