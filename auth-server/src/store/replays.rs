//! What may be used once: ids of client assertions, request objects and `DPoP` proofs (RFC 7523 §3, RFC 9449 §11.1),
//! by their digests; shared by all processes.

use diesel::prelude::*;
use shared::oauth::Digest;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::schema::replays;
use super::{DbConnection, Stored};

/// What kind of thing an id belongs to: ids of different kinds do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayKind {
    /// `jti` of a client assertion (RFC 7523 §3).
    ClientAssertion,
    /// `jti` of a `DPoP` proof (RFC 9449 §4.2).
    DpopProof,
    /// `jti` of the assertion of a JWT bearer grant (RFC 7523 §3).
    Assertion,
}

impl ReplayKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client_assertion",
            Self::DpopProof => "dpop",
            Self::Assertion => "assertion",
        }
    }
}

/// Whether this is the first use: exact even where two processes ask at once. It is remembered until `expires_at`,
/// after which what it belongs to must be refused for its age.
pub(crate) fn first(
    tx: &mut DbConnection,
    realm: &RealmName,
    kind: ReplayKind,
    digest: &Digest,
    expires_at: Timestamp,
) -> Stored<bool> {
    let row = (
        replays::realm.eq(realm.as_str()),
        replays::kind.eq(kind.as_str()),
        replays::digest.eq(digest.as_str()),
        replays::expires_at.eq(expires_at.as_unix()),
    );
    macro_rules! insert {
        ($connection:expr) => {
            diesel::insert_into(replays::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute($connection)
        };
    }
    let inserted = match tx {
        DbConnection::Postgres(connection) => insert!(connection),
        DbConnection::Sqlite(connection) => insert!(connection),
    }?;
    Ok(inserted == 1)
}
