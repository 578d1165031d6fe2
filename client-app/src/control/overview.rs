//! `GET {base}/paused`: what waits, where requests wait, and where they could. `GET {base}/paused/bar`: the same in
//! a line, for the pages of a flow.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use shared::control::{PauseLimits, route_path};
use shared::page::{self, Frame, is_local, key_of};
use shared::realm::RealmName;

use super::line::{ControlBar, Desk, ServiceRoutes};
use crate::state::AppState;

/// The query of the page: a route that the reader wants to stop.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    service: Option<String>,
    method: Option<String>,
    path: Option<String>,
    /// A flow to which breakpoints may be kept.
    flow: Option<String>,
    /// Of the bar: the page that it stands on.
    back: Option<String>,
}

/// `templates/paused.html`
#[derive(Template)]
#[template(path = "paused.html")]
struct PausedPage {
    frame: Frame,
    control: ControlBar,
    csrf: String,
    services: Vec<ServiceRoutes>,
    passed: u64,
    limits: PauseLimits,
    flow: Option<OneFlow>,
}

/// A flow to which breakpoints may be kept.
struct OneFlow {
    id: String,
    grant: String,
}

impl PausedPage {
    fn longest_minutes(&self) -> u32 {
        self.limits.longest.as_seconds().div_ceil(60)
    }
}

/// `GET {base}/paused`.
pub(super) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    request: HttpRequest,
    wanted_route: web::Query<Wanted>,
) -> HttpResponse {
    let controls = &state.observer.controls;
    let desk = Desk::of(&state, &request, &realm);
    let look = controls.look(&realm);
    let key = |part: &Option<String>| part.clone().unwrap_or_default();
    let wanted = format!(
        "{} {} {} -",
        key(&wanted_route.service),
        key(&wanted_route.method),
        route_path(&key(&wanted_route.path))
    );
    let flow = wanted_route.flow.as_ref().and_then(|id| id.parse().ok());
    let flow = flow.and_then(|id| state.record.summary(&realm, &id));
    let flow = flow.map(|flow| OneFlow {
        id: flow.id.to_string(),
        grant: frame.t(key_of("grant-name", flow.grant.name())),
    });
    let back = frame.link("/paused");
    let page = PausedPage {
        control: ControlBar::of(&state, &frame, &request, &back),
        services: ServiceRoutes::all(&frame, &controls.routes(), &look, &wanted),
        csrf: desk.csrf.clone(),
        passed: look.passed,
        limits: controls.limits(),
        flow,
        frame: frame.with_return_to(back),
    };
    answer(&desk, &page, StatusCode::OK)
}

/// Answers with a page, and gives the browser its cookie.
pub(super) fn answer(desk: &Desk, page: &impl Template, status: StatusCode) -> HttpResponse {
    let mut response = page::html(page, status);
    if let Some(cookie) = desk.browser.new_cookie() {
        // Fails only for a cookie that is no header value; ours is base64url.
        let _ = response.add_cookie(&cookie);
    }
    response
}

/// `templates/control_bar.html`, on its own.
#[derive(Template)]
#[template(path = "control_bar.html")]
struct Bar {
    frame: Frame,
    control: ControlBar,
}

/// `GET {base}/paused/bar`.
pub(super) async fn bar(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    request: HttpRequest,
    wanted: web::Query<Wanted>,
) -> HttpResponse {
    let desk = Desk::of(&state, &request, &realm);
    let back = wanted.into_inner().back.filter(|back| is_local(back));
    let back = back.unwrap_or_else(|| frame.link("/paused"));
    let mut control = ControlBar::of(&state, &frame, &request, &back);
    control.csrf = Some(desk.csrf.clone());
    answer(&desk, &Bar { frame, control }, StatusCode::OK)
}
