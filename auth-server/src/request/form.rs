//! The forms of our own pages: read whole, within limits, with fields that may repeat (tick boxes).
//!
//! Authorization requests are read more strictly, by [`shared::oauth::Params`].

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use shared::flow::catalog as check;
use shared::observe::Observation;
use shared::serve::read_body;

use crate::authorization::PageError;
use crate::config::LimitsConfig;

/// The fields of a submitted form, in order.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form that `request` carries.
    ///
    /// # Errors
    /// [`PageError::BadRequest`] when it is no form, [`PageError::TooLarge`].
    pub(crate) async fn read(
        request: &HttpRequest,
        payload: web::Payload,
        limits: &LimitsConfig,
        observation: &Observation,
    ) -> Result<Self, PageError> {
        let body = form_body(request, payload, limits, observation).await?;
        let fields = url::form_urlencoded::parse(&body);
        let fields = fields.map(|(name, value)| (name.into_owned(), readable(&value)));
        Ok(Self(fields.collect()))
    }

    /// The first value of `name`; `None` where it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// All values of `name`, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What was entered, with U+FFFD in the place of each NUL, as browsers do and as stands there for what is not UTF-8: a
/// text of PostgreSQL cannot hold one.
fn readable(value: &str) -> String {
    value.replace('\0', "\u{FFFD}")
}

/// The body of a form-encoded request, as bytes.
///
/// # Errors
/// [`PageError::BadRequest`] when it is not form-encoded or breaks off, [`PageError::TooLarge`].
pub(crate) async fn form_body(
    request: &HttpRequest,
    payload: web::Payload,
    limits: &LimitsConfig,
    observation: &Observation,
) -> Result<Bytes, PageError> {
    observation.plan(&[&check::REQUEST_CONTENT_TYPE, &check::REQUEST_SIZE]);
    let expected = "application/x-www-form-urlencoded";
    let header = request.headers().get(CONTENT_TYPE);
    let got = header.map_or("none", |value| value.to_str().unwrap_or("not ASCII"));
    let essence = got.split(';').next().unwrap_or_default().trim();
    observation
        .require(
            &check::REQUEST_CONTENT_TYPE,
            essence.eq_ignore_ascii_case(expected),
            expected,
            got,
        )
        .or(PageError::BadRequest)?;
    let time = std::time::Duration::from_secs(limits.body_time.as_seconds().into());
    let body = read_body(payload, limits.body_bytes, time).await;
    let got = match &body {
        Ok(body) => format!("{} bytes", body.len()),
        Err(error) => error.to_string(),
    };
    let refusal = match &body {
        Err(shared::serve::BodyError::TooLarge { .. }) => PageError::TooLarge,
        _ => PageError::BadRequest,
    };
    let expected = format_args!("at most {} bytes, whole", limits.body_bytes);
    observation
        .require_some(&check::REQUEST_SIZE, body.ok(), expected, got)
        .ok_or(refusal)
}
