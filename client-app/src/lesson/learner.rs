//! Which flow is the learner's own last run: the runs of this browser session, else the newest of the realm.
//!
//! May read the run store and the record. Implicit runs wholly in the browser and leaves no run behind, and a
//! stranger's client has none either: for them the newest flow of the realm stands in, and the page says so.

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
    /// Authorization code in which PKCE was left out or did not fit.
    CodeWithoutPkce,
    /// Implicit (RFC 6749 §4.2).
    Implicit,
    /// Password (RFC 6749 §4.3).
    Password,
    /// Client credentials (RFC 6749 §4.4).
    Machine,
    /// Any grant with a refresh after it (RFC 6749 §6).
    Refresh,
}

impl Kind {
    /// The page on which such a flow is run, as a path of the client app.
    pub(super) const fn begins_at(self) -> &'static str {
        match self {
            Self::Code => "/grants/authorization-code",
            Self::CodeWithoutPkce => "/grants/authorization-code#refused",
            Self::Implicit => "/grants/implicit",
            Self::Password => "/grants/password",
            Self::Machine => "/grants/client-credentials",
            Self::Refresh => "/grants/refresh-token",
        }
    }

    /// Its name in the language files: `lesson-run-{name}`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeWithoutPkce => "code-without-pkce",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::Machine => "machine",
            Self::Refresh => "refresh",
        }
    }

    /// Whether a flow is one.
    fn fits(self, flow: &FlowView) -> bool {
        let grant = flow.summary.grant;
        let any = |is: fn(&_) -> bool| flow.exchanges.iter().any(is);
        match self {
            Self::Code => grant == Grant::AuthorizationCode && any(moment::asks_with_challenge),
            Self::CodeWithoutPkce => {
                grant == Grant::AuthorizationCode
                    && any(moment::asks)
                    && (!any(moment::asks_with_challenge) || any(moment::pkce_refused))
            }
            Self::Implicit => grant == Grant::Implicit,
            Self::Password => grant == Grant::Password,
            Self::Machine => grant == Grant::ClientCredentials,
            Self::Refresh => any(moment::refreshes),
        }
    }

    /// Whether a flow came as far as such a one should: to tokens, where it is not meant to fail.
    fn is_complete(self, flow: &FlowView) -> bool {
        let mut exchanges = flow.exchanges.iter();
        self == Self::CodeWithoutPkce
            || exchanges.any(|one| moment::token_is_given(one) || moment::token_in_fragment(one))
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

/// What is known of one reader's runs.
pub(super) struct Learner {
    own: Vec<FlowView>,
    others: Vec<FlowView>,
}

impl Learner {
    /// The reader with this session, in this realm.
    pub(super) fn of(state: &AppState, realm: &RealmName, owner: Option<&Digest>) -> Self {
        let begun = owner.map(|owner| state.runs.exchanges_of(owner, realm));
        let mut ids: Vec<ExchangeId> = Vec::new();
        for exchange in begun.unwrap_or_default() {
            if let Some(flow) = state.record.flow_of(realm, &exchange)
                && !ids.contains(&flow)
            {
                ids.push(flow);
            }
        }
        let all = |ids: Vec<ExchangeId>| {
            let flows = ids.iter().filter_map(|id| state.record.flow(realm, id));
            flows.collect()
        };
        let wanted = Wanted {
            limit: MOST,
            ..Wanted::default()
        };
        let listed = state.record.flows(realm, &wanted).flows.into_iter();
        let others = listed
            .filter(|flow| flow.grant != Grant::Unknown && !ids.contains(&flow.id))
            .map(|flow| flow.id);
        let others = others.collect();
        Self {
            own: all(ids),
            others: all(others),
        }
    }

    /// The newest flow of this kind: the reader's own before others', one that came to tokens before others.
    pub(super) fn newest(&self, kind: Kind) -> Option<Found> {
        let newest = |flows: &[FlowView], own| {
            let fitting: Vec<_> = flows.iter().filter(|flow| kind.fits(flow)).collect();
            let found = fitting.iter().copied().find(|flow| kind.is_complete(flow));
            let found = found.or(fitting.first().copied());
            found.map(|flow| Found {
                flow: flow.clone(),
                own,
            })
        };
        newest(&self.own, true).or_else(|| newest(&self.others, false))
    }
}
