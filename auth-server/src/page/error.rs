//! The error page: what is wrong, which check failed, why there was no redirect, what to do next.

use askama::Template;
use shared::flow::Check;
use shared::page::{Frame, key_of};

use crate::authorization::PageError;

/// The check that decided, as people read it.
#[derive(Clone, Debug)]
pub(crate) struct FailedCheck {
    /// Its id.
    pub(crate) id: String,
    /// What it verifies, in words.
    pub(crate) sentence: Option<String>,
    /// What would have passed.
    pub(crate) expected: String,
    /// What came.
    pub(crate) got: String,
    /// Where the rule stands.
    pub(crate) reference: String,
}

/// `error.html`.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    frame: Frame,
    status: u16,
    title: String,
    text: String,
    next: String,
    check: Option<FailedCheck>,
    no_redirect: bool,
    /// Whether the request is in the record: what has no route is not, and where nothing is recorded nothing is.
    observed: bool,
    exchange: String,
}

impl ErrorPage {
    /// The page for `error`, decided by `check`, in the answer to `exchange`, which may be recorded.
    pub(crate) fn new(
        frame: Frame,
        error: PageError,
        check: Option<Check>,
        (exchange, recorded): (String, bool),
    ) -> Self {
        let word = |part: &str| frame.t(format!("error-page-{}-{part}", error.kind()));
        let check = check.map(|check| FailedCheck {
            sentence: frame.find(key_of("check", &check.id)),
            id: check.id,
            expected: check.expected,
            got: check.got,
            reference: check.reference,
        });
        Self {
            status: error.status(),
            title: word("title"),
            text: word("text"),
            next: word("next"),
            check,
            no_redirect: error.is_instead_of_redirect(),
            observed: recorded && error != PageError::NotFound,
            exchange,
            frame,
        }
    }
}
