//! Routes that are only read: they answer `HEAD` as they answer `GET`, without the body (RFC 9110 §9.3.2).
//!
//! For what is safe to read again and again (§9.2.1). Where a `GET` does something that counts, as at the authorization
//! endpoint or at a callback, a `HEAD` could not be answered as the `GET` would be without doing it, too: such a route
//! is mounted by `web::get()`, and answers `HEAD` by 405. A path that has no such method says which it has ([`only`]).
//! May use actix-web.

use actix_web::http::{Method, header};
use actix_web::{HttpResponse, Resource, Route, guard, web};

/// A route of `GET` and `HEAD`. The server leaves the body of an answer to `HEAD` out, and keeps its length.
#[must_use]
pub fn read() -> Route {
    let reads = |context: &guard::GuardContext<'_>| {
        matches!(context.head().method, Method::GET | Method::HEAD)
    };
    web::route().guard(guard::fn_guard(reads))
}

/// What a path answers to methods that it does not have: 405, and in `Allow` those that it has (RFC 9110 §15.5.6). For
/// `Resource::default_service`.
#[must_use]
pub fn only(methods: &'static str) -> Route {
    web::route().to(move || {
        let mut answer = HttpResponse::MethodNotAllowed();
        answer.insert_header((header::ALLOW, methods));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        std::future::ready(answer.finish())
    })
}

/// A path with one route, which [`read`] began.
#[must_use]
pub fn only_read(path: &str, route: Route) -> Resource {
    Resource::new(path)
        .route(route)
        .default_service(only("GET, HEAD"))
}
