//! `GET /`: the four roles, whether they are up, and the grants to choose from. `GET /api/status`: the same, live.

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use futures_util::future::join;
use serde::Serialize;
use shared::observe::HttpRequest;

use super::visit::Visit;
use crate::clock::ClockBar;
use crate::page::HomePage;
use crate::state::AppState;

/// How long a service may take to say that it is up.
const PATIENCE: Duration = Duration::from_millis(800);

/// Whether one service answers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ServiceStatus {
    /// `client-app`, `auth-server` or `resource-server`.
    pub(crate) service: &'static str,
    /// Its public address.
    pub(crate) address: String,
    /// Whether `/healthz` answered 200.
    pub(crate) up: bool,
    /// How long that took, in milliseconds; absent when it is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
}

/// What `GET /api/status` answers.
#[derive(Serialize)]
struct StatusReport {
    services: Vec<ServiceStatus>,
}

/// The start page.
pub(crate) async fn home(visit: Visit) -> HttpResponse {
    let services = status_of_all(&visit.state).await;
    let page = HomePage::new(
        visit.frame.clone(),
        services,
        &visit.state,
        ClockBar::new(&visit),
    );
    visit.page(&page, StatusCode::OK)
}

/// The live state of the three services.
pub(crate) async fn status(visit: Visit) -> HttpResponse {
    let services = status_of_all(&visit.state).await;
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(StatusReport { services })
}

async fn status_of_all(state: &AppState) -> Vec<ServiceStatus> {
    let addresses = &state.addresses;
    let (auth_server, resource_server) = join(
        ask(state, "auth-server", &addresses.auth_server),
        ask(state, "resource-server", &addresses.resource_server),
    )
    .await;
    let here = ServiceStatus {
        service: "client-app",
        address: addresses.client_app.clone(),
        up: true,
        ms: Some(0),
    };
    vec![here, auth_server, resource_server]
}

/// Asks a service for its health: no part of any flow, so it is not observed.
async fn ask(state: &AppState, service: &'static str, address: &str) -> ServiceStatus {
    let started = Instant::now();
    let request = HttpRequest::get(format!("{address}/healthz"));
    let answer = tokio::time::timeout(PATIENCE, state.http.send_unobserved(request)).await;
    let up = matches!(answer, Ok(Ok(answer)) if answer.status == 200);
    let ms = u64::try_from(started.elapsed().as_millis()).ok();
    ServiceStatus {
        service,
        address: address.to_owned(),
        up,
        ms: ms.filter(|_| up),
    }
}
