//! `GET {base}/api/exchanges/{id}/tokens`: the tokens of one exchange as JSON, decoded, with their checklists.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use shared::flow::Check;
use shared::realm::RealmName;

use super::Opened;
use super::find::Use;
use super::read::Part;
use crate::endpoint::flows::{PathId, id_in, problem};
use crate::record::parameter::ParameterPlace;
use crate::state::AppState;

/// One token.
#[derive(Serialize)]
struct Token<'t> {
    name: &'t str,
    place: ParameterPlace,
    #[serde(rename = "use")]
    meant: Use,
    /// `verified`, `refused`, `issuer-unknown`, `keys-away` or `opaque`.
    verdict: &'static str,
    header: Vec<Member<'t>>,
    claims: Vec<Member<'t>>,
    checks: &'t [Check],
}

/// A member in its place: a JSON object would hide that a name stands twice.
#[derive(Serialize)]
struct Member<'t> {
    name: &'t str,
    value: &'t Value,
}

/// Answers the tokens of one exchange; 404 until its report has arrived.
pub(crate) async fn tokens(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    let found = id_in(&path).and_then(|id| state.record.exchange(&realm, &id));
    let Some(exchange) = found else {
        return problem(
            HttpResponse::NotFound(),
            "not_found",
            "no exchange of this realm has this id yet, or it fell out of the record",
        );
    };
    let flow = state.record.flow(&realm, &exchange.flow);
    let opened = super::open(&state, &realm, flow.as_ref(), &exchange).await;
    let tokens: Vec<Token<'_>> = opened.iter().map(Token::of).collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "tokens": tokens }))
}

impl<'t> Token<'t> {
    fn of(opened: &'t Opened) -> Self {
        let (found, read) = (&opened.found, &opened.read);
        Self {
            name: &found.name,
            place: found.place,
            meant: found.meant,
            verdict: opened.verdict.name(),
            header: members(&read.header),
            claims: members(&read.payload),
            checks: &opened.checks,
        }
    }
}

fn members(part: &Part) -> Vec<Member<'_>> {
    let members = part.members.iter();
    members
        .map(|(name, value)| Member { name, value })
        .collect()
}
