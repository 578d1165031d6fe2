//! What grants and opaque access tokens remember beside their columns.
//!
//! May use serde. Stored as JSON; a member that is absent has its default, so that rows of older programs
//! can be read.

use serde::{Deserialize, Serialize};
use shared::dpop::{Confirmation, Thumbprint};
use shared::oauth::{Actor, ClaimsRequest, ResponseType};

use crate::person::Means;

/// What was granted besides scope, once, for all tokens of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GrantDetails {
    /// The key with which the code must be redeemed (`dpop_jkt`, RFC 9449 §10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_jkt: Option<Thumbprint>,
    /// The key with which its refresh tokens must be used: a public client's (RFC 9449 §5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_jkt: Option<Thumbprint>,
    /// Which APIs its access tokens may be meant for (RFC 8707 §2); none: the realm's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    /// How strongly the person had proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acr: Option<String>,
    /// By which means (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    /// What the authorization endpoint answered with; absent where it had no part in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_type: Option<ResponseType>,
    /// Claims that were asked for by name, and that the person agreed to.
    #[serde(skip_serializing_if = "ClaimsRequest::is_empty")]
    pub(crate) claims: ClaimsRequest,
    /// In which languages claims are wanted besides, as tags (`claims_locales`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) claims_locales: Vec<String>,
}

impl GrantDetails {
    /// What there is to say of a grant by somebody who proved by `means` who they are.
    pub(crate) fn signed_in_by(means: Means) -> Self {
        Self {
            acr: Some(means.acr().to_owned()),
            amr: vec![means.amr().to_owned()],
            ..Self::default()
        }
    }
}

/// What an opaque access token says besides what its columns say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TokenDetails {
    /// The key that it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
    /// Who acts for its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Actor>,
    /// Who may act for its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) may_act: Option<Actor>,
    /// How strongly the person proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acr: Option<String>,
    /// When they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_time: Option<i64>,
}
