//! `GET {base}/flows/{id}`: one flow, every exchange in order.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use shared::page::{self, Frame, key_of};

use super::exchange::{ExchangeCard, cards};
use super::found::FoundFlow;
use super::knowledge::KnowledgeTable;
use super::list::FlowRow;
use crate::clock::ClockBar;
use crate::control::ControlBar;
use crate::diagram::{Asked, Figure, View};
use crate::lesson;
use crate::record::flow::Status;
use crate::record::verdict::Verdict;
use crate::record::view::FlowView;
use crate::state::AppState;

/// `GET {base}/flows/{id}`. The id of a flow that became part of another leads to that one.
pub(crate) async fn show(
    state: web::Data<AppState>,
    (frame, clock): (Frame, ClockBar),
    found: FoundFlow,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> HttpResponse {
    if let Some(moved) = found.moved(&frame, "") {
        return moved;
    }
    let flow = found.flow;
    let here = frame.link(format!("/flows/{}", flow.summary.id));
    let page = FlowPage {
        predict: predict_link(&frame, &flow, asked.view()),
        head: FlowHead::new(&frame, &flow),
        control: ControlBar::of(&state, &frame, &request, &here),
        figure: Figure::new(&frame, &state.addresses, &flow, asked.view(), asked.step()),
        knows: KnowledgeTable::new(&frame, &flow),
        exchanges: cards(&frame, &state.addresses, flow, |_| true),
        clock,
        frame,
    };
    page.clock.with_cookie(page::html(&page, StatusCode::OK))
}

/// Where questions stand before the arrows of a flow: of one that runs before the next that comes, of one that is over
/// before its first.
pub(crate) fn predict_link(frame: &Frame, flow: &FlowView, view: View) -> String {
    let over = flow.summary.result.status != Status::Open;
    let step = if over { 0 } else { flow.exchanges.len() };
    let (id, view) = (&flow.summary.id, view.name());
    let first = step.saturating_add(1);
    frame.link(format!("/flows/{id}/predict?step={first}&view={view}"))
}

/// `GET {base}/flows/{id}/summary`: the head of the page, for its script.
pub(crate) async fn summary(frame: Frame, FoundFlow { flow, .. }: FoundFlow) -> HttpResponse {
    let head = FlowHead::new(&frame, &flow);
    page::html(&HeadFragment { frame, head }, StatusCode::OK)
}

/// `templates/flow.html`
#[derive(Template)]
#[template(path = "flow.html")]
struct FlowPage {
    frame: Frame,
    clock: ClockBar,
    head: FlowHead,
    control: ControlBar,
    figure: Figure,
    knows: KnowledgeTable,
    exchanges: Vec<ExchangeCard>,
    /// Where the next arrow is asked about before it is drawn.
    predict: String,
}

/// `templates/flow_head.html`, on its own.
#[derive(Template)]
#[template(path = "flow_head.html")]
struct HeadFragment {
    frame: Frame,
    head: FlowHead,
}

/// What `templates/flow_head.html` shows.
struct FlowHead {
    row: FlowRow,
    /// The exchange that decided the result.
    decided_by: Option<String>,
    /// The sentence of the check that said no.
    failed_sentence: Option<String>,
    verdicts: Vec<VerdictLine>,
    /// The lesson that teaches its grant.
    lesson: Option<&'static str>,
}

/// One verdict.
struct VerdictLine {
    outcome: &'static str,
    outcome_text: String,
    text: String,
    exchange: Option<String>,
}

impl FlowHead {
    fn new(frame: &Frame, flow: &FlowView) -> Self {
        let result = &flow.summary.result;
        let failed = result.failed_check.as_deref();
        Self {
            row: FlowRow::new(frame, &flow.summary),
            decided_by: result.exchange.as_ref().map(ToString::to_string),
            failed_sentence: failed.and_then(|id| frame.find(key_of("check", id))),
            verdicts: flow
                .verdicts
                .iter()
                .map(|verdict| VerdictLine::new(frame, verdict))
                .collect(),
            lesson: lesson::of_grant(flow.summary.grant),
        }
    }
}

impl VerdictLine {
    fn new(frame: &Frame, verdict: &Verdict) -> Self {
        let outcome = verdict.outcome.name();
        Self {
            outcome,
            outcome_text: frame.t(key_of("outcome", outcome)),
            text: frame.t(key_of("verdict", &verdict.id)),
            exchange: verdict.exchange.as_ref().map(ToString::to_string),
        }
    }
}

/// The head of a flow as HTML.
#[cfg(test)]
pub(super) fn rendered(frame: Frame, flow: &FlowView) -> String {
    let head = FlowHead::new(&frame, flow);
    HeadFragment { frame, head }.render().unwrap_or_default()
}
