//! `GET {base}/flows`: every flow of the realm, newest first.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use shared::page::{self, Frame, key_of};
use shared::realm::RealmName;

use super::PartyLabel;
use super::moment::{Moment, span};
use crate::endpoint::flows::{PathId, id_in};
use crate::record::Wanted;
use crate::record::flow::{Grant, Status};
use crate::record::view::{FlowSummary, RecordState};
use crate::state::AppState;

/// The most flows on one page.
const MOST: usize = 200;

/// `GET {base}/flows`.
pub(crate) async fn list(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
) -> HttpResponse {
    let wanted = Wanted {
        limit: MOST,
        ..Wanted::default()
    };
    let found = state.record.flows(&realm, &wanted);
    let rows = found
        .flows
        .iter()
        .map(|flow| FlowRow::new(&frame, flow))
        .collect();
    let page = FlowsPage {
        rows,
        record: found.record,
        frame,
    };
    page::html(&page, StatusCode::OK)
}

/// `GET {base}/flows/{id}/row`: one line of the list, for the page's script.
pub(crate) async fn row(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    match id_in(&path).and_then(|id| state.record.summary(&realm, &id)) {
        Some(flow) => {
            let row = FlowRow::new(&frame, &flow);
            page::html(&RowFragment { frame, row }, StatusCode::OK)
        }
        None => HttpResponse::NotFound().finish(),
    }
}

/// `templates/flows.html`
#[derive(Template)]
#[template(path = "flows.html")]
struct FlowsPage {
    frame: Frame,
    rows: Vec<FlowRow>,
    record: RecordState,
}

/// `templates/flow_row.html`, on its own.
#[derive(Template)]
#[template(path = "flow_row.html")]
struct RowFragment {
    frame: Frame,
    row: FlowRow,
}

/// What `templates/flow_row.html` shows.
pub(crate) struct FlowRow {
    pub(crate) id: String,
    pub(crate) grant: String,
    pub(crate) client: Option<String>,
    pub(crate) person: Option<String>,
    pub(crate) parties: Vec<PartyLabel>,
    pub(crate) exchanges: usize,
    pub(crate) forgotten: u64,
    pub(crate) started: Moment,
    pub(crate) lasted: String,
    pub(crate) status: &'static str,
    pub(crate) status_text: String,
    /// Whether it can stand anywhere: a request for metadata never ends otherwise than answered.
    pub(crate) shows_status: bool,
    /// Why it was refused: the check's id, or the error's code.
    pub(crate) reason: Option<String>,
}

impl FlowRow {
    /// The row of a flow.
    pub(crate) fn new(frame: &Frame, flow: &FlowSummary) -> Self {
        let status = flow.result.status;
        Self {
            id: flow.id.to_string(),
            grant: frame.t(key_of("grant-name", flow.grant.name())),
            client: flow.client_id.clone(),
            person: flow.person.clone(),
            parties: flow
                .parties
                .iter()
                .map(|party| PartyLabel::of(frame, party))
                .collect(),
            exchanges: flow.exchange_count,
            forgotten: flow.forgotten,
            started: Moment::of(flow.started_us),
            lasted: span(flow.ended_us.saturating_sub(flow.started_us)),
            status: status.name(),
            shows_status: status != Status::Open || flow.grant != Grant::Unknown,
            status_text: frame.t(key_of("status", status.name())),
            reason: (status == Status::Refused)
                .then(|| reason(frame, flow))
                .flatten(),
        }
    }
}

/// Why a flow was refused: the id of the check, else the protocol's error.
fn reason(frame: &Frame, flow: &FlowSummary) -> Option<String> {
    flow.result.failed_check.clone().or_else(|| {
        let error = flow.result.error.clone();
        error.map(|code| frame.ta("record-error", [("error", code)]))
    })
}

/// A row as HTML.
#[cfg(test)]
pub(super) fn rendered(frame: Frame, flow: &FlowSummary) -> String {
    let row = FlowRow::new(&frame, flow);
    RowFragment { frame, row }.render().unwrap_or_default()
}

/// The page of a realm without a flow, as HTML.
#[cfg(test)]
pub(super) fn rendered_page(frame: Frame, record: RecordState) -> String {
    let rows = Vec::new();
    let page = FlowsPage {
        frame,
        rows,
        record,
    };
    page.render().unwrap_or_default()
}
