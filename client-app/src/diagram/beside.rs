//! `GET {base}/exchanges/{exchange}/diagram`: the diagram of the flow that an exchange became part of, for the pages of
//! a running grant. A page is shown before the exchange that shows it has been recorded, so it asks here afterwards.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::ExchangeId;
use shared::page::{self, Frame};
use shared::realm::RealmName;

use super::Asked;
use super::figure::Figure;
use super::pieces::Fragment;
use crate::state::AppState;

/// How often the record is looked into before giving up, with a pause between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// The diagram, or 204 where the record does not have the exchange (yet, or any more): the page is whole without it.
pub(crate) async fn beside(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<super::present::ExchangeInPath>,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let Ok(exchange) = path.exchange.parse::<ExchangeId>() else {
        return HttpResponse::NotFound().finish();
    };
    for _ in 0..TRIES {
        if let Some(flow) = state.record.flow_of(&realm, &exchange) {
            let Some(flow) = state.record.flow(&realm, &flow) else {
                break;
            };
            let figure = Figure::new(&frame, &state.addresses, &flow, asked.view(), asked.step());
            return page::html(&Fragment { frame, figure }, StatusCode::OK);
        }
        tokio::time::sleep(PAUSE).await;
    }
    HttpResponse::NoContent().finish()
}
