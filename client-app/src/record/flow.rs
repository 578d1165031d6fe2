//! What a flow is, read off its exchanges: grant, client, person, parties, how it ended.
//!
//! Nothing is announced by anybody: everything follows from the parameters that were observed
//! (RFC 6749 §4.1.1 `response_type`, §4.1.3 `grant_type`), so a stranger's client is read as well as ours.

use serde::{Deserialize, Serialize};
use shared::flow::{Channel, ExchangeId, Party, ValueKind, ValuePlace};

use super::hop::Hop;

/// Which grant a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// RFC 6749 §4.1; a refresh that follows belongs to it.
    AuthorizationCode,
    /// RFC 6749 §4.2.
    Implicit,
    /// RFC 6749 §4.3; a refresh that follows belongs to it.
    Password,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 8628; a refresh that follows belongs to it.
    DeviceCode,
    /// RFC 7523 §2.1.
    JwtBearer,
    /// RFC 6749 §6, where the grant before it was not observed.
    RefreshToken,
    /// Signing out (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout).
    Logout,
    /// Several of these, joined by what they share.
    Mixed,
    /// No parameter says (a single request for metadata, for instance).
    Unknown,
}

impl Grant {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AuthorizationCode,
        Self::Implicit,
        Self::Password,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::JwtBearer,
        Self::RefreshToken,
        Self::Logout,
        Self::Mixed,
        Self::Unknown,
    ];

    /// The name in JSON and, with `_` as `-`, in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
            Self::JwtBearer => "jwt_bearer",
            Self::RefreshToken => "refresh_token",
            Self::Logout => "logout",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }

    /// The grant of a flow with these hops.
    #[must_use]
    pub fn of(hops: &[&Hop]) -> Self {
        let mut found = Vec::new();
        for grant in hops.iter().filter_map(|hop| grant_of(hop)) {
            if !found.contains(&grant) {
                found.push(grant);
            }
        }
        let first: Vec<_> = found
            .iter()
            .filter(|grant| !matches!(grant, Self::RefreshToken | Self::Logout))
            .collect();
        match (first.as_slice(), found.is_empty()) {
            ([], true) => Self::Unknown,
            ([], false) if found.contains(&Self::Logout) => Self::Logout,
            ([], false) => Self::RefreshToken,
            ([grant], _) => **grant,
            _ => Self::Mixed,
        }
    }
}

/// The grant that one hop's own parameters name.
fn grant_of(hop: &Hop) -> Option<Grant> {
    let by_type = |name: &str| match name {
        "authorization_code" => Some(Grant::AuthorizationCode),
        "password" => Some(Grant::Password),
        "client_credentials" => Some(Grant::ClientCredentials),
        "refresh_token" => Some(Grant::RefreshToken),
        "urn:ietf:params:oauth:grant-type:device_code" => Some(Grant::DeviceCode),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => Some(Grant::JwtBearer),
        _ => None,
    };
    if hop.signs_out() {
        return Some(Grant::Logout);
    }
    if hop.is_device_authorization_request() {
        return Some(Grant::DeviceCode);
    }
    if hop.is_token_request() {
        return hop.sent("grant_type").and_then(by_type);
    }
    let leads_to_authorization = hop.location().is_some_and(|location| {
        let path = location.split(['?', '#']).next().unwrap_or_default();
        path.ends_with("/authorize")
    });
    let response_type = if hop.states_authorization() {
        hop.asked("response_type")
    } else if leads_to_authorization {
        hop.answered("response_type").map(str::to_owned)
    } else {
        None
    };
    match response_type.as_deref()? {
        types if types.split(' ').any(|kind| kind == "code") => Some(Grant::AuthorizationCode),
        types
            if types
                .split(' ')
                .any(|kind| kind == "token" || kind == "id_token") =>
        {
            Some(Grant::Implicit)
        }
        _ => None,
    }
}

/// The client's id, where this hop's own parameters name it.
#[must_use]
pub fn client_named_by(hop: &Hop) -> Option<&str> {
    let asks_provider = hop.exchange.to == Party::AuthServer;
    // The resource server asks with an id of its own (RFC 7662 §2.1).
    let is_client = asks_provider && hop.exchange.from != Party::ResourceServer;
    let id = hop.sent("client_id").filter(|id| !id.is_empty());
    id.filter(|_| is_client)
}

/// The client's id, where the protocol named it.
#[must_use]
pub fn client_of(hops: &[&Hop]) -> Option<String> {
    let mut ids = hops.iter().filter_map(|hop| client_named_by(hop));
    let noted = || {
        let mut notes = hops
            .iter()
            .filter(|hop| hop.exchange.from != Party::ResourceServer)
            .filter_map(|hop| hop.exchange.notes.get("client_id"));
        notes.next().cloned()
    };
    ids.next().map(str::to_owned).or_else(noted)
}

/// The user name with which somebody signed in, or which a client passed on.
#[must_use]
pub fn person_of(hops: &[&Hop]) -> Option<String> {
    let at_provider = hops
        .iter()
        .filter(|hop| hop.exchange.to == Party::AuthServer);
    let mut names =
        at_provider.filter_map(|hop| hop.sent("username").filter(|name| !name.is_empty()));
    let noted = || {
        let mut notes = hops
            .iter()
            .filter_map(|hop| hop.exchange.notes.get("username"));
        notes.next().cloned()
    };
    names.next_back().map(str::to_owned).or_else(noted)
}

/// The parties in the order in which they appear.
#[must_use]
pub fn parties_of(hops: &[&Hop]) -> Vec<Party> {
    let mut parties = Vec::new();
    for hop in hops {
        for party in [&hop.exchange.from, &hop.exchange.to] {
            if !parties.contains(party) {
                parties.push(party.clone());
            }
        }
    }
    parties
}

/// How a flow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Tokens were given, or the API answered.
    Succeeded,
    /// Somebody said no, and nothing followed that mended it.
    Refused,
    /// Neither yet.
    Open,
}

impl Status {
    /// The name in JSON and in language keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Open => "open",
        }
    }
}

/// How a flow ended so far, by the last exchange that decided something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowResult {
    /// How it stands.
    pub status: Status,
    /// The exchange that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeId>,
    /// The id of the check that failed, for a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_check: Option<String>,
    /// The protocol's error code, for a refusal (`invalid_grant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl FlowResult {
    /// The result of a flow with these hops.
    #[must_use]
    pub fn of(hops: &[&Hop]) -> Self {
        let decided = hops
            .iter()
            .rev()
            .find_map(|hop| decision(hop).map(|status| (hop, status)));
        let Some((hop, status)) = decided else {
            return Self {
                status: Status::Open,
                exchange: None,
                failed_check: None,
                error: None,
            };
        };
        let refused = status == Status::Refused;
        let failed = hop.failed_check().filter(|_| refused);
        let error = hop.answered("error").or_else(|| hop.sent("error"));
        Self {
            status,
            exchange: Some(hop.id().clone()),
            failed_check: failed.map(|check| check.id.clone()),
            error: error
                .filter(|_| refused)
                .map(|code| code.chars().take(80).collect()),
        }
    }
}

/// What one hop decides, if anything.
fn decision(hop: &Hop) -> Option<Status> {
    use ValuePlace::{RedirectFragment, RedirectQuery, RequestHeader, ResponseBody};
    if hop.exchange.to == Party::ClientApp && hop.exchange.path == "/runs/{run}" {
        // The page that shows what came of a run decides nothing, whatever its status says.
        return None;
    }
    if hop.exchange.notes.contains_key("dropped") {
        // It was taken away at a breakpoint: nobody has decided anything.
        return None;
    }
    if hop.is_about_token() && hop.is_success() {
        // A question was answered, whatever the answer: nobody was refused anything.
        return None;
    }
    if matches!(
        hop.answered("error"),
        Some("authorization_pending" | "slow_down")
    ) {
        // A poll while the person has not decided (RFC 8628 §3.5): an error that says "not yet".
        return None;
    }
    let status = hop.exchange.status;
    let redirects = status.is_some_and(|status| (300..400).contains(&status));
    let says_error = hop.answered("error").is_some() || hop.sent("error").is_some();
    // Nobody signed in, or no consent yet: the check fails and the browser is sent to mend it.
    let sent_on = redirects && !says_error;
    if hop.failed_check().is_some() && !sent_on {
        return Some(Status::Refused);
    }
    if says_error || hop.exchange.failure.is_some() || status.is_some_and(|status| status >= 400) {
        return Some(Status::Refused);
    }
    if hop.signs_out() && hop.exchange.notes.contains_key("session_ended") {
        return Some(Status::Succeeded);
    }
    let gives_token = hop.exchange.to == Party::AuthServer
        && hop.carries(
            ValueKind::AccessToken,
            &[ResponseBody, RedirectFragment, RedirectQuery],
        );
    let api_answers = hop.exchange.to == Party::ResourceServer
        && hop.carries(ValueKind::AccessToken, &[RequestHeader])
        && hop.is_success();
    (gives_token || api_answers).then_some(Status::Succeeded)
}

/// Whether the hop passed the browser, where the address bar and scripts can see it.
#[must_use]
pub fn through_browser(hop: &Hop) -> bool {
    hop.exchange.channel == Channel::Front
}
