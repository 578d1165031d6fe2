//! Who knows what, as a table: values down, those who may know them across; a cell opens the exchange by which it
//! was learned. `templates/knowledge_table.html` is the section that other pages include, and the piece that their
//! script fetches anew as the flow runs.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use shared::page::{self, Frame, key_of};

use super::FoundFlow;
use super::reference::Reference;
use crate::record::knowledge::danger::{Exposure, RULES};
use crate::record::knowledge::{Cell, Knower, Knowledge, KnownValue};
use crate::record::view::FlowView;

/// `GET {base}/flows/{id}/knowledge`.
pub(crate) async fn show(frame: Frame, FoundFlow { flow, .. }: FoundFlow) -> HttpResponse {
    let page = KnowledgePage {
        grant: frame.t(key_of("grant-name", flow.summary.grant.name())),
        knows: KnowledgeTable::new(&frame, &flow),
        latest_event: flow.latest_event,
        frame,
    };
    page::html(&page, StatusCode::OK)
}

/// `GET {base}/flows/{id}/knowledge/table`: the section alone, for the page's script.
pub(crate) async fn table(frame: Frame, FoundFlow { flow, .. }: FoundFlow) -> HttpResponse {
    let knows = KnowledgeTable::new(&frame, &flow);
    page::html(&TableFragment { frame, knows }, StatusCode::OK)
}

/// `templates/knowledge.html`
#[derive(Template)]
#[template(path = "knowledge.html")]
struct KnowledgePage {
    frame: Frame,
    grant: String,
    knows: KnowledgeTable,
    latest_event: u64,
}

/// `templates/knowledge_table.html`, on its own.
#[derive(Template)]
#[template(path = "knowledge_table.html")]
struct TableFragment {
    frame: Frame,
    knows: KnowledgeTable,
}

/// What `templates/knowledge_table.html` shows; a page that includes it names this `knows`.
pub(crate) struct KnowledgeTable {
    /// The flow's id.
    pub(crate) flow: String,
    /// Whether it is renewed as the flow goes on.
    pub(crate) live: bool,
    pub(crate) forgotten: u64,
    /// Whether there are more values than rows.
    pub(crate) more: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<RowView>,
    /// Each rule that applies somewhere, and where.
    pub(crate) lessons: Vec<Lesson>,
}

/// One who may know.
pub(crate) struct Column {
    /// The class of its colour and shape.
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// Whether it is the address bar: a place, not a party.
    pub(crate) is_place: bool,
}

/// One value.
pub(crate) struct RowView {
    /// `code-1`, the same as long as the flow runs.
    pub(crate) key: String,
    pub(crate) name: String,
    /// The name of its parameter in the protocol.
    pub(crate) parameter: &'static str,
    pub(crate) owner: Option<String>,
    pub(crate) cells: Vec<CellView>,
}

/// Whether one knows the other.
pub(crate) struct CellView {
    /// Its knower's name, for a narrow screen.
    pub(crate) knower: String,
    pub(crate) class: &'static str,
    /// `expected`, `noted` or `exposed`; none where it is not known.
    pub(crate) exposure: Option<&'static str>,
    /// What that means, in a word.
    pub(crate) word: Option<String>,
    /// How it was learned, in a few words.
    pub(crate) how: String,
    pub(crate) step: usize,
    /// The page of the exchange.
    pub(crate) href: String,
}

/// A rule that applies, and the values to which it does.
pub(crate) struct Lesson {
    pub(crate) exposure: &'static str,
    pub(crate) word: String,
    pub(crate) sentence: String,
    pub(crate) reference: Reference,
    pub(crate) cases: Vec<Case>,
}

/// One cell to which a rule applies.
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) href: String,
}

impl KnowledgeTable {
    /// The table of `flow`.
    pub(crate) fn new(frame: &Frame, flow: &FlowView) -> Self {
        let knowledge = Knowledge::of(flow);
        let flow = knowledge.flow.to_string();
        let columns = knowledge.knowers.iter().map(|knower| Column {
            class: knower.role(),
            name: name_of(frame, knower),
            is_place: *knower == Knower::AddressBar,
        });
        let rows = knowledge.values.iter();
        Self {
            columns: columns.collect(),
            rows: rows.map(|row| RowView::new(frame, &flow, row)).collect(),
            lessons: lessons(frame, &flow, &knowledge),
            forgotten: knowledge.forgotten,
            more: knowledge.more,
            live: true,
            flow,
        }
    }

    /// The same for a page that shows how it stood at one moment.
    pub(crate) fn still(self) -> Self {
        Self {
            live: false,
            ..self
        }
    }
}

impl RowView {
    fn new(frame: &Frame, flow: &str, row: &KnownValue) -> Self {
        let parameter = super::name_of(row.kind);
        let cells = row.cells.iter();
        Self {
            key: format!("{parameter}-{}", row.number),
            name: value_name(frame, row),
            parameter,
            owner: row.owner.clone(),
            cells: cells.map(|cell| CellView::new(frame, flow, cell)).collect(),
        }
    }
}

impl CellView {
    fn new(frame: &Frame, flow: &str, cell: &Cell) -> Self {
        let exposure = cell.exposure.map(Exposure::name);
        let remarkable = cell.exposure.filter(|known| *known != Exposure::Expected);
        let learned = cell.learned.as_ref();
        Self {
            knower: name_of(frame, &cell.knower),
            class: cell.knower.role(),
            exposure,
            word: remarkable.map(|known| frame.t(key_of("knowledge-exposure", known.name()))),
            how: learned.map_or_else(
                || frame.t("knowledge-not-known"),
                |learned| frame.t(key_of("knowledge-how", learned.how.name())),
            ),
            step: learned.map_or(0, |learned| learned.step),
            href: learned.map_or_else(String::new, |learned| {
                opened(frame, flow, &learned.exchange)
            }),
        }
    }
}

/// Where an exchange is opened.
fn opened(frame: &Frame, flow: &str, exchange: &shared::flow::ExchangeId) -> String {
    frame.link(format!("/flows/{flow}/exchanges/{exchange}/open"))
}

/// A knower's name in the reader's language; a stranger's own.
pub(crate) fn name_of(frame: &Frame, knower: &Knower) -> String {
    match knower {
        Knower::Party(party) => super::PartyLabel::of(frame, party).name,
        Knower::AddressBar => frame.t("knowledge-address-bar"),
    }
}

/// A value's name in the reader's language, numbered where its flow has several of the kind.
pub(crate) fn value_name(frame: &Frame, row: &KnownValue) -> String {
    let name = frame.t(key_of("knowledge-value", super::name_of(row.kind)));
    if row.of > 1 {
        let number = row.number.to_string();
        frame.ta("knowledge-numbered", [("name", name), ("number", number)])
    } else {
        name
    }
}

/// Each rule that applies, the gravest first, with the cells to which it applies.
fn lessons(frame: &Frame, flow: &str, knowledge: &Knowledge) -> Vec<Lesson> {
    let mut found: Vec<(Exposure, Lesson)> = Vec::new();
    for rule in RULES {
        let mut cases = Vec::new();
        for row in &knowledge.values {
            let cells = row.cells.iter();
            for cell in cells.filter(|cell| cell.rule.as_deref() == Some(rule.id)) {
                let Some(learned) = &cell.learned else {
                    continue;
                };
                let text = [
                    ("value", value_name(frame, row)),
                    ("knower", name_of(frame, &cell.knower)),
                    ("step", learned.step.to_string()),
                ];
                cases.push(Case {
                    text: frame.ta("knowledge-case", text),
                    href: opened(frame, flow, &learned.exchange),
                });
            }
        }
        if cases.is_empty() {
            continue;
        }
        let name = rule.exposure.name();
        let lesson = Lesson {
            exposure: name,
            word: frame.t(key_of("knowledge-exposure", name)),
            sentence: frame.t(key_of("knowledge-rule", rule.id)),
            reference: Reference::of(rule.reference),
            cases,
        };
        found.push((rule.exposure, lesson));
    }
    found.sort_by_key(|(exposure, _)| std::cmp::Reverse(*exposure));
    found.into_iter().map(|(_, lesson)| lesson).collect()
}
