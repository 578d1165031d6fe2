//! What each service mounts: configuration, host guard, security headers, health, CSRF, limits,
//! listening and stopping.
//!
//! How a service runs, in the order of its `main`:
//!
//! ```ignore
//! let stop = Shutdown::new();
//! let listener = listen::bind(config.bind, "[server] bind")?;
//! let serving = Serving { also: listen::by_ipv6(&listener, &url), listener, tls, workers, connections };
//! let server = serving.server(move || {
//!     App::new()
//!         .configure(|routes| health.mount(routes))
//!         .wrap(headers.clone())
//!         .wrap(hosts.clone()) // the last wrapped runs first
//! })?;
//! stop.serve(server).await?;
//! ```

pub mod command;
pub mod config;
pub mod config_values;
pub mod connection;
pub mod cookies;
pub mod csrf;
pub mod descriptors;
pub mod headers;
pub mod health;
pub mod healthcheck;
pub mod host;
pub mod http;
pub mod limits;
pub mod listen;
pub mod proxy;
mod read;
pub mod shutdown;
pub mod tls;
pub mod vitals;

pub use command::ServiceArgs;
pub use config::{ConfigError, ConfigSecret};
pub use connection::ConnectionsConfig;
pub use cookies::Cookies;
pub use csrf::{BrowserId, Csrf, CsrfError, CsrfForm};
pub use headers::{CspExtra, SecurityHeaders, keeps_opener};
pub use health::{Health, Readiness};
pub use host::{HostGuard, HostPolicy};
pub use http::Serving;
pub use limits::{BodyError, close_unread, read_body};
pub use listen::{ListenError, PublicDemo};
pub use proxy::{TrustedProxies, caller_address, caller_network};
pub use read::{only, only_read, read};
pub use shutdown::{Shutdown, StopHandle};
