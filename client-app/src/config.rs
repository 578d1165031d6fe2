//! The client app's configuration: every key with its unit and default.
//!
//! Read from a TOML file and the environment by `main.rs` only; tests and `ecosystem` make it by value.
//! The defaults are the demo on fixed ports.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use shared::serve::{ConfigSecret, ConnectionsConfig, TrustedProxies, config_values};
use shared::telemetry::MetricsConfig;
use shared::telemetry::logs::LogFormat;
use shared::wiring::WiringConfig;

use crate::clients::ClientsConfig;
use crate::sign_in::SignInConfig;

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
    /// `[wiring]`: where the other services are. Unused when a `Wiring` is handed over.
    pub wiring: WiringConfig,
    /// `[record]`: how much of what happened is kept.
    pub record: RecordConfig,
    /// `[clients]`: as which clients it is registered at the provider.
    pub clients: ClientsConfig,
    /// `[sign_in]`: with whom people may sign in.
    pub sign_in: SignInConfig,
    /// `[demo]`: whom the start page introduces.
    pub demo: DemoConfig,
}

/// `[server]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on. Default `127.0.0.1:8080`.
    pub bind: SocketAddr,
    /// Threads that answer requests, 1 to 512. Default 2.
    #[serde(deserialize_with = "config_values::workers")]
    pub workers: usize,
    /// Whether to listen on a network although everybody there may use the demo. Default `false`.
    pub allow_public_demo: bool,
    /// More `Host` values to answer for, as `client-app:8080`. Default none.
    pub extra_hosts: Vec<String>,
    /// Proxies of ours whose `X-Forwarded-For` is believed, as `["10.0.0.0/8"]`: for the log. Default none.
    pub trusted_proxies: TrustedProxies,
    /// The shape of log lines: `text` or `json`. Default `text`.
    pub log_format: LogFormat,
}

/// `[record]`: the bounds of the ring; what comes first falls out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordConfig {
    /// The most exchanges that are kept. Default 2 000.
    #[serde(deserialize_with = "config_values::some")]
    pub max_exchanges: usize,
    /// The most memory that they may take, in bytes (of what was captured). Default 16 MiB.
    #[serde(deserialize_with = "config_values::room")]
    pub max_bytes: usize,
    /// How long they are kept, in minutes of the wall clock. Default 60.
    #[serde(deserialize_with = "config_values::some")]
    pub max_minutes: u32,
    /// The most live streams at once; more are answered 503. Default 64.
    pub max_streams: usize,
}

/// `[demo]`: shown on the start page, and used for nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemoConfig {
    /// Who can sign in at the provider. Default the people of `config/demo.toml`.
    pub people: Vec<DemoPerson>,
}

/// Somebody who can sign in at the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoPerson {
    /// What they type to sign in.
    pub username: String,
    /// What else they type.
    pub password: ConfigSecret,
}

impl Default for DemoConfig {
    fn default() -> Self {
        let person = |username: &str, password: &str| DemoPerson {
            username: username.to_owned(),
            password: ConfigSecret::new(password),
        };
        Self {
            people: vec![
                person("alice", "alice-password"),
                person("bob", "bob-password"),
            ],
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: 2,
            allow_public_demo: false,
            extra_hosts: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Default for RecordConfig {
    fn default() -> Self {
        Self {
            max_exchanges: 2_000,
            max_bytes: 16 * 1024 * 1024,
            max_minutes: 60,
            max_streams: 64,
        }
    }
}

impl Config {
    /// What anybody who reaches this service could see, one sentence each; for
    /// [`shared::serve::listen::refuse_public_demo`].
    #[must_use]
    pub fn shown_to_everybody(&self) -> Vec<String> {
        if self.wiring.keep_secrets.0 {
            vec!["the record shows every secret of every flow ([wiring] keep_secrets)".to_owned()]
        } else {
            Vec::new()
        }
    }
}
