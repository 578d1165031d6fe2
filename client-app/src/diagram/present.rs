//! `GET {base}/flows/{id}/present?step=&view=`: one step at a time in large type, for a projector: the drawing, a
//! sentence, the channel, the values, the checks that decided. No names of people, nothing besides.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::page::{self, Frame, key_of};

use super::Asked;
use super::figure::Figure;
use crate::state::AppState;
use crate::viewer::FoundFlow;

/// The id of an exchange in a path; the realm may stand before it.
#[derive(Debug, Deserialize)]
pub(crate) struct ExchangeInPath {
    pub(super) exchange: String,
}

/// `templates/present.html`
#[derive(Template)]
#[template(path = "present.html")]
struct PresentPage {
    frame: Frame,
    figure: Figure,
    grant: String,
    /// Where the next arrow is asked about before it is drawn.
    predict: String,
}

/// The page; that of the flow pages where there is no such flow.
pub(crate) async fn present(
    state: web::Data<AppState>,
    frame: Frame,
    FoundFlow { flow, .. }: FoundFlow,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let figure = Figure::new(&frame, &state.addresses, &flow, asked.view(), asked.step());
    let grant = frame.t(key_of("grant-name", flow.summary.grant.name()));
    let predict = crate::viewer::predict_link(&frame, &flow, asked.view());
    page::html(
        &PresentPage {
            frame,
            figure,
            grant,
            predict,
        },
        StatusCode::OK,
    )
}
