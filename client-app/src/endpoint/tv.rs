//! `GET /runs/{run}/tv`: the screen of the TV while it waits. Not observed: looking at it is no part of the flow, and
//! it looks at itself again and again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::visit::Visit;
use crate::clock::ClockBar;
use crate::flow::Stage;
use crate::page::TvPage;

/// Shows it; once something is decided, sends on to the run's own page.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let run = match visit.run() {
        Ok(run) => run,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let Stage::Polling(waiting) = &run.stage else {
        return visit.see_other(&visit.frame.link(format!("/runs/{}", run.id)));
    };
    let now = visit.step().now().as_unix();
    let frame = visit.frame.clone();
    let page = TvPage::new(frame, ClockBar::new(&visit), (&run, waiting), now);
    visit.page(&page, StatusCode::OK)
}
