//! `POST /backchannel-logout`: the provider's server says that a session has ended, and is answered as
//! OpenID Connect Back-Channel Logout 1.0 §2.8 has it.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, ValueKind, ValuePlace, catalog as check};
use shared::oauth::{ErrorBody, ErrorCode, Params};
use shared::serve::read_body;

use super::token::{self, Expected, Verified};
use super::{Way, end};
use crate::endpoint::Visit;
use crate::jwt::{Checklist, Jwt};

/// The most bytes of a logout request.
const MAX_BODY: usize = 32 * 1024;
/// How long it may take to arrive.
const IN_TIME: Duration = Duration::from_secs(5);

/// Ends what the logout token means.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    match told(&visit, payload).await {
        Ok(ended) => {
            visit.observation.note("sessions_ended", ended);
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()
        }
        Err(reason) => HttpResponse::BadRequest()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(ErrorBody::new(ErrorCode::InvalidRequest, reason)),
    }
}

/// Verifies the logout token and ends what it means: how many sessions; or why not.
async fn told(visit: &Visit, payload: web::Payload) -> Result<usize, String> {
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
    list.require(&check::LOGOUT_TOKEN_PRESENT, jwt.is_some(), "a JWT", got)
        .map_err(said)?;
    let Some(jwt) = jwt else {
        return Err("no logout token".to_owned());
    };
    let keys = step.state.keys.keys_for(&step, &jwt).await;
    let keys = keys.map_err(|error| error.to_string())?;
    let issuer = step.issuer();
    let [web, fapi] = step.state.clients.signed_in();
    let ours = [web, fapi, step.state.sign_in.client.client_id.as_str()];
    let expected = Expected {
        issuer: &issuer,
        client_ids: &ours,
        now: step.now(),
    };
    let verified = token::verify(&mut list, &jwt, &keys, &expected).map_err(said)?;
    first(visit, &mut list, &verified).map_err(said)?;
    if let Some(sid) = &verified.meant.sid {
        observed.carries(ValueKind::SessionId, sid, ValuePlace::RequestBody);
    }
    Ok(end(&step, &verified.meant, Way::BackChannel))
}

/// Which check failed, for the provider's log.
fn said(failed: &CheckDef) -> String {
    format!(
        "{} failed: {}",
        failed.id,
        failed.reference.replace('§', "section ")
    )
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
    let got = if first {
        expected
    } else {
        "one that came before"
    };
    list.require(&check::LOGOUT_TOKEN_UNUSED, first, expected, got)
}
