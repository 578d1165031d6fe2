//! What can be done with a run: `POST /runs/{run}/call` (the API), `/refresh`, `/revoke`, `/code` (trade it, or
//! again), `/step-up` (sign in anew), `/lab` (hand the token on).
//!
//! Each is a form of the inspector; each answers 303 to the inspector.

use actix_web::{HttpResponse, web};
use shared::oauth::Params;

use super::visit::Visit;
use crate::flow::refresh_token::{self, Revoke};
use crate::flow::{Demand, Refusal, Run, Start, authorization_code, token_exchange};
use crate::resource::{self, Call};

/// The longest caption of a photo that is added.
const MAX_CAPTION: usize = 80;

/// Calls the protected API with the access token.
pub(crate) async fn call(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (mut run, form) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    if let Some(call) = form.get("call").and_then(Call::from_slug) {
        let caption = form.get("caption").unwrap_or("Printed by the print shop");
        let caption: String = caption.chars().take(MAX_CAPTION).collect();
        resource::call(&visit.step(), &mut run, call, &caption).await;
    }
    end(&visit, run)
}

/// Trades a refresh token: the newest, or on purpose one that was used before.
pub(crate) async fn refresh(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (mut run, form) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let newest = run.tokens.len().saturating_sub(1);
    let link = form.get("link").and_then(|link| link.parse().ok());
    refresh_token::refresh(&visit.step(), &mut run, link.unwrap_or(newest)).await;
    end(&visit, run)
}

/// Takes a token back.
pub(crate) async fn revoke(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (mut run, form) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let which = match form.get("which") {
        Some("refresh") => Revoke::RefreshToken,
        _ => Revoke::AccessToken,
    };
    refresh_token::revoke(&visit.step(), &mut run, which).await;
    end(&visit, run)
}

/// Trades the code that was held back, or sends a spent one again.
pub(crate) async fn code(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (mut run, _) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    authorization_code::redeem_again(&visit.step(), &mut run).await;
    end(&visit, run)
}

/// Begins a stronger sign-in, as the API demanded (RFC 9470 §4): a new authorization request with its `max_age` and
/// `acr_values`, after which the call is made again.
pub(crate) async fn step_up(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (run, _) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let Some(demand) = Demand::of(&run) else {
        return end(&visit, run);
    };
    let choice = Start {
        scope: run.scope.clone(),
        bound: run.key.is_some(),
        delivery: visit.state.clients.delivery_of(&run.client_id),
        max_age: demand.max_age,
        acr_values: demand.acr_values,
        then: Some(demand.call),
        ..Start::default()
    };
    let step = visit.step();
    let begun = async {
        let (stronger, url) = authorization_code::start(&step, run.owner, &choice)?;
        let url = choice.delivery.carry(&step, url).await?;
        Ok::<_, Refusal>((stronger, url))
    };
    match begun.await {
        Ok((stronger, url)) => {
            visit.state.runs.insert(stronger);
            visit.see_other(&url)
        }
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

/// Hands the token to the laboratory behind the shop, which exchanges it (RFC 8693).
pub(crate) async fn hand_over(visit: Visit, payload: web::Payload) -> HttpResponse {
    let (mut run, _) = match begin(&visit, payload).await {
        Ok(begun) => begun,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    token_exchange::hand_over(&visit.step(), &mut run).await;
    end(&visit, run)
}

async fn begin(visit: &Visit, payload: web::Payload) -> Result<(Run, Params), Refusal> {
    let form = visit.form(payload).await?;
    Ok((visit.run()?, form))
}

fn end(visit: &Visit, run: Run) -> HttpResponse {
    let location = visit.frame.link(format!("/runs/{}", run.id));
    let id = run.id.clone();
    visit.state.runs.update(&id, |kept| *kept = run);
    visit.see_other(&location)
}
