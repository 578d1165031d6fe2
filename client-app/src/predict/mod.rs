//! Predict, then reveal: before the next arrow is drawn, one question with two clicks to answer.
//!
//! | file | what is in it |
//! |---|---|
//! | `question` | what is asked of an exchange, and what is right: read off the record |
//! | `answers` | what the reader has answered so far, kept in the address and nowhere else |
//! | `page` | `/flows/{id}/predict`, one question at a time; `/predict`, which waits for the next flow |
//!
//! Off by default: it is a page of its own, and changes nothing of any flow. A running flow is not held up; its
//! exchanges wait behind the question. May use the record's views and the language files; works without scripts.

mod answers;
mod page;
mod question;

#[cfg(test)]
mod tests;

use actix_web::web::{self, ServiceConfig};

use crate::endpoint::not_found::only_get;

/// The routes of one realm.
pub(crate) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(only_get("/predict", web::get().to(page::wait)))
        .service(only_get("/flows/{id}/predict", web::get().to(page::show)));
}
