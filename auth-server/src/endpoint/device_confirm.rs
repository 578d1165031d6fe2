//! `GET` and `POST /device/confirm`: which device asks, since when, from where and what for; yes or no
//! (RFC 8628 §3.3 and §5.4).
//!
//! A code that came with a link is confirmed like one that was typed: whoever made the link may hold the device.
//! The address carries a proof that this browser's own form sent the code, so that a link cannot spend somebody's
//! guesses.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Scope, ScopeToken, UserCode};
use shared::page::{self, Frame};
use shared::serve::caller_network;

use super::consent::{in_order, is_nothing, refuse_nothing};
use super::device::{Shown, Wrong, query};
use super::logo;
use crate::approval::{Approval, Decider, State};
use crate::authorization::{AuthorizeError, OFFLINE_ACCESS, OPENID, PageError};
use crate::client::Client;
use crate::issue::{Issue, IssueError};
use crate::page::{Choice, ClientCard, DeviceConfirm, date_and_time, registered_by};
use crate::request::errand::{Errand, entered};
use crate::request::form::Form;
use crate::request::session::Session;
use crate::request::user_code::{self, Entered};
use crate::request::visit::Visit;

/// The checks, in order, after those of the form itself.
const CHECKS: [&CheckDef; 5] = [
    &check::LOGIN_SESSION,
    &check::USER_CODE_GUESSES,
    &check::USER_CODE_KNOWN,
    &check::USER_CODE_CONFIRMED,
    &check::CONSENT_GIVEN,
];

/// Asks.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Takes the answer.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let typed = query(visit, "user_code");
    let code: Option<UserCode> = typed.parse().ok();
    let proof = query(visit, "proof");
    let sent_by_form = |code: &UserCode| {
        visit
            .csrf(&entered(code))
            .verify_token(Some(&proof))
            .is_ok()
    };
    let Some(code) = code.filter(sent_by_form) else {
        let typed: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        return Ok(visit.see_other(&format!("/device?user_code={typed}")));
    };
    visit.observation.plan(&CHECKS);
    let Some(session) = session(visit).await? else {
        return Ok(visit.see_other(&Errand::Device(code).login_path()));
    };
    let subject = &session.person.subject;
    let address = address(visit);
    match user_code::look_up(visit, &code, subject, address).await? {
        Entered::Open(approval) => {
            let (realm, now) = (visit.realm_name(), visit.now());
            let seen = Arc::new(approval);
            let shown = Arc::clone(&seen);
            visit
                .state
                .store
                .write(move |tx| seen.see(tx, &realm, now))
                .await?;
            let question = Question::new(visit, &code, shown.as_ref(), &session).await?;
            Ok(question.render(&shown.scope, None).await)
        }
        Entered::Closed(approval) => closed(visit, &code, &approval, &session).await,
        Entered::Unknown => Shown::wrong(&typed, Wrong::Unknown).render(visit).await,
        Entered::TooMany { retry_after } => {
            let wrong = Wrong::TooMany { retry_after };
            Shown::wrong(&typed, wrong).render(visit).await
        }
    }
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let Ok(code) = form
        .get("user_code")
        .unwrap_or_default()
        .parse::<UserCode>()
    else {
        visit.observation.plan(&CHECKS);
        let expected = "eight letters, none of them a vowel";
        let _ = visit
            .observation
            .require(&check::USER_CODE_KNOWN, false, expected, "none");
        return Err(PageError::BadRequest.into());
    };
    let found = visit.session().await?;
    let own = match &found {
        // Who signed out meanwhile signs in and sees the page again: nothing is taken from the form.
        None => Ok(()),
        Some(session) => visit.verify(&form, &purpose(&code, session)),
    };
    visit.observation.plan(&CHECKS);
    own?;
    let Some(session) = session(visit).await? else {
        return Ok(visit.see_other(&Errand::Device(code).login_path()));
    };
    // The form's token proves that this page was shown for this code: it is no guess.
    let Some(approval) = user_code::find(visit, &code).await? else {
        return Shown::wrong(&code.shown(), Wrong::Unknown)
            .render(visit)
            .await;
    };
    if !approval.state.is_open() {
        return closed(visit, &code, &approval, &session).await;
    }
    let question = Question::new(visit, &code, &approval, &session).await?;
    if form.get("decision") != Some("confirm") {
        return question.deny().await;
    }
    let ticked = ticked(&form, &approval.scope);
    if is_nothing(&ticked, &approval.scope) {
        refuse_nothing(&visit.observation);
        let error = Some(visit.frame().t("consent-nothing"));
        return Ok(question.render(&ticked, error).await);
    }
    question.confirm(ticked).await
}

/// What the form's token is for: one code's page, shown to one person.
fn purpose(code: &UserCode, session: &Session) -> String {
    format!("device-confirm:{}:{}", code.shown(), session.signed_in.sid)
}

/// Who is signed in, as a check.
async fn session(visit: &Visit) -> Result<Option<Session>, AuthorizeError> {
    let found = visit.session().await?;
    let expected = "somebody signed in";
    let got = if found.is_some() { expected } else { "nobody" };
    Ok(visit
        .observation
        .require_some(&check::LOGIN_SESSION, found, expected, got))
}

/// Where the person's browser is; a connection without an address is this machine's own.
fn address(visit: &Visit) -> IpAddr {
    caller_network(&visit.request).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// What was ticked of what was asked for; what cannot be left out is in it.
fn ticked(form: &Form, asked: &Scope) -> Scope {
    let chosen: Vec<&str> = form.all("scope").collect();
    let kept = |token: &str| [OPENID, OFFLINE_ACCESS].contains(&token) || chosen.contains(&token);
    let kept = |token: &&ScopeToken| kept(token.as_str());
    asked.iter().filter(kept).cloned().collect()
}

/// A code that cannot be decided any more: its result for whoever decided, the form for everybody else.
async fn closed(
    visit: &Visit,
    code: &UserCode,
    approval: &Approval,
    session: &Session,
) -> Result<HttpResponse, AuthorizeError> {
    if approval.decided_by() == Some(session.person.subject.as_str()) {
        return Ok(visit.see_other(&done(code)));
    }
    let wrong = match approval.state {
        State::Expired => Wrong::Expired,
        _ => Wrong::Decided,
    };
    Shown::wrong(&code.shown(), wrong).render(visit).await
}

fn done(code: &UserCode) -> String {
    format!("/device/done?user_code={}", code.shown())
}

/// The question: a code that waits, and the person who is asked.
struct Question<'a> {
    visit: &'a Visit,
    code: &'a UserCode,
    approval: &'a Approval,
    session: &'a Session,
    client: Arc<Client>,
}

impl<'a> Question<'a> {
    async fn new(
        visit: &'a Visit,
        code: &'a UserCode,
        approval: &'a Approval,
        session: &'a Session,
    ) -> Result<Self, AuthorizeError> {
        visit.observation.note("client_id", approval.client_id());
        let client = visit
            .state
            .client(&visit.realm, approval.client_id())
            .await?;
        Ok(Self {
            visit,
            code,
            approval,
            session,
            client: client.ok_or(PageError::ClientUnknown)?,
        })
    }

    fn decider(&self) -> Decider {
        Decider {
            subject: self.session.person.subject.clone(),
            auth_time: self.session.signed_in.auth_time,
        }
    }

    /// The person says yes: the grant begins, and the device gets its tokens with its next poll.
    async fn confirm(self, scope: Scope) -> Result<HttpResponse, AuthorizeError> {
        let observation = &self.visit.observation;
        let expected = "the person confirms that the device shows this code";
        let _ = observation.require(&check::USER_CODE_CONFIRMED, true, expected, "they did");
        let got = format_args!("allowed: {scope}");
        let _ = observation.require(&check::CONSENT_GIVEN, true, "consent to this scope", got);
        let (realm, now) = (Arc::clone(&self.visit.realm), self.visit.now());
        let (client, who) = (Arc::clone(&self.client), self.decider());
        let approval = self.approval.clone();
        let decided = self
            .visit
            .state
            .store
            .write(move |tx| -> Result<Option<()>, AuthorizeError> {
                let issue = Issue {
                    realm: &realm,
                    client: &client,
                    now,
                    key: None,
                };
                let confirmed: Result<_, IssueError> = approval.confirm(tx, issue, &who, scope);
                Ok(confirmed?)
            })
            .await?;
        self.answer(decided).await
    }

    /// The person says no: the device is told so.
    async fn deny(self) -> Result<HttpResponse, AuthorizeError> {
        let expected = "the person confirms that the device shows this code";
        let got = "the person chose No";
        let _ = self
            .visit
            .observation
            .require(&check::USER_CODE_CONFIRMED, false, expected, got);
        let (realm, now) = (self.visit.realm_name(), self.visit.now());
        let (approval, who) = (self.approval.clone(), self.decider());
        let decided = self
            .visit
            .state
            .store
            .write(move |tx| approval.deny(tx, &realm, &who, now))
            .await?;
        self.answer(decided).await
    }

    /// The result's page; where somebody else was quicker, theirs stands.
    async fn answer(self, decided: Option<()>) -> Result<HttpResponse, AuthorizeError> {
        match decided {
            Some(()) => Ok(self.visit.see_other(&done(self.code))),
            None => match user_code::find(self.visit, self.code).await? {
                Some(approval) => closed(self.visit, self.code, &approval, self.session).await,
                None => Ok(self.visit.see_other("/device")),
            },
        }
    }

    async fn render(&self, ticked: &Scope, error: Option<String>) -> HttpResponse {
        let (visit, shown) = (self.visit, self.code.shown());
        let path = format!("/device?user_code={shown}");
        let frame = visit.frame().clone().with_return_to(visit.link(path));
        let choice = |token: &ScopeToken| {
            let token = token.as_str();
            Choice::new(&frame, token, ticked.contains(token))
        };
        let status = match error {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        let picture = logo::picture_of(visit, &self.client).await;
        let card = ClientCard::of(&frame, &self.client, picture);
        let registered_by = registered_by(&frame, self.client.self_registered.is_some());
        let page = DeviceConfirm {
            person: self.session.person.name.clone(),
            client: card.name.clone(),
            card,
            description: self.client.description.clone(),
            registered_by,
            asked_at: self.asked_at(&frame),
            asked_from: self.asked_from(&frame),
            until: date_and_time(self.approval.expires_at()),
            csrf: visit.csrf(&purpose(self.code, self.session)).token(),
            user_code: shown,
            error,
            scopes: in_order(&self.approval.scope).map(choice).collect(),
            resources: self.approval.resources().to_vec(),
            frame,
        };
        page::html(&page, status)
    }

    fn asked_at(&self, frame: &Frame) -> String {
        let asked = self.approval.created_at();
        let date = date_and_time(asked);
        match self.visit.now().seconds_since(asked) / 60 {
            ..=0 => frame.ta("device-asked-at-now", [("date", date)]),
            minutes => {
                let minutes = minutes.to_string();
                frame.ta(
                    "device-asked-at-minutes",
                    [("date", date), ("minutes", minutes)],
                )
            }
        }
    }

    fn asked_from(&self, frame: &Frame) -> String {
        let own = address(self.visit);
        match self.approval.details.address {
            None => frame.t("device-asked-from-unknown"),
            Some(address) if address == own => {
                frame.ta("device-asked-from-here", [("address", address.to_string())])
            }
            Some(address) => frame.ta(
                "device-asked-from-elsewhere",
                [("address", address.to_string()), ("own", own.to_string())],
            ),
        }
    }
}
