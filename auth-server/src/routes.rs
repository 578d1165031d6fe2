//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. The
//! browser navigates to `Observe::front` routes; servers and scripts call `Observe::back` routes.

use std::future::ready;
use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, ServiceConfig, get, post};
use actix_web::{HttpRequest, Resource, Route};
use shared::observe::{Observation, Observe, Observer};
use shared::page;

use crate::endpoint::{answer, apps, authorize, consent, error, home, login, logout, token};

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
fn front_channel(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let front = |path, get: Route, post: Route| pages(path, [get, post], observer);
    routes
        .configure(page::routes)
        .service(front(
            "/authorize",
            get().to(authorize::get),
            post().to(authorize::post),
        ))
        .service(front(
            "/login",
            get().to(login::get),
            post().to(login::post),
        ))
        .service(front(
            "/consent",
            get().to(consent::get),
            post().to(consent::post),
        ))
        .service(front(
            "/logout",
            get().to(logout::get),
            post().to(logout::post),
        ))
        .service(front("/apps", get().to(apps::get), post().to(apps::post)))
        .service(front_page("/"))
        .service(front_page(""));
}

/// Pages at `path`, observed: one to show and one to take what was entered.
fn pages(
    path: &str,
    routes: [Route; 2],
    observer: &Arc<Observer>,
) -> impl HttpServiceFactory + 'static {
    let [get, post] = routes;
    web::resource(path)
        .route(get)
        .route(post)
        .default_service(error::method_not_allowed("GET, POST"))
        .wrap(Observe::front(Arc::clone(observer)))
}

/// The front page: no part of any flow, so it is not observed.
fn front_page(path: &str) -> Resource {
    web::resource(path)
        .route(web::get().to(home::get))
        .default_service(error::method_not_allowed("GET"))
}
