//! Why a token does not open the door, and the answer of RFC 6750 §3.1 or RFC 9449 §7.1 to each reason.
//!
//! Detailed inside, standard outside: one total match makes the code, and the code makes the status.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;
use shared::dpop::{DpopFault, NONCE_HEADER};
use shared::oauth::{Challenge, ChallengeScheme, ErrorCode, NoRandomness};
use shared::store::StoreError;

use super::policy::Authentication;

/// After how many seconds a caller may try again when the auth server is away.
const RETRY_AFTER: &str = "2";

/// Why access is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessError {
    /// No token came.
    #[error("this resource needs an access token")]
    Missing,
    /// The token came twice.
    #[error("the access token comes in more than one way; send one Authorization header")]
    TwoMethods,
    /// The token stands in the URL.
    #[error("an access token in the URL is refused; send it in the Authorization header")]
    InQuery,
    /// The header holds no token.
    #[error("the Authorization header is malformed: Bearer, one space, the token")]
    Malformed,
    /// It looks like a JWT and is none.
    #[error("the access token is no JWT")]
    NotAJwt,
    /// It is a JWT of another kind.
    #[error("the token is not typed as an access token (at+jwt)")]
    WrongType,
    /// It demands something that nobody here understands.
    #[error("the token has critical extensions that are not understood")]
    UnknownExtension,
    /// Its algorithm is not allowed, or not its key's.
    #[error("the token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Its key is not the issuer's.
    #[error("the token is signed with a key that the issuer does not have")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("the signature of the token is wrong")]
    Signature,
    /// A claim is missing or of the wrong type.
    #[error("the token lacks a required claim, or one has the wrong type")]
    Claims,
    /// Somebody else issued it.
    #[error("the token was issued by another issuer")]
    WrongIssuer,
    /// It is meant for somebody else.
    #[error("the token is meant for another resource server")]
    WrongAudience,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not good yet.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The auth server says that it may not be used.
    #[error("the token is not active: unknown, expired or revoked")]
    Inactive,
    /// It is bound to a key and came as if it were not (RFC 9449 §7.2).
    #[error("the token is bound to a key: present it as DPoP, with a proof")]
    BoundToKey,
    /// It is bound to no key and came as if it were (RFC 9449 §7.1).
    #[error("the token is bound to no key: present it as Bearer")]
    BoundToNoKey,
    /// This API takes bound tokens alone.
    #[error(
        "this API takes only tokens that are bound to a key, presented as DPoP with a proof (RFC 9449)"
    )]
    BearerRefused,
    /// The proof is another key's (RFC 9449 §4.3 (12)).
    #[error("the token is bound to another key than that of the proof")]
    AnotherKey,
    /// The proof is wrong (RFC 9449 §4.3); with the nonce that the next one should have.
    #[error("{0}")]
    Proof(DpopFault, Option<String>),
    /// It does not permit this.
    #[error("the token does not permit this; scope {0} is needed")]
    InsufficientScope(&'static str),
    /// It speaks for a client, and this resource belongs to people.
    #[error("this resource belongs to a person, and the token speaks for a client alone")]
    NoPerson,
    /// The person's sign-in is too long ago or too weak for this (RFC 9470 §3).
    #[error("a more recent or stronger sign-in is needed for this")]
    Authentication(Authentication),
    /// The realm does not exist.
    #[error("there is no such realm")]
    UnknownRealm,
    /// The auth server could not be asked.
    #[error("the token cannot be judged now, as the auth server is away")]
    AuthServerAway(String),
    /// The store failed: whether a proof was used cannot be told.
    #[error("the server failed")]
    Store(#[from] StoreError),
    /// The system gives no randomness.
    #[error("the server failed")]
    Randomness(#[from] NoRandomness),
    /// The auth server refuses to answer this service.
    #[error("the token cannot be judged, as the auth server refuses this resource server")]
    NotAllowedToAsk(String),
}

/// What follows from an [`AccessError`].
enum Consequence {
    /// A challenge (RFC 6750 §3), with this code where there is one.
    Challenge(Option<ErrorCode>),
    /// An answer that has nothing to do with the token.
    Other(StatusCode, &'static str),
}

impl AccessError {
    fn consequence(&self) -> Consequence {
        use Consequence::{Challenge, Other};
        match self {
            Self::Missing => Challenge(None),
            Self::TwoMethods | Self::InQuery | Self::Malformed => {
                Challenge(Some(ErrorCode::InvalidRequest))
            }
            Self::NotAJwt
            | Self::WrongType
            | Self::UnknownExtension
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature
            | Self::Claims
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::Expired
            | Self::NotYetValid
            | Self::Inactive
            | Self::BoundToKey
            | Self::BoundToNoKey
            | Self::BearerRefused
            | Self::AnotherKey => Challenge(Some(ErrorCode::InvalidToken)),
            Self::Authentication(_) => Challenge(Some(ErrorCode::InsufficientUserAuthentication)),
            Self::Proof(fault, _) => Challenge(Some(fault.code())),
            Self::InsufficientScope(_) | Self::NoPerson => {
                Challenge(Some(ErrorCode::InsufficientScope))
            }
            Self::UnknownRealm => Other(StatusCode::NOT_FOUND, "not_found"),
            Self::AuthServerAway(_) => {
                Other(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            Self::Store(error) if error.is_transient() => {
                Other(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            Self::Store(_) | Self::Randomness(_) | Self::NotAllowedToAsk(_) => {
                Other(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
            }
        }
    }

    /// How the token should have come, where that is what was wrong.
    const fn scheme(&self, presented: ChallengeScheme) -> ChallengeScheme {
        match self {
            Self::BoundToKey | Self::BearerRefused | Self::AnotherKey | Self::Proof(..) => {
                ChallengeScheme::Dpop
            }
            Self::BoundToNoKey | Self::Missing => ChallengeScheme::Bearer,
            _ => presented,
        }
    }

    /// Whether the answer names the scope that would be needed.
    const fn names_scope(&self) -> bool {
        matches!(
            self,
            Self::Missing | Self::InsufficientScope(_) | Self::NoPerson
        )
    }
}

/// An [`AccessError`] with what its answer says of the resource.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Refusal {
    /// The reason.
    #[source]
    pub(super) error: AccessError,
    /// The protection realm.
    pub(super) realm: String,
    /// Where the resource describes itself (RFC 9728 §5.1).
    pub(super) resource_metadata: String,
    /// The scope that the resource asks for.
    pub(super) scope: &'static str,
    /// How the token was presented.
    pub(super) presented: ChallengeScheme,
    /// Whether tokens that are bound to a key are all that is accepted.
    pub(super) bound: bool,
    /// How proofs may be signed (RFC 9449 §7.1).
    pub(super) algs: String,
}

impl Refusal {
    fn challenge(&self, scheme: ChallengeScheme, error: Option<ErrorCode>) -> Challenge {
        Challenge {
            scheme,
            realm: self.realm.clone(),
            error,
            error_description: error.map(|_| self.error.to_string()),
            scope: self.error.names_scope().then(|| self.scope.to_owned()),
            acr_values: match &self.error {
                AccessError::Authentication(demanded) if !demanded.acr_values.is_empty() => {
                    Some(demanded.acr_values.join(" "))
                }
                _ => None,
            },
            max_age: match &self.error {
                AccessError::Authentication(demanded) => {
                    demanded.max_age.map(shared::time::Lifetime::as_seconds)
                }
                _ => None,
            },
            algs: (scheme == ChallengeScheme::Dpop).then(|| self.algs.clone()),
            resource_metadata: Some(self.resource_metadata.clone()),
        }
    }

    /// The challenges of an answer: where no token came, one for each way of presenting one. Where bound tokens are
    /// demanded there is one way.
    fn challenges(&self, error: Option<ErrorCode>) -> Vec<String> {
        let schemes = match error {
            _ if self.bound => vec![ChallengeScheme::Dpop],
            None => vec![ChallengeScheme::Bearer, ChallengeScheme::Dpop],
            Some(_) => vec![self.error.scheme(self.presented)],
        };
        let challenge = |scheme| self.challenge(scheme, error).to_string();
        schemes.into_iter().map(challenge).collect()
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self.error.consequence() {
            Consequence::Challenge(None) => StatusCode::UNAUTHORIZED,
            // RFC 9449 §7.1: 401, although these codes are 400 at a token endpoint.
            Consequence::Challenge(Some(ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce)) => {
                StatusCode::UNAUTHORIZED
            }
            Consequence::Challenge(Some(code)) => {
                StatusCode::from_u16(code.status()).unwrap_or(StatusCode::UNAUTHORIZED)
            }
            Consequence::Other(status, _) => status,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        let code = match self.error.consequence() {
            Consequence::Challenge(code) => {
                for challenge in self.challenges(code) {
                    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                        answer.append_header((header::WWW_AUTHENTICATE, challenge));
                    }
                }
                code.map(ErrorCode::as_str)
            }
            Consequence::Other(_, code) => Some(code),
        };
        match &self.error {
            AccessError::AuthServerAway(reason) => {
                tracing::warn!(reason, "a token could not be judged");
                answer.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            AccessError::Store(error) if error.is_transient() => {
                tracing::warn!(%error, "the store is away");
                answer.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            AccessError::Store(error) => tracing::error!(%error, "the store failed"),
            AccessError::Randomness(error) => tracing::error!(%error, "no secret could be made"),
            AccessError::Proof(_, Some(nonce)) => {
                answer.insert_header((NONCE_HEADER, nonce.as_str()));
            }
            AccessError::NotAllowedToAsk(reason) => {
                tracing::error!(reason, "the auth server refuses this resource server");
            }
            _ => {}
        }
        match code {
            // RFC 6750 §3.1: no error code where no token came, in the body as in the challenge.
            None => answer.json(json!({ "error_description": self.error.to_string() })),
            Some(code) => {
                answer.json(json!({ "error": code, "error_description": self.error.to_string() }))
            }
        }
    }
}
