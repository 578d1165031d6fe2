//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. The
//! browser navigates to `Observe::front` routes; servers and scripts call `Observe::back` routes.

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
    back_channel(routes, observer);
    front_channel(routes, observer);
}

/// What servers and scripts call.
const fn back_channel(_routes: &mut ServiceConfig, _observer: &Arc<Observer>) {}

/// What the browser navigates to.
const fn front_channel(_routes: &mut ServiceConfig, _observer: &Arc<Observer>) {
    // .service(web::resource("/authorize").wrap(Observe::front(observer.clone())).route(web::get().to(endpoint::authorize::get)))
}
