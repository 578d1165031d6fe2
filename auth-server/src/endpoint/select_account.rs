//! `GET` and `POST /select-account`: which of the accounts that are signed in with this browser a client is to be told
//! of (OpenID Connect Core §3.1.2.1, `prompt=select_account`).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::SessionToken;
use shared::page;

use super::login::{frame, lead_to_client};
use super::proceed::{decision, proceed, take};
use crate::authorization::{AuthorizeError, Decision, PageError, Refusal};
use crate::page::{AccountChoice, SelectAccount};
use crate::request::accounts::{self, Account};
use crate::request::session;
use crate::request::visit::Visit;
use crate::request::waiting::Waiting;
use crate::store::interactions;

/// The checks of a choice, in order, after those of the form itself.
const CHECKS: [&CheckDef; 3] = [
    &check::INTERACTION_KNOWN,
    &check::LOGIN_SESSION,
    &check::CONSENT_GIVEN,
];

/// Shows the accounts.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Takes the choice.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    visit.observation.plan(&[&check::INTERACTION_KNOWN]);
    let query = url::form_urlencoded::parse(visit.request.query_string().as_bytes());
    let handle = query
        .filter(|(name, _)| name == "interaction")
        .map(|(_, value)| value)
        .next();
    let waiting = Waiting::find(visit, &handle.unwrap_or_default()).await?;
    let session = visit.session().await?;
    match decision(visit, &waiting, session.as_ref()).await? {
        Decision::SelectAccount => {
            let known = accounts::all(visit).await?;
            Ok(render(visit, &waiting, &known))
        }
        // Signed out meanwhile, or chosen in another tab.
        _ => proceed(visit, waiting, session.as_ref()).await,
    }
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let handle = form.get("interaction").unwrap_or_default();
    let own = visit.verify(&form, &purpose(handle));
    visit.observation.plan(&CHECKS);
    own?;
    let waiting = Waiting::find(visit, handle).await?;
    if form.get("cancel").is_some() {
        return cancel(visit, &waiting).await;
    }
    let Some(sid) = form.get("account") else {
        // Somebody who is not on the list signs in.
        return Ok(visit.see_other(&format!("/login?interaction={handle}")));
    };
    let mut known = accounts::all(visit).await?;
    let chosen = known
        .iter()
        .position(|account| account.session.signed_in.sid.as_str() == sid);
    match chosen {
        Some(at) => {
            let chosen = known.remove(at);
            let others = known.into_iter().map(|account| account.token).collect();
            go_on(visit, waiting, chosen, others).await
        }
        // The session ended while the page was open.
        None => Ok(render(visit, &waiting, &known)),
    }
}

/// Signs the browser over to the account that was chosen, and goes on with what waits.
async fn go_on(
    visit: &Visit,
    mut waiting: Waiting,
    chosen: Account,
    others: Vec<SessionToken>,
) -> Result<HttpResponse, AuthorizeError> {
    waiting.interaction.chosen_session = Some(chosen.session.signed_in.sid.clone());
    if let Some(handle) = &waiting.handle {
        let (realm, digest) = (visit.realm_name(), handle.digest());
        let json = waiting.interaction.to_json()?;
        let put = visit
            .state
            .store
            .write(move |tx| interactions::update_request(tx, &realm, digest.as_str(), &json))
            .await?;
        if !put {
            return Err(PageError::InteractionGone.into());
        }
    }
    chosen.session.note_life(&visit.observation);
    let callback = waiting.callback.clone();
    let result = proceed(visit, waiting, Some(&chosen.session)).await;
    // The choice stands, whatever becomes of the request.
    let mut response =
        visit.answer(result.map_err(|error| error.by_way_of(&callback, &visit.observation)));
    let cookies = [
        session::cookie(visit.own(), &chosen.token),
        accounts::cookie(visit.own(), &others),
    ];
    for cookie in cookies {
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "a session's cookie could not be set");
        }
    }
    Ok(response)
}

/// The person does not want to: the client is told so (RFC 6749 §4.1.2.1).
async fn cancel(visit: &Visit, waiting: &Waiting) -> Result<HttpResponse, AuthorizeError> {
    take(visit, waiting).await?;
    let expected = "somebody signed in";
    let got = "the person chose Cancel";
    let _ = visit
        .observation
        .require(&check::LOGIN_SESSION, false, expected, got);
    let callback = Box::new(waiting.callback.clone());
    Err(AuthorizeError::Redirect(callback, Refusal::Denied))
}

/// What the form's token is for: one form of one request.
fn purpose(handle: &str) -> String {
    format!("select-account:{handle}")
}

fn render(visit: &Visit, waiting: &Waiting, known: &[Account]) -> HttpResponse {
    let handle = waiting.handle_text();
    let path = format!("/select-account?interaction={handle}");
    let hint = waiting.interaction.request.login_hint.as_deref();
    let mut accounts: Vec<_> = known
        .iter()
        .map(|account| AccountChoice {
            sid: account.session.signed_in.sid.to_string(),
            name: account.session.person.name.clone(),
            username: account.session.person.username.clone(),
        })
        .collect();
    // Whom the client expects stands first.
    accounts.sort_by_key(|account| hint != Some(account.username.as_str()));
    let page = SelectAccount {
        frame: frame(visit, Some(waiting)).with_return_to(visit.link(path)),
        client: waiting.client.name.clone(),
        csrf: visit.csrf(&purpose(handle)).token(),
        interaction: handle.to_owned(),
        accounts,
    };
    let mut response = page::html(&page, StatusCode::OK);
    lead_to_client(&mut response);
    response
}
