//! `GET {base}/api/flows/{id}/compare?with={other}`: two flows side by side, as JSON (`docs/api.md`).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use shared::realm::RealmName;

use super::flows::{PathId, found, id_in, problem};
use crate::compare::Comparison;
use crate::state::AppState;

/// The query of a comparison.
#[derive(Debug, Deserialize)]
pub(crate) struct CompareQuery {
    /// The id of the other flow.
    pub(crate) with: Option<String>,
}

/// Answers what differs between the two.
pub(crate) async fn compare(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
    query: web::Query<CompareQuery>,
) -> HttpResponse {
    let Some(other) = query.with.as_deref().and_then(|id| id.parse().ok()) else {
        let what = "with is the id of the other flow: 32 hex digits";
        return problem(HttpResponse::BadRequest(), "invalid_request", what);
    };
    let left = id_in(&path).and_then(|id| state.record.flow(&realm, &id));
    let right = state.record.flow(&realm, &other);
    let both = left.zip(right);
    found(
        both.map(|(left, right)| Comparison::of(&left, &right)),
        "no flow of this realm has one of these ids, or it fell out of the record",
    )
}
