//! `GET /callback`: where the auth server sends the browser back to (RFC 6749 §4.1.2). `GET /callback/implicit`:
//! the same for implicit, where the answer stands in the fragment and only a script can read it (§4.2.2).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use shared::flow::{ValueKind, ValuePlace};
use shared::serve::CspExtra;

use super::visit::Visit;
use crate::flow::{Grant, Run, authorization_code, implicit};
use crate::page::ImplicitCallbackPage;

/// Judges the answer, trades the code, and sends the browser on, so that the code leaves its address bar.
pub(crate) async fn callback(visit: Visit) -> HttpResponse {
    let step = visit.step();
    let owner = visit.owner();
    let query = visit.request.query_string();
    let returned = match authorization_code::finish(&step, owner.as_ref(), query) {
        Ok(returned) => returned,
        Err(refusal) => {
            return visit.refuse(&refusal, Some(Grant::AuthorizationCode)).await;
        }
    };
    let mut run: Run = returned.run;
    run = match returned.code {
        Ok(code) => authorization_code::take(&step, run, code).await,
        Err(refusal) => {
            run.conclude(Err(refusal));
            run
        }
    };
    let location = visit.frame.link(format!("/runs/{}", run.id));
    visit
        .observation
        .carries(ValueKind::Run, &run.id, ValuePlace::RedirectQuery);
    let id = run.id.clone();
    visit.state.runs.update(&id, |kept| *kept = run);
    visit.see_other(&location)
}

/// The page whose script reads the fragment.
pub(crate) async fn implicit(visit: Visit) -> HttpResponse {
    let step = visit.step();
    let redirect_uri = implicit::redirect_uri(&step);
    let page = ImplicitCallbackPage::new(visit.frame.clone(), &step, &redirect_uri);
    if let Some(browser) = visit.browser() {
        let runs = &visit.state.runs_in_browser;
        runs.insert(browser, visit.realm.clone(), visit.observation.id().clone());
    }
    let mut response = visit.page(&page, StatusCode::OK);
    response.extensions_mut().insert(CspExtra {
        connect_src: vec![visit.state.addresses.resource_server.clone()],
        ..CspExtra::default()
    });
    response
}
