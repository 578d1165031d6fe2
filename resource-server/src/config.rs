//! The resource server's configuration: every key with its unit and default.
//!
//! Read from a TOML file and the environment by `main.rs` only; tests and `ecosystem` make it by value.
//! The defaults are the demo on fixed ports.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shared::seed::{Seed, SeedError};
use shared::serve::{ConfigSecret, ConnectionsConfig, TrustedProxies, config_values};
use shared::store::StoreUrl;
use shared::telemetry::MetricsConfig;
use shared::telemetry::logs::LogFormat;
use shared::time::Lifetime;
use shared::wiring::WiringConfig;

use crate::access::policy::TokenPolicies;

/// The secret that the demo's seed gives this service.
const DEMO_SECRET: &str = "resource-server-secret";

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
    /// `[seed]`: what is put into an empty store.
    pub seed: SeedConfig,
    /// `[introspection]`: how it authenticates to the auth server.
    pub introspection: IntrospectionConfig,
    /// `[cors]`: which pages may call it.
    pub cors: CorsConfig,
    /// `[keys]`: how long the issuers' keys are kept.
    pub keys: KeysConfig,
    /// `[tokens.default]`, `[tokens.realms.NAME]`: what is demanded of access tokens.
    pub tokens: TokenPolicies,
    /// `[wiring]`: where the other services are. Unused when a `Wiring` is handed over.
    pub wiring: WiringConfig,
}

/// `[server]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on. Default `127.0.0.1:9001`.
    pub bind: SocketAddr,
    /// Threads that answer requests, 1 to 512. Default 2.
    #[serde(deserialize_with = "config_values::workers")]
    pub workers: usize,
    /// Whether other machines may reach a server with the demo's secrets. Default `false`.
    pub allow_public_demo: bool,
    /// More `Host` values to answer for, as `resource-server:9001`. Default none.
    pub extra_hosts: Vec<String>,
    /// Proxies of ours whose `X-Forwarded-For` is believed, as `["10.0.0.0/8"]`: for the log. Default none.
    pub trusted_proxies: TrustedProxies,
    /// `"text"` (the default) or `"json"`: the shape of log lines.
    pub log_format: LogFormat,
}

/// `[store]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `sqlite://PATH`, `sqlite::memory:` or `postgres://…`. Default `sqlite://data/resource-server.db`.
    pub url: StoreUrl,
    /// Connections to PostgreSQL. Default 8.
    #[serde(deserialize_with = "config_values::some")]
    pub postgres_connections: u32,
    /// Whether a few rows of a SQLite file are looked up by the threads that serve connections, which is cheapest.
    /// `false` for a disk that may hang (of a network, say): then those threads never wait for it. Default `true`.
    pub sqlite_in_place: bool,
}

/// `[seed]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedConfig {
    /// A seed file, as `config/demo.toml`. Default: the demo, which is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// A seed by value, for programs; comes before `file`.
    #[serde(skip)]
    pub given: Option<Seed>,
}

/// `[introspection]`: RFC 7662 §2.1 demands that the caller authenticates.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntrospectionConfig {
    /// Default `resource-server`.
    pub client_id: String,
    /// Default `resource-server-secret`.
    pub client_secret: ConfigSecret,
}

/// `[cors]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorsConfig {
    /// Origins whose scripts may call the API. Default: the client app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
}

/// `[keys]`: spans of time of this machine, not of a realm's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// The most realms whose keys are kept; the one used least recently goes. Default 256.
    #[serde(deserialize_with = "config_values::some")]
    pub max_realms: usize,
    /// How long keys are used before they are fetched again. Default 5 minutes.
    #[serde(deserialize_with = "config_values::span")]
    pub fresh: Lifetime,
    /// How long they are used while the auth server is away. Default 1 hour.
    pub stale: Lifetime,
    /// How long after an unknown key id made us look we do not look again. Default 10 seconds.
    #[serde(deserialize_with = "config_values::span")]
    pub refetch: Lifetime,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 9001)),
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
            url: StoreUrl::sqlite_file("data/resource-server.db"),
            postgres_connections: 8,
            sqlite_in_place: true,
        }
    }
}

impl Default for IntrospectionConfig {
    fn default() -> Self {
        Self {
            client_id: "resource-server".to_owned(),
            client_secret: ConfigSecret::new(DEMO_SECRET),
        }
    }
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            max_realms: 256,
            fresh: Lifetime::from_minutes(5),
            stale: Lifetime::from_minutes(60),
            refetch: Lifetime::from_seconds(10),
        }
    }
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

impl Config {
    /// What anybody who read the documentation could use, one sentence each; none when all was replaced.
    #[must_use]
    pub fn demo_credentials(&self) -> Vec<String> {
        let introspection = self.introspection.client_secret.expose() == DEMO_SECRET;
        let demo = introspection.then_some(
            "introspection.client_secret is the documentation's: anybody could ask about tokens",
        );
        demo.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_print_and_read_back_without_the_secret() {
        let text = shared::serve::config::print(&Config::default()).unwrap();
        assert!(!text.contains(DEMO_SECRET), "{text}");
        let text = "[tokens.realms.team-blue]\nintrospect = 'always'\nleeway = '2m'\n";
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("resource-server.toml");
        std::fs::write(&file, text).unwrap();
        let config: Config =
            shared::serve::config::load(Some(&file), "RESOURCE_SERVER", std::iter::empty())
                .unwrap();
        let blue = config.tokens.of(&"team-blue".parse().unwrap());
        assert_eq!(blue.leeway.as_seconds(), 120);
        assert_eq!(config.server.bind.port(), 9001);
    }

    #[test]
    fn an_algorithm_without_a_key_pair_cannot_be_allowed() {
        for algorithm in ["none", "HS256"] {
            let policy: Result<super::super::access::policy::TokenPolicy, _> =
                serde_json::from_value(serde_json::json!({ "algorithms": [algorithm] }));
            assert!(policy.is_err(), "{algorithm}");
        }
    }
}
