//! `GET` and `POST /consent`: where a person allows or denies (RFC 6749 §4.1 step B, §10.2).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Scope, ScopeToken};
use shared::observe::Observation;
use shared::page;

use super::login::{frame, lead_to_client};
use super::logo;
use super::proceed::{self, Granting, answer, decision, take};
use crate::authorization::{AuthorizeError, Decision, OFFLINE_ACCESS, OPENID, Refusal, SignedIn};
use crate::page::{Choice, ClientCard, Consent, Detail, registered_by};
use crate::request::form::Form;
use crate::request::session::Session;
use crate::request::visit::Visit;
use crate::request::waiting::Waiting;

/// The checks, in order, after those of the form itself.
const CHECKS: [&CheckDef; 3] = [
    &check::INTERACTION_KNOWN,
    &check::LOGIN_SESSION,
    &check::CONSENT_GIVEN,
];

/// Shows the page.
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
    visit.observation.plan(&CHECKS);
    let query = url::form_urlencoded::parse(visit.request.query_string().as_bytes());
    let handle = query
        .filter(|(name, _)| name == "interaction")
        .map(|(_, value)| value)
        .next();
    let waiting = Waiting::find(visit, &handle.unwrap_or_default()).await?;
    let session = visit.session().await?;
    match (decision(visit, &waiting, session.as_ref()).await?, session) {
        (Decision::Consent(who), Some(session)) => {
            let asked = waiting.interaction.request.permissions(&waiting.client);
            Ok(render(
                visit,
                &waiting,
                &Shown {
                    who,
                    session,
                    ticked: asked,
                    error: None,
                },
            )
            .await)
        }
        // Signed out meanwhile, or allowed in another tab.
        (_, session) => proceed::proceed(visit, waiting, session.as_ref()).await,
    }
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let handle = form.get("interaction").unwrap_or_default();
    let session = visit.session().await?;
    // The token is for this person: who signed in meanwhile as somebody else did not see the page.
    let own = match &session {
        // Who signed out while the page was open signs in and sees it again: nothing is taken from the form.
        None => Ok(()),
        Some(session) => visit.verify(&form, &purpose(handle, session.signed_in.sid.as_str())),
    };
    visit.observation.plan(&CHECKS);
    own?;
    let waiting = Waiting::find(visit, handle).await?;
    let (who, session) = match (decision(visit, &waiting, session.as_ref()).await?, session) {
        (Decision::Consent(who) | Decision::Issue(who), Some(session)) => (who, session),
        // The session ended while the page was open: sign in, and see the page again.
        (_, session) => return proceed::proceed(visit, waiting, session.as_ref()).await,
    };
    if form.get("decision") != Some("allow") {
        return deny(visit, &waiting).await;
    }
    let asked = waiting.interaction.request.permissions(&waiting.client);
    let ticked = ticked(&form, &asked);
    // A token of no scope at all is for who asked for none, not for whom a claim alone was allowed.
    let scope = &waiting.interaction.request.scope;
    if is_nothing(&ticked, &asked) || is_nothing(&ticked.intersection(scope), scope) {
        refuse_nothing(&visit.observation);
        let error = Some(frame(visit, Some(&waiting)).t("consent-nothing"));
        return Ok(render(
            visit,
            &waiting,
            &Shown {
                who,
                session,
                ticked,
                error,
            },
        )
        .await);
    }
    let expected = "consent to this scope";
    let got = format_args!("allowed: {ticked}");
    let _ = visit
        .observation
        .require(&check::CONSENT_GIVEN, true, expected, got);
    let granting = Granting {
        permissions: ticked,
        consent: proceed::Consent::Now,
    };
    answer(visit, waiting, who, granting).await
}

/// What the form's token is for: one page, shown to one person.
fn purpose(handle: &str, sid: &str) -> String {
    format!("consent:{handle}:{sid}")
}

/// What was ticked of what was asked for; what cannot be left out is in it.
fn ticked(form: &Form, asked: &Scope) -> Scope {
    let chosen: Vec<&str> = form.all("scope").collect();
    let kept = |token: &str| [OPENID, OFFLINE_ACCESS].contains(&token) || chosen.contains(&token);
    asked
        .iter()
        .filter(|token| kept(token.as_str()))
        .cloned()
        .collect()
}

/// Whether somebody pressed Allow and allowed nothing of what was asked for: to be away (`offline_access`) means
/// nothing by itself.
pub(super) fn is_nothing(ticked: &Scope, asked: &Scope) -> bool {
    let means = |scope: &Scope| scope.iter().any(|token| token.as_str() != OFFLINE_ACCESS);
    means(asked) && !means(ticked)
}

/// Says in the record that nothing was ticked: the person is asked again.
pub(super) fn refuse_nothing(observation: &Observation) {
    let expected = "consent to some of this scope";
    let _ = observation.require(&check::CONSENT_GIVEN, false, expected, "nothing is ticked");
}

async fn deny(visit: &Visit, waiting: &Waiting) -> Result<HttpResponse, AuthorizeError> {
    take(visit, waiting).await?;
    let expected = "consent to this scope";
    let _ = visit.observation.require(
        &check::CONSENT_GIVEN,
        false,
        expected,
        "the person chose Deny",
    );
    let callback = Box::new(waiting.callback.clone());
    Err(AuthorizeError::Redirect(callback, Refusal::Denied))
}

/// What the page shows.
struct Shown {
    who: SignedIn,
    session: Session,
    ticked: Scope,
    error: Option<String>,
}

async fn render(visit: &Visit, waiting: &Waiting, shown: &Shown) -> HttpResponse {
    let picture = logo::picture_of(visit, &waiting.client).await;
    let (request, handle) = (&waiting.interaction.request, waiting.handle_text());
    let path = format!("/consent?interaction={handle}");
    let frame = frame(visit, Some(waiting)).with_return_to(visit.link(path));
    let choice = |token: &ScopeToken| {
        let token = token.as_str();
        Choice::new(&frame, token, shown.ticked.contains(token))
    };
    let status = match shown.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let card = ClientCard::of(&frame, &waiting.client, picture);
    let registered_by = registered_by(&frame, waiting.client.self_registered.is_some());
    let page = Consent {
        person: shown.session.person.name.clone(),
        client: card.name.clone(),
        card,
        description: waiting.client.description.clone(),
        registered_by,
        destination: waiting.callback.origin(),
        csrf: visit.csrf(&purpose(handle, shown.who.sid.as_str())).token(),
        interaction: handle.to_owned(),
        error: shown.error.clone(),
        legacy: request.is_legacy(),
        scopes: in_order(&request.permissions(&waiting.client))
            .map(choice)
            .collect(),
        resources: request.resources.clone(),
        details: details(visit, waiting),
        frame,
    };
    let mut response = page::html(&page, status);
    lead_to_client(&mut response);
    response
}

/// What is asked for in the order in which people read it: who they are, what is theirs, and for how long.
pub(super) fn in_order(scope: &Scope) -> impl Iterator<Item = &ScopeToken> {
    const FIRST: [&str; 5] = [OPENID, "profile", "email", "phone", "address"];
    let place = |token: &&ScopeToken| match token.as_str() {
        OFFLINE_ACCESS => FIRST.len() + 1,
        token => FIRST
            .iter()
            .position(|first| *first == token)
            .unwrap_or(FIRST.len()),
    };
    let mut tokens: Vec<_> = scope.iter().collect();
    tokens.sort_by_key(place);
    tokens.into_iter()
}

/// The request, parameter by parameter.
fn details(visit: &Visit, waiting: &Waiting) -> Vec<Detail> {
    let request = &waiting.interaction.request;
    let detail = |name, value: Option<String>| Detail { name, value };
    let method = request.code_challenge.as_ref().map(|_| "S256".to_owned());
    let challenge = request
        .code_challenge
        .as_ref()
        .map(|challenge| challenge.as_str().to_owned());
    vec![
        detail("client_id", Some(request.client_id.to_string())),
        detail("redirect_uri", Some(request.redirect_uri.clone())),
        detail("response_type", Some(request.response_type.to_string())),
        detail("response_mode", Some(request.response_mode.to_string())),
        detail(
            "scope",
            Some(request.scope.to_string()).filter(|scope| !scope.is_empty()),
        ),
        detail(
            "resource",
            Some(request.resources.join(" ")).filter(|asked| !asked.is_empty()),
        ),
        detail("state", request.state.clone()),
        detail("nonce", request.nonce.clone()),
        detail("code_challenge", challenge),
        detail("code_challenge_method", method),
        detail("Exchange-Id", Some(visit.observation.id().to_string())),
    ]
}
