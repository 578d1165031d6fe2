//! `GET` and `POST /device`: where a person types the code that a device shows (RFC 8628 §3.3), and
//! `GET /device/done`, which says what became of it.
//!
//! The form is there before anybody signs in, and looks nothing up: whether a code exists is told only to people
//! who are signed in, who are few and counted (`device_confirm.rs`).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::UserCode;
use shared::page;
use shared::time::Lifetime;

use crate::approval::{self, State};
use crate::authorization::AuthorizeError;
use crate::page::{Device, DeviceDone};
use crate::request::errand::Errand;
use crate::request::visit::Visit;

/// The checks of a submitted code, after those of the form itself.
const CHECKS: [&CheckDef; 1] = [&check::USER_CODE_KNOWN];

/// What the form's token is for.
const PURPOSE: &str = "device";

/// The longest text that is put back into the field.
const LONGEST_SHOWN: usize = 40;

/// Shows the form, with the code that the address names (RFC 8628 §3.3.1).
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let code = query(&visit, "user_code");
    let form = Shown {
        from_link: !code.is_empty(),
        user_code: code,
        wrong: None,
    };
    let result = form.render(&visit).await;
    visit.answer(result)
}

/// Takes the code: on to the question, by way of signing in where nobody is.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

/// Says what became of a code, to whoever decided.
pub(crate) async fn done(visit: Visit) -> HttpResponse {
    let result = outcome(&visit).await;
    visit.answer(result)
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let typed = form.get("user_code").unwrap_or_default();
    visit.verify(&form, PURPOSE)?;
    visit.observation.plan(&CHECKS);
    let Ok(code) = typed.parse::<UserCode>() else {
        let expected = "eight letters, none of them a vowel";
        let got = "something else";
        let _ = visit
            .observation
            .require(&check::USER_CODE_KNOWN, false, expected, got);
        return Shown::wrong(typed, Wrong::Malformed).render(visit).await;
    };
    let errand = Errand::Device(code);
    let path = match visit.session().await? {
        Some(_) => errand.path(visit),
        None => errand.login_path(),
    };
    Ok(visit.see_other(&path))
}

async fn outcome(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let (session, code) = (visit.session().await?, query(visit, "user_code").parse());
    let (Some(session), Ok(code)) = (session, code) else {
        return Ok(visit.see_other("/device"));
    };
    let code: UserCode = code;
    let (realm, now, digest) = (visit.realm_name(), visit.now(), code.digest());
    let found = visit
        .state
        .store
        .look_up(move |tx| approval::find_by_code(tx, &realm, &digest, now))
        .await?;
    // Somebody else's decision is nobody's business, not even that there is one.
    let own = session.person.subject.as_str();
    let Some(approval) = found.filter(|approval| approval.decided_by() == Some(own)) else {
        return Ok(visit.see_other("/device"));
    };
    if approval.state == State::Expired {
        // The device never came for it.
        return Shown::wrong(&code.shown(), Wrong::Expired)
            .render(visit)
            .await;
    }
    let client = visit
        .state
        .client(&visit.realm, approval.client_id())
        .await?;
    let page = DeviceDone {
        here: "device",
        person: Some(session.person.name),
        client: client.map_or_else(
            || approval.client_id().to_owned(),
            |client| client.name.clone(),
        ),
        confirmed: approval.state != State::Denied,
        frame: visit.frame().clone(),
    };
    Ok(page::html(&page, StatusCode::OK))
}

/// The first value of a parameter of the address; empty without one.
pub(super) fn query(visit: &Visit, name: &str) -> String {
    url::form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(known, _)| known == name)
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// What is wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It cannot be one.
    Malformed,
    /// No device waits with it.
    Unknown,
    /// Its time is over.
    Expired,
    /// Somebody has decided.
    Decided,
    /// There were too many wrong ones.
    TooMany {
        /// When the next one is looked at.
        retry_after: Lifetime,
    },
}

/// The form as it is shown.
pub(super) struct Shown {
    user_code: String,
    from_link: bool,
    wrong: Option<Wrong>,
}

impl Shown {
    /// The form with what was typed, and what is wrong with it.
    pub(super) fn wrong(typed: &str, wrong: Wrong) -> Self {
        Self {
            user_code: typed.to_owned(),
            from_link: false,
            wrong: Some(wrong),
        }
    }

    /// Shows it.
    ///
    /// # Errors
    /// [`AuthorizeError::Store`].
    pub(super) async fn render(self, visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
        let session = visit.session().await?;
        let frame = visit.frame().clone().with_return_to(visit.link("/device"));
        let words = |wrong| match wrong {
            Wrong::Malformed => frame.t("device-error-malformed"),
            Wrong::Unknown => frame.t("device-error-unknown"),
            Wrong::Expired => frame.t("device-error-expired"),
            Wrong::Decided => frame.t("device-error-decided"),
            Wrong::TooMany { retry_after } => {
                let minutes = retry_after.as_seconds().div_ceil(60);
                frame.ta("device-error-limited", [("minutes", minutes)])
            }
        };
        let read = self.user_code.parse::<UserCode>();
        let page = Device {
            here: "device",
            person: session.map(|session| session.person.name),
            csrf: visit.csrf(PURPOSE).token(),
            user_code: read.map_or_else(
                |_| self.user_code.chars().take(LONGEST_SHOWN).collect(),
                |code| code.shown(),
            ),
            from_link: self.from_link,
            error: self.wrong.map(words),
            frame: frame.clone(),
        };
        let status = match self.wrong {
            None => StatusCode::OK,
            Some(Wrong::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut response = page::html(&page, status);
        if let Some(Wrong::TooMany { retry_after }) = self.wrong {
            let seconds = header::HeaderValue::from(retry_after.as_seconds());
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        Ok(response)
    }
}
