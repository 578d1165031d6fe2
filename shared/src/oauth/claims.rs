//! Claims of access tokens (RFC 9068 §2.2) and ID tokens (OpenID Connect Core §2).
//!
//! May use serde. Times are seconds (RFC 7519 §2 `NumericDate`), written as integers; text in their place is refused.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id::{ClientId, GrantId, SessionId, Subject, TokenId};
use super::scope::Scope;
use crate::dpop::Confirmation;
use crate::time::Timestamp;

/// `aud`: one audience or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A single audience, written as text.
    One(String),
    /// Several, written as an array.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `audience` is among them, compared as text.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(only) => only == audience,
            Self::Many(all) => all.iter().any(|one| one == audience),
        }
    }

    /// All audiences.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(all) => all,
        }
    }
}

/// The claims of a JWT access token (RFC 9068 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// Whom it speaks for: a person, or the client itself.
    pub sub: Subject,
    /// The resource server that may accept it.
    pub aud: Audience,
    /// When it expires.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// Its own id.
    pub jti: TokenId,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// What it permits.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// When the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// How strongly the person proved who they are (RFC 9068 §2.2.1, RFC 9470 §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What whoever presents it must prove (RFC 7800 §3.1): absent, whoever has it may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Who acts in the name of `sub` (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// Who may act in the name of `sub` (RFC 8693 §4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_act: Option<Actor>,
    /// Private: the grant that it came of, so that revoking the grant revokes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<GrantId>,
}

/// `act`: who acts for the subject of a token (RFC 8693 §4.1). The outermost is the current one; those inside
/// acted before, and say nothing about what is permitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who acts: a client's id, or a person.
    pub sub: String,
    /// The issuer in whose words `sub` is to be read, where it is another than the token's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Who acted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// A client or a person of the token's own issuer, who has nobody behind.
    #[must_use]
    pub const fn of(sub: String) -> Self {
        Self {
            sub,
            iss: None,
            act: None,
        }
    }

    /// How many have acted, this one included.
    #[must_use]
    pub fn depth(&self) -> usize {
        std::iter::successors(Some(self), |actor| actor.act.as_deref()).count()
    }
}

/// The claims of an ID token (OpenID Connect Core §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// Who signed in.
    pub sub: Subject,
    /// The client that may accept it.
    pub aud: Audience,
    /// When it expires.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// When the person signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// The `nonce` of the authorization request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The left half of the access token's hash, in base64url (§3.1.3.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The left half of the code's hash, in base64url (§3.3.2.11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// How strongly they proved who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which means (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The party to which it was issued, where `aud` has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<ClientId>,
    /// The login session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// What it says of the person (§5.1), where it was asked to.
    #[serde(flatten)]
    pub person: Map<String, Value>,
}
