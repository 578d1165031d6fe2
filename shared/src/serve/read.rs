//! Routes that are only read: they answer `HEAD` as they answer `GET`, without the body (RFC 9110 §9.3.2).
//!
//! For what is safe to read again and again (§9.2.1). Where a `GET` does something that counts, as at the authorization
//! endpoint or at a callback, a `HEAD` could not be answered as the `GET` would be without doing it, too: such a route
//! is mounted by `web::get()`, and answers `HEAD` by 405. May use actix-web.

use actix_web::http::Method;
use actix_web::{Route, guard, web};

/// A route of `GET` and `HEAD`. The server leaves the body of an answer to `HEAD` out, and keeps its length.
#[must_use]
pub fn read() -> Route {
    let reads = |context: &guard::GuardContext<'_>| {
        matches!(context.head().method, Method::GET | Method::HEAD)
    };
    web::route().guard(guard::fn_guard(reads))
}
