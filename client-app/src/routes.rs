//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`.
//! A route that is part of a flow is wrapped in `Observe::front` (the browser navigates to it) or
//! `Observe::back` (servers and scripts call it); the record's own routes are not observed.
//!
//! What is only read answers `HEAD`, too ([`read`]). Where a `GET` takes an answer, polls, forgets a session or never ends
//! (callbacks, a run, front-channel logout, streams) it does not.

use std::sync::Arc;

use actix_web::Route;
use actix_web::web::{self, ServiceConfig};
use shared::observe::{Observe, Observer};
use shared::page;
use shared::serve::read;

use crate::breaking::endpoint as breaking;
use crate::clock;
use crate::compare;
use crate::control;
use crate::diagram;
use crate::doctor;
use crate::endpoint::{
    self, callback, flow_link, flows, grant, home, jwks, lab, not_found, run, run_step, tv,
};
use crate::export;
use crate::lesson;
use crate::lifetime;
use crate::logout;
use crate::opened;
use crate::predict;
use crate::provider::endpoint as provider;
use crate::score::endpoint as score;
use crate::sign_in::endpoint as sign_in;
use crate::viewer;

/// Mounts all routes.
pub(crate) fn mount(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    routes.route(
        "/record/exchanges",
        web::post().to(endpoint::record::exchanges),
    );
    routes.route(
        shared::control::follow::PATH,
        web::post().to(control::orders),
    );
    routes.service(web::scope("/r/{realm}").configure(|routes| realm(routes, observer)));
    realm(routes, observer);
    routes.default_service(web::to(not_found::show));
}

/// The routes of one realm.
fn realm(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    page::routes(routes);
    record(routes);
    control::routes(routes);
    clock::routes(routes);
    lifetime::routes(routes);
    predict::routes(routes);
    provider(routes, observer);
    grants(routes, observer);
    lessons(routes);
}

/// What teaches and what helps; no part of any flow.
fn lessons(routes: &mut ServiceConfig) {
    routes
        .route("/doctor", read().to(doctor::show))
        .route("/api/doctor", read().to(doctor::report))
        .route("/clients", read().to(score::index))
        .route("/clients/{id}", read().to(score::show))
        .route("/api/clients", read().to(score::list))
        .route("/api/clients/{id}/score", read().to(score::score))
        .route("/lessons", read().to(lesson::index))
        .route("/lessons/{name}", read().to(lesson::show));
}

/// The record: its pages, its API and its streams. Never observed: watching is no part of a flow.
fn record(routes: &mut ServiceConfig) {
    routes
        .app_data(web::QueryConfig::default().error_handler(flows::unreadable_query))
        .route("/flows", read().to(viewer::list))
        .route("/flows/{id}", read().to(viewer::show))
        .route("/flows/{id}/export", read().to(export::show))
        .route("/flows/{id}/flow.{format}", read().to(export::download))
        .route("/compare", read().to(compare::page::ticked))
        .route("/flows/{id}/compare", read().to(compare::page::show))
        .route("/flows/{id}/knowledge", read().to(viewer::knowledge_page))
        .route(
            "/flows/{id}/knowledge/table",
            read().to(viewer::knowledge_table),
        )
        .route("/flows/{id}/row", read().to(viewer::row))
        .route("/flows/{id}/summary", read().to(viewer::summary))
        .route("/flows/{id}/diagram", read().to(diagram::diagram))
        .route("/flows/{id}/card", read().to(diagram::card))
        .route("/flows/{id}/pieces", read().to(diagram::pieces))
        .route("/flows/{id}/present", read().to(diagram::present))
        .route("/exchanges/{exchange}/diagram", read().to(diagram::beside))
        .route(
            "/flows/{id}/exchanges/{exchange}",
            read().to(viewer::fragment),
        )
        .route(
            "/flows/{id}/exchanges/{exchange}/open",
            read().to(opened::show),
        )
        .route("/flows/{id}/break", read().to(breaking::show))
        .route("/flows/{id}/break", web::post().to(breaking::submit))
        .route("/api/flows/{id}/break", read().to(breaking::offers))
        .route("/api/flows/{id}/break", web::post().to(breaking::call))
        .route("/api/flows", read().to(endpoint::flows::list))
        .route("/api/flows", web::delete().to(endpoint::flows::clear))
        .route("/api/flows/{id}", read().to(endpoint::flows::one))
        .route(
            "/api/flows/{id}/compare",
            read().to(endpoint::compare::compare),
        )
        .route(
            "/api/flows/{id}/knowledge",
            read().to(endpoint::knowledge::knowledge),
        )
        .route(
            "/api/flows/{id}/stream",
            web::get().to(endpoint::stream::flow),
        )
        .route("/api/exchanges/{id}", read().to(endpoint::flows::exchange))
        .route("/api/exchanges/{id}/tokens", read().to(opened::tokens))
        .route("/api/stream", web::get().to(endpoint::stream::flows))
        .route("/record/browser", web::post().to(endpoint::record::browser));
}

/// The provider's metadata explained, and clients that register themselves.
fn provider(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let post = |path: &'static str, route: Route| {
        web::resource(path)
            .wrap(Observe::front(observer, path, "POST"))
            .route(route)
    };
    routes
        .route("/provider", read().to(provider::show))
        .service(post(
            "/provider/register",
            web::post().to(provider::register),
        ))
        .service(post("/provider/remove", web::post().to(provider::remove)));
}

/// The start page and the grants. What is only read is not observed; what runs a flow is.
#[expect(clippy::too_many_lines, reason = "one line for each route")]
fn grants(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let get = |path: &'static str, route: Route| {
        web::resource(path)
            .wrap(Observe::front(observer, path, "GET"))
            .route(route)
    };
    let post = |path: &'static str, route: Route| {
        web::resource(path)
            .wrap(Observe::front(observer, path, "POST"))
            .route(route)
    };
    let keys = web::resource("/jwks")
        .wrap(Observe::back(observer, "/jwks", "GET"))
        .route(read().to(jwks::get));
    routes
        .service(keys)
        .route("/", read().to(home::home))
        .route("/api/status", read().to(home::status))
        .route("/grants/{grant}", read().to(grant::show))
        .route("/exchanges/{exchange}/flow", read().to(flow_link::flow_of))
        .service(post("/grants/{grant}/run", web::post().to(grant::run)))
        .route("/sign-in", read().to(sign_in::show))
        .service(post("/sign-in", web::post().to(sign_in::start)))
        .service(
            web::resource("/sign-in/callback")
                .wrap(Observe::front(observer, "/sign-in/callback", "GET, POST"))
                .route(web::get().to(sign_in::returned))
                .route(web::post().to(sign_in::posted)),
        )
        .service(post("/sign-in/forget", web::post().to(sign_in::forget)))
        .service(get("/callback", web::get().to(callback::callback)))
        .service(get("/callback/implicit", web::get().to(callback::implicit)))
        .route("/runs/{run}/tv", web::get().to(tv::show))
        .service(get("/runs/{run}", web::get().to(run::show)))
        .service(post("/runs/{run}/call", web::post().to(run_step::call)))
        .service(post(
            "/runs/{run}/refresh",
            web::post().to(run_step::refresh),
        ))
        .service(post("/runs/{run}/revoke", web::post().to(run_step::revoke)))
        .service(post(
            "/runs/{run}/sign-out",
            web::post().to(logout::endpoint::of_run),
        ))
        .service(post(
            "/sign-in/sign-out",
            web::post().to(logout::endpoint::of_account),
        ))
        .service(get(
            "/signed-out",
            web::get().to(logout::endpoint::signed_out),
        ))
        .service(get(
            "/frontchannel-logout",
            web::get().to(logout::endpoint::front_channel),
        ))
        .service(
            web::resource("/backchannel-logout")
                .wrap(Observe::back(observer, "/backchannel-logout", "POST"))
                .route(web::post().to(logout::told::post)),
        )
        .service(post("/runs/{run}/code", web::post().to(run_step::code)))
        .service(post(
            "/runs/{run}/step-up",
            web::post().to(run_step::step_up),
        ))
        .service(post("/runs/{run}/lab", web::post().to(run_step::hand_over)))
        .service(
            web::resource("/lab/prints")
                .wrap(Observe::back(observer, "/lab/prints", "POST"))
                .route(web::post().to(lab::prints)),
        );
}
