//! `GET /clients`, `/clients/{id}` and, for scripts, `/api/clients` and `/api/clients/{id}/score`.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use shared::page::{Frame, html};
use shared::realm::RealmName;
use shared::registration::RegistrationFacts;

use super::card::{Card, NoCard, cards, facts};
use super::page::{ScorePage, ScoresPage};
use crate::state::AppState;

/// How many clients are listed: anybody may register more.
const LISTED: usize = 100;

/// The clients that are listed, and how many are not.
struct List {
    cards: Vec<Card>,
    left: usize,
}

impl List {
    async fn of(state: &AppState, realm: &RealmName) -> Result<Self, NoCard> {
        let (listed, left) = first(facts(state, realm).await?);
        let cards = judged(state, realm, listed).await?;
        Ok(Self { cards, left })
    }
}

/// Those that are listed, and how many are not. The operator's come first: nobody pushes them out by registering.
fn first(mut clients: Vec<RegistrationFacts>) -> (Vec<RegistrationFacts>, usize) {
    clients.sort_by_key(|facts| facts.registered_itself);
    let left = clients.len().saturating_sub(LISTED);
    clients.truncate(LISTED);
    (clients, left)
}

/// The card of one client, if there is one.
async fn one(state: &AppState, realm: &RealmName, id: &str) -> Result<Option<Card>, NoCard> {
    let mut clients = facts(state, realm).await?;
    clients.retain(|facts| facts.client_id == id);
    Ok(judged(state, realm, clients).await?.pop())
}

/// The cards of these clients.
async fn judged(
    state: &AppState,
    realm: &RealmName,
    clients: Vec<RegistrationFacts>,
) -> Result<Vec<Card>, NoCard> {
    let (record, realm) = (Arc::clone(&state.record), realm.clone());
    // A full record takes a while, and this thread has others to answer.
    let judged = web::block(move || cards(clients, &record, &realm)).await;
    judged.map_err(|_| NoCard::Unjudged)
}

/// Every client with its two counts.
pub(crate) async fn index(
    state: web::Data<AppState>,
    realm: RealmName,
    frame: Frame,
) -> HttpResponse {
    match List::of(&state, &realm).await {
        Ok(List { cards, left }) => {
            html(&ScoresPage::new(frame, Some(&cards), left), StatusCode::OK)
        }
        Err(error) => away(frame, &error),
    }
}

/// One client, rule by rule.
pub(crate) async fn show(
    state: web::Data<AppState>,
    realm: RealmName,
    frame: Frame,
    request: HttpRequest,
) -> HttpResponse {
    let id = request.match_info().query("id");
    match one(&state, &realm, id).await {
        Ok(Some(card)) => html(&ScorePage::new(frame, &card), StatusCode::OK),
        Ok(None) => html(&ScoresPage::new(frame, Some(&[]), 0), StatusCode::NOT_FOUND),
        Err(error) => away(frame, &error),
    }
}

/// As [`index`], for scripts.
pub(crate) async fn list(state: web::Data<AppState>, realm: RealmName) -> HttpResponse {
    match List::of(&state, &realm).await {
        Ok(List { cards, left }) => {
            HttpResponse::Ok().json(json!({ "clients": cards, "left": left }))
        }
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
    match one(&state, &realm, id).await {
        Ok(Some(card)) => HttpResponse::Ok().json(card),
        Ok(None) => HttpResponse::NotFound().json(json!({ "error": "unknown_client" })),
        Err(error) => unavailable(&error),
    }
}

fn away(frame: Frame, error: &NoCard) -> HttpResponse {
    tracing::warn!(%error, "no score");
    html(
        &ScoresPage::new(frame, None, 0),
        StatusCode::SERVICE_UNAVAILABLE,
    )
}

fn unavailable(error: &NoCard) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(json!({
        "error": "temporarily_unavailable", "error_description": error.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_registers_many_clients_pushes_no_other_out_of_the_list() {
        let facts = |number: usize, registered_itself| RegistrationFacts {
            client_id: format!("{number}"),
            registered_itself,
            ..RegistrationFacts::default()
        };
        let mut clients: Vec<_> = (0..300).map(|number| facts(number, true)).collect();
        clients.extend((300..303).map(|number| facts(number, false)));
        let (listed, left) = first(clients);
        assert_eq!((listed.len(), left), (LISTED, 203));
        let ids: Vec<_> = listed.iter().map(|one| one.client_id.as_str()).collect();
        assert_eq!(ids[..4], ["300", "301", "302", "0"]);
    }
}
