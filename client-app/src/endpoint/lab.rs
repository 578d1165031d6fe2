//! `POST /lab/prints`: the laboratory behind the print shop, which is handed the shop's access token and exchanges it
//! (RFC 8693). A server for servers: it takes a token in the `Authorization` header and answers in JSON.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use serde_json::json;
use shared::flow::catalog as check;

use super::visit::Visit;
use crate::flow::token_exchange::{self, NotPrinted};

/// Prints what the token gives access to.
pub(crate) async fn prints(visit: Visit) -> HttpResponse {
    let header = visit.request.headers().get(AUTHORIZATION);
    let token = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let got = if token.is_some() { "one" } else { "none" };
    let expected = "Authorization: Bearer";
    let token = visit
        .observation
        .require_some(&check::TOKEN_PRESENT, token, expected, got);
    let answered = match &token {
        Some(token) => token_exchange::print(&visit.step(), token).await,
        None => Err(NotPrinted {
            status: 401,
            body: json!({"error": "not_printed", "reason": "no access token was handed over"}),
        }),
    };
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body),
        Err(refused) => (
            StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_GATEWAY),
            refused.body,
        ),
    };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body)
}
