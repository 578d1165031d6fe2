//! The auth server's configuration: every key with its unit and default.
//!
//! Read from a TOML file and the environment (`AUTH_SERVER__SECTION__KEY`) by `main.rs` only; tests and
//! `ecosystem` make it by value. The defaults are the demo on fixed ports.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shared::seed::{Seed, SeedError};
use shared::serve::{ConnectionsConfig, TrustedProxies, config_values};
use shared::store::StoreUrl;
use shared::telemetry::MetricsConfig;
use shared::telemetry::logs::LogFormat;
use shared::time::Lifetime;
use shared::wiring::WiringConfig;

pub use crate::outbound::OutboundConfig;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`: where it listens.
    pub server: ServerConfig,
    /// `[connections]`: what peers may hold.
    pub connections: ConnectionsConfig,
    /// `[metrics]`: who reads what is counted.
    pub metrics: MetricsConfig,
    /// `[store]`: where it keeps its data.
    pub store: StoreConfig,
    /// `[seed]`: who is in it.
    pub seed: SeedConfig,
    /// `[keys]`: how signing keys rotate.
    pub keys: KeysConfig,
    /// `[limits]`: how often may be guessed, how much sent, and how much kept for strangers.
    pub limits: LimitsConfig,
    /// `[outbound]`: calls of URLs that clients give.
    pub outbound: OutboundConfig,
    /// `[wiring]`: where the other services are. Unused when a `Wiring` is handed over.
    pub wiring: WiringConfig,
}

/// `[server]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on. Default `127.0.0.1:9000`.
    pub bind: SocketAddr,
    /// Threads that answer requests, 1 to 512. Default 2.
    #[serde(deserialize_with = "config_values::workers")]
    pub workers: usize,
    /// Whether to listen on a network although everybody knows the demo's passwords. Default `false`.
    pub allow_public_demo: bool,
    /// More `Host` values to answer for, as `auth-server:9000`. Default none.
    pub extra_hosts: Vec<String>,
    /// Proxies of ours whose `X-Forwarded-For` is believed, as `["10.0.0.0/8"]`: for limits on guesses and the log. Default none.
    pub trusted_proxies: TrustedProxies,
    /// The shape of log lines: `text` or `json`. Default `text`.
    pub log_format: LogFormat,
}

/// `[store]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `sqlite://PATH`, `sqlite::memory:` or `postgres://…`. Default `sqlite://data/auth-server.db`.
    pub url: StoreUrl,
    /// Connections to PostgreSQL. Default 8.
    #[serde(deserialize_with = "config_values::some")]
    pub postgres_connections: u32,
    /// Whether a few rows of a SQLite file are looked up by the threads that serve connections, which is cheapest.
    /// `false` for a disk that may hang (of a network, say): then those threads never wait for it. Default `true`.
    pub sqlite_in_place: bool,
    /// How long between two sweeps of what has expired, a second at least. Default `"1m"`.
    #[serde(deserialize_with = "config_values::pause")]
    pub sweep_every: Lifetime,
}

/// `[seed]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedConfig {
    /// The seed file. Default none: the demo that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// A seed by value, for programs; comes before `file`.
    #[serde(skip)]
    pub given: Option<Seed>,
}

impl SeedConfig {
    /// The seed: the given one, else the file's, else the demo's.
    ///
    /// # Errors
    /// [`SeedError`], which names the file and the key.
    pub fn read(&self) -> Result<Seed, SeedError> {
        match (&self.given, &self.file) {
            (Some(seed), _) => Ok(seed.clone()),
            (None, Some(file)) => Seed::load(file),
            (None, None) => Seed::demo(),
        }
    }
}

/// `[keys]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// How long a new key is published before it signs, so that every verifier and every other process of this
    /// server has seen it: longer than verifiers wait between two looks at the key set, plus two seconds for what
    /// each process keeps in memory. Default `"20s"`, as our resource servers look again after 10.
    pub announcement: Lifetime,
    /// How old a key is when the next one is published; `auth-server keys rotate` does so at any time. Default none:
    /// keys rotate only when they are told to. A second at least.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "config_values::some_pause"
    )]
    pub rotate_every: Option<Lifetime>,
}

/// `[limits]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Wrong passwords for one account within the window. Default 10.
    #[serde(deserialize_with = "config_values::some")]
    pub login_per_account: u32,
    /// Wrong passwords from one address within the window. Default 100.
    #[serde(deserialize_with = "config_values::some")]
    pub login_per_address: u32,
    /// Wrong secrets for one client from one address within the window. Default 50.
    #[serde(deserialize_with = "config_values::some")]
    pub client_secret: u32,
    /// The same from an address where that client has authenticated within a week, or from this very machine; beyond it
    /// one a second is looked at. Default 1000.
    #[serde(deserialize_with = "config_values::some")]
    pub client_secret_at_home: u32,
    /// Wrong user codes (RFC 8628 §5.1) of one account within the window. Default 5.
    #[serde(deserialize_with = "config_values::some")]
    pub user_code_per_account: u32,
    /// Wrong user codes from one address within the window: beyond it each account has one. Default 50.
    #[serde(deserialize_with = "config_values::some")]
    pub user_code_per_address: u32,
    /// How long a failure counts, a second to a day. Default `"5m"`.
    #[serde(deserialize_with = "config_values::window")]
    pub window: Lifetime,
    /// Clients that may have registered themselves in one realm. Default 1000.
    pub registered_clients: u32,
    /// Clients that may register themselves from one address within the window, without an initial access token; on
    /// this very machine as many as there is room for. Default 50.
    pub registrations_per_address: u32,
    /// What callers at one address who have proven nothing may make the server keep within the window, in bytes:
    /// authorization requests that wait for their person, requests that are pushed, codes that devices ask for. A browser
    /// in which somebody signed in before has as much for itself. Default 8 388 608.
    #[serde(deserialize_with = "config_values::room")]
    pub kept_per_address: u32,
    /// The same of one realm, from wherever it comes, in bytes; what known browsers make it keep is not part of that, and
    /// has as much for all of them together. A sixteenth each is counted on its own. Default 67 108 864.
    #[serde(deserialize_with = "config_values::room")]
    pub kept_per_realm: u32,
    /// The largest form body, in bytes. Default 65 536.
    #[serde(deserialize_with = "config_values::room")]
    pub body_bytes: usize,
    /// How long a body may take to arrive. Default `"10s"`.
    #[serde(deserialize_with = "config_values::span")]
    pub body_time: Lifetime,
    /// Passwords that are hashed at the same time: each takes 19 MiB and some tens of milliseconds. Default 2.
    #[serde(deserialize_with = "config_values::some")]
    pub password_hashes: usize,
    /// Sign-ins that may wait for their password to be hashed; whoever comes beyond them is told to come back (503 with
    /// `Retry-After`). Default 1000, which is about a quarter of a minute's work.
    pub password_queue: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 9000)),
            workers: 2,
            allow_public_demo: false,
            extra_hosts: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: StoreUrl::sqlite_file("data/auth-server.db"),
            postgres_connections: 8,
            sqlite_in_place: true,
            sweep_every: Lifetime::from_minutes(1),
        }
    }
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            announcement: Lifetime::from_seconds(20),
            rotate_every: None,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            login_per_account: 10,
            login_per_address: 100,
            client_secret: 50,
            client_secret_at_home: 1000,
            user_code_per_account: 5,
            user_code_per_address: 50,
            window: Lifetime::from_minutes(5),
            registered_clients: 1000,
            registrations_per_address: 50,
            kept_per_address: 8 * 1024 * 1024,
            kept_per_realm: 64 * 1024 * 1024,
            body_bytes: 64 * 1024,
            body_time: Lifetime::from_seconds(10),
            password_hashes: 2,
            password_queue: 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_nobody_can_mean_are_refused_by_their_keys() {
        for (key, value) in [
            ("limits.body_bytes", "0"),
            ("limits.body_time", "0s"),
            ("limits.login_per_account", "0"),
            ("limits.kept_per_realm", "15"),
            ("limits.password_hashes", "0"),
            ("store.postgres_connections", "0"),
            ("connections.most", "0"),
            ("connections.untaken", "0s"),
            ("wiring.pause.longest", "0s"),
        ] {
            let name = key.replace('.', "__").to_ascii_uppercase();
            let env = [(format!("AUTH_SERVER__{name}"), value.to_owned())];
            let loaded =
                shared::serve::config::load::<Config>(None, "AUTH_SERVER", env.into_iter());
            let error = loaded.unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{key}: {error}");
        }
    }
}
