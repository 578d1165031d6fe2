//! `GET {base}/api/flows/{id}/knowledge`: who knows what in a flow, as JSON (`docs/api.md`).

use actix_web::{HttpResponse, web};
use shared::realm::RealmName;

use super::flows::{PathId, found, id_in};
use crate::record::knowledge::Knowledge;
use crate::state::AppState;

/// Answers the matrix of the flow.
pub(crate) async fn knowledge(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    let flow = id_in(&path).and_then(|id| state.record.flow(&realm, &id));
    found(
        flow.map(|flow| Knowledge::of(&flow)),
        "no flow of this realm has this id, or it fell out of the record",
    )
}
