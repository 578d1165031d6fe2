//! The route table: one line a route, its channel class on the line.
//!
//! Everything of a realm is mounted twice: at the root (the default realm) and under `/r/{realm}`. The
//! browser navigates to `Observe::front` routes; servers and scripts call `Observe::back` routes. `/r/default` is no
//! second address of the default realm: [`shared::realm::RealmName::of_segment`] refuses it.
//!
//! What is only read answers `HEAD`, too ([`read`]). The pages of a request that waits (`/authorize`, `/login`, `/consent`,
//! `/select-account`), `/logout` and `/device` do not: a `GET` there may issue a code, use up a pushed request, end a
//! session or count a guess, and nothing of that is to happen to who asked for the head of a page.

use std::future::ready;
use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{self, ServiceConfig, delete, get, post, put};
use actix_web::{HttpRequest, Resource, Route};
use shared::oauth::well_known;
use shared::observe::{Observation, Observe, Observer};
use shared::page;
use shared::serve::{keeps_opener, only_read, read};

use crate::endpoint::cors::{cors, public};
use crate::endpoint::{
    answer, apps, authorize, consent, device, device_authorization, device_confirm, error, home,
    introspect, jwks, login, logo, logout, metadata, par, register, registered, registrations,
    revoke, select_account, token, userinfo,
};

/// Mounts all routes. They are tried in this order: those of the root are plain text and come first, then the service's
/// `own` (assets, health), and last what holds a pattern: the scope of the realms takes all that is under `/r/`.
pub(crate) fn mount(
    routes: &mut ServiceConfig,
    observer: &Arc<Observer>,
    own: impl FnOnce(&mut ServiceConfig),
) {
    let inserted = |path: &str| format!("{path}/r/{{realm}}");
    realm(routes, observer);
    routes
        .configure(own)
        .service(document(
            &inserted(well_known::OAUTH_AUTHORIZATION_SERVER),
            observer,
        ))
        .service(document(
            &inserted(well_known::OPENID_CONFIGURATION),
            observer,
        ))
        .service(web::scope("/r/{realm}").configure(|routes| realm(routes, observer)));
    routes.default_service(web::route().to(error::not_found));
}

/// The routes of one realm: plain ones first, those that hold a pattern last.
fn realm(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    back_channel(routes, observer);
    front_channel(routes, observer);
    routes
        .service(
            Back::new("/register/{client_id}", "GET, HEAD, PUT, DELETE", observer).scripts(vec![
                read().to(registered::get),
                put().to(registered::put),
                delete().to(registered::delete),
            ]),
        )
        .configure(page::routes);
}

/// What servers and scripts call; those that scripts call answer origins that a client registered.
fn back_channel(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let back = |path: &str, methods| Back::new(path, methods, observer);
    routes
        .service(back("/token", "POST").scripts(vec![post().to(token::post)]))
        .service(
            back("/device_authorization", "POST")
                .scripts(vec![post().to(device_authorization::post)]),
        )
        .service(back("/par", "POST").scripts(vec![post().to(par::post)]))
        .service(back("/introspect", "POST").servers(vec![post().to(introspect::post)]))
        .service(back("/revoke", "POST").scripts(vec![post().to(revoke::post)]))
        .service(back("/register", "POST").scripts(vec![post().to(register::post)]))
        .service(
            back("/userinfo", "GET, HEAD, POST")
                .scripts(vec![read().to(userinfo::get), post().to(userinfo::post)]),
        )
        .service(back("/jwks", "GET, HEAD").everybody(vec![read().to(jwks::get)]))
        .service(document(well_known::OAUTH_AUTHORIZATION_SERVER, observer))
        .service(document(well_known::OPENID_CONFIGURATION, observer));
}

/// The metadata at one of its addresses.
fn document(path: &str, observer: &Arc<Observer>) -> impl HttpServiceFactory + use<> {
    let routes = vec![read().to(metadata::get)];
    Back::new(path, "GET, HEAD", observer).everybody(routes)
}

/// A back-channel route: observed, and every other method answered by 405, which names those it has.
struct Back {
    resource: Resource,
    observe: Observe,
}

impl Back {
    fn new(path: &str, methods: &'static str, observer: &Arc<Observer>) -> Self {
        let other = move |request: HttpRequest, observation: Observation| {
            ready(answer::method_not_allowed(&request, &observation, methods))
        };
        Self {
            resource: web::resource(path).default_service(web::to(other)),
            observe: Observe::back(observer, path, methods),
        }
    }

    /// Called by servers alone.
    fn servers(self, routes: Vec<Route>) -> impl HttpServiceFactory {
        let Self { resource, observe } = self.with(routes);
        resource.wrap(observe)
    }

    /// Called by scripts of registered origins too.
    fn scripts(self, routes: Vec<Route>) -> impl HttpServiceFactory {
        let Self { resource, observe } = self.with(routes);
        resource.wrap(from_fn(cors)).wrap(observe)
    }

    /// Read by servers and by scripts of any origin.
    fn everybody(self, routes: Vec<Route>) -> impl HttpServiceFactory {
        let Self { resource, observe } = self.with(routes);
        resource.wrap(from_fn(public)).wrap(observe)
    }

    fn with(self, routes: Vec<Route>) -> Self {
        Self {
            resource: routes.into_iter().fold(self.resource, Resource::route),
            ..self
        }
    }
}

/// What the browser navigates to.
fn front_channel(routes: &mut ServiceConfig, observer: &Arc<Observer>) {
    let front = |path, get: Route, post: Route| {
        let opened = DefaultHeaders::new();
        pages(path, [get, post], (observer, opened))
    };
    // What stands between a client and its callback.
    let between = |path, get: Route, post: Route| {
        let opened = keeps_opener();
        pages(path, [get, post], (observer, opened))
    };
    routes
        .service(between(
            "/authorize",
            get().to(authorize::get),
            post().to(authorize::post),
        ))
        .service(only_read("/registrations", read().to(registrations::get)))
        .service(between(
            "/login",
            get().to(login::get),
            post().to(login::post),
        ))
        .service(between(
            "/select-account",
            get().to(select_account::get),
            post().to(select_account::post),
        ))
        .service(between(
            "/consent",
            get().to(consent::get),
            post().to(consent::post),
        ))
        .service(front(
            "/device",
            get().to(device::get),
            post().to(device::post),
        ))
        .service(view("/device/done", read().to(device::done), observer))
        .service(front(
            "/device/confirm",
            get().to(device_confirm::get),
            post().to(device_confirm::post),
        ))
        .service(between(
            "/logout",
            get().to(logout::get),
            post().to(logout::post),
        ))
        .service(front("/apps", get().to(apps::get), post().to(apps::post)))
        .service(only_read("/logo", read().to(logo::get)))
        .service(front_page("/"))
        .service(front_page(""));
}

/// Pages at `path`, observed: one to show and one to take what was entered; with what is said of who `opened` them.
fn pages(
    path: &str,
    routes: [Route; 2],
    (observer, opened): (&Arc<Observer>, DefaultHeaders),
) -> impl HttpServiceFactory + 'static {
    let [get, post] = routes;
    web::resource(path)
        .route(get)
        .route(post)
        .default_service(error::method_not_allowed("GET, POST"))
        .wrap(Observe::front(observer, path, "GET, POST"))
        .wrap(opened)
}

/// A page at `path` that is only shown, observed.
fn view(path: &str, get: Route, observer: &Arc<Observer>) -> impl HttpServiceFactory + 'static {
    web::resource(path)
        .route(get)
        .default_service(error::method_not_allowed("GET, HEAD"))
        .wrap(Observe::front(observer, path, "GET"))
}

/// The front page: no part of any flow, so it is not observed.
fn front_page(path: &str) -> Resource {
    web::resource(path)
        .route(read().to(home::get))
        .default_service(error::method_not_allowed("GET, HEAD"))
}
