//! The page that posts an authorization response to the client (OAuth 2.0 Form Post Response Mode §2): no route of
//! its own, `/authorize`, `/login` and `/consent` answer with it.
//!
//! A small script submits the form; without scripts there is a button. The page is never kept.
//!
//! It alone lets the browser tell its origin (`Referrer-Policy: origin`, never the address): under `no-referrer` the
//! form would be sent with `Origin: null`, and clients that take answers from their provider's origin alone would
//! refuse it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use shared::flow::ValuePlace;
use shared::observe::kind_of;
use shared::page;

use super::login::lead_to_client;
use crate::page::FormPost;
use crate::request::visit::Visit;

/// The page that posts `parameters` to `action`, which lies in `origin`.
pub(crate) fn page(
    visit: &Visit,
    (action, origin): (String, String),
    parameters: Vec<(String, String)>,
) -> HttpResponse {
    for (name, value) in &parameters {
        if let Some(kind) = kind_of(name) {
            let place = ValuePlace::ResponseBody;
            visit.observation.carries(kind, value, place);
        }
    }
    visit.observation.note("posts_to", &action);
    let page = FormPost {
        // The answer is given once: the language switch leads to a page that can be shown again.
        frame: visit.frame().clone().with_return_to(visit.link("/")),
        failed: parameters.iter().any(|(name, _)| name == "error"),
        action,
        destination: origin,
        parameters,
    };
    let mut response = page::html(&page, StatusCode::OK);
    lead_to_client(&mut response);
    let policy = HeaderValue::from_static("origin");
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, policy);
    response
}
