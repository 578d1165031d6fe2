//! `POST /record/exchanges` and `POST {base}/record/browser`: what others observed, for the record.
//!
//! Batches come from services in processes of their own and prove it by the record's key; reports of the browser
//! come from our own pages, and say only what `record::browser` allows.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::observe::{Batch, verify_batch};
use shared::realm::RealmName;
use shared::serve::read_body;
use shared::time::wall_clock_us;

use super::flows::problem;
use crate::record::browser::{BrowserReport, MAX_REPORT};
use crate::state::AppState;

/// The most bytes of a batch: 64 exchanges with bodies of 32 KiB each way, in JSON.
const MAX_BATCH: usize = 16 * 1024 * 1024;
/// How long a body may take to arrive.
const IN_TIME: Duration = Duration::from_secs(5);

/// `POST /record/exchanges`: a batch of exchanges, of any realm.
pub(crate) async fn exchanges(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let body = match read_body(payload, MAX_BATCH, IN_TIME).await {
        Ok(body) => body,
        Err(error) => {
            return problem(
                HttpResponse::build(error.status()),
                "invalid_request",
                &error.to_string(),
            );
        }
    };
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !verify_batch(&state.observer.key, &body, authorization) {
        tracing::warn!(
            "a batch for the record was refused: it does not prove that it has the record's key"
        );
        return problem(
            HttpResponse::Unauthorized(),
            "unauthorized",
            "the batch is not signed with the record's key",
        );
    }
    match serde_json::from_slice::<Batch>(&body) {
        Ok(batch) => {
            state.record.count_missed(batch.dropped, batch.shed);
            for exchange in batch.exchanges {
                state.record.ingest(exchange);
            }
            HttpResponse::NoContent().finish()
        }
        Err(error) => problem(
            HttpResponse::BadRequest(),
            "invalid_request",
            &error.to_string(),
        ),
    }
}

/// `POST {base}/record/browser`: what a script on one of our own pages saw (`application/json`).
pub(crate) async fn browser(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let refused = |text: &str| problem(HttpResponse::BadRequest(), "invalid_request", text);
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    // A page of another origin cannot send JSON without asking first, and nobody answers it.
    if state.csrf.verify_origin(&request).is_err() || !is_json {
        return problem(
            HttpResponse::Forbidden(),
            "cross_origin",
            "only our own pages may report, as JSON",
        );
    }
    let body = match read_body(payload, MAX_REPORT, IN_TIME).await {
        Ok(body) => body,
        Err(error) => {
            return problem(
                HttpResponse::build(error.status()),
                "invalid_request",
                &error.to_string(),
            );
        }
    };
    let report: BrowserReport = match serde_json::from_slice(&body) {
        Ok(report) => report,
        Err(error) => return refused(&error.to_string()),
    };
    let observer = &state.observer;
    let realm_time = observer.clocks.of(&realm).now().as_unix();
    let times = (wall_clock_us(), realm_time);
    match report.into_exchange(realm, &observer.key, &state.addresses.client_app, times) {
        Ok(exchange) => {
            let id = exchange.id.clone();
            observer.reporter.report(exchange);
            HttpResponse::Accepted()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(serde_json::json!({ "exchange": id }))
        }
        Err(error) => refused(&error.to_string()),
    }
}
