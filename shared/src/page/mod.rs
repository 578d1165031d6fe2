//! The page system of all three services: one frame, one style, two languages.
//!
//! | file | what is in it |
//! |---|---|
//! | [`frame`] | [`Frame`]: what `templates/layout.html` and every page need to know |
//! | [`text`] | [`Texts`], [`Language`]: the sentences of `shared/locales/{en,zh-CN}/*.ftl` |
//! | [`notice`] | [`Notice`]: a message at the top of a page |
//! | [`assets`] | [`Assets`]: style, icon, scripts under hashed names |
//! | [`language`] | the language switch |
//! | [`settings`] | theme, text size and language, in cookies |
//!
//! # A page
//! ```ignore
//! #[derive(askama::Template)]
//! #[template(path = "login.html")]            // <crate>/templates/login.html
//! struct Login { frame: Frame, username: String }
//!
//! async fn login(frame: Frame) -> HttpResponse {
//!     page::html(&Login { frame, username: String::new() }, StatusCode::OK)
//! }
//! ```
//! ```html
//! {% extends "layout.html" %}
//! {% block title %}{{ frame.t("login-title") }}{% endblock %}
//! {% block content %}<h1>{{ frame.ta("login-for", [("client", client)]) }}</h1>{% endblock %}
//! ```
//! Blocks of the layout: `title` (text of `<title>` before the service's name), `head` (more
//! `<link>`/`<script src>`), `nav` (`<li><a>` items of the header), `main_class` (`narrow` for forms,
//! `wide` for the viewer, nothing for reading), `content`.
//! Macros: `{% import "parts.html" as parts %}`, `{% call parts::alert("warn", text) %}{% endcall %}`.
//! Borrow owned fields inside arguments: `[("name", &user)]`, or `[("name", user.as_str())]`.
//! Classes: the list at the top of `assets/app.css`.
//!
//! # A service
//! ```ignore
//! let frame = web::Data::new(FrameConfig { service: Service::AuthServer, addresses, texts: Texts::load()?, assets: Assets::new(), demo: true });
//! App::new().app_data(frame)
//!     .configure(page::asset_routes)                       // once, at the root
//!     .configure(page::routes)                             // and again …
//!     .service(web::scope("/r/{realm}").configure(page::routes)) // … in each realm
//! ```
//!
//! No inline script and no inline style: the Content-Security-Policy (set by `shared::serve`)
//! forbids them.

pub mod assets;
mod discreet;
pub mod frame;
pub mod language;
mod misdirected;
pub mod notice;
pub mod settings;
pub mod text;

#[cfg(test)]
mod language_files;
#[cfg(test)]
mod samples;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    web,
};

pub use assets::Assets;
pub use frame::{CameBack, Frame, FrameConfig, Service};
pub use language::{is_local, language_route};
pub(crate) use misdirected::misdirected;
pub use notice::{Notice, Tone};
pub use settings::{Look, TextSize, Theme};
pub use text::{LANGUAGE_COOKIE, Language, TextError, Texts, key_of};

use crate::serve::{keeps_opener, only, only_read, read};

/// Answers with `page` in HTML, never cached: pages hold who is signed in, and what a flow carried.
///
/// A template that cannot be rendered is logged and answered with 500.
#[must_use]
pub fn html(page: &impl askama::Template, status: StatusCode) -> HttpResponse {
    match page.render() {
        Ok(body) => HttpResponse::build(status)
            .insert_header(ContentType::html())
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(body),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError()
                .insert_header(ContentType::plaintext())
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .body("This page could not be shown. 此页面无法显示。\n")
        }
    }
}

/// Mounts `/assets/{file}` and `/favicon.ico`. Once per server, at the root.
pub fn asset_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(only_read("/assets/{file}", read().to(assets::asset)))
        .service(only_read("/favicon.ico", read().to(assets::favicon)));
}

/// Mounts `/language/{tag}` and `/settings`. At the root and in each realm's scope.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(
            web::resource("/language/{tag}")
                .route(web::get().to(language_route))
                .default_service(only("GET"))
                // Who signs in in a client's pop-up may change the language there, and how pages look.
                .wrap(keeps_opener()),
        )
        .service(
            web::resource("/settings")
                .route(read().to(settings::show))
                .route(web::post().to(settings::apply))
                .default_service(only("GET, HEAD, POST"))
                .wrap(keeps_opener()),
        );
}
