//! What several pages show of breakpoints and of what waits.

use actix_web::HttpRequest;
use shared::control::{Breakpoint, Look, Mode, Paused, Route, RouteChannel, WaitState};
use shared::flow::{Channel, ExchangeId, Party};
use shared::page::Frame;
use shared::realm::RealmName;
use shared::serve::BrowserId;
use shared::time::wall_clock_us;

use crate::state::AppState;
use crate::viewer::PartyLabel;

/// The cookie that tells browsers apart, for forms.
const BROWSER_COOKIE: &str = "app_browser";
/// What the forms of these pages are for.
const PURPOSE: &str = "control";

/// The browser that asks, and the token of its forms.
pub(super) struct Desk {
    pub(super) browser: BrowserId,
    pub(super) csrf: String,
}

impl Desk {
    pub(super) fn of(state: &AppState, request: &HttpRequest, realm: &RealmName) -> Self {
        let browser = BrowserId::of(request, (state.cookies(), BROWSER_COOKIE));
        let form = state.csrf.form(&browser, realm.as_str(), PURPOSE);
        let csrf = form.token();
        Self { browser, csrf }
    }

    /// Whether a form came from one of our own pages in this browser.
    pub(super) fn sent(
        &self,
        state: &AppState,
        request: &HttpRequest,
        realm: &RealmName,
        token: Option<&str>,
    ) -> bool {
        let form = state.csrf.form(&self.browser, realm.as_str(), PURPOSE);
        form.verify(request, token).is_ok()
    }
}

/// A request that waits, in one line.
pub(crate) struct WaitingLine {
    pub(crate) id: String,
    pub(crate) from: PartyLabel,
    pub(crate) to: PartyLabel,
    pub(crate) channel: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Whole minutes until it goes on by itself, at least 1.
    pub(crate) minutes: i64,
    /// Whether it was decided, and is about to go on.
    pub(crate) going: bool,
}

impl WaitingLine {
    pub(super) fn new(frame: &Frame, paused: &Paused) -> Self {
        let left_us = paused.until_us.saturating_sub(wall_clock_us());
        Self {
            id: paused.id.to_string(),
            from: PartyLabel::of(frame, &paused.from),
            to: PartyLabel::of(frame, &paused.to),
            channel: channel(paused.channel),
            method: paused.method.clone(),
            path: paused.path.clone(),
            minutes: left_us.div_euclid(60_000_000).max(0).saturating_add(1),
            going: paused.state == WaitState::Going,
        }
    }
}

/// `front` or `back`.
pub(super) const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Front => "front",
        Channel::Back => "back",
    }
}

/// A breakpoint that is set.
pub(crate) struct PointLine {
    pub(crate) service: PartyLabel,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) client_id: Option<String>,
    /// The one flow whose requests it stops.
    pub(crate) flow: Option<String>,
    /// As a form names it.
    pub(crate) key: String,
}

impl PointLine {
    pub(super) fn new(frame: &Frame, breakpoint: &Breakpoint) -> Self {
        Self {
            service: PartyLabel::of(frame, &breakpoint.service),
            method: breakpoint.method.clone(),
            path: breakpoint.path.clone(),
            client_id: breakpoint.client_id.clone(),
            flow: breakpoint.flow.as_ref().map(ToString::to_string),
            key: key_of(breakpoint),
        }
    }
}

/// What stands in the name of a breakpoint for every flow.
const EVERY_FLOW: &str = "-";

/// The name of a breakpoint in a form: service, method and path; where it keeps to a flow or a client, both of
/// them, too, with spaces between.
pub(super) fn key_of(breakpoint: &Breakpoint) -> String {
    let flow = breakpoint.flow.as_ref().map(ExchangeId::as_str);
    match (flow, breakpoint.client_id.as_deref()) {
        (None, None) => breakpoint.to_string(),
        (Some(flow), None) => format!("{breakpoint} {flow}"),
        (flow, Some(client)) => format!("{breakpoint} {} {client}", flow.unwrap_or(EVERY_FLOW)),
    }
}

/// The breakpoint that a form names.
pub(super) fn breakpoint_of(key: &str) -> Option<Breakpoint> {
    let mut parts = key.splitn(5, ' ');
    let service = Party::parse(parts.next()?)?;
    let breakpoint = Breakpoint::on(service, parts.next()?, parts.next()?);
    let flow = match parts.next() {
        None | Some(EVERY_FLOW) => None,
        Some(flow) => Some(flow.parse().ok()?),
    };
    let client_id = parts.next().map(str::to_owned);
    Some(Breakpoint {
        client_id,
        flow,
        ..breakpoint
    })
}

/// A route that could be stopped.
pub(crate) struct RouteLine {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) channel: &'static str,
    pub(crate) key: String,
    pub(crate) is_set: bool,
    /// Whether the reader came here for this one.
    pub(crate) wanted: bool,
}

/// The routes of one service.
pub(crate) struct ServiceRoutes {
    pub(crate) service: PartyLabel,
    pub(crate) routes: Vec<RouteLine>,
}

impl ServiceRoutes {
    /// All routes, service by service, in the order in which a flow meets them.
    pub(super) fn all(frame: &Frame, routes: &[Route], look: &Look, wanted: &str) -> Vec<Self> {
        let services = [Party::ClientApp, Party::AuthServer, Party::ResourceServer];
        let of_service = |service: &Party| {
            let own = routes.iter().filter(|route| route.service == *service);
            own.map(|route| {
                let breakpoint = Breakpoint::on(service.clone(), &route.method, &route.path);
                let key = key_of(&breakpoint);
                RouteLine {
                    method: route.method.clone(),
                    path: route.path.clone(),
                    channel: match route.channel {
                        RouteChannel::Front => "front",
                        RouteChannel::Back => "back",
                    },
                    is_set: look.breakpoints.contains(&breakpoint),
                    wanted: key == wanted,
                    key,
                }
            })
            .collect()
        };
        let all = services.iter().map(|service| Self {
            service: PartyLabel::of(frame, service),
            routes: of_service(service),
        });
        all.filter(|of: &Self| !of.routes.is_empty()).collect()
    }
}

/// What `templates/control_bar.html` shows: run or step, the breakpoints, and what waits.
pub(crate) struct ControlBar {
    pub(crate) step: bool,
    pub(crate) points: Vec<PointLine>,
    pub(crate) waiting: Vec<WaitingLine>,
    /// Changes when any of it does.
    pub(crate) number: u64,
    /// The token of its forms; without one, as the browser has no cookie yet, it only links.
    pub(crate) csrf: Option<String>,
    /// Where its forms return to.
    pub(crate) back: String,
    /// The flow that the page is about, to which breakpoints may be kept.
    pub(crate) flow: Option<ExchangeId>,
}

/// The flow that the page at `path` is about.
fn flow_of(path: &str) -> Option<ExchangeId> {
    let (_, rest) = path.split_once("/flows/")?;
    rest.split(['/', '?', '#']).next()?.parse().ok()
}

impl ControlBar {
    /// The bar for a page that answers `request`, and to which its forms return.
    pub(crate) fn of(state: &AppState, frame: &Frame, request: &HttpRequest, back: &str) -> Self {
        let look = state.observer.controls.look(&frame.realm);
        let desk = Desk::of(state, request, &frame.realm);
        let known = !desk.browser.is_new();
        Self {
            step: look.mode == Mode::Step,
            points: look
                .breakpoints
                .iter()
                .map(|point| PointLine::new(frame, point))
                .collect(),
            waiting: look
                .waiting
                .iter()
                .map(|paused| WaitingLine::new(frame, paused))
                .collect(),
            number: look.number,
            csrf: known.then_some(desk.csrf),
            back: back.to_owned(),
            flow: flow_of(back),
        }
    }
}
