//! What the API answers when something other than the token is wrong: JSON with `error` and `error_description`.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, ResponseError, Route, web};
use serde_json::json;
use shared::serve::BodyError;
use shared::store::StoreError;

use crate::access::AccessError;
use crate::store::photos::AddError;

/// Why a request cannot be answered as it wants.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// There is nothing here, or nothing that this person may know of.
    #[error("there is no {0} here")]
    NotFound(&'static str),
    /// The path has other methods.
    #[error("allowed methods: {0}")]
    MethodNotAllowed(&'static str),
    /// The body is not JSON by its content type.
    #[error("send application/json")]
    MediaType,
    /// The body was not read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The body is not JSON.
    #[error("the body is no JSON object: {0}")]
    Json(String),
    /// The photo is not one that can be kept: what is wrong, by member.
    #[error("the photo cannot be kept")]
    InvalidPhoto(BTreeMap<&'static str, String>),
    /// The person keeps as many photos as they may.
    #[error("{0}")]
    Full(AddError),
    /// The auth server could not tell whether the realm exists.
    #[error("the auth server is away")]
    AuthServerAway,
    /// The store failed.
    #[error("{}", if .0.is_transient() { "the store is not available; try again in a few seconds" } else { "the server failed" })]
    Store(#[from] StoreError),
    /// The system gives no randomness.
    #[error("the server failed")]
    Randomness(#[from] shared::oauth::NoRandomness),
}

impl From<AddError> for ApiError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Full => Self::Full(error),
            AddError::Store(error) => Self::Store(error),
        }
    }
}

/// For answers that need no token: only the realm can be wrong there.
impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::UnknownRealm => Self::NotFound("realm"),
            _ => Self::AuthServerAway,
        }
    }
}

impl ApiError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::MediaType => "unsupported_media_type",
            Self::Body(BodyError::TooLarge { .. }) => "too_large",
            Self::Body(BodyError::TimedOut(_)) => "too_slow",
            Self::Body(BodyError::Broken(_)) | Self::Json(_) => "invalid_json",
            Self::InvalidPhoto(_) => "invalid_photo",
            Self::Full(_) => "too_many_photos",
            Self::AuthServerAway => "temporarily_unavailable",
            Self::Store(error) if error.is_transient() => "temporarily_unavailable",
            Self::Store(_) | Self::Randomness(_) => "server_error",
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body(error) => error.status(),
            Self::Json(_) => StatusCode::BAD_REQUEST,
            Self::InvalidPhoto(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Full(_) => StatusCode::CONFLICT,
            Self::AuthServerAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Randomness(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        let body = match self {
            Self::InvalidPhoto(fields) => json!({
                "error": self.code(), "error_description": self.to_string(), "fields": fields,
            }),
            _ => json!({ "error": self.code(), "error_description": self.to_string() }),
        };
        match self {
            Self::MethodNotAllowed(methods) => {
                answer.insert_header((header::ALLOW, *methods));
            }
            Self::Store(error) if error.is_transient() => {
                tracing::warn!(%error, "the store is away");
            }
            Self::Store(error) => tracing::error!(%error, "the store failed"),
            Self::Randomness(error) => tracing::error!(%error, "no id could be made"),
            // The rest of the body was not read: the connection cannot be used again.
            Self::Body(_) => {
                answer.force_close();
            }
            _ => {}
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((header::RETRY_AFTER, "2"));
        }
        answer.json(body)
    }
}

/// What a path answers to methods that it does not have; `methods` are those that it has.
pub(crate) fn only(methods: &'static str) -> Route {
    web::to(move || std::future::ready(Err::<HttpResponse, _>(ApiError::MethodNotAllowed(methods))))
}

/// What every other path answers.
pub(crate) async fn no_such_path() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound("resource"))
}
