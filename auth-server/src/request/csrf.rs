//! The token in every form (RFC 9700 §4.7): a form is ours when it says what only our page could tell this
//! browser, and when the browser does not say that another site sent it.

use actix_web::HttpRequest;
use shared::flow::catalog as check;
use shared::observe::Observation;
use shared::serve::{CsrfError, CsrfForm};

use crate::authorization::PageError;

/// The name of the cookie that tells browsers apart; it means nothing else.
pub(crate) const BROWSER_COOKIE: &str = "as_browser";

/// Checks a submitted form.
///
/// # Errors
/// [`PageError::Csrf`].
pub(crate) fn verify(
    form: &CsrfForm<'_>,
    request: &HttpRequest,
    submitted: Option<&str>,
    observation: &Observation,
) -> Result<(), PageError> {
    observation.plan(&[&check::CSRF_ORIGIN, &check::CSRF_TOKEN]);
    let verdict = form.verify(request, submitted);
    let expected = "a page of this server";
    let got = match verdict {
        Err(CsrfError::CrossSite) => "a page of another site",
        _ => expected,
    };
    observation
        .require(&check::CSRF_ORIGIN, got == expected, expected, got)
        .or(PageError::Csrf)?;
    let expected = "the token of this form, in this browser";
    let got = match verdict {
        Ok(()) => expected,
        Err(CsrfError::Missing) => "none",
        Err(_) => "another",
    };
    observation
        .require(&check::CSRF_TOKEN, verdict.is_ok(), expected, got)
        .or(PageError::Csrf)
}
