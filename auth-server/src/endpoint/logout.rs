//! `GET` and `POST /logout`: the end session endpoint (OpenID Connect RP-Initiated Logout 1.0 §2), for clients and
//! for people who come by themselves.
//!
//! It asks first, unless the hint names the session of this very browser: a link from anywhere must not sign anybody
//! out. A request that fails a check ends nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::{ValueKind, ValuePlace, catalog as check};
use shared::oauth::Params;
use shared::page::{self, Frame};
use shared::serve::CspExtra;

use super::login::lead_to_client;
use crate::authorization::{AuthorizeError, PageError};
use crate::client::Client;
use crate::issue::subject;
use crate::logout::frames::{LogoutFrame, frame_of};
use crate::logout::notify::{self, Telling, Told};
use crate::logout::{Destination, Ended, LogoutRequest, ending};
use crate::page::{Logout, SignedOut};
use crate::realms::Realm;
use crate::request::accounts;
use crate::request::form::form_body;
use crate::request::session::{self, Session};
use crate::request::visit::{Visit, see_other};

/// Takes a client's request from the query, or a person who comes by themselves.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let query = visit.request.query_string().to_owned();
    let result = asked(&visit, query.as_bytes()).await;
    visit.answer(result)
}

/// Takes a client's request from a form, or the answer to our own question.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = posted(&visit, payload).await;
    visit.answer(result)
}

/// A client asks, or a person comes.
async fn asked(visit: &Visit, text: &[u8]) -> Result<HttpResponse, AuthorizeError> {
    let request = read(visit, text).await?;
    let Some(session) = visit.session().await? else {
        return Ok(nobody(visit, &request));
    };
    if is_of_this_browser(&request, &visit.realm, &session) {
        let why = "the hint names the session of this browser";
        let _ = visit
            .observation
            .require(&check::LOGOUT_SESSION, true, why, why);
        let _ = visit.observation.require(
            &check::LOGOUT_CONFIRMED,
            true,
            "the person agreed, or need not be asked",
            "need not be asked",
        );
        return end(visit, &request, &session).await;
    }
    Ok(ask(visit, &request, &session))
}

async fn posted(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let (limits, observation) = (&visit.state.limits, &visit.observation);
    let body = form_body(&visit.request, payload, limits, observation).await?;
    let field = |name: &str| {
        let mut fields = url::form_urlencoded::parse(&body);
        let found = fields.find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    };
    if let (Some(csrf), Some(decision)) = (field("csrf"), field("decision")) {
        return answered(visit, &body, (&csrf, &decision)).await;
    }
    if visit.session_token().is_none() {
        // A form of another site brings no cookie along (SameSite=Lax); the browser does when it is sent here.
        let params = Params::parse(&body).map_err(|_| PageError::Malformed)?;
        if params.iter().next().is_some() {
            return Ok(visit.see_other(&format!("/logout?{}", params.encode())));
        }
    }
    asked(visit, &body).await
}

/// The person answers our question.
async fn answered(
    visit: &Visit,
    body: &[u8],
    (csrf, decision): (&str, &str),
) -> Result<HttpResponse, AuthorizeError> {
    let session = visit.session().await?;
    if let Some(session) = &session {
        visit.verify_token(Some(csrf), &purpose(session))?;
    }
    let request = read(visit, body).await?;
    let Some(session) = session else {
        return Ok(nobody(visit, &request));
    };
    let agreed = decision == "confirm";
    let got = if agreed {
        "agreed"
    } else {
        "chose to stay signed in"
    };
    let _ = visit.observation.require(
        &check::LOGOUT_CONFIRMED,
        agreed,
        "the person agreed, or need not be asked",
        got,
    );
    if agreed {
        return end(visit, &request, &session).await;
    }
    let name = session.person.name;
    let said = said(visit, &request, Some(name.clone()));
    let page = Logout {
        title: said.frame.t("logout-kept-title"),
        text: said.frame.ta("logout-kept-text", [("name", name)]),
        destination: None,
        ..said
    };
    Ok(page::html(&page, StatusCode::OK))
}

async fn read(visit: &Visit, text: &[u8]) -> Result<LogoutRequest, AuthorizeError> {
    LogoutRequest::read(text, &visit.state, &visit.realm, &visit.observation).await
}

/// What the token of the form is for: the end of this session.
fn purpose(session: &Session) -> String {
    format!("logout:{}", session.signed_in.sid)
}

/// Whether the hint names the session of this browser, and nothing speaks against it.
fn is_of_this_browser(request: &LogoutRequest, realm: &Realm, session: &Session) -> bool {
    let own = session.signed_in.sid.as_str();
    let seen = match &request.client {
        Some(client) => subject::session_seen_by(client, realm, own),
        None => own.to_owned(),
    };
    let sid = request.hint.as_ref().and_then(|hint| hint.sid.as_deref());
    let expected = request.logout_hint().is_none_or(|hint| {
        let person = &session.person;
        [
            seen.as_str(),
            person.username.as_str(),
            person.subject.as_str(),
        ]
        .contains(&hint)
    });
    expected && sid == Some(seen.as_str())
}

/// Nobody is signed in: there is nothing to end. Who was sent here by a client's hint goes on at once; who was
/// not, by a link.
fn nobody(visit: &Visit, request: &LogoutRequest) -> HttpResponse {
    if let (Some(destination), Some(_)) = (&request.destination, &request.hint) {
        return see_other(destination.url());
    }
    let said = said(visit, request, None);
    let page = Logout {
        title: said.frame.t("logout-none-title"),
        text: said.frame.t("logout-none-text"),
        ..said
    };
    page::html(&page, StatusCode::OK)
}

/// Asks the person.
fn ask(visit: &Visit, request: &LogoutRequest, session: &Session) -> HttpResponse {
    let said = said(visit, request, Some(session.person.name.clone()));
    let page = Logout {
        asks: true,
        title: said.frame.t("logout-title"),
        csrf: visit.csrf(&purpose(session)).token(),
        repeated: request.repeated(),
        from_nobody: request.is_from_nobody(),
        ..said
    };
    let mut response = page::html(&page, StatusCode::OK);
    if request.destination.is_some() {
        lead_to_client(&mut response);
    }
    response
}

/// The page as far as it is always the same.
fn said(visit: &Visit, request: &LogoutRequest, person: Option<String>) -> Logout {
    let client = request.client.as_ref();
    Logout {
        here: "logout",
        asks: false,
        client: client.map(|client| client.name.clone()),
        destination: request.destination.as_ref().map(|to| to.url().to_owned()),
        person,
        title: String::new(),
        text: String::new(),
        csrf: String::new(),
        repeated: Vec::new(),
        from_nobody: false,
        frame: frame(visit, request),
    }
}

/// The frame, in the language that the client wants (`ui_locales`) unless the person chose one.
fn frame(visit: &Visit, request: &LogoutRequest) -> Frame {
    let here = visit.link("/logout");
    visit.frame_in(request.language()).with_return_to(here)
}

/// Ends the session of this browser, tells its clients, and goes on.
async fn end(
    visit: &Visit,
    request: &LogoutRequest,
    session: &Session,
) -> Result<HttpResponse, AuthorizeError> {
    // Who signs out of a browser leaves nobody signed in there.
    let others = accounts::tokens(visit);
    let digests: Vec<String> = std::iter::once(session.digest.clone())
        .chain(
            others
                .iter()
                .map(|token| token.digest().as_str().to_owned()),
        )
        .collect();
    let (store, realm) = (&visit.state.store, &visit.realm.name);
    let ended = ending::end_all(store, realm, digests, visit.now()).await?;
    let mut response = if ended.is_empty() {
        // It ended while we asked.
        nobody(visit, request)
    } else {
        let (mut calls, mut frames) = (Vec::new(), Vec::new());
        for one in &ended {
            let parting = tell(visit, one).await?;
            calls.extend(parting.calls);
            frames.extend(parting.frames);
        }
        leave(visit, request, (notify::wait(calls).await, frames))
    };
    take_cookie(visit, &mut response);
    Ok(response)
}

/// What the end of a session sets going.
pub(super) struct Parting {
    /// The clients that are being told.
    pub(super) calls: Vec<Telling>,
    /// What the browser has to load.
    pub(super) frames: Vec<LogoutFrame>,
}

/// Begins to tell the clients of a session that it has ended.
///
/// # Errors
/// [`AuthorizeError::Store`] when the clients cannot be read.
pub(super) async fn tell(visit: &Visit, ended: &Ended) -> Result<Parting, AuthorizeError> {
    let observation = &visit.observation;
    observation.note("session_ended", ended.clients.len());
    observation.carries(ValueKind::SessionId, &ended.sid, ValuePlace::ResponseBody);
    let clients = clients_of(visit, ended).await?;
    let seen = clients
        .iter()
        .map(|client| subject::session_seen_by(client, &visit.realm, &ended.sid));
    for sid in seen
        .filter(|sid| *sid != ended.sid)
        .collect::<BTreeSet<_>>()
    {
        observation.carries(ValueKind::SessionId, &sid, ValuePlace::ResponseBody);
    }
    let frames = clients
        .iter()
        .filter_map(|client| frame_of(client, &visit.realm, ended));
    Ok(Parting {
        frames: frames.collect(),
        calls: notify::begin(&visit.state, &visit.realm, (ended, &clients), observation),
    })
}

async fn clients_of(visit: &Visit, ended: &Ended) -> Result<Vec<Arc<Client>>, AuthorizeError> {
    let mut clients = Vec::new();
    for id in &ended.clients {
        clients.extend(visit.state.client(&visit.realm, id).await?);
    }
    Ok(clients)
}

/// Goes on to where the client wants, by way of a page where the browser has frames to load; else stays.
fn leave(
    visit: &Visit,
    request: &LogoutRequest,
    (told, frames): (Vec<Told>, Vec<LogoutFrame>),
) -> HttpResponse {
    match &request.destination {
        Some(destination) if frames.is_empty() => see_other(destination.url()),
        destination => {
            let destination = destination.as_ref().map(Destination::url);
            signed_out(visit, (told, frames), destination)
        }
    }
}

/// The page after signing out.
pub(super) fn signed_out(
    visit: &Visit,
    (told, frames): (Vec<Told>, Vec<LogoutFrame>),
    destination: Option<&str>,
) -> HttpResponse {
    let origins = frames.iter().map(|frame| frame.origin.clone());
    let mut origins: Vec<String> = origins.collect();
    origins.sort();
    origins.dedup();
    let page = SignedOut::new(visit.frame(), told, frames, destination);
    let mut response = page::html(&page, StatusCode::OK);
    response.extensions_mut().insert(CspExtra {
        frame_src: origins,
        ..CspExtra::default()
    });
    response
}

/// Takes the session's cookie away.
pub(super) fn take_cookie(visit: &Visit, response: &mut HttpResponse) {
    let cookies = [
        session::removal_cookie(visit.own()),
        accounts::cookie(visit.own(), &[]),
    ];
    for cookie in cookies {
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "a session's cookie could not be removed");
        }
    }
}
