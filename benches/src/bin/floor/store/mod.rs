//! What must outlive an answer: in memory, or in one SQLite file whose single writer commits what is waiting as
//! one transaction.

mod memory;
mod sqlite;

use std::path::Path;

/// The digest of a secret: the key of every row.
pub(crate) type Digest = [u8; 32];

/// What an authorization code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// The client.
    pub(crate) client: String,
    /// The person.
    pub(crate) user: String,
    /// Where it was sent.
    pub(crate) redirect_uri: String,
    /// What was granted.
    pub(crate) scope: String,
    /// For the ID token.
    pub(crate) nonce: String,
    /// The digest that the verifier must have (RFC 7636).
    pub(crate) challenge: Digest,
    /// When it ends, in Unix seconds.
    pub(crate) expires: i64,
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The client.
    pub(crate) client: String,
    /// The person.
    pub(crate) user: String,
    /// What was granted.
    pub(crate) scope: String,
    /// When it ends, in Unix seconds.
    pub(crate) expires: i64,
}

/// A change of the store.
pub(crate) enum Change {
    /// A code was given out.
    Issue(Digest, Code),
    /// A code is redeemed, once, for a refresh token and perhaps an opaque access token.
    Redeem(Digest, Digest, Option<Digest>),
    /// A refresh token is replaced, once.
    Rotate(Digest, Digest, Option<Digest>),
    /// A person signed in.
    SignIn(Digest, String),
}

/// What became of it.
pub(crate) enum Changed {
    /// It was written.
    Done,
    /// The code, where it was there and unused.
    Code(Option<Code>),
    /// The refresh token, where it was there and unused.
    Grant(Option<Grant>),
}

/// Lifetimes in seconds.
pub(crate) const CODE_LIVES: i64 = 60;
/// The life of access tokens.
pub(crate) const ACCESS_LIVES: i64 = 3600;
/// The life of refresh tokens.
pub(crate) const REFRESH_LIVES: i64 = 86_400;

/// Where rows are.
pub(crate) enum Store {
    /// Maps.
    Memory(memory::Memory),
    /// One file.
    Sqlite(sqlite::Sqlite),
}

impl Store {
    /// Opens the file, or makes the maps.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, rusqlite::Error> {
        Ok(match file {
            None => Self::Memory(memory::Memory::default()),
            Some(file) => Self::Sqlite(sqlite::Sqlite::open(file)?),
        })
    }

    /// Makes a change durable; `None` where the store failed.
    pub(crate) async fn change(&self, change: Change) -> Option<Changed> {
        match self {
            Self::Memory(memory) => Some(memory.change(change)),
            Self::Sqlite(sqlite) => sqlite.change(change).await,
        }
    }

    /// Who is signed in.
    pub(crate) fn session(&self, digest: &Digest) -> Option<String> {
        match self {
            Self::Memory(memory) => memory.session(digest),
            Self::Sqlite(sqlite) => sqlite.session(digest),
        }
    }

    /// What an opaque access token stands for.
    pub(crate) fn access_token(&self, digest: &Digest) -> Option<Grant> {
        match self {
            Self::Memory(memory) => memory.access_token(digest),
            Self::Sqlite(sqlite) => sqlite.access_token(digest),
        }
    }
}

/// Unix seconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a floor has no realms and no clock of theirs"
)]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
