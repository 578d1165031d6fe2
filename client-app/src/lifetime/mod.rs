//! Lifetimes: what of a flow expires, when, and what ended it before its time; read off the record alone.
//!
//! | file | what is in it |
//! |---|---|
//! | `view` | the same as JSON: the types of `GET {base}/api/flows/{id}/lifetimes` |
//! | `derive` | from exchanges to lives: issued, used, rotated, replayed, revoked |
//! | `axis` | the realm's time as a line on which a minute and a month are both seen |
//! | `page` | `/flows/{id}/lifetimes` |
//!
//! May use the record's views and `jwt`. Knows neither the auth server's policy nor its store: a lifetime is what a
//! token says of itself (`exp`), what the answer says (`expires_in`), or what the server noted at the exchange.

mod derive;
mod view;

mod axis;
mod page;

#[cfg(test)]
mod tests;

use actix_web::web::{self, ServiceConfig};

use crate::endpoint::not_found::only_get;

/// The routes of one realm.
pub(crate) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(only_get("/flows/{id}/lifetimes", web::get().to(page::show)))
        .service(only_get(
            "/api/flows/{id}/lifetimes",
            web::get().to(page::json),
        ));
}
