//! `GET /runs/{run}`: the token inspector, or the page of what went wrong. The code has left the address bar by then.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use shared::serve::CspExtra;

use super::visit::Visit;
use crate::clock::ClockBar;
use crate::flow::{Latest, Run, Stage};
use crate::page::{RefusalPage, RunPage};

/// Shows a run to the browser that started it, and to nobody else.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    match visit.run() {
        Ok(run) => page_of(&visit, &run).await,
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

async fn page_of(visit: &Visit, run: &Run) -> HttpResponse {
    if matches!(run.stage, Stage::Polling(_)) {
        return visit.see_other(&visit.frame.link(format!("/runs/{}/tv", run.id)));
    }
    let frame = visit.frame.clone();
    let decided = match &run.latest {
        Some(Latest::Refused(refusal)) => visit.checks_of(refusal).await,
        Some(Latest::Api(api)) if api.answer.status >= 400 => {
            visit.recorded_checks(&api.answer.exchange).await
        }
        _ => Vec::new(),
    };
    if let Some(Latest::Refused(refusal)) = &run.latest
        && run.tokens.is_empty()
        && !matches!(run.stage, Stage::CodeHeld)
    {
        let exchange = refusal.decided_in().unwrap_or(&run.exchange);
        let page = RefusalPage::new(frame, refusal, Some(run.grant), &decided, Some(exchange));
        return visit.page(&page, status_of(run));
    }
    let page = RunPage::new(frame, &visit.step(), run, ClockBar::new(visit), &decided);
    let mut response = visit.page(&page, status_of(run));
    // Chromium applies `form-action` to the redirect that answers the form: signing out leads to the auth server.
    // A stronger sign-in begins with a form of this page, which is answered by a redirect to the auth server.
    response.extensions_mut().insert(CspExtra {
        form_action: vec![visit.state.addresses.auth_server.clone()],
        ..CspExtra::default()
    });
    response
}

/// The page's status tells how the latest step of the flow ended.
fn status_of(run: &Run) -> StatusCode {
    match &run.latest {
        Some(Latest::Refused(refusal)) => {
            StatusCode::from_u16(refusal.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        _ => StatusCode::OK,
    }
}
