//! `GET` and `POST /logout`: ends the login session at this server. It asks first, for a link from anywhere
//! must not sign anybody out.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::page;

use crate::authorization::AuthorizeError;
use crate::page::Logout;
use crate::request::accounts;
use crate::request::session;
use crate::request::visit::Visit;
use crate::store::sessions;

/// Asks.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Does it.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let session = visit.session().await?;
    let done = visit.request.query_string() == "done";
    let said = match &session {
        Some(_) => "title",
        None if done => "done",
        None => "none",
    };
    let frame = visit.frame.clone();
    let (title, text) = match said {
        "title" => (frame.t("logout-title"), String::new()),
        "done" => (frame.t("logout-done-title"), frame.t("logout-done-text")),
        _ => (frame.t("logout-none-title"), frame.t("logout-none-text")),
    };
    let purpose = session
        .as_ref()
        .map(|session| purpose(session.signed_in.sid.as_str()));
    let page = Logout {
        here: "logout",
        person: session.map(|session| session.person.name),
        title,
        text,
        csrf: visit.csrf(&purpose.unwrap_or_default()).token(),
        frame,
    };
    Ok(page::html(&page, StatusCode::OK))
}

fn purpose(sid: &str) -> String {
    format!("logout:{sid}")
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let Some(session) = visit.session().await? else {
        return Ok(visit.see_other("/logout"));
    };
    visit.verify(&form, &purpose(session.signed_in.sid.as_str()))?;
    let (realm, now) = (visit.realm_name(), visit.now());
    // Who signs out of a browser leaves nobody signed in there.
    let others = accounts::tokens(&visit.request, &realm);
    visit
        .state
        .store
        .write(move |tx| {
            for other in others {
                sessions::end(tx, &realm, other.digest().as_str(), now)?;
            }
            sessions::end(tx, &realm, &session.digest, now)
        })
        .await?;
    let mut response = visit.see_other("/logout?done");
    let (realm, secure) = (&visit.realm.name, visit.is_secure());
    let cookies = [
        session::removal_cookie(realm, secure),
        accounts::cookie(realm, &[], secure),
    ];
    for cookie in cookies {
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "a session's cookie could not be removed");
        }
    }
    Ok(response)
}
