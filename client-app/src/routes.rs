//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`.
//! A route that is part of a flow is wrapped in `Observe::front` (the browser navigates to it) or
//! `Observe::back` (servers and scripts call it); the record's own routes are not observed.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use shared::observe::Observer;

/// Mounts all routes.
pub(crate) fn mount(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    routes.service(web::scope("/r/{realm}").configure(|routes| realm(routes, observer)));
    realm(routes, observer);
}

/// The routes of one realm.
fn realm(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    record(routes);
    grants(routes, observer);
}

/// The record: its pages, its API and its streams. Never observed: watching is no part of a flow.
const fn record(_routes: &mut ServiceConfig) {}

/// The start page and the grants.
const fn grants(_routes: &mut ServiceConfig, _observer: &Arc<Observer>) {
    // .service(web::resource("/callback").wrap(Observe::front(observer.clone())).route(web::get().to(endpoint::callback::get)))
}
