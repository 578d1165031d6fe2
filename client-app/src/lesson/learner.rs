//! Which flow is the learner's own last run: the runs and the sign-in of this browser session, and what this browser
//! ran alone (implicit); else the newest of the realm.
//!
//! May read the run stores and the record. A stranger's client has no run here: for it the newest flow of the realm
//! stands in, and the page says so.

use shared::flow::ExchangeId;
use shared::oauth::Digest;
use shared::realm::RealmName;

use super::moment;
use crate::record::Wanted;
use crate::record::flow::Grant;
use crate::record::view::FlowView;
use crate::state::AppState;

/// How many flows of the realm are looked through.
const MOST: usize = 100;

/// What a lesson wants to point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Authorization code (RFC 6749 §4.1), with PKCE.
    Code,
    /// Authorization code whose request was pushed (RFC 9126).
    Pushed,
    /// Authorization code in which PKCE was left out or did not fit.
    CodeWithoutPkce,
    /// Implicit (RFC 6749 §4.2).
    Implicit,
    /// Password (RFC 6749 §4.3).
    Password,
    /// Client credentials (RFC 6749 §4.4).
    Machine,
    /// An assertion of the client in a person's name (RFC 7523 §2.1).
    Assertion,
    /// Device authorization (RFC 8628).
    Device,
    /// Any grant with a refresh after it (RFC 6749 §6).
    Refresh,
    /// A sign-in with a code and an ID token at once (OpenID Connect Core §3.3).
    Hybrid,
    /// Authorization code for tokens that are bound to a key (RFC 9449).
    Bound,
    /// A token that was exchanged for another (RFC 8693).
    Exchange,
    /// A new sign-in, for an API that found the last one too old (RFC 9470).
    StepUp,
    /// Signing out (OpenID Connect RP-Initiated Logout).
    Logout,
}

impl Kind {
    /// The page on which such a flow is run, as a path of the client app.
    pub(super) const fn begins_at(self) -> &'static str {
        match self {
            Self::Code | Self::Exchange | Self::StepUp => "/grants/authorization-code",
            Self::Pushed => "/grants/authorization-code?delivery=pushed",
            Self::CodeWithoutPkce => "/grants/authorization-code#refused",
            Self::Implicit => "/grants/implicit",
            Self::Password => "/grants/password",
            Self::Machine => "/grants/client-credentials",
            Self::Assertion => "/grants/jwt-bearer",
            Self::Device => "/grants/device",
            Self::Refresh => "/grants/refresh-token",
            Self::Bound => "/grants/authorization-code?bound=yes",
            Self::Hybrid | Self::Logout => "/sign-in",
        }
    }

    /// Its name in the language files: `lesson-run-{name}`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Pushed => "pushed",
            Self::CodeWithoutPkce => "code-without-pkce",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::Machine => "machine",
            Self::Assertion => "assertion",
            Self::Device => "device",
            Self::Refresh => "refresh",
            Self::Hybrid => "hybrid",
            Self::Bound => "bound",
            Self::Exchange => "exchange",
            Self::StepUp => "step-up",
            Self::Logout => "logout",
        }
    }

    /// Whether a flow of this grant may be one, as far as the list tells.
    const fn may_be(self, grant: Grant) -> bool {
        match self {
            Self::Code | Self::Pushed | Self::CodeWithoutPkce => {
                matches!(grant, Grant::AuthorizationCode)
            }
            // What is done with the tokens may be another grant's.
            Self::Hybrid | Self::Bound | Self::Exchange | Self::StepUp => {
                matches!(grant, Grant::AuthorizationCode | Grant::Mixed)
            }
            Self::Implicit => matches!(grant, Grant::Implicit),
            Self::Password => matches!(grant, Grant::Password),
            Self::Machine => matches!(grant, Grant::ClientCredentials),
            Self::Assertion => matches!(grant, Grant::JwtBearer),
            Self::Device => matches!(grant, Grant::DeviceCode),
            Self::Refresh => !matches!(grant, Grant::Unknown | Grant::Implicit | Grant::Logout),
            Self::Logout => matches!(grant, Grant::Logout),
        }
    }

    /// Whether a flow is one.
    fn fits(self, flow: &FlowView) -> bool {
        let grant = flow.summary.grant;
        let any = |is: fn(&_) -> bool| flow.exchanges.iter().any(is);
        match self {
            Self::Code => grant == Grant::AuthorizationCode && any(moment::asks_with_challenge),
            Self::Pushed => grant == Grant::AuthorizationCode && any(moment::pushes),
            Self::CodeWithoutPkce => {
                grant == Grant::AuthorizationCode
                    && any(moment::asks)
                    && (!any(moment::asks_with_challenge) || any(moment::pkce_refused))
            }
            Self::Implicit => grant == Grant::Implicit,
            Self::Password => grant == Grant::Password,
            Self::Machine => grant == Grant::ClientCredentials,
            Self::Assertion => grant == Grant::JwtBearer,
            Self::Device => grant == Grant::DeviceCode,
            Self::Refresh => any(moment::refreshes),
            Self::Hybrid => any(moment::asks_for_hybrid),
            Self::Bound => any(moment::key_is_proven),
            Self::Exchange => any(moment::token_is_exchanged),
            Self::StepUp => any(moment::asks_for_new_sign_in),
            Self::Logout => grant == Grant::Logout,
        }
    }

    /// Whether a flow came as far as such a one should: to tokens, where it is not meant to fail.
    fn is_complete(self, flow: &FlowView) -> bool {
        let mut exchanges = flow.exchanges.iter();
        match self {
            Self::CodeWithoutPkce => true,
            Self::Logout => exchanges.any(moment::is_told_of_the_end),
            Self::Hybrid => exchanges.any(moment::hybrid_arrives),
            Self::StepUp => exchanges.any(moment::sign_in_is_recent_enough),
            _ => exchanges.any(|one| moment::token_is_given(one) || moment::token_in_fragment(one)),
        }
    }
}

/// A flow to point into.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The flow.
    pub(super) flow: FlowView,
    /// Whether this browser ran it.
    pub(super) own: bool,
}

/// What is known of one reader's runs. Flows are read only as they are needed.
pub(super) struct Learner<'a> {
    state: &'a AppState,
    realm: &'a RealmName,
    /// The flows of this browser's runs, the newest first.
    own: Vec<ExchangeId>,
    /// The other flows of the realm, the newest first, with what they are.
    others: Vec<(ExchangeId, Grant)>,
}

impl<'a> Learner<'a> {
    /// The reader with this session (`owner`) and this browser, in this realm.
    pub(super) fn of(
        state: &'a AppState,
        realm: &'a RealmName,
        (owner, browser): (Option<&Digest>, Option<&Digest>),
    ) -> Self {
        let begun = owner.map(|owner| state.runs.exchanges_of(owner, realm));
        let account = owner.and_then(|owner| state.accounts.of(owner, realm));
        let signed_in = account.map(|account| account.exchange);
        let alone = browser.map(|browser| state.runs_in_browser.exchanges_of(browser, realm));
        let begun = begun.unwrap_or_default().into_iter().chain(signed_in);
        let begun = begun
            .take(MOST)
            .chain(alone.unwrap_or_default().into_iter().take(MOST));
        let mut own: Vec<ExchangeId> = Vec::new();
        for exchange in begun {
            if let Some(flow) = state.record.flow_of(realm, &exchange)
                && !own.contains(&flow)
            {
                own.push(flow);
            }
        }
        let wanted = Wanted {
            limit: MOST,
            ..Wanted::default()
        };
        let listed = state.record.flows(realm, &wanted).flows.into_iter();
        let others = listed
            .filter(|flow| !own.contains(&flow.id))
            .map(|flow| (flow.id, flow.grant));
        Self {
            others: others.collect(),
            own,
            state,
            realm,
        }
    }

    /// The newest flow of this kind: the reader's own before others', one that came to tokens before others.
    pub(super) fn newest(&self, kind: Kind) -> Option<Found> {
        let others = self.others.iter().filter(|(_, grant)| kind.may_be(*grant));
        self.first(kind, self.own.iter())
            .map(|flow| Found { flow, own: true })
            .or_else(|| {
                let flow = self.first(kind, others.map(|(id, _)| id))?;
                Some(Found { flow, own: false })
            })
    }

    /// Whether this browser has run such a flow.
    pub(super) fn has_run(&self, kind: Kind) -> bool {
        self.first(kind, self.own.iter()).is_some()
    }

    /// The first complete flow of this kind, else the first.
    fn first<'i>(&self, kind: Kind, ids: impl Iterator<Item = &'i ExchangeId>) -> Option<FlowView> {
        let mut incomplete = None;
        let flows = ids.filter_map(|id| self.state.record.flow(self.realm, id));
        for flow in flows.filter(|flow| kind.fits(flow)) {
            if kind.is_complete(&flow) {
                return Some(flow);
            }
            incomplete = incomplete.or(Some(flow));
        }
        incomplete
    }
}
