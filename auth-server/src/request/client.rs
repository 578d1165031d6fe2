//! What a client posts to a back-channel endpoint (RFC 6749 §3.2, RFC 7009 §2.1, RFC 7662 §2.1): a form body,
//! and perhaps an `Authorization` header.
//!
//! The body is bounded in size and time, is read strictly, and every fault is answered as the protocol
//! answers: never in plain text.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::web::Payload;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{Params, ParamsError};
use shared::observe::Observation;
use shared::serve::{BodyError, caller_network, read_body};

use crate::config::LimitsConfig;

/// The checks of any form request, in order.
const CHECKS: &[&CheckDef] = &[
    &catalog::CLIENT_SECRET_NOT_IN_QUERY,
    &catalog::REQUEST_CONTENT_TYPE,
    &catalog::REQUEST_SIZE,
    &catalog::REQUEST_ENCODING,
    &catalog::REQUEST_NO_REPEATS,
];

/// The one content type.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A form request, read but not yet believed.
#[derive(Debug)]
pub(crate) struct ClientRequest {
    /// The parameters of the body.
    pub(crate) params: Params,
    /// The `Authorization` headers: there should be one at most (RFC 9110 §5.3).
    pub(crate) authorization: Vec<String>,
    /// Where it came from.
    pub(crate) address: IpAddr,
    /// The path of the endpoint that was called, without the realm's: `/token`.
    pub(crate) path: String,
}

/// Why a form request cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// RFC 6749 §2.3.1.
    #[error("client_secret must not stand in the URL")]
    SecretInQuery,
    /// RFC 6749 §3.2.
    #[error("the body must be application/x-www-form-urlencoded")]
    ContentType,
    /// RFC 9110 §15.5.14.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// RFC 9110 §15.5.9.
    #[error("the body did not arrive in time")]
    TimedOut,
    /// RFC 9110 §15.5.1.
    #[error("the body could not be read")]
    Broken,
    /// RFC 6749 §3.1.
    #[error("{0}")]
    Params(#[from] ParamsError),
}

impl RequestError {
    /// The HTTP status, where it is not that of `invalid_request`.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::TooLarge(_) => 413,
            Self::TimedOut => 408,
            Self::SecretInQuery | Self::ContentType | Self::Broken | Self::Params(_) => 400,
        }
    }

    /// Whether the rest of the body is still on its way, so that the connection must be closed.
    pub(crate) const fn leaves_body(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::TimedOut | Self::Broken)
    }
}

impl ClientRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`].
    pub(crate) async fn read(
        request: &HttpRequest,
        body: Payload,
        limits: &LimitsConfig,
        observation: &Observation,
    ) -> Result<Self, RequestError> {
        observation.plan(CHECKS);
        head(request, observation)?;
        let params = form(body, limits, observation).await?;
        let path = request.path();
        let realm = request.match_info().get("realm");
        let below = |name| path.strip_prefix("/r/")?.strip_prefix(name);
        Ok(Self {
            path: realm.and_then(below).unwrap_or(path).to_owned(),
            params,
            authorization: authorization(request),
            address: caller_network(request).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        })
    }
}

/// The `Authorization` headers as they came.
fn authorization(request: &HttpRequest) -> Vec<String> {
    let all = request.headers().get_all(AUTHORIZATION);
    all.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

fn header<'r>(
    request: &'r HttpRequest,
    name: &actix_web::http::header::HeaderName,
) -> Option<Cow<'r, str>> {
    let value = request.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()))
}

fn head(request: &HttpRequest, observation: &Observation) -> Result<(), RequestError> {
    let in_query = url::form_urlencoded::parse(request.query_string().as_bytes())
        .any(|(name, _)| name == "client_secret");
    observation
        .require(
            &catalog::CLIENT_SECRET_NOT_IN_QUERY,
            !in_query,
            "no client_secret in the URL",
            if in_query { "one in the URL" } else { "none" },
        )
        .or(RequestError::SecretInQuery)?;
    let content_type = header(request, &CONTENT_TYPE);
    // Nothing is of no type: what is missing is told, not how it should have been written.
    let nothing = content_type.is_none() && has_no_body(request);
    let content_type = content_type.unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    observation
        .require(
            &catalog::REQUEST_CONTENT_TYPE,
            nothing || essence.eq_ignore_ascii_case(FORM),
            FORM,
            if nothing { "no body" } else { essence },
        )
        .or(RequestError::ContentType)
}

/// Whether a request announces no body (RFC 9112 §6.3).
fn has_no_body(request: &HttpRequest) -> bool {
    let length = header(request, &CONTENT_LENGTH);
    !request.headers().contains_key(TRANSFER_ENCODING)
        && length.is_none_or(|length| length.trim() == "0")
}

/// The parameters of a form body, within limits and strictly read.
///
/// # Errors
/// [`RequestError`].
pub(crate) async fn form(
    body: Payload,
    limits: &LimitsConfig,
    observation: &Observation,
) -> Result<Params, RequestError> {
    let time = Duration::from_secs(u64::from(limits.body_time.as_seconds()));
    let body = match read_body(body, limits.body_bytes, time).await {
        Ok(body) => body,
        Err(error) => {
            let refusal = match error {
                BodyError::TooLarge { limit } => RequestError::TooLarge(limit),
                BodyError::TimedOut(_) => RequestError::TimedOut,
                BodyError::Broken(_) => RequestError::Broken,
            };
            let expected = format_args!("{} bytes at most, in {time:?}", limits.body_bytes);
            observation
                .require(&catalog::REQUEST_SIZE, false, expected, &refusal)
                .or(refusal)?;
            return Err(RequestError::Broken);
        }
    };
    let _ = observation.require(
        &catalog::REQUEST_SIZE,
        true,
        format_args!("{} bytes at most", limits.body_bytes),
        format_args!("{} bytes", body.len()),
    );
    let params = Params::parse(&body);
    let encoding_fault = match &params {
        Err(error @ (ParamsError::NotUtf8 | ParamsError::NotEncoded | ParamsError::Nul)) => {
            Some(error.clone())
        }
        _ => None,
    };
    observation
        .require(
            &catalog::REQUEST_ENCODING,
            encoding_fault.is_none(),
            "form-encoded UTF-8",
            Fault(encoding_fault.as_ref(), "form-encoded UTF-8"),
        )
        .or_else(|| RequestError::Params(encoding_fault.unwrap_or(ParamsError::NotEncoded)))?;
    let _ = observation.require(
        &catalog::REQUEST_NO_REPEATS,
        params.is_ok(),
        "each parameter once",
        Fault(params.as_ref().err(), "each once"),
    );
    Ok(params?)
}

/// What is wrong, or else what is said where nothing is.
struct Fault<'f>(Option<&'f ParamsError>, &'static str);

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(fault) => fault.fmt(f),
            None => f.write_str(self.1),
        }
    }
}
