//! What grants and opaque access tokens remember beside their columns.
//!
//! May use serde. Stored as JSON; a member that is absent has its default, so that rows of older programs
//! can be read.

use serde::{Deserialize, Serialize};

/// What was granted besides scope, once, for all tokens of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GrantDetails {}

/// What an opaque access token says besides what its columns say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TokenDetails {}
