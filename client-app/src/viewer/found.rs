//! The flow that a path names: whatever shows one takes it as an argument, and is not called where there is none.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::{ErrorInternalServerError, InternalError};
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use shared::flow::ExchangeId;
use shared::page::{self, Frame};
use shared::realm::RealmName;

use crate::endpoint::flows::{PathId, id_in};
use crate::record::view::FlowView;
use crate::state::AppState;

/// `templates/flow_unknown.html`
#[derive(Template)]
#[template(path = "flow_unknown.html")]
pub(crate) struct UnknownFlowPage {
    pub(crate) frame: Frame,
}

/// The flow `{id}` of a path. Where the record has none the answer is 404 with the page that says so.
pub(crate) struct FoundFlow {
    /// The flow.
    pub(crate) flow: FlowView,
    /// The id in the path: that of a flow which became part of another leads to that one.
    asked: ExchangeId,
}

impl FoundFlow {
    /// Leads to `{base}/flows/{id}{below}` of the flow that the asked one became part of, if it did.
    pub(crate) fn moved(&self, frame: &Frame, below: &str) -> Option<HttpResponse> {
        let id = &self.flow.summary.id;
        let there = || {
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, frame.link(format!("/flows/{id}{below}"))))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()
        };
        (*id != self.asked).then(there)
    }
}

impl FromRequest for FoundFlow {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(found(request, payload))
    }
}

fn found(request: &HttpRequest, payload: &mut Payload) -> Result<FoundFlow, actix_web::Error> {
    let state = request.app_data::<web::Data<AppState>>();
    let state = state.ok_or_else(|| ErrorInternalServerError("no state"))?;
    let realm = RealmName::from_request(request, payload).into_inner()?;
    let path = web::Path::<PathId>::from_request(request, payload).into_inner()?;
    let found = id_in(&path).and_then(|asked| {
        let flow = state.record.flow(&realm, &asked)?;
        Some(FoundFlow { flow, asked })
    });
    if let Some(found) = found {
        return Ok(found);
    }
    let frame = Frame::from_request(request, payload).into_inner()?;
    let page = page::html(&UnknownFlowPage { frame }, StatusCode::NOT_FOUND);
    Err(InternalError::from_response("no such flow", page).into())
}
