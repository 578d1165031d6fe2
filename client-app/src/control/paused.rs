//! `GET` and `DELETE {base}/api/paused`, `GET` and `POST {base}/api/paused/{id}`: what waits, and what becomes of it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use shared::control::{DecideError, Fate, Look, PauseLimits, Paused, Presence, Release};
use shared::flow::ExchangeId;
use shared::realm::RealmName;

use super::change::Action;
use super::{json, refusal};
use crate::endpoint::flows::{PathId, fresh, id_in, problem};
use crate::state::AppState;

/// What waits in a realm.
#[derive(Debug, Serialize)]
struct Waiting {
    #[serde(flatten)]
    look: Look,
    limits: PauseLimits,
}

/// What became of a request that waits no more.
#[derive(Debug, Serialize)]
struct Ended {
    id: ExchangeId,
    fate: Fate,
}

/// `GET {base}/api/paused`: what waits, the oldest first.
pub(super) async fn list(state: web::Data<AppState>, realm: RealmName) -> HttpResponse {
    let controls = &state.observer.controls;
    fresh(&mut HttpResponse::Ok()).json(Waiting {
        look: controls.look(&realm),
        limits: controls.limits(),
    })
}

/// `GET {base}/api/paused/number`: changes when anything of this does.
pub(super) async fn number(state: web::Data<AppState>, realm: RealmName) -> HttpResponse {
    let number = state.observer.controls.look(&realm).number;
    fresh(&mut HttpResponse::Ok()).json(serde_json::json!({ "number": number }))
}

/// `DELETE {base}/api/paused`: everything that waits goes on as it came.
pub(super) async fn release(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
) -> HttpResponse {
    if let Some(refusal) = refusal(&state, &request) {
        return refusal;
    }
    let released = state.observer.controls.release(&realm, Release::All);
    fresh(&mut HttpResponse::Ok()).json(serde_json::json!({ "released": released }))
}

/// The query by which the page says that it is the one that holds the browser, and how it is open.
#[derive(Debug, Deserialize)]
pub(super) struct Asking {
    /// `watched` or `hidden`.
    held: Option<String>,
}

/// `GET {base}/api/paused/{id}`: one that waits, or what became of it.
pub(super) async fn one(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
    asking: web::Query<Asking>,
) -> HttpResponse {
    let controls = &state.observer.controls;
    let Some(id) = id_in(&path) else {
        return unknown();
    };
    match asking.held.as_deref() {
        None => {}
        Some("hidden") => controls.heard_from(&realm, &id, Presence::Hidden),
        Some(_) => controls.heard_from(&realm, &id, Presence::Watched),
    }
    if let Some(paused) = controls.find(&realm, &id) {
        return fresh(&mut HttpResponse::Ok()).json(paused);
    }
    match controls.fate(&realm, &id) {
        Some(fate) => fresh(&mut HttpResponse::Ok()).json(Ended { id, fate }),
        None => unknown(),
    }
}

fn unknown() -> HttpResponse {
    let what = "nothing of this id waits in this realm";
    problem(HttpResponse::NotFound(), "not_found", what)
}

/// `POST {base}/api/paused/{id}`: decides what becomes of it.
pub(super) async fn decide(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let action: Action = match json(&state, &request, payload).await {
        Ok(action) => action,
        Err(refusal) => return refusal,
    };
    let Some(id) = id_in(&path) else {
        return unknown();
    };
    match decided(&state, &realm, &id, action) {
        Ok(fate) => fresh(&mut HttpResponse::Ok()).json(Ended { id, fate }),
        Err(DecideError::Unknown) => unknown(),
        Err(error @ DecideError::Decided) => {
            problem(HttpResponse::Conflict(), "conflict", &error.to_string())
        }
        Err(error) => {
            let answer = HttpResponse::BadRequest();
            problem(answer, "invalid_request", &error.to_string())
        }
    }
}

/// Decides, and says what will have become of it.
fn decided(
    state: &AppState,
    realm: &RealmName,
    id: &ExchangeId,
    action: Action,
) -> Result<Fate, DecideError> {
    let controls = &state.observer.controls;
    let paused: Paused = match controls.find(realm, id) {
        Some(paused) => paused,
        None if controls.fate(realm, id).is_some() => return Err(DecideError::Decided),
        None => return Err(DecideError::Unknown),
    };
    let decision = action.decision(&paused)?;
    let fate = decision.fate();
    controls.decide(realm, id, decision)?;
    Ok(fate)
}
