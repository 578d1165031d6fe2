//! `GET /clients`, `/clients/{id}` and, for scripts, `/api/clients` and `/api/clients/{id}/score`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use shared::page::{Frame, html};
use shared::realm::RealmName;

use super::card::{Card, NoFacts, facts};
use super::page::{ScorePage, ScoresPage};
use crate::state::AppState;

/// The cards of all clients.
async fn cards(state: &AppState, realm: &RealmName) -> Result<Vec<Card>, NoFacts> {
    let all = facts(state, realm).await?;
    let card = |facts| Card::of(facts, &state.record, realm);
    Ok(all.into_iter().map(card).collect())
}

/// Every client with its two counts.
pub(crate) async fn index(
    state: web::Data<AppState>,
    realm: RealmName,
    frame: Frame,
) -> HttpResponse {
    let (cards, status) = match cards(&state, &realm).await {
        Ok(cards) => (Some(cards), StatusCode::OK),
        Err(error) => {
            tracing::warn!(%error, "no score");
            (None, StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    html(&ScoresPage::new(frame, cards.as_deref()), status)
}

/// One client, rule by rule.
pub(crate) async fn show(
    state: web::Data<AppState>,
    realm: RealmName,
    frame: Frame,
    request: HttpRequest,
) -> HttpResponse {
    let id = request.match_info().query("id");
    let found = match cards(&state, &realm).await {
        Ok(cards) => cards.into_iter().find(|card| card.client.client_id == id),
        Err(_) => {
            return html(
                &ScoresPage::new(frame, None),
                StatusCode::SERVICE_UNAVAILABLE,
            );
        }
    };
    match found {
        Some(card) => html(&ScorePage::new(frame, &card), StatusCode::OK),
        None => html(&ScoresPage::new(frame, Some(&[])), StatusCode::NOT_FOUND),
    }
}

/// As [`index`], for scripts.
pub(crate) async fn list(state: web::Data<AppState>, realm: RealmName) -> HttpResponse {
    match cards(&state, &realm).await {
        Ok(cards) => HttpResponse::Ok().json(json!({ "clients": cards })),
        Err(error) => unavailable(&error),
    }
}

/// As [`show`], for scripts.
pub(crate) async fn score(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
) -> HttpResponse {
    let id = request.match_info().query("id");
    match cards(&state, &realm).await {
        Ok(cards) => match cards.into_iter().find(|card| card.client.client_id == id) {
            Some(card) => HttpResponse::Ok().json(card),
            None => HttpResponse::NotFound().json(json!({ "error": "unknown_client" })),
        },
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &NoFacts) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(json!({
        "error": "temporarily_unavailable", "error_description": error.to_string(),
    }))
}
