//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. Routes of the
//! protocol are observed; the front page and its specimens are read by people and part of no flow. Whatever answers `GET`
//! answers `HEAD`: nothing here changes by being read.

use std::sync::Arc;

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig, delete, post};
use shared::oauth::well_known::OAUTH_PROTECTED_RESOURCE;
use shared::observe::{Observe, Observer};
use shared::page;
use shared::serve::read;

use crate::endpoint::error::{no_such_path, only};
use crate::endpoint::{front, me, metadata, photos, stats};

/// Mounts all routes.
pub(crate) fn mount(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    routes.configure(page::asset_routes);
    // What holds no pattern is tried first.
    realm(routes, observer);
    // RFC 9728 §3.1: the well-known part stands before the realm.
    for path in ["", "/r/{realm}"] {
        let path = format!("{OAUTH_PROTECTED_RESOURCE}{path}");
        let observe = Observe::back(observer, &path, "GET");
        let resource = web::resource(path).route(read().to(metadata::get));
        routes.service(resource.default_service(only("GET, HEAD")).wrap(observe));
    }
    routes.service(web::scope("/r/{realm}").configure(|routes| realm(routes, observer)));
    routes.default_service(web::to(no_such_path));
}

/// The routes of one realm.
fn realm(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let observe = |path: &str, methods: &str| Observe::back(observer, path, methods);
    routes
        .configure(page::routes)
        .service(only_read("/").route(read().to(front::get)))
        .service(
            only_read("/stats")
                .route(read().to(stats::get))
                .wrap(observe("/stats", "GET")),
        )
        .service(only_read("/themes/{theme}.svg").route(read().to(front::specimen)))
        .service(
            only_read("/me")
                .route(read().to(me::get))
                .wrap(observe("/me", "GET")),
        )
        .service(
            only_read("/me/picture.svg")
                .route(read().to(me::portrait))
                .wrap(observe("/me/picture.svg", "GET")),
        )
        .service(
            web::resource("/photos")
                .route(read().to(photos::list))
                .route(post().to(photos::add))
                .default_service(only("GET, HEAD, POST"))
                .wrap(observe("/photos", "GET, POST")),
        )
        .service(
            web::resource("/photos/{id}")
                .route(read().to(photos::get))
                .route(delete().to(photos::delete))
                .default_service(only("GET, HEAD, DELETE"))
                .wrap(observe("/photos/{id}", "GET, DELETE")),
        )
        .service(
            only_read("/photos/{id}/picture.svg")
                .route(read().to(photos::draw))
                .wrap(observe("/photos/{id}/picture.svg", "GET")),
        );
}

/// A path that is only read.
fn only_read(path: &str) -> Resource {
    web::resource(path).default_service(only("GET, HEAD"))
}
