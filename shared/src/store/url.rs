//! Where a service keeps its data: `postgres://…`, `sqlite://PATH` or `sqlite::memory:`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The address of a database. Printed and serialized without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A PostgreSQL server: `postgres://` or `postgresql://`, as libpq reads it.
    Postgres(PostgresUrl),
    /// A SQLite file: `sqlite://PATH`, relative to the working directory unless PATH is absolute.
    SqliteFile(PathBuf),
    /// A SQLite database that lives as long as its store: `sqlite::memory:`.
    SqliteMemory,
}

/// A PostgreSQL address, and the schema to work in.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    url: String,
    schema: Option<String>,
}

impl PostgresUrl {
    /// The address as libpq takes it, password included.
    #[must_use]
    pub(super) fn expose(&self) -> &str {
        &self.url
    }

    /// The schema that holds the tables; `None` is the server's default (`public`).
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }
}

/// Why a text is not a [`StoreUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected postgres://…, postgresql://…, sqlite://PATH or sqlite::memory:, but this {problem}"
)]
pub struct InvalidStoreUrl {
    problem: &'static str,
}

impl StoreUrl {
    /// The address of a SQLite file.
    #[must_use]
    pub fn sqlite_file(path: impl AsRef<Path>) -> Self {
        Self::SqliteFile(path.as_ref().to_path_buf())
    }

    /// The same PostgreSQL server with a schema of its own, made when the store is opened:
    /// many worlds on one server (tests use it). SQLite addresses are returned unchanged.
    ///
    /// # Errors
    /// [`InvalidStoreUrl`] unless `schema` is 1 to 63 of `a-z`, `0-9` and `_`.
    pub fn in_schema(&self, schema: &str) -> Result<Self, InvalidStoreUrl> {
        let plain = schema
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if schema.is_empty() || schema.len() > 63 || !plain {
            return Err(InvalidStoreUrl {
                problem: "names a schema with other characters than a-z, 0-9 and _",
            });
        }
        Ok(match self {
            Self::Postgres(postgres) => Self::Postgres(PostgresUrl {
                url: postgres.url.clone(),
                schema: Some(schema.to_owned()),
            }),
            other => other.clone(),
        })
    }

    /// Whether the data is gone when the store is closed.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::SqliteMemory)
    }
}

impl FromStr for StoreUrl {
    type Err = InvalidStoreUrl;

    fn from_str(text: &str) -> Result<Self, InvalidStoreUrl> {
        let bad = |problem| Err(InvalidStoreUrl { problem });
        if text == "sqlite::memory:" || text == "sqlite://:memory:" {
            return Ok(Self::SqliteMemory);
        }
        if let Some(path) = text.strip_prefix("sqlite://") {
            return if path.is_empty() {
                bad("names no file")
            } else {
                Ok(Self::SqliteFile(PathBuf::from(path)))
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // The client library would print the part that it cannot read, which may be the password.
            if !is_encoded(text) {
                return bad("holds a character that a URL writes as %XX");
            }
            if !is_read_alike(text) {
                return bad(
                    "cannot be read: in a user name or password, write `/`, `@`, `:`, `?`, `#`, `[` and `%` as %XX",
                );
            }
            return Ok(Self::Postgres(PostgresUrl {
                url: text.to_owned(),
                schema: None,
            }));
        }
        if text.is_empty() {
            return bad("is empty");
        }
        bad("starts otherwise")
    }
}

/// Whether it is all visible ASCII, and each `%` begins an escape (RFC 3986 §2.1).
fn is_encoded(text: &str) -> bool {
    let is_escape = |rest: &str| {
        let mut digits = rest.bytes().take(2);
        digits.len() == 2 && digits.all(|b| b.is_ascii_hexdigit())
    };
    text.bytes().all(|b| b.is_ascii_graphic()) && text.split('%').skip(1).all(is_escape)
}

/// Whether whoever reads the authority of this URL finds the same user, password, hosts and ports in it. libpq ends
/// it at the first `/` or `?` and the user and password at the first `@`; what a password leaves of itself behind
/// these would be taken for a host or a port, and named in an error.
fn is_read_alike(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_host = |host: &str| {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, "")) => (address, ""),
            Some((address, port)) => match port.strip_prefix(':') {
                Some(port) => (address, port),
                None => return false,
            },
            None => host.split_once(':').unwrap_or((host, "")),
        };
        let is_name =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'%' | b':');
        port.bytes().all(|b| b.is_ascii_digit()) && name.bytes().all(is_name)
    };
    !user.contains(['@', '[', ']']) && hosts.split(',').all(is_host)
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(postgres) => {
                f.write_str(&without_password(&postgres.url))?;
                match &postgres.schema {
                    Some(schema) => write!(f, " (schema {schema})"),
                    None => Ok(()),
                }
            }
            Self::SqliteFile(path) => write!(f, "sqlite://{}", path.display()),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", without_password(&self.url))
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StoreUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// `postgres://user:password@host/db` → `postgres://user:<hidden>@host/db`. Query parameters go
/// too, since libpq takes `?password=` there.
fn without_password(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else {
        return "postgres://<hidden>".to_owned();
    };
    let query = url.query().is_some();
    url.set_query(None);
    let hidden = url.password().is_some() && url.set_password(Some("hidden")).is_ok();
    let mut shown = url.to_string();
    if hidden {
        shown = shown.replacen(":hidden@", ":<hidden>@", 1);
    }
    if query {
        shown.push_str("?<hidden>");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_and_a_typo_is_not_a_file() {
        assert_eq!("sqlite::memory:".parse(), Ok(StoreUrl::SqliteMemory));
        assert_eq!(
            "sqlite:///var/lib/auth.db".parse(),
            Ok(StoreUrl::sqlite_file("/var/lib/auth.db"))
        );
        assert!(matches!(
            "postgresql://localhost/auth".parse(),
            Ok(StoreUrl::Postgres(_))
        ));
        for typo in ["postgres:typo", "sqlite:", "sqlite://", "", "auth.db"] {
            assert!(typo.parse::<StoreUrl>().is_err(), "{typo}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let url: StoreUrl = "postgres://auth:sesame@db/auth?password=sesame"
            .parse()
            .unwrap();
        assert_eq!(url.to_string(), "postgres://auth:<hidden>@db/auth?<hidden>");
        assert!(!format!("{url:?}").contains("sesame"));
        for text in ["postgres://a:ses%zame@db/a", "postgres://a:ses ame@db/a"] {
            let error = text.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(error.contains("%XX") && !error.contains("ses"), "{error}");
        }
    }

    #[test]
    fn what_libpq_would_read_otherwise_is_refused_without_a_word_of_it() {
        for text in [
            "postgres://u:sesame/PW@db/auth",
            "postgres://u:ses@mePW@db:5432/auth",
            "postgres://u:sesamePW@[::1/x",
            "postgres://u:sesame[PW@db/auth",
            "postgres://u:sesame#PW@db/auth",
            "postgres://u:sesame?PW@db/auth",
        ] {
            let error = text.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(error.contains("%XX"), "{text}: {error}");
            assert!(!error.contains("PW") && !error.contains("ses"), "{error}");
        }
        for text in [
            "postgres:///auth",
            "postgres://db",
            "postgres://u@db:5432,other:5433/auth",
            "postgres://u:ses%2Fame@[::1]:5432/auth",
            "postgres://u:a:b@%2Frun%2Fpostgresql/auth",
        ] {
            assert!(text.parse::<StoreUrl>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        let url: StoreUrl = "postgres://db/auth".parse().unwrap();
        assert!(url.in_schema("test_1").is_ok());
        assert!(url.in_schema("a; drop schema b").is_err());
    }
}
