//! Lifetimes as JSON, as `docs/api.md` tells them. Names are stable: tests and other tools read them.

use serde::{Deserialize, Serialize};
use shared::flow::{ExchangeId, ValueHash};

/// `GET {base}/api/flows/{id}/lifetimes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lifetimes {
    /// The flow.
    pub(crate) flow: ExchangeId,
    /// The realm's time, in seconds since the epoch, to which the states belong.
    pub(crate) now: i64,
    /// Everything that has a lifetime, in the order in which it was issued.
    pub(crate) lives: Vec<Life>,
}

/// One thing that was issued and will not last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life {
    /// Its kind and number: `refresh_token-2`.
    pub(crate) id: String,
    /// What it is.
    pub(crate) kind: LifeKind,
    /// The how-manieth of its kind in this flow, from 1.
    pub(crate) number: usize,
    /// Which value it is, as exchanges name it; none for a login session, whose cookie is never recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<ValueHash>,
    /// When it was issued, and by which exchange.
    pub(crate) issued: Event,
    /// When it expires, in seconds since the epoch on the realm's clock; none where nothing observed says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    /// How that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiry_from: Option<ExpirySource>,
    /// How it stands at `now`.
    pub(crate) state: LifeState,
    /// What ended it other than time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<End>,
    /// How it had ended before that: a refresh token that was rotated, and later revoked with its grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_before: Option<End>,
    /// Whether it is a signed statement that a server can judge without asking the auth server (RFC 9068 §4): a
    /// revocation does not reach it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) self_contained: bool,
    /// Each time that it was presented to the server that must judge it.
    pub(crate) uses: Vec<Use>,
    /// Which grant it belongs to, from 1: what is revoked together.
    pub(crate) grant: usize,
    /// The refresh token that it took the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) follows: Option<String>,
}

/// What has a lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LifeKind {
    /// The person's sign-in at the auth server: how long it lasts when it is not used.
    LoginSession,
    /// The same sign-in: how long it lasts however much it is used.
    SessionLimit,
    /// An authorization code (RFC 6749 §4.1.2).
    Code,
    /// A device code, and the user code with it (RFC 8628 §3.2).
    DeviceCode,
    /// An access token (RFC 6749 §1.4).
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// An ID token (OpenID Connect Core §2).
    IdToken,
}

impl LifeKind {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] = [
        Self::LoginSession,
        Self::SessionLimit,
        Self::Code,
        Self::DeviceCode,
        Self::AccessToken,
        Self::RefreshToken,
        Self::IdToken,
    ];

    /// As it stands in JSON.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LoginSession => "login_session",
            Self::SessionLimit => "session_limit",
            Self::Code => "code",
            Self::DeviceCode => "device_code",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::IdToken => "id_token",
        }
    }
}

/// How an expiry is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExpirySource {
    /// The token's own `exp` (RFC 7519 §4.1.4).
    Exp,
    /// `expires_in` of the answer that brought it (RFC 6749 §5.1).
    ExpiresIn,
    /// The auth server noted it at the exchange: the protocol tells nobody.
    Note,
}

impl ExpirySource {
    /// As it stands in JSON.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::ExpiresIn => "expires_in",
            Self::Note => "note",
        }
    }
}

/// How a life stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LifeState {
    /// It can be used.
    Live,
    /// A code that was redeemed.
    Used,
    /// A refresh token that another took the place of.
    Rotated,
    /// Its time is over.
    Expired,
    /// It was taken back, or its family was.
    Revoked,
    /// It was presented again after its use, which took its family along.
    Replayed,
}

impl LifeState {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] = [
        Self::Live,
        Self::Used,
        Self::Rotated,
        Self::Expired,
        Self::Revoked,
        Self::Replayed,
    ];

    /// As it stands in JSON.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Used => "used",
            Self::Rotated => "rotated",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Replayed => "replayed",
        }
    }
}

/// Something that happened, and the exchange that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// The realm's time, in seconds since the epoch.
    pub(crate) at: i64,
    /// The exchange.
    pub(crate) exchange: ExchangeId,
}

/// What ended a life before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    /// When, and by which exchange.
    #[serde(flatten)]
    pub(crate) event: Event,
    /// Why.
    pub(crate) cause: EndCause,
    /// The life whose replay, or whose revocation, took this one along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) killer: Option<String>,
}

/// Why a life ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndCause {
    /// A code was redeemed, as it should be.
    Redeemed,
    /// A refresh token was exchanged for its successor.
    Rotated,
    /// A server refused it as revoked; by what, no exchange of this flow shows.
    FoundRevoked,
    /// The person signed out.
    SignedOut,
    /// The client took it back (RFC 7009).
    Revoked,
    /// Its grant was taken back: by a revocation of the refresh token (RFC 7009 §2.1), or found so by a server.
    RevokedWithGrant,
    /// Another of its family was replayed.
    FamilyKilled,
    /// It was itself presented again.
    Replayed,
}

impl EndCause {
    /// Every cause.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::Redeemed,
        Self::Rotated,
        Self::FoundRevoked,
        Self::SignedOut,
        Self::Revoked,
        Self::RevokedWithGrant,
        Self::FamilyKilled,
        Self::Replayed,
    ];

    /// As it stands in JSON.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Redeemed => "redeemed",
            Self::Rotated => "rotated",
            Self::FoundRevoked => "found_revoked",
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::RevokedWithGrant => "revoked_with_grant",
            Self::FamilyKilled => "family_killed",
            Self::Replayed => "replayed",
        }
    }

    /// How a life stands that ended so.
    #[must_use]
    pub(crate) const fn state(self) -> LifeState {
        match self {
            Self::Redeemed => LifeState::Used,
            Self::Rotated => LifeState::Rotated,
            Self::Replayed => LifeState::Replayed,
            Self::FoundRevoked
            | Self::SignedOut
            | Self::Revoked
            | Self::RevokedWithGrant
            | Self::FamilyKilled => LifeState::Revoked,
        }
    }

    /// Whether a later cause says more than the one that is known: a rotated token may still be replayed.
    pub(super) const fn outranks(self, known: Self) -> bool {
        const fn rank(cause: EndCause) -> u8 {
            match cause {
                EndCause::Redeemed | EndCause::Rotated => 0,
                EndCause::FoundRevoked
                | EndCause::SignedOut
                | EndCause::Revoked
                | EndCause::RevokedWithGrant
                | EndCause::FamilyKilled => 1,
                EndCause::Replayed => 2,
            }
        }
        rank(self) > rank(known)
    }
}

/// One time that a value was presented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Use {
    /// When, and by which exchange.
    #[serde(flatten)]
    pub(crate) event: Event,
    /// Whether the server took it.
    pub(crate) accepted: bool,
}

impl Life {
    /// How it stands at `now`.
    #[must_use]
    pub(crate) fn state_at(&self, now: i64) -> LifeState {
        let over = self.expires_at.is_some_and(|end| end <= now);
        let Some(end) = &self.end else {
            return if over {
                LifeState::Expired
            } else {
                LifeState::Live
            };
        };
        let in_time = self.expires_at.is_none_or(|expiry| end.event.at < expiry);
        match (end.cause.state(), &self.ended_before) {
            // Taking back what was over already changes nothing.
            (LifeState::Revoked, Some(before)) if !in_time => before.cause.state(),
            (LifeState::Revoked, None) if !in_time => LifeState::Expired,
            (state, _) => state,
        }
    }

    /// When it ended or will end, as far as is known.
    #[must_use]
    pub(crate) fn ends_at(&self) -> Option<i64> {
        let first = self.ended_before.as_ref().or(self.end.as_ref());
        let ended = first.map(|end| end.event.at);
        match (ended, self.expires_at) {
            (Some(ended), Some(expiry)) => Some(ended.min(expiry)),
            (ended, expiry) => ended.or(expiry),
        }
    }
}
