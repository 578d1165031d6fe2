//! `GET /stats`: counts of the realm, for machines (RFC 6749 §4.4). Scope `stats:read`; any token will do.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use shared::store::StoreError;

use super::error::ApiError;
use super::private;
use crate::access::AccessToken;
use crate::access::scope::StatsRead;
use crate::state::AppState;
use crate::store::{people, photos};

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
    let realm = token.realm.clone();
    let (people, photos) = state
        .store
        .look_up(move |tx| {
            Ok::<_, StoreError>((people::count(tx, &realm)?, photos::count(tx, &realm)?))
        })
        .await?;
    Ok(private(HttpResponse::Ok()).json(Stats {
        realm: token.realm.to_string(),
        people,
        photos,
    }))
}
