//! The realm's time: shown, moved and stopped by whoever learns from it; and what ages by it.
//!
//! | file | what is in it |
//! |---|---|
//! | `bar` | [`ClockBar`]: the clock as every page shows it, `templates/clock_bar.html` |
//! | `endpoint` | `POST /clock`, `GET` and `POST /api/clock` |
//!
//! May use `shared::time` and nothing that ages of its own: codes, tokens, login sessions and waiting requests
//! expire where they are kept, by the same clock. The record, the runs and the forms of this service count on the
//! wall clock, so that a jump of an hour takes nothing away that is being looked at.

mod bar;
mod endpoint;

pub(crate) use bar::ClockBar;

use actix_web::web::{self, ServiceConfig};
use shared::time::Lifetime;

use crate::endpoint::not_found::{at, only_post};

/// How far a realm's clock may be ahead of the wall clock: ten years. Every lifetime of a realm ends before that,
/// and no date of that time is too large for whoever reads it.
const FURTHEST: Lifetime = Lifetime::from_minutes(10 * 365 * 24 * 60);

/// The routes of one realm.
pub(crate) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(only_post("/clock", web::post().to(endpoint::turn_by_form)))
        .service(
            at("/api/clock", "GET, POST")
                .route(web::get().to(endpoint::show))
                .route(web::post().to(endpoint::turn)),
        );
}
