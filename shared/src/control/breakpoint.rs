//! Where a realm stops requests: a breakpoint on a route of a service, or every observed request (step mode).
//!
//! May use serde. A route is named as the record names it: the service, the method and `Exchange::path`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::flow::{Channel, ExchangeId, Party};

/// The method of a breakpoint that stops every method.
pub const ANY_METHOD: &str = "*";

/// Whether a realm's requests run, or wait one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Only breakpoints stop a request.
    #[default]
    Run,
    /// Every observed request waits.
    Step,
}

/// An observed route that a service really mounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// The service.
    pub service: Party,
    /// The path without its realm, as `Exchange::path`: `/token`, `/photos/{id}`.
    pub path: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// `front` where the browser navigates, `back` where servers and scripts call.
    pub channel: RouteChannel,
}

/// The channel of a route, which sorts after its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteChannel {
    /// Through the browser.
    Front,
    /// Server to server, or a script.
    Back,
}

impl From<Channel> for RouteChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Front => Self::Front,
            Channel::Back => Self::Back,
        }
    }
}

/// A place where requests of a realm wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakpoint {
    /// The service that is asked.
    pub service: Party,
    /// `GET`, `POST`, … or `*` for each.
    #[serde(default = "any_method")]
    pub method: String,
    /// The route, as `Exchange::path`.
    pub path: String,
    /// Only for requests that name this client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Only for requests that carry a value of this flow, as far as the record knows it when they arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<ExchangeId>,
}

fn any_method() -> String {
    ANY_METHOD.to_owned()
}

impl Breakpoint {
    /// A breakpoint on one method of one route.
    #[must_use]
    pub fn on(service: Party, method: &str, path: &str) -> Self {
        Self {
            service,
            method: method.to_owned(),
            path: path.to_owned(),
            client_id: None,
            flow: None,
        }
    }

    /// Whether it stops requests of this method on this route of this service, whoever the client.
    #[must_use]
    pub fn is_on(&self, service: &Party, method: &str, path: &str) -> bool {
        self.service == *service
            && (self.method == ANY_METHOD || self.method == method)
            && self.path == path
    }
}

impl fmt::Display for Breakpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.service, self.method, self.path)
    }
}

/// The path of a route without its realm, wherever the realm stands in it (RFC 8414 §3.1 puts it last).
#[must_use]
pub fn route_path(pattern: &str) -> &str {
    const REALM: &str = "/r/{realm}";
    let path = pattern.strip_prefix(REALM).unwrap_or(pattern);
    let path = path.strip_suffix(REALM).unwrap_or(path);
    if path.is_empty() { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breakpoint_stops_its_own_route_only() {
        let breakpoint = Breakpoint::on(Party::AuthServer, "POST", "/token");
        assert!(breakpoint.is_on(&Party::AuthServer, "POST", "/token"));
        assert!(!breakpoint.is_on(&Party::AuthServer, "GET", "/token"));
        assert!(!breakpoint.is_on(&Party::ResourceServer, "POST", "/token"));
        let any = Breakpoint::on(Party::AuthServer, ANY_METHOD, "/token");
        assert!(any.is_on(&Party::AuthServer, "OPTIONS", "/token"));
    }

    #[test]
    fn a_route_is_the_same_in_every_realm() {
        assert_eq!(route_path("/r/{realm}/token"), "/token");
        let known = "/.well-known/oauth-authorization-server";
        assert_eq!(route_path(&format!("{known}/r/{{realm}}")), known);
    }
}
