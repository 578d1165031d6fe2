//! `GET {base}/flows/{id}/predict`: one question at a time. `GET {base}/predict`: waits for the flow that begins next.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use shared::flow::Party;
use shared::page::{self, Frame, key_of};
use shared::realm::RealmName;
use shared::time::wall_clock_us;

use super::answers::{Answer, Query, Score, Standing};
use super::question::{self, Kinds, Question, Way};
use crate::clock::ClockBar;
use crate::control::ControlBar;
use crate::diagram::{Figure, View};
use crate::page::Moment;
use crate::record::Wanted;
use crate::record::view::{ExchangeView, FlowView};
use crate::state::AppState;
use crate::viewer::{ExchangeCard, FoundFlow, KnowledgeTable, PartyLabel, cards, sentence_of};

/// How long an exchange is waited for that an exchange of this flow was caused by, in microseconds.
const PATIENCE_US: i64 = 3_000_000;
/// How many flows the waiting page lists.
const LISTED: usize = 10;

/// `GET {base}/flows/{id}/predict?step=&way=&values=&score=&view=`: the page of the flow with its next arrow hidden
/// behind a question.
pub(crate) async fn show(
    state: web::Data<AppState>,
    (frame, clock): (Frame, ClockBar),
    found: FoundFlow,
    query: web::Query<Query>,
    request: HttpRequest,
) -> HttpResponse {
    if let Some(moved) = found.moved(&frame, "/predict") {
        return moved;
    }
    let flow = found.flow;
    let standing = Standing::of(&query);
    let page = PredictPage::new(frame, (&state, &request, clock), &flow, &standing);
    page.clock.with_cookie(page::html(&page, StatusCode::OK))
}

/// `GET {base}/predict`
pub(crate) async fn wait(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
) -> HttpResponse {
    let wanted = Wanted {
        limit: LISTED,
        ..Wanted::default()
    };
    let list = state.record.flows(&realm, &wanted);
    let now_ms = wall_clock_us().div_euclid(1000);
    let flows = list.flows.iter().map(|flow| FlowLine {
        id: flow.id.to_string(),
        grant: frame.t(key_of("grant-name", flow.grant.name())),
        started: Moment::of(flow.started_us),
        exchanges: flow.exchange_count,
    });
    let page = WaitPage {
        flows: flows.collect(),
        latest_event: list.record.latest_event,
        since: format!("{now_ms:012x}"),
        frame,
    };
    page::html(&page, StatusCode::OK)
}

/// `templates/predict_wait.html`
#[derive(Template)]
#[template(path = "predict_wait.html")]
struct WaitPage {
    frame: Frame,
    flows: Vec<FlowLine>,
    latest_event: u64,
    /// Flows whose id begins after this began after the page.
    since: String,
}

/// A flow that can be gone through.
struct FlowLine {
    id: String,
    grant: String,
    started: Moment,
    exchanges: usize,
}

/// `templates/predict.html`
#[derive(Template)]
#[template(path = "predict.html")]
struct PredictPage {
    frame: Frame,
    flow_id: String,
    grant: String,
    latest_event: u64,
    step: usize,
    total: usize,
    /// How the answers so far stand in the address.
    score: String,
    /// This page's own address.
    address: String,
    /// The same in the two views, by their names.
    views: [(&'static str, String); 2],
    view: View,
    control: ControlBar,
    clock: ClockBar,
    /// The drawing so far; none before the first exchange.
    figure: Option<Figure>,
    knows: KnowledgeTable,
    exchanges: Vec<ExchangeCard>,
    stage: Stage,
}

/// What the page shows.
enum Stage {
    /// A question.
    Ask(AskView),
    /// What really happened.
    Reveal(Box<RevealView>),
    /// Nothing more is known.
    End(EndView),
}

impl Stage {
    /// Whether there is nothing to ask for now.
    const fn is_end(&self) -> bool {
        matches!(self, Self::End(_))
    }
}

/// An exchange that is revealed.
struct SeenLine {
    exchange: String,
    way: &'static str,
    from: PartyLabel,
    to: Option<PartyLabel>,
    sentence: String,
}

/// A question.
struct AskView {
    /// Both ways, by their names.
    ways: [&'static str; 2],
    choices: Vec<Choice>,
}

/// One set of values to choose.
struct Choice {
    value: String,
    names: Vec<&'static str>,
}

/// An exchange and how the answer compares.
struct RevealView {
    line: SeenLine,
    way: &'static str,
    why: String,
    /// Whether the first click was right; none for a question that was skipped.
    way_right: Option<bool>,
    values_right: Option<bool>,
    values: Vec<ValueLine>,
    /// Chosen, but nowhere in the exchange.
    wrong: Vec<&'static str>,
    next: String,
}

/// A value that travelled.
struct ValueLine {
    name: &'static str,
    way: &'static str,
    sentence: String,
    /// Whether the reader thought of it; none for a question that was skipped.
    thought_of: Option<bool>,
}

/// The end, for now.
struct EndView {
    right: u32,
    of: usize,
    marks: Vec<MarkLine>,
}

/// One answer.
struct MarkLine {
    step: usize,
    class: &'static str,
    text: String,
}

impl PredictPage {
    fn new(
        frame: Frame,
        (app, request, clock): (&AppState, &HttpRequest, ClockBar),
        flow: &FlowView,
        standing: &Standing,
    ) -> Self {
        let ready = ready(flow, wall_clock_us());
        let total = ready.min(flow.exchanges.len());
        let line = |exchange| SeenLine::new(&frame, app, exchange);
        let at = standing.step.saturating_sub(1);
        let asked = Question::of(flow, at).filter(|_| at < total);
        let current = flow.exchanges.get(at);
        let base = frame.link(format!("/flows/{}/predict", flow.summary.id));
        let stage = match (asked, current, &standing.answer) {
            (Some(question), _, None) => Stage::Ask(AskView::new(&question)),
            (Some(question), Some(exchange), Some(answer)) => {
                let right = right(&question, answer);
                let score = standing.score.clone().with(right).as_text();
                let next = standing.step.saturating_add(1);
                let view = standing.view.name();
                let reveal = RevealView {
                    next: format!("{base}?step={next}&score={score}&view={view}"),
                    ..RevealView::new(&frame, line(exchange), exchange, (&question, answer))
                };
                Stage::Reveal(Box::new(reveal))
            }
            _ => Stage::End(EndView::new(&frame, &standing.score)),
        };
        let revealed = usize::from(matches!(stage, Stage::Reveal(_)));
        let shown = at.min(total);
        let so_far = beginning(flow, shown.saturating_add(revealed));
        let draws = !so_far.exchanges.is_empty();
        let figure =
            draws.then(|| Figure::new(&frame, &app.addresses, &so_far, standing.view, None));
        let score = standing.score.as_text();
        let (step, answer) = (standing.step, standing.answered());
        let address = |view: View| {
            format!(
                "{base}?step={step}&score={score}{answer}&view={}",
                view.name()
            )
        };
        let here = address(standing.view);
        Self {
            views: [View::Map, View::Sequence].map(|view| (view.name(), address(view))),
            view: standing.view,
            control: ControlBar::of(app, &frame, request, &here),
            clock: clock.returning_to(&here),
            knows: KnowledgeTable::new(&frame, &so_far).still(),
            exchanges: cards(&frame, &app.addresses, so_far, |_| true),
            flow_id: flow.summary.id.to_string(),
            grant: frame.t(key_of("grant-name", flow.summary.grant.name())),
            latest_event: flow.latest_event,
            step: standing.step,
            total,
            address: here,
            score,
            figure,
            stage,
            frame,
        }
    }
}

/// The first `many` exchanges of `flow`, and nothing that tells of later ones.
fn beginning(flow: &FlowView, many: usize) -> FlowView {
    let mut flow = flow.clone();
    flow.exchanges.truncate(many);
    let exchanges = &flow.exchanges;
    let speaks = |party: &Party| {
        let mut exchanges = exchanges.iter();
        exchanges.any(|exchange| exchange.from == *party || exchange.to == *party)
    };
    flow.summary.parties.retain(speaks);
    flow.summary.exchange_count = flow.exchanges.len();
    flow
}

/// How many exchanges can be asked about. Of a running flow, one that waits for its cause to be reported may yet be
/// preceded by it.
fn ready(flow: &FlowView, now_us: i64) -> usize {
    let known = |id| flow.exchanges.iter().any(|exchange| exchange.id == id);
    let unsettled = flow.exchanges.iter().position(|exchange| {
        let young = now_us.saturating_sub(exchange.started_us) < PATIENCE_US;
        let cause = exchange.caused_by.clone();
        young && cause.is_some_and(|cause| !known(cause))
    });
    unsettled.unwrap_or(flow.exchanges.len())
}

/// How many clicks were right.
fn right(question: &Question, answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Skipped => None,
        Answer::Given(way, kinds) => {
            Some(u32::from(*way == question.way) + u32::from(*kinds == question.kinds))
        }
    }
}

impl SeenLine {
    fn new(frame: &Frame, state: &AppState, exchange: &ExchangeView) -> Self {
        let stays = exchange.kind == shared::flow::Kind::InBrowser;
        Self {
            exchange: exchange.id.to_string(),
            way: question::way_of(exchange).name(),
            from: PartyLabel::of(frame, &exchange.from),
            to: (!stays).then(|| PartyLabel::of(frame, &exchange.to)),
            sentence: sentence_of(frame, &state.addresses, exchange),
        }
    }
}

impl AskView {
    fn new(question: &Question) -> Self {
        let choices = question.choices.iter().map(|kinds| Choice {
            value: kinds.as_text(),
            names: kinds.names(),
        });
        Self {
            ways: Way::ALL.map(Way::name),
            choices: choices.collect(),
        }
    }
}

impl RevealView {
    fn new(
        frame: &Frame,
        line: SeenLine,
        exchange: &ExchangeView,
        (question, answer): (&Question, &Answer),
    ) -> Self {
        let given = match answer {
            Answer::Given(way, kinds) => Some((*way, kinds)),
            Answer::Skipped => None,
        };
        let thought_of = |name| given.map(|(_, kinds)| kinds.has(name));
        let values = question::travels(exchange)
            .into_iter()
            .map(|value| ValueLine {
                name: value.name,
                way: match (value.there, value.back) {
                    (true, true) => "both",
                    (true, false) => "there",
                    _ => "back",
                },
                sentence: frame.about("parameter", value.name).unwrap_or_default(),
                thought_of: thought_of(value.name),
            });
        let wrong = |kinds: &Kinds| {
            let mut names = kinds.names();
            names.retain(|name| !question.kinds.has(name));
            names
        };
        Self {
            line,
            way: question.way.name(),
            why: frame.t(question::why(exchange)),
            way_right: given.map(|(way, _)| way == question.way),
            values_right: given.map(|(_, kinds)| *kinds == question.kinds),
            values: values.collect(),
            wrong: given.map(|(_, kinds)| wrong(kinds)).unwrap_or_default(),
            next: String::new(),
        }
    }
}

impl EndView {
    fn new(frame: &Frame, score: &Score) -> Self {
        let (right, of) = score.total();
        let marks = score.marks().iter().zip(1..).map(|(mark, step)| {
            let class = match mark {
                None => "skipped",
                Some(2) => "right",
                Some(1) => "half",
                Some(_) => "wrong",
            };
            MarkLine {
                step,
                class,
                text: frame.t(key_of("predict-mark", class)),
            }
        });
        Self {
            right,
            of,
            marks: marks.collect(),
        }
    }
}
