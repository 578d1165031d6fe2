//! `GET` and `POST /sign-in`; `GET` and `POST /sign-in/callback` (OpenID Connect Core §3.1.2.5, Form Post Response Mode);
//! `POST /sign-in/forget`: signing out here alone.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::serve::{CspExtra, read_body};

use super::attempt::{Ask, Response};
use super::begin::{Choice, begin};
use super::complete::complete;
use super::page::SignInPage;
use super::provider::Provider;
use crate::endpoint::visit::Visit;
use crate::flow::{Refusal, RefusalKind};

/// The most bytes of a posted answer: two tokens, and room.
const MAX_ANSWER: usize = 64 * 1024;
/// How long it may take to arrive.
const IN_TIME: std::time::Duration = std::time::Duration::from_secs(5);

/// Who is signed in, and with whom one may sign in.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let account = visit
        .owner()
        .and_then(|owner| visit.state.accounts.of(&owner, &visit.realm));
    let page = SignInPage::new(&visit, account.as_ref());
    let mut response = visit.page(&page, StatusCode::OK);
    // Chromium applies `form-action` to the redirect that answers the form: to the providers.
    let form_action = Provider::all(&visit.step())
        .iter()
        .filter_map(|provider| url::Url::parse(&provider.issuer).ok())
        .map(|issuer| issuer.origin().ascii_serialization())
        .collect();
    response.extensions_mut().insert(CspExtra {
        form_action,
        ..CspExtra::default()
    });
    response
}

/// Sends the browser to a provider.
pub(crate) async fn start(mut visit: Visit, payload: web::Payload) -> HttpResponse {
    match away(&mut visit, payload).await {
        Ok(response) => response,
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

async fn away(visit: &mut Visit, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    let form = visit.form(payload).await?;
    let owner = visit.owner_or_new()?;
    let of = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (response, ask) = (of("response"), of("ask"));
    let choice = Choice {
        response: Response::ALL
            .into_iter()
            .find(|known| known.slug() == response)
            .unwrap_or_default(),
        ask: Ask::ALL
            .into_iter()
            .find(|known| known.slug() == ask)
            .unwrap_or_default(),
    };
    let step = visit.step();
    let provider = Provider::find(&step, form.get("provider"))
        .ok_or_else(|| Refusal::by_client(RefusalKind::FormExpired))?;
    let (attempt, url) = begin(&step, owner, provider, choice).await?;
    visit.state.attempts.insert(attempt);
    Ok(visit.see_other(&url))
}

/// The answer in the query.
pub(crate) async fn returned(visit: Visit) -> HttpResponse {
    let query = visit.request.query_string().to_owned();
    conclude(visit, &query).await
}

/// The answer in a form that the provider's page posts: from another site, and believed for its `state` alone.
pub(crate) async fn posted(visit: Visit, payload: web::Payload) -> HttpResponse {
    let body = read_body(payload, MAX_ANSWER, IN_TIME).await;
    let text = body
        .ok()
        .and_then(|body| String::from_utf8(body.to_vec()).ok());
    if let Some(text) = text {
        conclude(visit, &text).await
    } else {
        let refusal = Refusal::by_client(RefusalKind::BadCallback);
        visit.refuse(&refusal, None).await
    }
}

async fn conclude(visit: Visit, answer: &str) -> HttpResponse {
    let owner = visit.owner();
    match complete(&visit.step(), owner.as_ref(), answer).await {
        Ok(account) => {
            visit.state.accounts.sign_in(account);
            // The answer leaves the address bar.
            visit.see_other(&visit.frame.link("/sign-in"))
        }
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

/// Forgets who is signed in here; the provider is not told.
pub(crate) async fn forget(visit: Visit, payload: web::Payload) -> HttpResponse {
    if let Err(refusal) = visit.form(payload).await {
        return visit.refuse(&refusal, None).await;
    }
    if let Some(owner) = visit.owner() {
        visit.state.accounts.sign_out(&owner, &visit.realm);
    }
    visit.see_other(&visit.frame.link("/sign-in"))
}
