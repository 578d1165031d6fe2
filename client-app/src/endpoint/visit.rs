//! Visit: what every page of the grants is handed: who asks, where, and how to answer him.
//!
//! Knows actix. A visit belongs to a realm and, where its cookie says so, to a session; forms are accepted only from
//! our own pages (`shared::serve::csrf`).

use std::future::{Ready, ready};

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use shared::flow::{Check, ExchangeId, ValueKind, ValuePlace, catalog as check};
use shared::oauth::{Digest, Params, SessionToken};
use shared::observe::Observation;
use shared::page::{self, Frame};
use shared::realm::RealmName;
use shared::serve::{BrowserId, CsrfError, read_body};

use crate::flow::{Grant, Refusal, RefusalKind, Run, Step};
use crate::page::RefusalPage;
use crate::session::Session;
use crate::state::AppState;

/// The cookie that tells browsers apart, for forms.
const BROWSER_COOKIE: &str = "app_browser";
/// What the forms of these pages are for.
const PURPOSE: &str = "grants";
/// The most bytes of a form.
const MAX_FORM: usize = 16 * 1024;
/// How long a form may take to arrive: actix never cuts a body that stalls.
const IN_TIME: std::time::Duration = std::time::Duration::from_secs(5);
/// How long the record is waited for, to say which check of another service decided: ten times this.
const RECORD_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// One request for one of our pages.
pub(crate) struct Visit {
    /// The program.
    pub(crate) state: web::Data<AppState>,
    /// The realm.
    pub(crate) realm: RealmName,
    /// The exchange that is being answered.
    pub(crate) observation: Observation,
    /// The frame of the page.
    pub(crate) frame: Frame,
    /// The request itself.
    pub(crate) request: HttpRequest,
    session: Option<Session>,
    browser: BrowserId,
}

impl Visit {
    /// What a step of a flow works with.
    pub(crate) fn step(&self) -> Step<'_> {
        Step {
            state: &self.state,
            realm: &self.realm,
            observation: &self.observation,
        }
    }

    /// Whose runs may be shown; `None` for a browser that has started none.
    pub(crate) fn owner(&self) -> Option<Digest> {
        let session = self.session.as_ref()?;
        Some(session.owner())
    }

    /// The browser that comes with the cookie of our forms; `None` for one that has none yet. It tells whose a run is
    /// that leaves nothing at a server, and permits nothing.
    pub(crate) fn browser(&self) -> Option<Digest> {
        let known = !self.browser.is_new();
        known.then(|| SessionToken::from_text(self.browser.as_str()).digest())
    }

    /// The owner of a run that begins: a session that is not ours (a planted cookie) is replaced.
    pub(crate) fn owner_or_new(&mut self) -> Result<Digest, Refusal> {
        let known = self.owner().filter(|owner| {
            self.state.runs.knows(owner, &self.realm)
                || self.state.attempts.knows(owner, &self.realm)
                || self.state.accounts.of(owner, &self.realm).is_some()
        });
        if let Some(owner) = known {
            return Ok(owner);
        }
        let session = Session::start().map_err(|e| Refusal::internal(&e))?;
        let owner = session.owner();
        self.session = Some(session);
        Ok(owner)
    }

    /// The run of this address, if it is this browser's.
    pub(crate) fn run(&self) -> Result<Run, Refusal> {
        let id = self.request.match_info().get("run").unwrap_or_default();
        let run = self
            .owner()
            .and_then(|owner| self.state.runs.find(&owner, &self.realm, id));
        run.ok_or_else(|| Refusal::by_client(RefusalKind::RunUnknown))
    }

    /// The value of the hidden field of every form.
    pub(crate) fn csrf(&self) -> String {
        let form = self
            .state
            .csrf
            .form(&self.browser, self.realm.as_str(), PURPOSE);
        form.token()
    }

    /// The cookie that the forms need, where the browser has none yet.
    pub(crate) fn browser_cookie(&self) -> Option<Cookie<'static>> {
        self.browser.new_cookie()
    }

    /// The fields of a form that came from one of our own pages.
    pub(crate) async fn form(&self, payload: web::Payload) -> Result<Params, Refusal> {
        let observed = &self.observation;
        observed.plan(&[&check::CSRF_ORIGIN, &check::CSRF_TOKEN]);
        let refused = || Refusal {
            exchange: Some(Box::new(observed.id().clone())),
            checks: observed.checks(),
            ..Refusal::by_client(RefusalKind::FormExpired)
        };
        let body = read_body(payload, MAX_FORM, IN_TIME).await;
        let body = body.map_err(|_| refused())?;
        let params = Params::parse(&body).map_err(|_| refused())?;
        let form = self
            .state
            .csrf
            .form(&self.browser, self.realm.as_str(), PURPOSE);
        let verdict = form.verify(&self.request, params.get("csrf"));
        let same_origin = verdict != Err(CsrfError::CrossSite);
        let origin = if same_origin {
            "this site"
        } else {
            "another site"
        };
        observed
            .require(&check::CSRF_ORIGIN, same_origin, "this site", origin)
            .or_else(refused)?;
        let got = match &verdict {
            Ok(()) => "this browser's token".to_owned(),
            Err(error) => error.to_string(),
        };
        observed
            .require(
                &check::CSRF_TOKEN,
                verdict.is_ok(),
                "this browser's token",
                got,
            )
            .or_else(refused)?;
        Ok(params)
    }

    /// Answers with a page.
    pub(crate) fn page(&self, page: &impl askama::Template, status: StatusCode) -> HttpResponse {
        let mut response = page::html(page, status);
        self.set_cookies(&mut response);
        response
    }

    /// Sends the browser on: 303, so that the address it came by is left behind and a form is not sent twice.
    pub(crate) fn see_other(&self, location: &str) -> HttpResponse {
        let mut response = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, location))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
        self.set_cookies(&mut response);
        response
    }

    /// Keeps a run and sends the browser to its page.
    pub(crate) fn show_run(&self, run: Run) -> HttpResponse {
        let location = self.frame.link(format!("/runs/{}", run.id));
        self.observation
            .carries(ValueKind::Run, &run.id, ValuePlace::RedirectQuery);
        self.state.runs.insert(run);
        self.see_other(&location)
    }

    /// Answers with the page of a refusal that belongs to no run.
    pub(crate) async fn refuse(&self, refusal: &Refusal, grant: Option<Grant>) -> HttpResponse {
        let decided = self.checks_of(refusal).await;
        let status = StatusCode::from_u16(refusal.kind.status());
        let back = grant.map_or_else(
            || "/".to_owned(),
            |grant| format!("/grants/{}", grant.slug()),
        );
        // The address may be that of a form or of a callback, which must not be asked for again.
        let frame = self.frame.clone().with_return_to(self.frame.link(back));
        // Most pages are only read, and belong to no flow.
        let recorded = self.observation.is_recorded();
        let exchange = recorded.then(|| self.observation.id());
        let page = RefusalPage::new(frame, refusal, grant, &decided, exchange)
            .asked_as(self.observation.id());
        self.page(&page, status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// The checks that decided a refusal: those of the provider as the record knows them, else our own.
    pub(crate) async fn checks_of(&self, refusal: &Refusal) -> Vec<Check> {
        let theirs = match &refusal.answer {
            Some(answer) => self.recorded_checks(&answer.exchange).await,
            None => Vec::new(),
        };
        if theirs.is_empty() {
            refusal.checks.clone()
        } else {
            theirs
        }
    }

    /// The checks of an exchange as its receiver reported them; empty when the report does not come in time.
    pub(crate) async fn recorded_checks(&self, exchange: &ExchangeId) -> Vec<Check> {
        for _ in 0..10 {
            let checks = self.state.record.checks_of(&self.realm, exchange);
            if !checks.is_empty() {
                return checks;
            }
            tokio::time::sleep(RECORD_PAUSE).await;
        }
        Vec::new()
    }

    fn set_cookies(&self, response: &mut HttpResponse) {
        let session = self.session.as_ref();
        let own = (self.state.cookies(), &self.realm);
        let cookies = [
            self.browser_cookie(),
            session.and_then(|session| session.new_cookie(own)),
        ];
        for cookie in cookies.iter().flatten() {
            // Fails only for a cookie that is no header value; ours are base64url.
            let _ = response.add_cookie(cookie);
        }
    }
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(visit(request, payload))
    }
}

fn visit(request: &HttpRequest, payload: &mut Payload) -> Result<Visit, actix_web::Error> {
    let realm = RealmName::from_request(request, payload).into_inner()?;
    let frame = Frame::from_request(request, payload).into_inner()?;
    let Ok(observation) = Observation::from_request(request, payload).into_inner();
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let state = state.ok_or_else(|| actix_web::error::ErrorInternalServerError("no state"))?;
    let cookies = state.cookies();
    Ok(Visit {
        session: Session::find(request, (cookies, &realm)),
        browser: BrowserId::of(request, (cookies, BROWSER_COOKIE)),
        state,
        request: request.clone(),
        realm,
        observation,
        frame,
    })
}
