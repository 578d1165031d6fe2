//! Limits on what callers who have proven nothing make the server keep: authorization requests that wait for their
//! person (RFC 6749 §4.1), requests that public clients push (RFC 9126 §7.3), codes that devices ask for (RFC 8628 §5.1),
//! registrations (RFC 7591 §5).
//!
//! May use the store. What is kept is weighed in bytes, in the transaction that keeps it, in two places: under whoever
//! makes the server keep it, so that one caller does not fill the realm's share, and under the realm, so that many do not
//! fill the disk.
//!
//! | who | own share | the realm's share |
//! |---|---|---|
//! | a browser in which somebody signed in before, wherever it is | the browser's | that of known browsers |
//! | anybody else | the address's; none on loopback, which everybody on this machine shares | that of strangers |
//!
//! Both shares of the realm are as large, and neither is charged for the other: strangers, however many, keep out no
//! browser that is known, and people with many browsers keep out no stranger. A share of the realm is counted in several
//! rows, since all who share a row wait for each other's commit on PostgreSQL; what is kept falls into one by chance. So
//! the first who are refused are so a little before all rows are full, and once they are nobody without a share
//! elsewhere gets anything until the window of a row ends.

use std::net::IpAddr;

use shared::flow::catalog;
use shared::oauth::Digest;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use crate::client::Client;
use crate::config::LimitsConfig;
use crate::person::known_browser;
use crate::realms::Realm;
use crate::store::limits::{self, Limit, Room};
use crate::store::{DbConnection, Stored, known_places};

/// The rows that the realm's share is counted in.
const PARTS: u32 = 16;

/// What a row costs beyond its text, in bytes: its other columns, and its part of each index.
const ROW: usize = 512;

/// Who makes the server keep something.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    /// Where they call from.
    pub(crate) address: IpAddr,
    /// The browser that they call with, where it has an id of ours.
    pub(crate) browser: Option<Digest>,
}

/// Something that is to be kept for somebody who has proven nothing.
#[derive(Clone, Debug)]
pub(crate) struct Keeping {
    realm: RealmName,
    now: Timestamp,
    keeper: Keeper,
    /// What the address, or the browser, may make the server keep.
    share: Limit,
    /// The part of a share of the realm, and what fits into it.
    part: (u32, Limit),
    weight: u32,
}

impl Keeping {
    /// Something of so many `bytes`, which is kept under `digest`: that of a random value.
    pub(crate) fn new(
        (limits, realm): (&LimitsConfig, &Realm),
        keeper: Keeper,
        (digest, bytes): (&Digest, usize),
    ) -> Self {
        let limit = |bytes: u32| Limit {
            // The last one may go beyond it by its own weight.
            attempts: bytes.min(u32::MAX / 4),
            window: limits.window,
        };
        let part = digest
            .as_str()
            .get(..2)
            .and_then(|start| u32::from_str_radix(start, 16).ok())
            .unwrap_or_default()
            % PARTS;
        Self {
            realm: realm.name.clone(),
            now: realm.now(),
            keeper,
            share: limit(limits.kept_per_address),
            part: (part, limit(limits.kept_per_realm / PARTS)),
            weight: u32::try_from(bytes.saturating_add(ROW)).unwrap_or(u32::MAX),
        }
    }

    /// Whether there is room for it; that is taken where there is. In the transaction that keeps it.
    pub(crate) fn take(&self, tx: &mut DbConnection) -> Stored<Room> {
        let (part, of_part) = self.part;
        let browser = self.keeper.browser.as_ref().map(known_browser);
        let keys = match browser {
            Some(browser) if known_places::is_known(tx, &self.realm, &browser, self.now)? => vec![
                (format!("kept-for {browser}"), self.share),
                (format!("kept-for-known {part}"), of_part),
            ],
            _ => {
                let address = self.keeper.address;
                let shared = address.to_canonical().is_loopback();
                let own = (!shared).then(|| (format!("kept-at {address}"), self.share));
                let all = (format!("kept-in-all {part}"), of_part);
                own.into_iter().chain([all]).collect()
            }
        };
        limits::take(tx, &self.realm, &keys, self.weight, self.now)
    }
}

/// Whether anybody may speak for this client: it proves nothing, or whoever it is registered it a moment ago.
pub(crate) const fn is_anybodys(client: &Client) -> bool {
    client.is_public() || client.self_registered.is_some()
}

/// Records that there is no room, for the check [`catalog::REQUEST_ROOM`], which is part of an exchange only where it
/// fails; and says when there will be.
pub(crate) fn full(retry_after: Lifetime, observation: &Observation) -> Lifetime {
    let expected = "room for what strangers make this server keep, from this address and in all";
    let got = format_args!("none for another {retry_after}");
    let _ = observation.require(&catalog::REQUEST_ROOM, false, expected, got);
    retry_after
}
