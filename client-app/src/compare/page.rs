//! `GET {base}/flows/{id}/compare?with={other}`: the comparison as a page; without `with`, the choice of the other
//! flow. `GET {base}/compare?flow={id}&flow={id}` is where the list of flows sends its two ticks.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use shared::flow::ExchangeId;
use shared::page::{self, Frame, key_of};
use shared::realm::{Addresses, RealmName};

use super::headline::Headline;
use super::known::KnowledgeLine;
use super::line::{SideView, StepView};
use super::{Comparison, Cut};
use crate::endpoint::compare::CompareQuery;
use crate::endpoint::flows::{PathId, id_in};
use crate::record::Wanted;
use crate::record::view::FlowView;
use crate::state::AppState;
use crate::viewer::{FlowRow, UnknownFlowPage};

/// The most flows among which the other is chosen.
const CHOICE: usize = 200;

/// The comparison, or the choice of what to compare with.
pub(crate) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<PathId>,
    query: web::Query<CompareQuery>,
) -> HttpResponse {
    let flow = |id: ExchangeId| state.record.flow(&realm, &id);
    let Some(left) = id_in(&path).and_then(flow) else {
        return page::html(&UnknownFlowPage { frame }, StatusCode::NOT_FOUND);
    };
    let Some(with) = &query.with else {
        let page = ChoosePage::new(frame, &state, &realm, &left);
        return page::html(&page, StatusCode::OK);
    };
    let Some(right) = with.parse().ok().and_then(flow) else {
        return page::html(&UnknownFlowPage { frame }, StatusCode::NOT_FOUND);
    };
    let page = ComparePage::new(frame, &state.addresses, &left, &right);
    page::html(&page, StatusCode::OK)
}

/// Two ticks of the list lead to their comparison, one to the choice of the other, none back to the list.
pub(crate) async fn ticked(frame: Frame, request: HttpRequest) -> HttpResponse {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let ids = pairs.filter(|(name, _)| name == "flow");
    let mut ids = ids.filter_map(|(_, id)| id.parse::<ExchangeId>().ok());
    let path = match (ids.next(), ids.next()) {
        // The list shows the newest first; the older of two is read first.
        (Some(one), Some(other)) => {
            let (older, newer) = (one.clone().min(other.clone()), one.max(other));
            format!("/flows/{older}/compare?with={newer}")
        }
        (Some(one), None) => format!("/flows/{one}/compare"),
        (None, _) => "/flows".to_owned(),
    };
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, frame.link(path)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// `templates/compare.html`
#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    left: FlowRow,
    right: FlowRow,
    headline: Headline,
    groups: Vec<Group>,
    knowledge: Vec<KnowledgeLine>,
    only_left: Vec<VerdictLine>,
    only_right: Vec<VerdictLine>,
    cut: Option<Cut>,
}

/// Steps that belong together on the page.
enum Group {
    /// The same on both sides: folded.
    Same(Vec<StepView>),
    /// One that differs.
    Differs(Box<StepView>),
    /// Those that only the first flow has.
    OnlyFirst(Vec<SideView>),
    /// Those that only the second flow has.
    OnlySecond(Vec<SideView>),
}

/// The steps as they stand on the page: what is alike in a row is one group.
fn grouped(steps: Vec<(bool, StepView)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (same, mut step) in steps {
        let alone = match (step.left.is_some(), step.right.is_some()) {
            (true, false) => step.left.take().map(|side| (side, true)),
            (false, true) => step.right.take().map(|side| (side, false)),
            _ => None,
        };
        match (groups.last_mut(), alone) {
            (Some(Group::OnlyFirst(sides)), Some((side, true)))
            | (Some(Group::OnlySecond(sides)), Some((side, false))) => sides.push(side),
            (_, Some((side, true))) => groups.push(Group::OnlyFirst(vec![side])),
            (_, Some((side, false))) => groups.push(Group::OnlySecond(vec![side])),
            (Some(Group::Same(steps)), None) if same => steps.push(step),
            (_, None) if same => groups.push(Group::Same(vec![step])),
            (_, None) => groups.push(Group::Differs(Box::new(step))),
        }
    }
    groups
}

/// Something that can be said of one flow alone.
struct VerdictLine {
    outcome: &'static str,
    outcome_text: String,
    text: String,
}

impl ComparePage {
    fn new(frame: Frame, addresses: &Addresses, left: &FlowView, right: &FlowView) -> Self {
        let comparison = Comparison::of(left, right);
        let steps = comparison.steps.iter().enumerate();
        let steps = steps.map(|(at, step)| {
            let view = StepView::new(&frame, addresses, (left, right), (at, step));
            (step.is_same(), view)
        });
        let groups = grouped(steps.collect());
        Self {
            headline: Headline::new(&frame, &comparison),
            knowledge: KnowledgeLine::all(&frame, &comparison.knowledge),
            only_left: verdicts(&frame, left, &comparison.verdicts.left),
            only_right: verdicts(&frame, right, &comparison.verdicts.right),
            cut: comparison.cut,
            left: FlowRow::new(&frame, &left.summary),
            right: FlowRow::new(&frame, &right.summary),
            groups,
            frame,
        }
    }
}

/// Those verdicts of a flow that are among `ids`, each once.
fn verdicts(frame: &Frame, flow: &FlowView, ids: &[String]) -> Vec<VerdictLine> {
    let found = ids
        .iter()
        .filter_map(|id| flow.verdicts.iter().find(|verdict| verdict.id == *id));
    let line = |verdict: &crate::record::verdict::Verdict| VerdictLine {
        outcome: verdict.outcome.name(),
        outcome_text: frame.t(key_of("outcome", verdict.outcome.name())),
        text: frame.t(key_of("verdict", &verdict.id)),
    };
    found.map(line).collect()
}

/// `templates/compare_choose.html`
#[derive(Template)]
#[template(path = "compare_choose.html")]
struct ChoosePage {
    frame: Frame,
    flow: FlowRow,
    others: Vec<FlowRow>,
}

impl ChoosePage {
    fn new(frame: Frame, state: &AppState, realm: &RealmName, flow: &FlowView) -> Self {
        let wanted = Wanted {
            limit: CHOICE,
            ..Wanted::default()
        };
        let all = state.record.flows(realm, &wanted).flows;
        let others = all.iter().filter(|other| other.id != flow.summary.id);
        Self {
            others: others.map(|other| FlowRow::new(&frame, other)).collect(),
            flow: FlowRow::new(&frame, &flow.summary),
            frame,
        }
    }
}
