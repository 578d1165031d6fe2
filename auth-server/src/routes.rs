//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. The
//! browser navigates to `Observe::front` routes; servers and scripts call `Observe::back` routes.

use std::sync::Arc;

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig};
use shared::observe::{Observe, Observer};
use shared::page;

use crate::endpoint::{apps, authorize, consent, error, home, login, logout};

/// Mounts all routes.
pub(crate) fn mount(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    routes.service(web::scope("/r/{realm}").configure(|routes| realm(routes, observer)));
    realm(routes, observer);
    routes.default_service(web::route().to(error::not_found));
}

/// The routes of one realm.
fn realm(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    back_channel(routes, observer);
    front_channel(routes, observer);
}

/// What servers and scripts call.
const fn back_channel(_routes: &mut ServiceConfig, _observer: &Arc<Observer>) {}

/// What the browser navigates to.
fn front_channel(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let at = |path: &str| web::resource(path).wrap(Observe::front(Arc::clone(observer)));
    let (get, post) = (web::get, web::post);
    routes
        .configure(page::routes)
        .service(
            at("/authorize")
                .route(get().to(authorize::get))
                .route(post().to(authorize::post))
                .default_service(error::method_not_allowed("GET, POST")),
        )
        .service(
            at("/login")
                .route(get().to(login::get))
                .route(post().to(login::post))
                .default_service(error::method_not_allowed("GET, POST")),
        )
        .service(
            at("/consent")
                .route(get().to(consent::get))
                .route(post().to(consent::post))
                .default_service(error::method_not_allowed("GET, POST")),
        )
        .service(
            at("/logout")
                .route(get().to(logout::get))
                .route(post().to(logout::post))
                .default_service(error::method_not_allowed("GET, POST")),
        )
        .service(
            at("/apps")
                .route(get().to(apps::get))
                .route(post().to(apps::post))
                .default_service(error::method_not_allowed("GET, POST")),
        )
        .service(front_page("/"))
        .service(front_page(""));
}

/// The front page: no part of any flow, so it is not observed.
fn front_page(path: &str) -> Resource {
    web::resource(path)
        .route(web::get().to(home::get))
        .default_service(error::method_not_allowed("GET"))
}
