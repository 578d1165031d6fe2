//! A user code that somebody entered (RFC 8628 §5.1): guesses are counted per account and per address.
//!
//! Only a code that no device waits with is a guess; one that expired or was used costs nothing. An account that
//! has guessed wrong too often must wait. So must accounts at an address from which too many were wrong, but not
//! before each has had one: strangers behind the same address do not lock out somebody who types the right code.

use std::net::IpAddr;

use shared::flow::catalog as check;
use shared::oauth::{Subject, UserCode};
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::visit::Visit;
use crate::approval::{self, Approval};
use crate::config::LimitsConfig;
use crate::store::limits::{self, Limit, Room};
use crate::store::{DbConnection, Stored};

/// What is known of a code.
#[derive(Debug)]
pub(crate) enum Entered {
    /// A device waits with it for a decision.
    Open(Approval),
    /// It was one, and is over: expired, decided or used.
    Closed(Approval),
    /// It is none.
    Unknown,
    /// There were too many that were none.
    TooMany {
        /// When the next one is looked at, 1 second at least.
        retry_after: Lifetime,
    },
}

/// Looks up a code that `subject` entered from `address`; records [`check::USER_CODE_GUESSES`] and
/// [`check::USER_CODE_KNOWN`].
///
/// # Errors
/// [`crate::store::StoreError`].
pub(crate) async fn look_up(
    visit: &Visit,
    code: &UserCode,
    subject: &Subject,
    address: IpAddr,
) -> Stored<Entered> {
    let guess = Guess::new(&visit.state.limits, subject, address);
    let (realm, digest, now) = (visit.realm_name(), code.digest(), visit.now());
    let entered = visit
        .state
        .store
        .write(move |tx| -> Stored<Entered> {
            if let Room::Exhausted { retry_after } = guess.count(tx, &realm, now)? {
                return Ok(Entered::TooMany { retry_after });
            }
            let Some(found) = approval::find_by_code(tx, &realm, &digest, now)? else {
                return Ok(Entered::Unknown);
            };
            guess.give_back(tx, &realm)?;
            Ok(if found.state.is_open() {
                Entered::Open(found)
            } else {
                Entered::Closed(found)
            })
        })
        .await?;
    record(visit, &entered);
    Ok(entered)
}

/// The approval of a code whose page this browser has already seen: no guess.
///
/// # Errors
/// [`crate::store::StoreError`].
pub(crate) async fn find(visit: &Visit, code: &UserCode) -> Stored<Option<Approval>> {
    let (realm, digest, now) = (visit.realm_name(), code.digest(), visit.now());
    let found = visit
        .state
        .store
        .look_up(move |tx| approval::find_by_code(tx, &realm, &digest, now))
        .await?;
    let got = found.as_ref().map_or(UNKNOWN, in_words);
    let open = found.as_ref().is_some_and(|found| found.state.is_open());
    let few = "this page was shown for it: no guess";
    let _ = visit
        .observation
        .require(&check::USER_CODE_GUESSES, true, FEW, few);
    let _ = visit
        .observation
        .require(&check::USER_CODE_KNOWN, open, WAITING, got);
    Ok(found)
}

const FEW: &str = "few wrong codes of late, of this account and from this address";
const WAITING: &str = "a code with which a device waits";
const UNKNOWN: &str = "no device's code";

fn record(visit: &Visit, entered: &Entered) {
    let limited = matches!(entered, Entered::TooMany { .. });
    let got = if limited { "too many" } else { "few" };
    let few = visit
        .observation
        .require(&check::USER_CODE_GUESSES, !limited, FEW, got);
    if few.passed() {
        let (open, got) = match entered {
            Entered::Open(found) => (true, in_words(found)),
            Entered::Closed(found) => (false, in_words(found)),
            Entered::Unknown | Entered::TooMany { .. } => (false, UNKNOWN),
        };
        let _ = visit
            .observation
            .require(&check::USER_CODE_KNOWN, open, WAITING, got);
    }
}

fn in_words(approval: &Approval) -> &'static str {
    use approval::State::{Confirmed, Created, Denied, Expired, Redeemed, Seen};
    match approval.state {
        Created | Seen => WAITING,
        Expired => "one that has expired",
        Confirmed | Denied => "one that somebody has decided",
        Redeemed => "one that was used",
    }
}

/// What a wrong code is counted under, and how often each may be: the account, then the address.
struct Guess {
    account: (String, Limit),
    address: (String, Limit),
}

impl Guess {
    fn new(limits: &LimitsConfig, subject: &Subject, address: IpAddr) -> Self {
        let limit = |attempts: u32| Limit {
            // This one is counted before it is judged.
            attempts: attempts.saturating_add(1),
            window: limits.window,
        };
        Self {
            account: (
                format!("user-code-account {subject}"),
                limit(limits.user_code_per_account),
            ),
            address: (
                format!("user-code-address {address}"),
                limit(limits.user_code_per_address),
            ),
        }
    }

    /// Counts this one as wrong, before it is looked up, so that a burst of guesses is counted whole.
    fn count(&self, tx: &mut DbConnection, realm: &RealmName, now: Timestamp) -> Stored<Room> {
        for (key, limit) in [&self.account, &self.address] {
            limits::count(tx, realm, key, *limit, now)?;
        }
        let (key, limit) = &self.account;
        let room = limits::room(tx, realm, key, *limit, now)?;
        if room != Room::Left {
            return Ok(room);
        }
        let once = Limit {
            attempts: 2,
            window: limit.window,
        };
        if limits::room(tx, realm, key, once, now)? == Room::Left {
            return Ok(Room::Left);
        }
        let (key, limit) = &self.address;
        limits::room(tx, realm, key, *limit, now)
    }

    /// It was a device's code after all.
    fn give_back(&self, tx: &mut DbConnection, realm: &RealmName) -> Stored<()> {
        limits::give_back(tx, realm, &self.account.0)?;
        limits::give_back(tx, realm, &self.address.0)
    }
}
