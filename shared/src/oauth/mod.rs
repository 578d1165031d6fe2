//! The vocabulary of RFC 6749 and its family: every protocol value is a type of its own.
//!
//! May use serde, url and aws-lc-rs; knows nothing of HTTP servers or stores. Untrusted text becomes
//! a typed value once, at the edge; inside there is nothing left to check twice.

mod bearer;
mod claims;
mod claims_request;
mod device;
mod error;
mod grant_type;
mod id;
mod introspection;
mod json;
mod metadata;
mod params;
mod pkce;
mod response;
mod scope;
mod secret;
mod token;
mod token_hash;
mod uri;

pub use bearer::{Challenge, ChallengeScheme};
pub use claims::{AccessTokenClaims, Actor, Audience, IdTokenClaims};
pub use claims_request::{ClaimWish, ClaimWishes, ClaimsRequest, InvalidClaimsRequest};
pub use device::{
    DeviceAuthorizationResponse, DeviceCode, InvalidUserCode, USER_CODE_ALPHABET, UserCode,
};
pub use error::{ErrorBody, ErrorCode};
pub use grant_type::{CodeChallengeMethod, GrantType, Prompt, TokenEndpointAuthMethod};
pub use id::{ClientId, GrantId, InvalidId, KeyId, SessionId, Subject, TokenId};
pub use introspection::IntrospectionResponse;
pub use json::unique_object;
pub use metadata::{ResourceMetadata, ServerMetadata, well_known};
pub use params::{Params, ParamsError};
pub use pkce::{CodeChallenge, CodeVerifier, InvalidPkce};
pub use response::{ResponseMode, ResponseType};
pub use scope::{InvalidScope, Scope, ScopeToken};
pub use secret::{
    AccessToken, AuthorizationCode, ClientSecret, Digest, InitialAccessToken, InteractionHandle,
    NoRandomness, RefreshToken, RegistrationAccessToken, Secret, SecretKind, SessionToken, kind,
    ordered_id, random_id,
};
pub use token::{TokenResponse, TokenType};
pub use token_hash::token_hash;
pub use uri::{InvalidRedirectUri, RedirectUri, read_uri};
