//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. The
//! browser navigates to `Observe::front` routes; servers and scripts call `Observe::back` routes.

use std::future::ready;
use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, Resource};
use shared::observe::{Observation, Observe, Observer};

use crate::endpoint::{answer, token};

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
fn back_channel(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let back = || Observe::back(Arc::clone(observer));
    routes.service(
        only(
            "POST",
            web::resource("/token").route(web::post().to(token::post)),
        )
        .wrap(back()),
    );
}

/// The resource, which answers every other method by 405 and names those it has.
fn only(allowed: &'static str, resource: Resource) -> Resource {
    resource.default_service(web::to(
        move |request: HttpRequest, observation: Observation| {
            ready(answer::method_not_allowed(&request, &observation, allowed))
        },
    ))
}

/// What the browser navigates to.
const fn front_channel(_routes: &mut ServiceConfig, _observer: &Arc<Observer>) {
    // .service(web::resource("/authorize").wrap(Observe::front(observer.clone())).route(web::get().to(endpoint::authorize::get)))
}
