//! `GET` and `POST /apps`: where a person is signed in and which apps may act for them, and ending or taking back
//! each of these (RFC 9700 §2; RFC 7009 §5; OpenID Connect Back-Channel Logout 1.0 §2.7).
//!
//! Taking back ends grants, so that their refresh tokens stop working and their access tokens are refused wherever
//! this server is asked; of an app as a whole, it forgets the consent too. Ending a session is signing out: its
//! clients are told.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::page::{self, Tone};

use super::acting::Acting;
use super::{logout, taking_back};
use crate::authorization::AuthorizeError;
use crate::logout::{ending, notify};
use crate::page::{Apps, SessionLine};
use crate::person::SessionDetails;
use crate::request::form::Form;
use crate::request::session::{IDLE, Session};
use crate::request::visit::Visit;
use crate::store::sessions::{self, SessionRow};
use crate::store::{StoreError, Stored, grants, stored};

/// How many sessions have a line on the page, the one of this browser among them: whoever has more sees those that were
/// used last.
const SHOWN: usize = 20;

/// Shows them; who is not signed in signs in first.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Ends or takes back what was chosen.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let Some(session) = visit.session().await? else {
        return Ok(visit.see_other("/login"));
    };
    let (realm, sub) = (visit.realm_name(), session.person.subject.to_string());
    let now = visit.now();
    let acting = Acting::list(&visit.state.store, realm, sub, now).await?;
    let mut frame = visit.frame().clone();
    if let Some(text) = notice(visit).await? {
        frame = frame.with_notice(Tone::Success, text);
    }
    let mut rows = live_sessions(visit, &session, Some(SHOWN + 1)).await?;
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    if !rows.iter().any(|row| row.digest == session.digest) {
        // Others were used since; when this one was is written down once a minute.
        rows.truncate(SHOWN - 1);
        rows.extend(this_session(visit, &session).await?);
    }
    let mut lines = Vec::new();
    for row in rows {
        let details: SessionDetails = stored::read("sessions.details", &row.details)?;
        let here = row.digest == session.digest;
        lines.push(SessionLine::new(&frame, &row, &details.user_agent, here));
    }
    let page = Apps {
        here: "apps",
        csrf: visit.csrf(&purpose(&session)).token(),
        person: Some(session.person.name),
        sessions: lines,
        more_sessions: more,
        acting: acting.into_iter().map(|one| one.shown(&frame)).collect(),
        frame,
    };
    Ok(page::html(&page, StatusCode::OK))
}

/// What was done a moment ago.
async fn notice(visit: &Visit) -> Result<Option<String>, StoreError> {
    let query = visit.request.query_string();
    if query == "session_ended" {
        return Ok(Some(visit.frame().t("apps-session-ended")));
    }
    if query == "grant_taken_back" {
        return Ok(Some(visit.frame().t("apps-grant-taken-back")));
    }
    let client = match query.strip_prefix("taken_back=") {
        Some(client_id) => client_name(visit, client_id).await?,
        None => None,
    };
    Ok(client.map(|client| visit.frame().ta("apps-taken-back", [("client", client)])))
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let Some(session) = visit.session().await? else {
        return Ok(visit.see_other("/login"));
    };
    visit.verify(&form, &purpose(&session))?;
    if form.get("everywhere").is_some() {
        let all = live_sessions(visit, &session, None).await?;
        return end(visit, &session, all).await;
    }
    if let Some(sid) = form.get("session") {
        let all = live_sessions(visit, &session, None).await?.into_iter();
        return end(visit, &session, all.filter(|row| row.sid == sid).collect()).await;
    }
    match form.get("grant") {
        Some(grant_id) => take_back_grant(visit, &session, grant_id).await,
        None => take_back_app(visit, &session, &form).await,
    }
}

/// The session of this browser, unless it has ended meanwhile.
async fn this_session(visit: &Visit, session: &Session) -> Result<Option<SessionRow>, StoreError> {
    let (realm, digests) = (visit.realm_name(), [session.digest.clone()]);
    let store = &visit.state.store;
    let found = store.read(move |tx| sessions::list_unended(tx, &realm, &digests));
    Ok(found.await?.pop())
}

/// The sessions of the person who is signed in, those that were used last first: all, or as many as `most`.
async fn live_sessions(
    visit: &Visit,
    session: &Session,
    most: Option<usize>,
) -> Result<Vec<SessionRow>, StoreError> {
    let (realm, now) = (visit.realm_name(), visit.now());
    let sub = session.person.subject.to_string();
    visit
        .state
        .store
        .read(move |tx| sessions::list_live(tx, &realm, (&sub, most), (now, now - IDLE)))
        .await
}

/// Ends sessions and tells their clients. Where the one of this browser is among them, the person is signed out
/// here too.
async fn end(
    visit: &Visit,
    session: &Session,
    rows: Vec<SessionRow>,
) -> Result<HttpResponse, AuthorizeError> {
    let here = rows.iter().any(|row| row.digest == session.digest);
    let (store, realm) = (&visit.state.store, &visit.realm.name);
    let digests = rows.into_iter().map(|row| row.digest).collect();
    let ended = ending::end_all(store, realm, digests, visit.now()).await?;
    let (mut calls, mut frames) = (Vec::new(), Vec::new());
    for one in &ended {
        let parting = logout::tell(visit, one).await?;
        calls.extend(parting.calls);
        if one.sid == session.signed_in.sid.as_str() {
            // Only of the session of this browser can the browser tell.
            frames = parting.frames;
        }
    }
    let told = notify::wait(calls).await;
    if !here {
        return Ok(visit.see_other("/apps?session_ended"));
    }
    let mut response = logout::signed_out(visit, (told, frames), None);
    logout::take_cookie(visit, &mut response);
    Ok(response)
}

/// Takes one grant back: one of this person's.
async fn take_back_grant(
    visit: &Visit,
    session: &Session,
    grant_id: &str,
) -> Result<HttpResponse, AuthorizeError> {
    let (realm, now) = (visit.realm_name(), visit.now());
    let (sub, id) = (session.person.subject.to_string(), grant_id.to_owned());
    visit
        .state
        .store
        .write(move |tx| -> Stored<()> {
            let grant = grants::find(tx, &realm, &id)?;
            if grant.is_some_and(|grant| grant.sub.as_deref() == Some(sub.as_str())) {
                grants::revoke(tx, &realm, &id, now)?;
            }
            Ok(())
        })
        .await?;
    Ok(visit.see_other("/apps?grant_taken_back"))
}

/// Takes everything back that an app may do, and forgets the consent.
async fn take_back_app(
    visit: &Visit,
    session: &Session,
    form: &Form,
) -> Result<HttpResponse, AuthorizeError> {
    let client_id = form.get("client_id").unwrap_or_default().to_owned();
    let (store, realm) = (&visit.state.store, &visit.realm.name);
    let whose = (session.person.subject.to_string(), client_id.clone());
    taking_back::everything(store, realm, whose, visit.now()).await?;
    let encoded: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    Ok(visit.see_other(&format!("/apps?taken_back={encoded}")))
}

fn purpose(session: &Session) -> String {
    format!("apps:{}", session.signed_in.sid)
}

/// The name of a client, by its form-encoded id.
async fn client_name(visit: &Visit, encoded: &str) -> Result<Option<String>, StoreError> {
    let query = format!("id={encoded}");
    let Some((_, id)) = url::form_urlencoded::parse(query.as_bytes()).next() else {
        return Ok(None);
    };
    let client = visit.state.client(&visit.realm, &id).await?;
    Ok(client.map(|client| client.name.clone()))
}
