//! `GET` and `POST /login`: where a person signs in (OpenID Connect Core §3.1.2.3), for a request that waits
//! or, without one, to see their apps.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::page;
use shared::serve::CspExtra;
use shared::time::Lifetime;

use super::proceed::{proceed, take};
use crate::authorization::{AuthorizeError, PageError, Refusal, SignedIn};
use crate::page::Login;
use crate::person::{self, Person, SignInError};
use crate::request::form::Form;
use crate::request::session::{self, Session};
use crate::request::visit::Visit;
use crate::request::waiting::Waiting;
use crate::store::{StoreError, interactions, sessions};

/// The checks of a submitted form, in order, after those of the form itself.
const CHECKS: [&CheckDef; 5] = [
    &check::INTERACTION_KNOWN,
    &check::LOGIN_ATTEMPTS,
    &check::LOGIN_CREDENTIALS,
    &check::LOGIN_SESSION,
    &check::CONSENT_GIVEN,
];

/// Shows the form.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Takes the form.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let query = url::form_urlencoded::parse(visit.request.query_string().as_bytes());
    let handle = query
        .filter(|(name, _)| name == "interaction")
        .map(|(_, value)| value)
        .next();
    let session = visit.session().await?;
    let waiting = match handle {
        Some(handle) => {
            visit.observation.plan(&[&check::INTERACTION_KNOWN]);
            Some(Waiting::find(visit, &handle).await?)
        }
        None if session.is_some() => return Ok(visit.see_other("/apps")),
        None => None,
    };
    let hint = waiting
        .as_ref()
        .and_then(|waiting| waiting.interaction.request.login_hint.clone());
    let known = session
        .as_ref()
        .map(|session| session.person.username.clone());
    let form = Shown {
        username: hint.or(known).unwrap_or_default(),
        person: session.map(|session| session.person.name),
        error: None,
        status: StatusCode::OK,
    };
    Ok(render(visit, waiting.as_ref(), form))
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let handle = form.get("interaction");
    let own = visit.verify(&form, &purpose(handle.unwrap_or_default()));
    visit.observation.plan(&CHECKS);
    let waiting = match handle {
        Some(handle) => Some(Waiting::find(visit, handle).await?),
        None => None,
    };
    let again = |error: String, status| {
        let username = form.get("username").unwrap_or_default().to_owned();
        let shown = Shown {
            username,
            person: None,
            error: Some(error),
            status,
        };
        render(visit, waiting.as_ref(), shown)
    };
    if own.is_err() {
        return Ok(again(
            visit.frame.t("login-error-form"),
            StatusCode::FORBIDDEN,
        ));
    }
    if let (Some(waiting), Some(_)) = (&waiting, form.get("cancel")) {
        return cancel(visit, waiting).await;
    }
    match authenticate(visit, &form).await {
        Ok(person) => sign_in(visit, waiting, &person).await,
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(SignInError::Wrong) => {
            let empty = form.get("username").is_none() || form.get("password").is_none();
            let key = if empty {
                "login-error-empty"
            } else {
                "login-error-wrong"
            };
            Ok(again(visit.frame.t(key), StatusCode::UNAUTHORIZED))
        }
        Err(SignInError::TooMany { retry_after: wait }) => {
            let minutes = wait.as_seconds().div_ceil(60);
            let error = visit
                .frame
                .ta("login-error-limited", [("minutes", minutes)]);
            let mut response = again(error, StatusCode::TOO_MANY_REQUESTS);
            set_retry_after(&mut response, wait);
            Ok(response)
        }
    }
}

/// What the form's token is for: one form of one request.
fn purpose(handle: &str) -> String {
    format!("login:{handle}")
}

async fn authenticate(visit: &Visit, form: &Form) -> Result<Person, SignInError> {
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    // A connection without an address (a socket of the file system) is this machine's own.
    let address = visit.request.peer_addr().map(|address| address.ip());
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let typed = (username, password);
    let row = person::sign_in(
        &visit.state,
        &visit.realm,
        typed,
        address,
        &visit.observation,
    )
    .await?;
    Ok(Person::from_row(&row)?)
}

/// The person does not want to: the client is told so (RFC 6749 §4.1.2.1).
async fn cancel(visit: &Visit, waiting: &Waiting) -> Result<HttpResponse, AuthorizeError> {
    take(visit, waiting).await?;
    let _ = visit.observation.require(
        &check::LOGIN_SESSION,
        false,
        "somebody signed in",
        "the person chose Cancel",
    );
    let callback = Box::new(waiting.callback.clone());
    Err(AuthorizeError::Redirect(callback, Refusal::Denied))
}

/// Begins a session under a new id, ends the one before, and goes on with what waits.
async fn sign_in(
    visit: &Visit,
    mut waiting: Option<Waiting>,
    person: &Person,
) -> Result<HttpResponse, AuthorizeError> {
    let now = visit.now();
    let (token, row) = session::begin(&visit.realm.name, person, now)?;
    let corrupt = |error| StoreError::corrupt("sessions.sid", error);
    let signed_in = SignedIn {
        subject: person.subject.clone(),
        sid: row.sid.parse().map_err(corrupt)?,
        auth_time: now,
    };
    let session = Session {
        digest: row.digest.clone(),
        person: person.clone(),
        signed_in,
    };
    let mut begun = None;
    if let Some(waiting) = &mut waiting {
        waiting.interaction.begun_session = Some(session.signed_in.sid.clone());
        if let Some(handle) = &waiting.handle {
            begun = Some((handle.digest(), waiting.interaction.to_json()?));
        }
    }
    let (realm, former) = (visit.realm_name(), visit.session_token());
    visit
        .state
        .store
        .write(move |tx| -> Result<(), AuthorizeError> {
            if let Some((digest, json)) = begun
                && !interactions::update_request(tx, &realm, digest.as_str(), &json)?
            {
                return Err(PageError::InteractionGone.into());
            }
            if let Some(former) = former {
                sessions::end(tx, &realm, former.digest().as_str(), now)?;
            }
            Ok(sessions::insert(tx, &row)?)
        })
        .await?;
    let mut response = match waiting {
        Some(waiting) => {
            let callback = waiting.callback.clone();
            let result = proceed(visit, waiting, Some(&session)).await;
            // The sign-in stands, whatever becomes of the request.
            visit.answer(result.map_err(|error| error.by_way_of(&callback)))
        }
        None => visit.see_other("/apps"),
    };
    let cookie = session::cookie(&visit.realm.name, &token, visit.is_secure());
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::error!(%error, "the session's cookie could not be set");
    }
    Ok(response)
}

fn set_retry_after(response: &mut HttpResponse, wait: Lifetime) {
    response.headers_mut().insert(
        header::RETRY_AFTER,
        header::HeaderValue::from(wait.as_seconds()),
    );
}

/// How the form is shown.
struct Shown {
    username: String,
    person: Option<String>,
    error: Option<String>,
    status: StatusCode,
}

fn render(visit: &Visit, waiting: Option<&Waiting>, shown: Shown) -> HttpResponse {
    let handle = waiting.map_or("", Waiting::handle_text);
    let path = match waiting {
        Some(_) => format!("/login?interaction={handle}"),
        None => "/login".to_owned(),
    };
    let page = Login {
        // The language switch returns by GET, whatever method showed the form.
        frame: visit.frame.clone().with_return_to(visit.frame.link(path)),
        person: shown.person,
        client: waiting.map(|waiting| waiting.client.name.clone()),
        csrf: visit.csrf(&purpose(handle)).token(),
        interaction: waiting.map(|_| handle.to_owned()),
        username: shown.username,
        error: shown.error,
        people: visit.state.demo.people(&visit.realm.name),
    };
    let mut response = page::html(&page, shown.status);
    if let Some(waiting) = waiting {
        allow_redirect(&mut response, waiting);
    }
    response
}

/// Lets the form's redirect reach the client: Chromium applies `form-action` to it too.
pub(super) fn allow_redirect(response: &mut HttpResponse, waiting: &Waiting) {
    response.extensions_mut().insert(CspExtra {
        form_action: vec![waiting.callback.origin().to_owned()],
        ..CspExtra::default()
    });
}
