//! `POST /runs/{run}/sign-out`, `GET /signed-out`, `POST /backchannel-logout` and `GET /frontchannel-logout`.
//!
//! The first two are the browser's; the third is called by the provider's server and answered as
//! OpenID Connect Back-Channel Logout 1.0 §2.8 has it; the fourth is loaded in a frame of the provider's page.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, ValueKind, ValuePlace, catalog as check};
use shared::oauth::{ErrorBody, ErrorCode, Params};
use shared::page;
use shared::serve::{CspExtra, read_body};

use super::page::{FramePage, SignedOutPage};
use super::token::{self, Expected, Verified};
use super::{Found, Meant, SignedOut, Way, leave};
use crate::endpoint::Visit;
use crate::flow::Refusal;
use crate::jwt::{Checklist, Jwt};

/// The most bytes of a logout request.
const MAX_BODY: usize = 32 * 1024;
/// How long it may take to arrive.
const IN_TIME: Duration = Duration::from_secs(5);

/// The checks of a front-channel logout, in order.
const FRAME_CHECKS: [&CheckDef; 2] = [
    &check::FRONTCHANNEL_LOGOUT_ISSUER,
    &check::FRONTCHANNEL_LOGOUT_SESSION,
];

/// Sends the browser to the provider's end session endpoint.
pub(crate) async fn sign_out(visit: Visit, payload: web::Payload) -> HttpResponse {
    let begun = match visit.form(payload).await {
        Ok(_) => visit.run(),
        Err(refusal) => Err(refusal),
    };
    let mut run = match begun {
        Ok(run) => run,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let step = visit.step();
    step.observation.note("grant", "logout");
    match leave::away(&step, &mut run) {
        Ok(location) => {
            let (id, leaving) = (run.id.clone(), run.leaving.clone());
            visit.state.runs.update(&id, |kept| kept.leaving = leaving);
            visit.see_other(&location)
        }
        Err(error) => visit.refuse(&Refusal::internal(&error), None).await,
    }
}

/// The browser comes back from signing out.
pub(crate) async fn signed_out(visit: Visit) -> HttpResponse {
    let owner = visit.owner();
    let query = visit.request.query_string();
    match leave::back(&visit.step(), owner.as_ref(), query) {
        Ok(run) => {
            let page = SignedOutPage::new(visit.frame.clone(), &run);
            visit.page(&page, StatusCode::OK)
        }
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

/// The provider's server says that a session has ended.
pub(crate) async fn back_channel(visit: Visit, payload: web::Payload) -> HttpResponse {
    match told(&visit, payload).await {
        Ok(found) => {
            visit.observation.note("sessions_ended", found.ended);
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()
        }
        Err(reason) => {
            let body = ErrorBody::new(ErrorCode::InvalidRequest, reason);
            HttpResponse::BadRequest()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(body)
        }
    }
}

/// Verifies the logout token and ends what it means; or why not.
async fn told(visit: &Visit, payload: web::Payload) -> Result<Found, String> {
    let step = visit.step();
    let observed = step.observation;
    observed.plan(&[&check::REQUEST_CONTENT_TYPE, &check::REQUEST_SIZE]);
    let token = logout_token(visit, payload).await?;
    let mut list = Checklist::new(Some(observed), &token::CHECKS);
    let jwt = token.as_deref().and_then(Jwt::decode);
    let got = match (&token, &jwt) {
        (None, _) => "no logout_token",
        (Some(_), None) => "something that is no JWT",
        (Some(_), Some(_)) => "a JWT",
    };
    let said = |failed: &CheckDef| format!("{}: {}", failed.id, failed.reference);
    list.require(&check::LOGOUT_TOKEN_PRESENT, jwt.is_some(), "a JWT", got)
        .map_err(said)?;
    let Some(jwt) = jwt else {
        return Err("no logout token".to_owned());
    };
    let keys = step.state.keys.keys_for(&step, &jwt).await;
    let keys = keys.map_err(|error| error.to_string())?;
    let issuer = step.issuer();
    let expected = Expected {
        issuer: &issuer,
        client_id: &step.state.clients.web.client_id,
        now: step.now(),
    };
    let verified = token::verify(&mut list, &jwt, &keys, &expected).map_err(said)?;
    first(visit, &mut list, &verified).map_err(said)?;
    if let Some(sid) = &verified.meant.sid {
        observed.carries(ValueKind::SessionId, sid, ValuePlace::RequestBody);
    }
    Ok(end(visit, &verified.meant, Way::BackChannel))
}

/// The form parameter `logout_token` (§2.5).
async fn logout_token(visit: &Visit, payload: web::Payload) -> Result<Option<String>, String> {
    let observed = &visit.observation;
    let form = "application/x-www-form-urlencoded";
    let kind = visit.request.headers().get(header::CONTENT_TYPE);
    let kind = kind.map_or("none", |value| value.to_str().unwrap_or("not ASCII"));
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_form = essence.eq_ignore_ascii_case(form);
    observed
        .require(&check::REQUEST_CONTENT_TYPE, is_form, form, kind)
        .or_else(|| format!("the body must be {form}"))?;
    let body = read_body(payload, MAX_BODY, IN_TIME).await;
    let got = match &body {
        Ok(body) => format!("{} bytes", body.len()),
        Err(error) => error.to_string(),
    };
    let whole = format!("at most {MAX_BODY} bytes, whole");
    let body = observed
        .require_some(&check::REQUEST_SIZE, body.ok(), whole, got)
        .ok_or("the body is too large, or did not arrive")?;
    let params = Params::parse(&body).map_err(|error| error.to_string())?;
    Ok(params.get("logout_token").map(str::to_owned))
}

/// §2.6 (8): the token comes for the first time.
fn first(
    visit: &Visit,
    list: &mut Checklist<'_>,
    verified: &Verified,
) -> Result<(), &'static CheckDef> {
    let times = (visit.step().now(), verified.expires_at);
    let seen = &visit.state.seen_logout_tokens;
    let first = seen.is_first(&visit.realm, &verified.jti, times);
    let expected = "a jti that comes for the first time";
    let got = if first { expected } else { "one that came before" };
    list.require(&check::LOGOUT_TOKEN_UNUSED, first, expected, got)
}

/// Ends the sessions that are meant: their tokens are dropped.
fn end(visit: &Visit, meant: &Meant, way: Way) -> Found {
    let step = visit.step();
    let left = SignedOut {
        sid: meant.sid.clone(),
        way,
        exchange: step.exchange(),
        at: step.now(),
    };
    visit.state.runs.sign_out(&visit.realm, meant, &left)
}

/// The browser loads this in a frame of the provider's page (Front-Channel Logout §2): the session is told by `iss`
/// and `sid`, not by a cookie, which browsers keep back in frames of other sites.
pub(crate) async fn front_channel(visit: Visit) -> HttpResponse {
    let held = framed(&visit);
    let status = if held { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let mut response = page::html(&FramePage::new(visit.frame.clone(), held), status);
    response.extensions_mut().insert(CspExtra {
        frame_ancestors: vec![visit.state.addresses.auth_server.clone()],
        ..CspExtra::default()
    });
    response
}

/// Whether the frame's address names our issuer and a session of ours; then it has ended.
fn framed(visit: &Visit) -> bool {
    let step = visit.step();
    let observed = step.observation;
    observed.plan(&FRAME_CHECKS);
    let params = Params::parse(visit.request.query_string().as_bytes()).unwrap_or_default();
    let (issuer, iss) = (step.issuer(), params.get("iss"));
    let same = iss == Some(issuer.as_str());
    let got = iss.unwrap_or("no iss");
    let verdict = observed.require(&check::FRONTCHANNEL_LOGOUT_ISSUER, same, &issuer, got);
    if !verdict.passed() {
        return false;
    }
    let meant = Meant {
        client_id: step.state.clients.web.client_id.clone(),
        sub: None,
        sid: params.get("sid").map(str::to_owned),
    };
    let found = match &meant.sid {
        Some(_) => end(visit, &meant, Way::FrontChannel),
        None => Found::default(),
    };
    let expected = "the sid of a session of this client";
    let got = match (&meant.sid, found) {
        (None, _) => "no sid",
        (Some(_), found) if !found.any() => "another sid",
        (Some(_), Found { ended: 0, .. }) => "one that had ended before",
        (Some(_), _) => expected,
    };
    observed
        .require(&check::FRONTCHANNEL_LOGOUT_SESSION, found.any(), expected, got)
        .passed()
}
