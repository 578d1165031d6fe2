//! `GET /stats`: counts of the realm, for machines (RFC 6749 §4.4). Scope `stats:read`; any token will do.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::error::ApiError;
use super::private;
use crate::access::AccessToken;
use crate::access::scope::StatsRead;
use crate::state::AppState;

/// How much there is in the realm.
#[derive(Debug, Serialize)]
struct Stats {
    realm: String,
    people: i64,
    photos: i64,
}

/// `GET /stats`.
pub(crate) async fn get(
    token: AccessToken<StatsRead>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let count = state.counts.of(&state.store, &token.realm).await?;
    Ok(private(HttpResponse::Ok()).json(Stats {
        realm: token.realm.to_string(),
        people: count.people,
        photos: count.photos,
    }))
}
