//! What a client registers beside the basics (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2,
//! RP-Initiated, Back-Channel and Front-Channel Logout 1.0, RFC 9126 §6, RFC 9449 §5.2).
//!
//! May use serde. One type for seeds, for the store and for dynamic registration: absent members are left out,
//! never null.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Registration metadata. Every member is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members are the registry's"
)]
pub struct ClientMetadata {
    /// Where the client's keys are (RFC 7517 §5). Never beside `jwks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The client's keys, by value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// `web` unless the client says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<ApplicationType>,
    /// How people reach those who are responsible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// The client's home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// A picture for the sign-in and consent pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// How it treats what it learns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Whether people have one `sub` everywhere or one for each sector (OpenID Connect Core §8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<SubjectType>,
    /// The list of redirection URIs that share pairwise subjects (OpenID Connect Core §8.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// How UserInfo is signed; absent: plain JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How request objects must be signed; absent: as the server accepts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// How client assertions must be signed; absent: as the server accepts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// `max_age` of requests that name none, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether ID tokens must say `auth_time`.
    #[serde(skip_serializing_if = "is_false")]
    pub require_auth_time: bool,
    /// `acr_values` of requests that name none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where a third party may begin a sign-in (OpenID Connect Core §4): https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Request objects that may be fetched (OpenID Connect Core §6.2.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// Where logout tokens go (Back-Channel Logout §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether they must say `sid`.
    #[serde(skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// What the browser loads at sign-out (Front-Channel Logout §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it must be told `iss` and `sid`.
    #[serde(skip_serializing_if = "is_false")]
    pub frontchannel_logout_session_required: bool,
    /// Whether it may ask only by a pushed request (RFC 9126 §6).
    #[serde(skip_serializing_if = "is_false")]
    pub require_pushed_authorization_requests: bool,
    /// Whether it may ask only by a signed request object (RFC 9101 §10.5).
    #[serde(skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// Whether its access tokens are always bound to a key (RFC 9449 §5.2).
    #[serde(skip_serializing_if = "is_false")]
    pub dpop_bound_access_tokens: bool,
    /// Whether a client that registered itself named no scope (RFC 7591 §2): then its registration does not speak of
    /// scope. Without a meaning in a seed, which lists the scopes.
    #[serde(skip_serializing_if = "is_false")]
    pub scope_unnamed: bool,
    /// Members in a language of their own, by their whole names: `client_name#zh-CN` (RFC 7591 §2.2).
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub localized: std::collections::BTreeMap<String, String>,
    /// Which software it is (RFC 7591 §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// And which version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
}

/// What kind of application a client is (OpenID Connect Dynamic Client Registration §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// On a web server: https redirection URIs.
    #[default]
    Web,
    /// On a device: custom schemes or loopback.
    Native,
}

/// Who sees which `sub` (OpenID Connect Core §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// All clients see the same.
    #[default]
    Public,
    /// Each sector sees another.
    Pairwise,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl ClientMetadata {
    /// Every URI in it, by its member's name.
    pub(super) fn uris(&self) -> impl Iterator<Item = (&str, &str)> {
        let localized = self.localized.iter();
        let localized = localized.filter(|(name, _)| {
            let base = name.split('#').next().unwrap_or_default();
            base.ends_with("_uri")
        });
        let named = [
            ("jwks_uri", &self.jwks_uri),
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
            ("sector_identifier_uri", &self.sector_identifier_uri),
            ("initiate_login_uri", &self.initiate_login_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
        ];
        let requests = self.request_uris.iter();
        named
            .into_iter()
            .filter_map(|(name, uri)| Some((name, uri.as_deref()?)))
            .chain(requests.map(|uri| ("request_uris", uri.as_str())))
            .chain(localized.map(|(name, uri)| (name.as_str(), uri.as_str())))
    }

    /// Every URI in it, for placeholders to be filled in.
    pub(super) fn uris_mut(&mut self) -> impl Iterator<Item = &mut String> {
        [
            &mut self.jwks_uri,
            &mut self.client_uri,
            &mut self.logo_uri,
            &mut self.policy_uri,
            &mut self.tos_uri,
            &mut self.sector_identifier_uri,
            &mut self.initiate_login_uri,
            &mut self.backchannel_logout_uri,
            &mut self.frontchannel_logout_uri,
        ]
        .into_iter()
        .flatten()
        .chain(&mut self.request_uris)
    }
}
