//! `GET {base}/flows/{id}/diagram` and `{base}/flows/{id}/pieces`: the drawing, or only some of its exchanges, for the
//! scripts of pages that are open while a flow runs.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::flow::ExchangeId;
use shared::page::{self, Frame};

use super::figure::{Card, Figure};
use super::scene::Scene;
use super::{Asked, View};
use crate::state::AppState;
use crate::viewer::{ExchangeCard, FoundFlow, cards};

/// The most exchanges of one answer.
const MOST: usize = 60;

/// `templates/diagram.html`, on its own.
#[derive(Template)]
#[template(path = "diagram.html")]
pub(super) struct Fragment {
    pub(super) frame: Frame,
    pub(super) figure: Figure,
}

/// `GET {base}/flows/{id}/diagram?view=&step=`.
pub(crate) async fn diagram(
    state: web::Data<AppState>,
    frame: Frame,
    FoundFlow { flow, .. }: FoundFlow,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let figure = Figure::new(&frame, &state.addresses, &flow, asked.view(), asked.step());
    page::html(&Fragment { frame, figure }, StatusCode::OK)
}

/// `templates/diagram_card_alone.html`
#[derive(Template)]
#[template(path = "diagram_card_alone.html")]
struct CardAlone {
    frame: Frame,
    card: Card,
}

/// `GET {base}/flows/{id}/card?of=id`: one step in words.
pub(crate) async fn card(
    state: web::Data<AppState>,
    frame: Frame,
    FoundFlow { flow, .. }: FoundFlow,
    wanted: web::Query<Wanted>,
) -> HttpResponse {
    let scene = Scene::of(&flow);
    let mut steps = scene.steps.iter().zip(&flow.exchanges);
    let Some(step) = steps.find(|(step, _)| step.exchange.as_str() == wanted.of) else {
        return HttpResponse::NotFound().finish();
    };
    let card = Card::new(&frame, &state.addresses, step, scene.steps.len());
    page::html(&CardAlone { frame, card }, StatusCode::OK)
}

/// What is asked of `pieces` and `card`.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    view: Option<String>,
    /// The ids of exchanges, separated by commas.
    of: String,
    /// Whether the lines of the list are wanted too.
    list: Option<String>,
}

/// `templates/diagram_pieces.html`
#[derive(Template)]
#[template(path = "diagram_pieces.html")]
struct Pieces {
    frame: Frame,
    figure: Figure,
    exchanges: Vec<ExchangeCard>,
}

/// `GET {base}/flows/{id}/pieces?view=&of=id,id&list=1`: some exchanges, drawn and as lines of the list.
pub(crate) async fn pieces(
    state: web::Data<AppState>,
    frame: Frame,
    FoundFlow { flow, .. }: FoundFlow,
    wanted: web::Query<Wanted>,
) -> HttpResponse {
    let ids = wanted.of.split(',').take(MOST);
    let ids: Vec<ExchangeId> = ids.filter_map(|id| id.parse().ok()).collect();
    let view = View::named(wanted.view.as_deref());
    let asked = (view, None);
    let known = |id: &ExchangeId| ids.contains(id);
    let figure = Figure::part(&frame, &state.addresses, &flow, asked, known);
    let listed = wanted.list.is_some();
    let exchanges = cards(&frame, &state.addresses, flow, |id| {
        listed && ids.contains(id)
    });
    let page = Pieces {
        frame,
        figure,
        exchanges,
    };
    page::html(&page, StatusCode::OK)
}

/// A drawing as HTML.
#[cfg(test)]
pub(super) fn rendered(frame: Frame, figure: Figure) -> String {
    Fragment { frame, figure }.render().unwrap_or_default()
}
