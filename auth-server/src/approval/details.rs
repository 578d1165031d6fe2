//! How an approval was asked for, besides client and scope.
//!
//! May use serde. Stored as JSON; a member that is absent has its default, so that rows of older programs can be
//! read.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The circumstances of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The address from which the client asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<IpAddr>,
    /// Which APIs the tokens are to be meant for (RFC 8707 §2); none: the realm's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
}
