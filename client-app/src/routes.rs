//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`.
//! A route that is part of a flow is wrapped in `Observe::front` (the browser navigates to it) or
//! `Observe::back` (servers and scripts call it); the record's own routes are not observed.
//!
//! What is only read answers `HEAD`, too ([`read`]). Where a `GET` takes an answer, polls, forgets a session or never ends
//! (callbacks, a run, front-channel logout, streams) it does not.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use actix_web::{Route, guard};
use shared::observe::{Observe, Observer};
use shared::page;
use shared::serve::read;

use crate::breaking::endpoint as breaking;
use crate::clock;
use crate::compare;
use crate::control;
use crate::diagram;
use crate::doctor;
use crate::endpoint::not_found::{at, only_get, only_post, only_read};
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
    routes
        .service(only_post(
            "/record/exchanges",
            web::post().to(endpoint::record::exchanges),
        ))
        .service(only_post(
            shared::control::follow::PATH,
            web::post().to(control::orders),
        ));
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
        .service(only_read("/doctor", read().to(doctor::show)))
        .service(only_read("/api/doctor", read().to(doctor::report)))
        .service(only_read("/clients", read().to(score::index)))
        .service(only_read("/clients/{id}", read().to(score::show)))
        .service(only_read("/api/clients", read().to(score::list)))
        .service(only_read(
            "/api/clients/{id}/score",
            read().to(score::score),
        ))
        .service(only_read("/lessons", read().to(lesson::index)))
        .service(only_read("/lessons/{name}", read().to(lesson::show)));
}

/// The record: its pages, its API and its streams. Never observed: watching is no part of a flow.
#[expect(clippy::too_many_lines, reason = "one line for each route")]
fn record(routes: &mut ServiceConfig) {
    routes
        .app_data(web::QueryConfig::default().error_handler(flows::unreadable_query))
        .service(only_read("/flows", read().to(viewer::list)))
        .service(only_read("/flows/{id}", read().to(viewer::show)))
        .service(only_read("/flows/{id}/export", read().to(export::show)))
        .service(only_read(
            "/flows/{id}/flow.{format}",
            read().to(export::download),
        ))
        .service(only_read("/compare", read().to(compare::page::ticked)))
        .service(only_read(
            "/flows/{id}/compare",
            read().to(compare::page::show),
        ))
        .service(only_read(
            "/flows/{id}/knowledge",
            read().to(viewer::knowledge_page),
        ))
        .service(only_read(
            "/flows/{id}/knowledge/table",
            read().to(viewer::knowledge_table),
        ))
        .service(only_read("/flows/{id}/row", read().to(viewer::row)))
        .service(only_read("/flows/{id}/summary", read().to(viewer::summary)))
        .service(only_read(
            "/flows/{id}/diagram",
            read().to(diagram::diagram),
        ))
        .service(only_read("/flows/{id}/card", read().to(diagram::card)))
        .service(only_read("/flows/{id}/pieces", read().to(diagram::pieces)))
        .service(only_read(
            "/flows/{id}/present",
            read().to(diagram::present),
        ))
        .service(only_read(
            "/exchanges/{exchange}/diagram",
            read().to(diagram::beside),
        ))
        .service(only_read(
            "/flows/{id}/exchanges/{exchange}",
            read().to(viewer::fragment),
        ))
        .service(only_read(
            "/flows/{id}/exchanges/{exchange}/open",
            read().to(opened::show),
        ))
        .service(
            at("/flows/{id}/break", "GET, HEAD, POST")
                .route(read().to(breaking::show))
                .route(web::post().to(breaking::submit)),
        )
        .service(
            at("/api/flows/{id}/break", "GET, HEAD, POST")
                .route(read().to(breaking::offers))
                .route(web::post().to(breaking::call)),
        )
        .service(
            at("/api/flows", "GET, HEAD, DELETE")
                .route(read().to(endpoint::flows::list))
                .route(web::delete().to(endpoint::flows::clear)),
        )
        .service(only_read(
            "/api/flows/{id}",
            read().to(endpoint::flows::one),
        ))
        .service(only_read(
            "/api/flows/{id}/compare",
            read().to(endpoint::compare::compare),
        ))
        .service(only_read(
            "/api/flows/{id}/knowledge",
            read().to(endpoint::knowledge::knowledge),
        ))
        .service(only_get(
            "/api/flows/{id}/stream",
            web::get().to(endpoint::stream::flow),
        ))
        .service(only_read(
            "/api/exchanges/{id}",
            read().to(endpoint::flows::exchange),
        ))
        .service(only_read(
            "/api/exchanges/{id}/tokens",
            read().to(opened::tokens),
        ))
        .service(only_get(
            "/api/stream",
            web::get().to(endpoint::stream::flows),
        ))
        .service(only_post(
            "/record/browser",
            web::post().to(endpoint::record::browser),
        ));
}

/// The provider's metadata explained, and clients that register themselves.
fn provider(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let post = |path: &'static str, route: Route| {
        only_post(path, route).wrap(Observe::front(observer, path, "POST"))
    };
    routes
        .service(only_read("/provider", read().to(provider::show)))
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
        only_get(path, route).wrap(Observe::front(observer, path, "GET"))
    };
    let post = |path: &'static str, route: Route| {
        only_post(path, route).wrap(Observe::front(observer, path, "POST"))
    };
    let keys = only_read("/jwks", read().to(jwks::get));
    let keys = keys.wrap(Observe::back(observer, "/jwks", "GET"));
    routes
        .service(keys)
        .service(only_read("/", read().to(home::home)))
        .service(only_read("/api/status", read().to(home::status)))
        .service(only_read("/grants/{grant}", read().to(grant::show)))
        .service(only_read(
            "/exchanges/{exchange}/flow",
            read().to(flow_link::flow_of),
        ))
        .service(post("/grants/{grant}/run", web::post().to(grant::run)))
        // Only the form is part of a flow.
        .service(post("/sign-in", web::post().to(sign_in::start)).guard(guard::Post()))
        .service(at("/sign-in", "GET, HEAD, POST").route(read().to(sign_in::show)))
        .service(
            at("/sign-in/callback", "GET, POST")
                .route(web::get().to(sign_in::returned))
                .route(web::post().to(sign_in::posted))
                .wrap(Observe::front(observer, "/sign-in/callback", "GET, POST")),
        )
        .service(post("/sign-in/forget", web::post().to(sign_in::forget)))
        .service(get("/callback", web::get().to(callback::callback)))
        .service(get("/callback/implicit", web::get().to(callback::implicit)))
        .service(only_get("/runs/{run}/tv", web::get().to(tv::show)))
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
            only_post("/backchannel-logout", web::post().to(logout::told::post))
                .wrap(Observe::back(observer, "/backchannel-logout", "POST")),
        )
        .service(post("/runs/{run}/code", web::post().to(run_step::code)))
        .service(post(
            "/runs/{run}/step-up",
            web::post().to(run_step::step_up),
        ))
        .service(post("/runs/{run}/lab", web::post().to(run_step::hand_over)))
        .service(
            only_post("/lab/prints", web::post().to(lab::prints)).wrap(Observe::back(
                observer,
                "/lab/prints",
                "POST",
            )),
        );
}
