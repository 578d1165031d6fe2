//! Every path that is none, and every method that a path does not have: a page that says so, and where to go on.
//!
//! May use actix-web. What mounts a path by [`at`] or one of its kin answers 405 to all other methods, with those that it
//! has in `Allow` (RFC 9110 §15.5.6).

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};

use super::flows::problem;
use super::visit::Visit;
use crate::flow::{Refusal, RefusalKind};

/// There is no such page.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let refusal = Refusal::by_client(RefusalKind::PageUnknown);
    visit.refuse(&refusal, None).await
}

/// A path that has these methods: its routes are still to be added.
pub(crate) fn at(path: &str, methods: &'static str) -> Resource {
    let other = move |visit: Visit, request: HttpRequest| other_method(visit, request, methods);
    Resource::new(path).default_service(web::route().to(other))
}

/// A path that is only read, by a route of `GET` and `HEAD`.
pub(crate) fn only_read(path: &str, route: Route) -> Resource {
    at(path, "GET, HEAD").route(route)
}

/// A path that has `GET` alone.
pub(crate) fn only_get(path: &str, route: Route) -> Resource {
    at(path, "GET").route(route)
}

/// A path that has `POST` alone.
pub(crate) fn only_post(path: &str, route: Route) -> Resource {
    at(path, "POST").route(route)
}

/// To people a page, to programs a line.
async fn other_method(visit: Visit, request: HttpRequest, methods: &'static str) -> HttpResponse {
    let accept = request.headers().get(header::ACCEPT);
    let is_person =
        accept.is_some_and(|accept| accept.to_str().unwrap_or_default().contains("html"));
    let mut answer = if is_person {
        let refusal = Refusal::by_client(RefusalKind::MethodUnknown);
        visit.refuse(&refusal, None).await
    } else {
        let what = "this path does not have that method; Allow says which it has";
        problem(HttpResponse::MethodNotAllowed(), "invalid_request", what)
    };
    let allow = HeaderValue::from_static(methods);
    answer.headers_mut().insert(header::ALLOW, allow);
    answer
}
