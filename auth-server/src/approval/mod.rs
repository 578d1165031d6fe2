//! Pending approvals: a client asks on one device, a person decides on another, and the client polls for what
//! became of it.
//!
//! | state | what happened | goes on to |
//! |---|---|---|
//! | created | the client asked | seen |
//! | seen | the page that asks was shown to somebody who is signed in | confirmed, denied |
//! | confirmed | that person said yes: the grant exists | redeemed |
//! | denied | they said no | |
//! | redeemed | the client got its tokens, once | |
//! | expired | the realm's clock passed its end, in any state but denied and redeemed | |
//!
//! Carries the device authorization grant (RFC 8628), and knows nothing of it: what the client polls with and
//! what the person types are digests here, made by whoever asks. May use the store, clients and `issue`; knows no
//! HTTP.

mod details;
#[cfg(test)]
mod tests;

use shared::oauth::{Digest, GrantType, Scope, Subject};
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

pub(crate) use details::Details;

use crate::issue::authorization_code::{Granted, begin_grant};
use crate::issue::{GrantDetails, Issue, IssueError};
use crate::person::Means;
use crate::store::approvals::{self, ApprovalRow, Pace, state};
use crate::store::{DbConnection, StoreError, Stored, stored};

/// By how much the interval grows each time a client polls too soon (RFC 8628 §3.5).
const PENALTY: Lifetime = Lifetime::from_seconds(5);

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The grant by which it will get its tokens.
    pub(crate) grant_type: GrantType,
    /// Digest of what the client polls with.
    pub(crate) poll: Digest,
    /// Digest of the short code with which the person finds it, where they do.
    pub(crate) code: Option<Digest>,
    /// The scope.
    pub(crate) scope: Scope,
    /// How it was asked for.
    pub(crate) details: Details,
    /// How long it can be decided and redeemed.
    pub(crate) lifetime: Lifetime,
    /// How long the client waits between two polls.
    pub(crate) interval: Lifetime,
}

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody has looked at it.
    Created,
    /// Its page was shown.
    Seen,
    /// A person said yes.
    Confirmed,
    /// A person said no.
    Denied,
    /// Its tokens were given out.
    Redeemed,
    /// Its time is over.
    Expired,
}

impl State {
    /// Whether a person can decide.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Seen)
    }
}

/// Who decides.
#[derive(Clone, Debug)]
pub(crate) struct Decider {
    /// The person.
    pub(crate) subject: Subject,
    /// When they had last proved who they are.
    pub(crate) auth_time: Timestamp,
}

/// An approval as it stood when it was read.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    row: ApprovalRow,
    /// Where it stood.
    pub(crate) state: State,
    /// The scope that was asked for.
    pub(crate) scope: Scope,
    /// How it was asked for.
    pub(crate) details: Details,
}

/// Begins an approval for the client of `issue`; `false` where its short code is taken.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn create(tx: &mut DbConnection, issue: Issue<'_>, asked: &Asked) -> Stored<bool> {
    let now = issue.now;
    let row = ApprovalRow {
        realm: issue.realm.name.to_string(),
        poll_digest: asked.poll.as_str().to_owned(),
        code_digest: asked.code.as_ref().map(|code| code.as_str().to_owned()),
        grant_type: asked.grant_type.to_string(),
        client_id: issue.client.id.to_string(),
        scope: asked.scope.to_string(),
        details: stored::write(&asked.details),
        state: state::CREATED.to_owned(),
        created_at: now.as_unix(),
        expires_at: (now + asked.lifetime).as_unix(),
        poll_interval: i64::from(asked.interval.as_seconds()),
        // The interval lies between two polls; before the first there is none.
        next_poll_at: now.as_unix(),
        seen_at: None,
        decided_at: None,
        sub: None,
        grant_id: None,
        redeemed_at: None,
    };
    approvals::insert(tx, &row)
}

/// The approval that a client polls with the secret of this digest, by this grant.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn find(
    tx: &mut DbConnection,
    realm: &RealmName,
    (grant_type, poll): (GrantType, &Digest),
    now: Timestamp,
) -> Stored<Option<Approval>> {
    let row = approvals::find(tx, realm, poll.as_str())?;
    let row = row.filter(|row| row.grant_type == grant_type.as_str());
    row.map(|row| Approval::read(row, now)).transpose()
}

/// The approval that a person finds with the short code of this digest.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn find_by_code(
    tx: &mut DbConnection,
    realm: &RealmName,
    code: &Digest,
    now: Timestamp,
) -> Stored<Option<Approval>> {
    let row = approvals::find_by_code(tx, realm, code.as_str())?;
    row.map(|row| Approval::read(row, now)).transpose()
}

impl Approval {
    fn read(row: ApprovalRow, now: Timestamp) -> Stored<Self> {
        let corrupt = |error| StoreError::corrupt("approvals.scope", error);
        Ok(Self {
            state: state_of(&row, now)?,
            scope: row.scope.parse().map_err(corrupt)?,
            details: stored::read("approvals.details", &row.details)?,
            row,
        })
    }

    /// Who asks.
    pub(crate) fn client_id(&self) -> &str {
        &self.row.client_id
    }

    /// Its name in the store: no secret, and of no use outside.
    pub(crate) fn id(&self) -> &str {
        &self.row.poll_digest
    }

    /// The APIs that the tokens are asked for; none where the request named none (RFC 8707 §2).
    pub(crate) fn resources(&self) -> &[String] {
        &self.details.resources
    }

    /// When it was asked for.
    pub(crate) const fn created_at(&self) -> Timestamp {
        Timestamp::from_unix(self.row.created_at)
    }

    /// Until when it can be decided and redeemed.
    pub(crate) const fn expires_at(&self) -> Timestamp {
        Timestamp::from_unix(self.row.expires_at)
    }

    /// Who decided, if anybody did.
    pub(crate) fn decided_by(&self) -> Option<&str> {
        self.row.sub.as_deref()
    }

    /// The grant that came of a yes.
    pub(crate) fn grant_id(&self) -> Option<&str> {
        self.row.grant_id.as_deref()
    }

    /// Notes that its page is shown to somebody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn see(
        &self,
        tx: &mut DbConnection,
        realm: &RealmName,
        now: Timestamp,
    ) -> Stored<()> {
        approvals::see(tx, realm, self.id(), now).map(|_| ())
    }

    /// The person says yes, to this scope: the grant begins. `None` where somebody has decided already, or its
    /// time is over; then nothing happens.
    ///
    /// # Errors
    /// [`IssueError`].
    pub(crate) fn confirm(
        &self,
        tx: &mut DbConnection,
        issue: Issue<'_>,
        who: &Decider,
        scope: Scope,
    ) -> Result<Option<()>, IssueError> {
        let (realm, now) = (&issue.realm.name, issue.now);
        let decision = (state::CONFIRMED, who.subject.as_str());
        if !approvals::decide(tx, realm, self.id(), decision, now)? {
            return Ok(None);
        }
        let grant_type = GrantType::parse(&self.row.grant_type)
            .ok_or_else(|| StoreError::corrupt("approvals.grant_type", &self.row.grant_type))?;
        let granted = Granted {
            grant_type,
            sub: who.subject.to_string(),
            scope,
            // The session is the deciding device's: the one that asked has no part in it, and does not end with it.
            sid: None,
            auth_time: who.auth_time,
            nonce: None,
            // The one way of signing in that there is.
            details: GrantDetails {
                resources: self.details.resources.clone(),
                ..GrantDetails::signed_in_by(Means::default())
            },
        };
        let left = self.expires_at().seconds_since(now);
        let lifetime = Lifetime::from_seconds(u32::try_from(left).unwrap_or(0));
        let grant = begin_grant(tx, issue, &granted, lifetime)?;
        approvals::set_grant(tx, realm, self.id(), &grant.grant_id)?;
        Ok(Some(()))
    }

    /// The person says no. `None` where somebody has decided already, or its time is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn deny(
        &self,
        tx: &mut DbConnection,
        realm: &RealmName,
        who: &Decider,
        now: Timestamp,
    ) -> Stored<Option<()>> {
        let decision = (state::DENIED, who.subject.as_str());
        let decided = approvals::decide(tx, realm, self.id(), decision, now)?;
        Ok(decided.then_some(()))
    }

    /// The client polls while nobody has decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn pace(
        &self,
        tx: &mut DbConnection,
        realm: &RealmName,
        now: Timestamp,
    ) -> Stored<Pace> {
        approvals::pace(tx, realm, self.id(), PENALTY, now)
    }

    /// The client takes its tokens; whether it is the one, of all that try, that gets them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn redeem(
        &self,
        tx: &mut DbConnection,
        realm: &RealmName,
        now: Timestamp,
    ) -> Stored<bool> {
        approvals::redeem(tx, realm, self.id(), now)
    }
}

/// What a row says; its end comes before everything but what is settled.
fn state_of(row: &ApprovalRow, now: Timestamp) -> Stored<State> {
    let stored = match row.state.as_str() {
        state::CREATED => State::Created,
        state::SEEN => State::Seen,
        state::CONFIRMED => State::Confirmed,
        state::DENIED => State::Denied,
        state::REDEEMED => State::Redeemed,
        other => return Err(StoreError::corrupt("approvals.state", other)),
    };
    let settled = matches!(stored, State::Denied | State::Redeemed);
    Ok(if !settled && row.expires_at <= now.as_unix() {
        State::Expired
    } else {
        stored
    })
}
