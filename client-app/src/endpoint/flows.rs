//! `{base}/api/flows`, `{base}/api/flows/{id}`, `{base}/api/exchanges/{id}`: the record as JSON (`docs/api.md`).
//!
//! For tests and tools of this machine: no CORS, never cached.

use actix_web::error::{InternalError, QueryPayloadError};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::{Deserialize, Serialize};
use shared::control::Release;
use shared::flow::ExchangeId;
use shared::realm::RealmName;

use crate::record::Wanted;
use crate::record::flow::Grant;
use crate::state::AppState;

/// How many flows are listed when nobody says.
const USUAL: usize = 100;
/// The most flows that are listed.
const MOST: usize = 1000;

/// The query of `GET {base}/api/flows`.
#[derive(Debug, Deserialize)]
pub(crate) struct FlowQuery {
    /// At most so many, 1 to 1000; 100 when absent.
    limit: Option<usize>,
    /// Only those of this client.
    client_id: Option<String>,
    /// Only those of this grant.
    grant: Option<String>,
}

/// An answer that is no success.
#[derive(Serialize)]
struct Problem<'a> {
    error: &'a str,
    error_description: &'a str,
}

/// Answers `error`, as the protocol's endpoints do.
pub(crate) fn problem(
    mut answer: HttpResponseBuilder,
    error: &str,
    description: &str,
) -> HttpResponse {
    fresh(&mut answer).json(Problem {
        error,
        error_description: description,
    })
}

/// A query whose numbers are none is told like every other error of the API.
pub(crate) fn unreadable_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let what = "limit and after are whole numbers, and each parameter stands once";
    let answer = problem(HttpResponse::BadRequest(), "invalid_request", what);
    InternalError::from_response(error, answer).into()
}

/// Nothing of the record is cached.
pub(crate) fn fresh(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer.insert_header((header::CACHE_CONTROL, "no-store"))
}

/// `thing` as JSON, or that there is none.
pub(crate) fn found<T: Serialize>(thing: Option<T>, what: &str) -> HttpResponse {
    match thing {
        Some(thing) => fresh(&mut HttpResponse::Ok()).json(thing),
        None => problem(HttpResponse::NotFound(), "not_found", what),
    }
}

/// The id in a path, if it is one.
pub(crate) fn id_in(path: &web::Path<PathId>) -> Option<ExchangeId> {
    path.id.parse().ok()
}

/// The id in a path; the realm may stand before it.
#[derive(Debug, Deserialize)]
pub(crate) struct PathId {
    id: String,
}

/// `GET {base}/api/flows?limit=&client_id=&grant=`: summaries, newest first.
pub(crate) async fn list(
    state: web::Data<AppState>,
    realm: RealmName,
    query: web::Query<FlowQuery>,
) -> HttpResponse {
    let query = query.into_inner();
    let grant = match query
        .grant
        .as_deref()
        .map(|name| (name, Grant::parse(name)))
    {
        None => None,
        Some((_, Some(grant))) => Some(grant),
        Some((_, None)) => {
            let what = "grant is authorization_code, implicit, password, client_credentials, refresh_token, mixed or unknown";
            return problem(HttpResponse::BadRequest(), "invalid_request", what);
        }
    };
    let wanted = Wanted {
        limit: query.limit.unwrap_or(USUAL).clamp(1, MOST),
        client_id: query.client_id,
        grant,
    };
    fresh(&mut HttpResponse::Ok()).json(state.record.flows(&realm, &wanted))
}

/// `GET {base}/api/flows/{id}`: one flow with its exchanges in order.
pub(crate) async fn one(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    let flow = id_in(&path).and_then(|id| state.record.flow(&realm, &id));
    found(
        flow,
        "no flow of this realm has this id, or it fell out of the record",
    )
}

/// `GET {base}/api/exchanges/{id}`: one exchange; 404 until its report has arrived.
pub(crate) async fn exchange(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    let exchange = id_in(&path).and_then(|id| state.record.exchange(&realm, &id));
    found(
        exchange,
        "no exchange of this realm has this id yet, or it fell out of the record",
    )
}

/// `DELETE {base}/api/flows`: clears the realm's record; refused to pages of other origins.
pub(crate) async fn clear(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
) -> HttpResponse {
    if state.csrf.verify_origin(&request).is_err() {
        return problem(
            HttpResponse::Forbidden(),
            "cross_origin",
            "only our own pages may clear the record",
        );
    }
    let cleared = state.record.clear(&realm);
    state.observer.controls.release(&realm, Release::Cleared);
    tracing::info!(%realm, cleared, "the record was cleared");
    fresh(&mut HttpResponse::Ok()).json(serde_json::json!({ "cleared": cleared }))
}
