//! `POST /control`: services in processes of their own tell what waits with them, and hear breakpoints, clocks and
//! decisions.
//!
//! Answered when something has changed since the follower heard last, or after a while. Both sides prove that they
//! have the record's key.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::control::Controls;
use shared::control::follow::{LISTEN, PROOF, Report, proof, verify};
use shared::serve::read_body;

use super::IN_TIME;
use crate::endpoint::flows::problem;
use crate::state::AppState;

/// The most bytes of a report: 16 requests with their bodies.
const MAX_REPORT: usize = 4 * 1024 * 1024;
/// How often those are looked for that were not heard for long: services, and pages that hold a browser.
const ROUND: Duration = Duration::from_secs(1);

/// `POST /control`.
pub(crate) async fn orders(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let report = match report(&state, &request, payload).await {
        Ok(report) => report,
        Err(refusal) => return refusal,
    };
    let (controls, clocks) = (&state.observer.controls, &state.observer.clocks);
    if let Err(error) = controls.hear(&report) {
        return problem(HttpResponse::Conflict(), "conflict", &error.to_string());
    }
    let (mut changes, mut hands) = (controls.watch(), clocks.watch());
    let news = async {
        loop {
            changes.borrow_and_update();
            hands.borrow_and_update();
            if report.after != Some(controls.orders_number(clocks)) {
                return;
            }
            tokio::select! {
                _ = changes.changed() => {}
                _ = hands.changed() => {}
            }
        }
    };
    tokio::select! {
        () = news => {}
        () = tokio::time::sleep(LISTEN) => {}
        () = state.stop.requested() => {}
    }
    let orders = controls.orders(&report.process(), clocks);
    match serde_json::to_vec(&orders) {
        Ok(body) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((PROOF, proof(&state.observer.key, &report.nonce, &body)))
            .content_type("application/json")
            .body(body),
        Err(error) => {
            let answer = HttpResponse::InternalServerError();
            problem(answer, "server_error", &error.to_string())
        }
    }
}

async fn report(
    state: &AppState,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Report, HttpResponse> {
    let refused =
        |status, error: &str, text: &str| problem(HttpResponse::build(status), error, text);
    let body = read_body(payload, MAX_REPORT, IN_TIME).await;
    let body = body.map_err(|e| refused(e.status(), "invalid_request", &e.to_string()))?;
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    if !verify(
        &state.observer.key,
        &body,
        authorization.unwrap_or_default(),
    ) {
        let text = "the report is not signed with the record's key";
        let status = actix_web::http::StatusCode::UNAUTHORIZED;
        return Err(refused(status, "unauthorized", text));
    }
    serde_json::from_slice(&body).map_err(|error| {
        let status = actix_web::http::StatusCode::BAD_REQUEST;
        refused(status, "invalid_request", &error.to_string())
    })
}

/// Forgets what waits with services that say nothing any more, and lets go whose page was left; for ever.
pub(crate) async fn forget_silent(controls: Controls) {
    loop {
        tokio::time::sleep(ROUND).await;
        controls.forget_silent();
        controls.release_abandoned();
    }
}
