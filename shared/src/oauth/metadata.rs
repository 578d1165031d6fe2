//! Metadata of the auth server (RFC 8414, OpenID Connect Discovery 1.0 §3) and of the resource server (RFC 9728).
//!
//! May use serde. No member is ever null and no list ever empty: what is absent is left out.

use serde::{Deserialize, Serialize};

/// Well-known paths.
pub mod well_known {
    /// RFC 8414 §3, inserted before an issuer's path.
    pub const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
    /// OpenID Connect Discovery §4, appended after an issuer's path.
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 9728 §3, inserted before a resource's path.
    pub const OAUTH_PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
}

/// What an auth server says of itself. Clients read it leniently; the auth server writes it whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members are the registry's"
)]
pub struct ServerMetadata {
    /// The issuer identifier: identical to the one that was asked.
    pub issuer: String,
    /// RFC 6749 §3.1.
    pub authorization_endpoint: String,
    /// RFC 6749 §3.2.
    pub token_endpoint: String,
    /// The signing keys (RFC 7517).
    pub jwks_uri: String,
    /// OpenID Connect Core §5.3.
    pub userinfo_endpoint: String,
    /// RFC 7009.
    pub revocation_endpoint: String,
    /// RFC 7662.
    pub introspection_endpoint: String,
    /// RFC 8628 §4.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device_authorization_endpoint: String,
    /// RFC 9126 §5.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pushed_authorization_request_endpoint: String,
    /// RFC 7591 §3; absent where clients do not register themselves.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registration_endpoint: String,
    /// RP-Initiated Logout; absent until it is offered.
    #[serde(skip_serializing_if = "String::is_empty")]
    /// OpenID Connect RP-Initiated Logout §2.1.
    pub end_session_endpoint: String,
    /// OpenID Connect Back-Channel Logout §2.1.
    pub backchannel_logout_supported: bool,
    /// OpenID Connect Back-Channel Logout §2.1: logout tokens say `sid`.
    pub backchannel_logout_session_supported: bool,
    /// OpenID Connect Front-Channel Logout §3.
    pub frontchannel_logout_supported: bool,
    /// OpenID Connect Front-Channel Logout §3: `iss` and `sid` are passed.
    pub frontchannel_logout_session_supported: bool,
    /// Scopes that clients may ask for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// RFC 6749 §3.1.1.
    pub response_types_supported: Vec<String>,
    /// OAuth 2.0 Multiple Response Types §2.1.
    pub response_modes_supported: Vec<String>,
    /// RFC 7591 §2.
    pub grant_types_supported: Vec<String>,
    /// RFC 7591 §2.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How client assertions may be signed (RFC 8414 §2).
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// As for the token endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// As for the token endpoint.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// As for the token endpoint, without `none`.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// As for the token endpoint.
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// RFC 7636 §6.2.
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9449 §5.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// OpenID Connect Discovery §3.
    pub subject_types_supported: Vec<String>,
    /// OpenID Connect Discovery §3.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// OpenID Connect Discovery §3.
    pub claims_supported: Vec<String>,
    /// OpenID Connect Discovery §3.
    pub prompt_values_supported: Vec<String>,
    /// OpenID Connect Discovery §3.
    pub ui_locales_supported: Vec<String>,
    /// OpenID Connect Discovery §3: besides the language in which claims are known to begin with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims_locales_supported: Vec<String>,
    /// RFC 9207 §3.
    pub authorization_response_iss_parameter_supported: bool,
    /// RFC 9126 §5: whether every client must push its requests.
    pub require_pushed_authorization_requests: bool,
    /// OpenID Connect Core §6.1: whether request objects are read.
    pub request_parameter_supported: bool,
    /// OpenID Connect Core §6.2: whether they are fetched.
    pub request_uri_parameter_supported: bool,
    /// OpenID Connect Discovery §3: whether only from addresses that were registered.
    pub require_request_uri_registration: bool,
    /// OpenID Connect Discovery §3: how they may be signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_object_signing_alg_values_supported: Vec<String>,
    /// RFC 9101 §10.5: whether every client must send them.
    pub require_signed_request_object: bool,
    /// OpenID Connect Core §5.5.
    pub claims_parameter_supported: bool,
    /// OpenID Connect Core §5.6.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claim_types_supported: Vec<String>,
    /// OpenID Connect Core §2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
    /// OpenID Connect Core §3.1.2.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub display_values_supported: Vec<String>,
    /// OpenID Connect Discovery §3: how UserInfo can be signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub userinfo_signing_alg_values_supported: Vec<String>,
    /// Where a developer reads on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_documentation: String,
    /// What is offered only to learn from, and the sentence of RFC 9700 that advises against it.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub grantscope_legacy: std::collections::BTreeMap<String, String>,
}

/// What a resource server says of itself (RFC 9728 §2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceMetadata {
    /// The resource identifier: identical to the one that was asked.
    pub resource: String,
    /// Issuers whose tokens it accepts.
    pub authorization_servers: Vec<String>,
    /// Scopes that its endpoints ask for.
    pub scopes_supported: Vec<String>,
    /// `header` alone: tokens in a query or body are refused (RFC 9700 §4.3.2).
    pub bearer_methods_supported: Vec<String>,
    /// How `DPoP` proofs may be signed (RFC 9449 §5.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether only bound tokens are accepted.
    pub dpop_bound_access_tokens_required: bool,
    /// A name for people.
    pub resource_name: String,
    /// Where a developer reads on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_documentation: String,
}
