//! `GET`, `PUT` and `DELETE {base}/api/breakpoints`: where the realm's requests wait.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use shared::control::{ANY_METHOD, Breakpoint, BreakpointError, Mode, Route};
use shared::flow::{ExchangeId, Party};
use shared::realm::RealmName;

use super::flows::tell;
use super::{json, no_such_realm, refusal};
use crate::endpoint::flows::{fresh, problem};
use crate::state::AppState;

/// Where requests wait, and where they could.
#[derive(Debug, Serialize)]
struct Places {
    mode: Mode,
    breakpoints: Vec<Breakpoint>,
    routes: Vec<Route>,
}

/// The body of a `PUT`: a mode, a breakpoint, or both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    mode: Option<Mode>,
    service: Option<Party>,
    method: Option<String>,
    path: Option<String>,
    client_id: Option<String>,
    flow: Option<ExchangeId>,
}

/// The query of a `DELETE`: one breakpoint; all without.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    service: Option<Party>,
    method: Option<String>,
    path: Option<String>,
    client_id: Option<String>,
    flow: Option<ExchangeId>,
}

/// `GET`: the mode, the breakpoints, and every observed route of every service.
pub(super) async fn show(state: web::Data<AppState>, realm: RealmName) -> HttpResponse {
    shown(&state, &realm)
}

fn shown(state: &AppState, realm: &RealmName) -> HttpResponse {
    let controls = &state.observer.controls;
    let look = controls.look(realm);
    fresh(&mut HttpResponse::Ok()).json(Places {
        mode: look.mode,
        breakpoints: look.breakpoints,
        routes: controls.routes(),
    })
}

/// `PUT`: sets the mode, or a breakpoint beside those that there are.
pub(super) async fn set(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let wanted: Wanted = match json(&state, &request, payload).await {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    if let Some(refusal) = no_such_realm(&state, &realm).await {
        return refusal;
    }
    let controls = &state.observer.controls;
    let breakpoint = match (wanted.service, wanted.path) {
        (Some(service), Some(path)) => Some(Breakpoint {
            service,
            path,
            method: wanted.method.unwrap_or_else(|| ANY_METHOD.to_owned()),
            client_id: wanted.client_id,
            flow: wanted.flow,
        }),
        (None, None) if wanted.mode.is_some() => None,
        _ => {
            let what = "a breakpoint has a service and a path; else say a mode";
            return problem(HttpResponse::BadRequest(), "invalid_request", what);
        }
    };
    let mode = wanted
        .mode
        .map_or(Ok(()), |mode| controls.set_mode(&realm, mode));
    let set = breakpoint.map_or(Ok(()), |breakpoint| controls.set(&realm, breakpoint));
    tell(&state.record, controls);
    match mode.and(set) {
        Ok(()) => shown(&state, &realm),
        Err(error) => refused(&error),
    }
}

fn refused(error: &BreakpointError) -> HttpResponse {
    let answer = match error {
        BreakpointError::NoRoute { .. } => HttpResponse::BadRequest(),
        BreakpointError::TooMany | BreakpointError::Stopping => HttpResponse::ServiceUnavailable(),
    };
    problem(answer, "invalid_request", &error.to_string())
}

/// `DELETE`: removes one breakpoint, or all and lets requests run.
pub(super) async fn remove(
    state: web::Data<AppState>,
    realm: RealmName,
    request: HttpRequest,
    which: web::Query<Which>,
) -> HttpResponse {
    if let Some(refusal) = refusal(&state, &request) {
        return refusal;
    }
    let controls = &state.observer.controls;
    let which = which.into_inner();
    match (which.service, which.path) {
        (Some(service), Some(path)) => {
            let breakpoint = Breakpoint {
                service,
                path,
                method: which.method.unwrap_or_else(|| ANY_METHOD.to_owned()),
                client_id: which.client_id,
                flow: which.flow,
            };
            if controls.remove(&realm, &breakpoint) {
                shown(&state, &realm)
            } else {
                let what = "there is no such breakpoint";
                problem(HttpResponse::NotFound(), "not_found", what)
            }
        }
        (None, None) => {
            controls.clear(&realm);
            shown(&state, &realm)
        }
        _ => {
            let what = "a breakpoint has a service and a path";
            problem(HttpResponse::BadRequest(), "invalid_request", what)
        }
    }
}
