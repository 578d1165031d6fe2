//! `GET /exchanges/{exchange}/flow`: from one exchange to the flow that it became part of.
//!
//! `?page=lifetimes` leads to that page of the flow. A page is shown before the exchange that shows it has been recorded, so pages link here.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::visit::Visit;

/// How often the record is looked into before giving up, with a pause between.
const TRIES: u32 = 15;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// Sends the browser to `/flows/{id}`, or to the list where the record has forgotten it.
pub(crate) async fn flow_of(visit: Visit) -> HttpResponse {
    let exchange = visit.request.match_info().get("exchange");
    let exchange = exchange.and_then(|id| id.parse().ok());
    let mut location = visit.frame.link("/flows");
    if let Some(exchange) = exchange {
        for _ in 0..TRIES {
            if let Some(flow) = visit.state.record.flow_of(&visit.realm, &exchange) {
                let page = match visit.request.query_string() {
                    "page=lifetimes" => "/lifetimes",
                    _ => "",
                };
                location = visit.frame.link(format!("/flows/{flow}{page}"));
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
