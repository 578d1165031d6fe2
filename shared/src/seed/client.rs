//! Clients, with the metadata names of RFC 7591 §2, and what is demanded of each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::metadata::ClientMetadata;
use crate::dpop::ProofAlgorithm;
use crate::oauth::ResponseType;
use crate::time::Lifetime;

/// The grant types that a client can be registered with. The last two are legacy
/// (RFC 9700 §2.1.2 and §2.4): writing them here is the opt-in.
pub const REGISTRABLE_GRANT_TYPES: [&str; 8] = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "password",
    "implicit",
];

/// A registered client.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSeed {
    /// Its identifier (RFC 6749 §2.2). Unique in the realm.
    pub client_id: String,
    /// Its secret. Absent for a public client (RFC 6749 §2.1). Stored as a digest only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Its name, as people see it when they are asked for consent.
    pub name: String,
    /// One sentence about it.
    #[serde(default)]
    pub description: String,
    /// Whether it belongs to the provider itself: no consent is asked.
    #[serde(default)]
    pub first_party: bool,
    /// Where authorization responses may go: compared character by character.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out (OpenID Connect RP-Initiated Logout 1.0 §2).
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// The grants that it may use: of [`REGISTRABLE_GRANT_TYPES`].
    #[serde(default)]
    pub grant_types: Vec<String>,
    /// The `response_type` values that it may use, of [`ResponseType::ALL`]. Empty follows from the grants:
    /// `code` from `authorization_code`, `token` from `implicit`, and from this with the scope `openid` also
    /// `id_token` and `id_token token`.
    #[serde(default)]
    pub response_types: Vec<String>,
    /// The scope tokens that it may ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How it may authenticate. Empty is both `client_secret_basic` and `client_secret_post` for
    /// a client with a secret, and `none` for one without.
    #[serde(default)]
    pub auth_methods: Vec<AuthMethod>,
    /// Origins whose scripts may call `/token`, `/userinfo` and `/revoke` for it (CORS).
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Whether it may ask `/introspect` about tokens of others: a resource server. About those of the realm's own API,
    /// or of the APIs that `policy.introspects` names.
    #[serde(default)]
    pub may_introspect: bool,
    /// What differs from the server's policy for this client.
    #[serde(default)]
    pub policy: ClientPolicy,
    /// What it registers besides (RFC 7591 §2).
    #[serde(default)]
    pub metadata: ClientMetadata,
}

/// What differs from the server's policy for one client. Absent means: as the server does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientPolicy {
    /// Whether PKCE (RFC 7636) is demanded. Always required of public clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkce: Option<PkceRule>,
    /// What becomes of scope tokens that it asks for but may not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excess_scope: Option<ExcessScope>,
    /// Where it reads what a scope covers of a person who signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_claims: Option<ScopeClaims>,
    /// Whether it may ask only by a pushed request (RFC 9126 §6): for all clients of a realm, or for one. A client's
    /// own `metadata.require_pushed_authorization_requests` demands it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Whether it may ask only by a signed request object (RFC 9101 §10.5); its own
    /// `metadata.require_signed_request_object` demands it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_signed_request_object: Option<bool>,
    /// Which security profile it keeps to: everything that the profile demands is demanded of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<SecurityProfile>,
    /// What its access tokens look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_format: Option<AccessTokenFormat>,
    /// How long its access tokens live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<Lifetime>,
    /// How long an unused refresh token lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_lifetime: Option<Lifetime>,
    /// How long its refresh tokens live in all, however often they are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_absolute_lifetime: Option<Lifetime>,
    /// How long a refresh token that was just rotated is still answered, for a response that got
    /// lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_grace: Option<Lifetime>,
    /// How long its device and user codes live (RFC 8628 §3.2 `expires_in`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_code_lifetime: Option<Lifetime>,
    /// How long its devices wait between two polls (RFC 8628 §3.2 `interval`): 1 second at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_poll_interval: Option<Lifetime>,
    /// Whom its client assertions may be meant for (RFC 7523 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion_audience: Option<AssertionAudience>,
    /// Whose tokens it may exchange, for whom (RFC 8693). Default: nobody's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub token_exchange: Vec<ExchangeRule>,
    /// Who may act for the person of its access tokens: the claim `may_act` (RFC 8693 §4.4), a client's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_act: Option<String>,
    /// For whom it may ask by an assertion that it signed itself (RFC 7523 §2.1): subject identifiers, or `"*"` for
    /// everybody. Default: nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jwt_bearer_subjects: Vec<String>,
    /// For which APIs it may ask about tokens (RFC 7662 §4), where `may_introspect` says so: URIs of the realm's
    /// `resources`. Default: the realm's own API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub introspects: Vec<String>,
    /// Whether its `DPoP` proofs at the auth server need a nonce (RFC 9449 §8). Default: `"optional"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_nonce: Option<NonceDemand>,
    /// How its `DPoP` proofs may be signed. Default: ES256, PS256 and `EdDSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_signing_algs: Option<Vec<ProofAlgorithm>>,
    /// How its ID tokens are signed (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<SigningAlgorithm>,
}

/// How a token is signed (RFC 7518 §3.1).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256: small and quick.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS#1: what OpenID Connect Core §15.1 asks every provider for; signing takes fifty times as long.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA with PSS padding: what FAPI 2.0 takes of RSA.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 (RFC 8037 §3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// Its registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this registered name, if it is one of them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What `aud` of a client assertion may be (RFC 7523 §3 (3)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssertionAudience {
    /// The issuer, the token endpoint, or the endpoint that is called: alone or in an array, as clients have
    /// always done (OpenID Connect Core §9).
    #[default]
    Endpoint,
    /// The issuer alone, as a plain string: what no other server can be meant by (FAPI 2.0 Security Profile §5.3.2.1).
    Issuer,
}

/// Which security profile a client keeps to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityProfile {
    /// None: what RFC 9700 advises, as far as its policy does not say otherwise.
    #[default]
    None,
    /// FAPI 2.0 Security Profile: pushed requests, `private_key_jwt`, tokens bound to a key.
    Fapi2,
}

/// Whether PKCE is demanded of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PkceRule {
    /// No code without a code challenge (RFC 9700 §2.1.1).
    #[default]
    Required,
    /// Checked when used: for OpenID Connect clients that rely on `nonce`.
    Allowed,
}

/// What becomes of scope tokens that a client asks for but may not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExcessScope {
    /// The request is refused with `invalid_scope` (RFC 6749 §4.1.2.1).
    #[default]
    Refuse,
    /// They are left out (`OpenID` Connect Core §3.1.2.1); `scope` in the answer says what was granted.
    Ignore,
}

/// Where a client is told what a scope covers of a person (`OpenID` Connect Core §5.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeClaims {
    /// At `UserInfo` where there is an access token to ask it with, and in the ID token where there is none: the standard.
    #[default]
    Userinfo,
    /// In the ID token in any case, too: for clients that never ask `UserInfo` (Auth.js with `idToken: true`).
    AlsoInIdToken,
}

/// Whose tokens a client may exchange, for whom, and how (RFC 8693).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExchangeRule {
    /// The clients whose tokens it may exchange.
    pub subject_clients: Vec<String>,
    /// The audiences that it may ask for (`audience`, `resource`): compared as text.
    pub audiences: Vec<String>,
    /// Whether it may appear as the person itself (§1.1, impersonation): the token does not say who acts.
    pub impersonation: bool,
    /// Whether `audiences` holds for tokens too whose grant was asked for certain APIs (RFC 8707 §2) that are not among
    /// them. Default: no; what was granted for one API is exchanged for none beside it.
    pub beyond_granted_resources: bool,
}

/// Whether a `DPoP` proof needs a nonce of the server (RFC 9449 §8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NonceDemand {
    /// One that comes must be good; none need come.
    #[default]
    Optional,
    /// No proof without one: it cannot have been made in advance.
    Required,
}

/// What a client's access tokens look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessTokenFormat {
    /// A signed JWT (RFC 9068), which a resource server verifies by itself.
    #[default]
    Jwt,
    /// A random string, which a resource server asks about (RFC 7662).
    Opaque,
}

/// How a client authenticates (`token_endpoint_auth_method`, RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// In the request's body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A JWT signed by the client's private key (RFC 7523 §2.2): needs `metadata.jwks` or `metadata.jwks_uri`.
    PrivateKeyJwt,
    /// A JWT with a MAC by the client's secret (OpenID Connect Core §9): the secret itself is stored, since a
    /// digest verifies no MAC.
    ClientSecretJwt,
    /// Not at all: a public client.
    None,
}

impl AuthMethod {
    /// Its registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::None => "none",
        }
    }
}

impl fmt::Debug for ClientSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSeed")
            .field("client_id", &self.client_id)
            .field("grant_types", &self.grant_types)
            .field("redirect_uris", &self.redirect_uris)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl ClientSeed {
    /// A public client with the authorization code grant.
    #[must_use]
    pub fn public(client_id: &str, redirect_uri: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: client_id.to_owned(),
            redirect_uris: vec![redirect_uri.to_owned()],
            grant_types: vec!["authorization_code".to_owned()],
            scopes: vec!["openid".to_owned(), "profile".to_owned()],
            ..Self::default()
        }
    }

    /// A confidential client with the authorization code and refresh token grants.
    #[must_use]
    pub fn confidential(client_id: &str, client_secret: &str, redirect_uri: &str) -> Self {
        Self::public(client_id, redirect_uri)
            .with_secret(client_secret)
            .with_grants(&["authorization_code", "refresh_token"])
    }

    /// The same with a secret.
    #[must_use]
    pub fn with_secret(mut self, client_secret: &str) -> Self {
        self.client_secret = Some(client_secret.to_owned());
        self
    }

    /// The same with these grants only.
    #[must_use]
    pub fn with_grants(mut self, grant_types: &[&str]) -> Self {
        self.grant_types = grant_types.iter().map(ToString::to_string).collect();
        self
    }

    /// The same with these scope tokens only.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(ToString::to_string).collect();
        self
    }

    /// Whether it proves nothing (RFC 6749 §2.1): it authenticates by `none`, or has neither a secret nor a method.
    #[must_use]
    pub fn is_public(&self) -> bool {
        match &*self.auth_methods {
            [] => self.client_secret.is_none(),
            methods => methods.contains(&AuthMethod::None),
        }
    }

    /// Whether it may use this grant.
    #[must_use]
    pub fn has_grant(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|grant| grant == grant_type)
    }

    /// The grants of this client that are kept to learn from: `password`, `implicit`.
    pub fn legacy(&self) -> impl Iterator<Item = &str> {
        self.grant_types
            .iter()
            .map(String::as_str)
            .filter(|grant| matches!(*grant, "password" | "implicit"))
    }

    /// The `response_type` values that it may use: those given, or those that its grants need.
    #[must_use]
    pub fn response_types(&self) -> Vec<String> {
        if !self.response_types.is_empty() {
            return self.response_types.clone();
        }
        // A client that has both grants is two programs of one name more often than a hybrid one: hybrids are
        // asked for by name.
        let held = |one: &&ResponseType| match one.grant_types() {
            [only] => self.has_grant(only.as_str()) && (!one.gives_id_token() || self.signs_in()),
            _ => false,
        };
        ResponseType::ALL
            .iter()
            .filter(held)
            .map(ToString::to_string)
            .collect()
    }

    /// Whether it may ask who somebody is (`OpenID` Connect Core §3.1.2.1).
    #[must_use]
    pub fn signs_in(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "openid")
    }

    /// How it may authenticate: the methods given, or those that its secret allows.
    #[must_use]
    pub fn auth_methods(&self) -> Vec<AuthMethod> {
        if !self.auth_methods.is_empty() {
            return self.auth_methods.clone();
        }
        if self.is_public() {
            vec![AuthMethod::None]
        } else {
            vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]
        }
    }

    pub(super) fn each_uri(&mut self, change: &impl Fn(&mut String)) {
        self.redirect_uris
            .iter_mut()
            .chain(&mut self.post_logout_redirect_uris)
            .chain(&mut self.allowed_origins)
            .chain(self.metadata.uris_mut())
            .chain(
                self.policy
                    .token_exchange
                    .iter_mut()
                    .flat_map(|rule| &mut rule.audiences)
                    .chain(&mut self.policy.introspects),
            )
            .for_each(change);
    }
}
