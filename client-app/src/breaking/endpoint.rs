//! `{base}/flows/{id}/break` for people and `{base}/api/flows/{id}/break` for programs (`docs/api.md`).
//!
//! What breaks a flow is accepted from our own pages and from programs of this machine, never from a page of another
//! origin: the form by its token, the API by its origin and its media type.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use shared::flow::ExchangeId;
use shared::serve::read_body;

use super::execute::Breakable;
use super::mutation::{Asked, Mutation};
use super::offer::Offers;
use super::page::{BreakPage, Problem};
use super::{BreakError, Executed};
use crate::endpoint::flows::problem;
use crate::endpoint::visit::Visit;
use crate::flow::{Refusal, RefusalKind};
use crate::record::parameter::ParameterPlace;

/// The most bytes of a request of the API.
const MAX_JSON: usize = 16 * 1024;
/// How long such a request may take to arrive.
const IN_TIME: std::time::Duration = std::time::Duration::from_secs(5);

/// `GET {base}/api/flows/{id}/break`
#[derive(Serialize)]
struct Listed {
    flow: ExchangeId,
    #[serde(flatten)]
    offers: Offers,
    executed: Vec<Executed>,
}

/// `GET {base}/flows/{id}/break`: what can be done to each parameter, and what came of it.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    page(&visit, None)
}

/// `POST {base}/flows/{id}/break`: does it, and leads to what came of it.
pub(crate) async fn submit(visit: Visit, payload: web::Payload) -> HttpResponse {
    let form = match visit.form(payload).await {
        Ok(form) => form,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let field = |name: &str| form.get(name).unwrap_or_default();
    let asked = field("exchange").parse().ok().zip(place(field("place")));
    let asked = asked.zip(Mutation::parse(field("mutation")));
    let Some(((exchange, place), mutation)) = asked else {
        let refusal = Refusal::by_client(RefusalKind::FormExpired);
        return visit.refuse(&refusal, None).await;
    };
    let asked = Asked {
        exchange,
        parameter: field("parameter").to_owned(),
        place,
        mutation,
    };
    match execute(&visit, asked).await {
        Ok(executed) => {
            let (good, broken) = (&executed.good, &executed.flow);
            let to = format!("/flows/{good}/compare?with={broken}");
            visit.see_other(&visit.frame.link(to))
        }
        Err(error) => page(&visit, Some(&error)),
    }
}

/// `GET {base}/api/flows/{id}/break`: the same as JSON.
pub(crate) async fn offers(visit: Visit) -> HttpResponse {
    let Some(id) = id_of(&visit) else {
        return answer_of(&BreakError::UnknownFlow);
    };
    let found = Breakable::find(&visit.state, &visit.realm, &id);
    let answer = found.and_then(|flow| {
        flow.can_be_repeated()?;
        let executed = visit
            .state
            .breaking
            .executed_of(&visit.realm, &flow.flow.summary.id);
        Ok(Listed {
            flow: flow.flow.summary.id.clone(),
            offers: flow.offers(after(&visit)),
            executed,
        })
    });
    match answer {
        Ok(answer) => fresh(HttpResponse::Ok()).json(answer),
        Err(error) => answer_of(&error),
    }
}

/// `POST {base}/api/flows/{id}/break`: does it, and tells what came of it.
pub(crate) async fn call(visit: Visit, payload: web::Payload) -> HttpResponse {
    let kind = visit.request.headers().get(header::CONTENT_TYPE);
    let json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if visit.state.csrf.verify_origin(&visit.request).is_err() {
        let what = "only our own pages and programs of this machine may break a flow";
        return problem(HttpResponse::Forbidden(), "cross_origin", what);
    }
    let body = read_body(payload, MAX_JSON, IN_TIME).await.ok();
    let asked = body.filter(|_| json);
    let asked = asked.and_then(|body| serde_json::from_slice::<Asked>(&body).ok());
    let Some(asked) = asked else {
        let what = "the body is JSON with exchange, parameter, place and mutation";
        return problem(HttpResponse::BadRequest(), "invalid_request", what);
    };
    match execute(&visit, asked).await {
        Ok(executed) => fresh(HttpResponse::Ok()).json(executed),
        Err(error) => answer_of(&error),
    }
}

async fn execute(visit: &Visit, asked: Asked) -> Result<Executed, BreakError> {
    let id = id_of(visit).ok_or(BreakError::UnknownFlow)?;
    let flow = Breakable::find(&visit.state, &visit.realm, &id)?;
    flow.execute(asked).await
}

fn page(visit: &Visit, error: Option<&BreakError>) -> HttpResponse {
    let found = id_of(visit).ok_or(BreakError::UnknownFlow);
    let flow = found.and_then(|id| Breakable::find(&visit.state, &visit.realm, &id));
    let frame = visit.frame.clone();
    let Ok(flow) = flow else {
        return visit.page(&super::page::UnknownPage { frame }, StatusCode::NOT_FOUND);
    };
    let id = &flow.flow.summary.id;
    let executed = visit.state.breaking.executed_of(&visit.realm, id);
    let cannot = flow.can_be_repeated().err();
    let problem = error
        .or(cannot.as_ref())
        .map(|error| Problem::new(&frame, error));
    let after = after(visit);
    let offers = if cannot.is_some() {
        Offers::default()
    } else {
        flow.offers(after)
    };
    let page = BreakPage::new(
        frame,
        &flow.flow,
        (offers, after, executed),
        (visit.csrf(), problem),
    );
    let status = error.map_or(StatusCode::OK, status_of);
    visit.page(&page, status)
}

fn id_of(visit: &Visit) -> Option<ExchangeId> {
    visit.request.match_info().get("id")?.parse().ok()
}

/// `?after=`: the step after which the exchanges begin; 0 where nobody says, or says no number.
fn after(visit: &Visit) -> usize {
    let query = visit.request.query_string();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let asked = pairs.find(|(name, _)| name == "after");
    asked.and_then(|(_, step)| step.parse().ok()).unwrap_or(0)
}

fn place(name: &str) -> Option<ParameterPlace> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}

fn fresh(mut answer: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

fn status_of(error: &BreakError) -> StatusCode {
    match error {
        BreakError::UnknownFlow | BreakError::UnknownParameter => StatusCode::NOT_FOUND,
        BreakError::NotOffered(_)
        | BreakError::Hidden
        | BreakError::Incomplete
        | BreakError::NothingToRepeat
        | BreakError::Undecided
        | BreakError::ClockStopped
        | BreakError::NeedsKey
        | BreakError::NoPassword
        | BreakError::NotReached => StatusCode::CONFLICT,
        BreakError::Busy | BreakError::TooManyGuesses(_) => StatusCode::TOO_MANY_REQUESTS,
        BreakError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        BreakError::Lost | BreakError::NotRecorded | BreakError::Http(_) => StatusCode::BAD_GATEWAY,
    }
}

/// The word for an error in JSON and in language keys.
pub(super) const fn name_of(error: &BreakError) -> &'static str {
    match error {
        BreakError::UnknownFlow => "not_found",
        BreakError::UnknownParameter => "unknown_parameter",
        BreakError::NotOffered(_) => "not_offered",
        BreakError::Hidden => "secrets_hidden",
        BreakError::Incomplete => "incomplete",
        BreakError::NothingToRepeat => "nothing_to_repeat",
        BreakError::Undecided => "undecided",
        BreakError::ClockStopped => "clock_stopped",
        BreakError::NeedsKey => "needs_key",
        BreakError::NoPassword => "no_password",
        BreakError::NotReached => "not_reached",
        BreakError::Busy => "busy",
        BreakError::TooManyGuesses(_) => "too_many_guesses",
        BreakError::TimedOut => "timed_out",
        BreakError::Lost => "lost",
        BreakError::NotRecorded => "not_recorded",
        BreakError::Http(_) => "unreachable",
    }
}

fn answer_of(error: &BreakError) -> HttpResponse {
    let mut answer = HttpResponse::build(status_of(error));
    if let BreakError::TooManyGuesses(wait) = error {
        answer.insert_header((header::RETRY_AFTER, wait.as_seconds().to_string()));
    }
    problem(answer, name_of(error), &error.to_string())
}
