//! `GET /metrics`: who may read it, and in which of the two text formats.
//!
//! OpenMetrics 1.0 with exemplars where the reader asks for it, else Prometheus' own text format (0.0.4), which has no
//! exemplars. Metrics say how busy a service is and what fails in it: that is the operator's to know. So they are
//! read (1) on the service's own port by a program on this machine, as long as the service is for this machine alone;
//! (2) on the service's own port by whoever shows the bearer token of `[metrics]`; (3) on a port of their own. Nobody
//! else learns that they exist: 404. A proxy on this machine does not open the door: what it forwards it says so, and
//! a service with a public name has no reader without a token.

use std::fmt::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{App, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use url::{Host, Url};

use super::Metrics;
use crate::serve::listen::{self, ListenError};
use crate::serve::{ConfigSecret, ConnectionsConfig, Serving};

/// Where metrics are read.
pub const PATH: &str = "/metrics";
/// The media type of OpenMetrics, as Prometheus asks for it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The media type of Prometheus' own text format.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The most connections to the port of their own at a time; more wait in the system's queue until one ends.
const READERS: usize = 64;
/// What a proxy adds to what it forwards.
const FORWARDED: [&str; 5] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
];

/// `[metrics]`: who reads them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// An address and port of their own, as `0.0.0.0:9464`: then the service's own port has none. Whoever reaches it
    /// reads them. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<SocketAddr>,
    /// Whoever shows this as a bearer token reads them on the service's own port, from anywhere. Default none: then
    /// only programs on this machine do, and only where the service's public address is this machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<ConfigSecret>,
}

/// The metrics of a service, and who reads them.
#[derive(Clone, Debug)]
pub struct MetricsReaders {
    metrics: Metrics,
    policy: Arc<Policy>,
    own_port: Option<Arc<TcpListener>>,
}

#[derive(Debug)]
struct Policy {
    own_port: bool,
    token: Option<ConfigSecret>,
    /// Whether the service is for this machine alone.
    local: bool,
}

/// What a request shows of its sender.
struct Reader<'a> {
    peer: Option<SocketAddr>,
    host: &'a str,
    headers: &'a HeaderMap,
}

impl Policy {
    fn admits(&self, reader: &Reader<'_>) -> bool {
        if self.own_port {
            return false;
        }
        if let Some(token) = &self.token {
            let shown = reader.headers.get(header::AUTHORIZATION);
            let shown = shown.and_then(|value| value.to_str().ok());
            let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
            return shown.is_some_and(|shown| {
                bool::from(shown.as_bytes().ct_eq(token.expose().as_bytes()))
            });
        }
        let near = reader
            .peer
            .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        let forwarded = FORWARDED
            .iter()
            .any(|name| reader.headers.contains_key(*name));
        self.local && near && !forwarded && is_loopback(reader.host)
    }
}

impl MetricsReaders {
    /// The readers of `metrics` of the service at `public_url`; listens on the port of their own, where one is
    /// configured.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn open(
        metrics: Metrics,
        config: &MetricsConfig,
        public_url: &str,
    ) -> Result<Self, ListenError> {
        let bind = |address| listen::bind(address, "[metrics] bind");
        let own_port = config.bind.map(bind).transpose()?;
        let public = Url::parse(public_url).ok();
        let policy = Policy {
            own_port: config.bind.is_some(),
            token: config.token.clone(),
            local: public
                .as_ref()
                .and_then(Url::host_str)
                .is_some_and(is_loopback),
        };
        Ok(Self {
            metrics,
            policy: Arc::new(policy),
            own_port: own_port.map(Arc::new),
        })
    }

    /// Mounts `/metrics`; where nobody may read it, the route is there for nobody.
    pub fn mount(&self, routes: &mut web::ServiceConfig) {
        let readers = self.clone();
        let handler = move |request: HttpRequest| std::future::ready(readers.answer(&request));
        routes.route(PATH, web::route().to(handler));
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let connection = request.connection_info();
        let reader = Reader {
            peer: request.peer_addr(),
            host: request.headers().get(header::HOST).map_or_else(
                || connection.host(),
                |host| host.to_str().unwrap_or_default(),
            ),
            headers: request.headers(),
        };
        if self.policy.admits(&reader) {
            asked(&self.metrics, request)
        } else {
            HttpResponse::NotFound()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()
        }
    }

    /// Answers on the port of their own until `stopped`; without one there is nothing to do.
    pub async fn serve(self, stopped: impl Future<Output = ()>) {
        let Some(listener) = self.own_port else {
            return;
        };
        let metrics = self.metrics;
        let app = move || {
            let metrics = metrics.clone();
            let handler = move |request: HttpRequest| {
                // A page whose name resolves to this machine (DNS rebinding) brings that name with it.
                let host = request.headers().get(header::HOST);
                let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
                let answer = if is_own_name(host) {
                    asked(&metrics, &request)
                } else {
                    HttpResponse::MisdirectedRequest().finish()
                };
                std::future::ready(answer)
            };
            App::new().route(PATH, web::route().to(handler))
        };
        let serving = listener.try_clone().map(|listener| Serving {
            also: None,
            listener,
            tls: None,
            workers: 1,
            connections: ConnectionsConfig {
                most: Some(READERS),
                ..ConnectionsConfig::default()
            },
        });
        let server = match serving.and_then(|serving| serving.server(app)) {
            Ok(server) => server,
            Err(error) => {
                tracing::error!(%error, "metrics cannot be read: their port cannot be listened on");
                return;
            }
        };
        let handle = server.handle();
        tokio::pin!(server);
        tokio::select! {
            ended = &mut server => {
                if let Err(error) = ended {
                    tracing::error!(%error, "metrics can no longer be read");
                }
            }
            () = stopped => handle.stop(false).await,
        }
    }
}

/// Whether `authority` names this machine for itself.
fn is_loopback(authority: &str) -> bool {
    match host_of(authority) {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether nobody outside can own the name: an address, or a name without a dot (`auth-server`, `localhost`).
fn is_own_name(authority: &str) -> bool {
    match host_of(authority) {
        Some(Host::Domain(name)) => !name.trim_end_matches('.').contains('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn host_of(authority: &str) -> Option<Host<String>> {
    let url = Url::parse(&format!("http://{authority}/")).ok()?;
    url.host().map(|host| host.to_owned())
}

/// The metrics, to who reads them: `HEAD` as `GET`, and no other method (RFC 9110 §9.3.2, §15.5.6).
fn asked(metrics: &Metrics, request: &HttpRequest) -> HttpResponse {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return written(metrics, request.headers());
    }
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET, HEAD"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// The metrics in the format that is asked for.
fn written(metrics: &Metrics, headers: &HeaderMap) -> HttpResponse {
    let Ok(text) = metrics.open_metrics() else {
        return HttpResponse::InternalServerError().finish();
    };
    let (media_type, text) = if asks_for_open_metrics(headers) {
        (OPEN_METRICS, text)
    } else {
        (PLAIN, plain(&text))
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .body(text)
}

/// Whether `Accept` has OpenMetrics at least as high as plain text (RFC 9110 §12.5.1).
fn asks_for_open_metrics(headers: &HeaderMap) -> bool {
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .collect();
    let accepted = accepted.join(",");
    let weight = |wanted: &str| {
        let of_one = |range: &str| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
            named.then(|| weight.unwrap_or(0.0))
        };
        accepted.split(',').filter_map(of_one).fold(0.0, f32::max)
    };
    let open = weight("application/openmetrics-text");
    open > 0.0 && open >= weight("text/plain")
}

/// OpenMetrics as Prometheus' own text format: a counter is named as its sample is, and there are no units, no
/// exemplars and no end.
fn plain(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // `# HELP` comes before `# TYPE`, which says what the name has to be.
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.split_once(' '))
        {
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some((_, words)) = help.take() {
                let _ = writeln!(text, "# HELP {name}{suffix} {words}");
            }
            // Writing to a String does not fail.
            let _ = writeln!(text, "# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            // No label of ours has such a text in it.
            let sample = line.split(" # {").next().unwrap_or_default();
            text.push_str(sample);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in all {
            let name = HeaderName::from_static(name);
            map.append(name, HeaderValue::from_static(value));
        }
        map
    }

    fn admits(
        config: &MetricsConfig,
        public: &str,
        (peer, host): (&str, &str),
        sent: &[(&'static str, &'static str)],
    ) -> bool {
        let readers = MetricsReaders::open(Metrics::new("auth-server"), config, public).unwrap();
        readers.policy.admits(&Reader {
            peer: Some(peer.parse().unwrap()),
            host,
            headers: &headers(sent),
        })
    }

    const LOCAL: &str = "http://localhost:9000";
    const NEAR: (&str, &str) = ("127.0.0.1:55555", "localhost:9000");

    #[test]
    fn without_a_token_only_this_machine_reads_and_only_of_a_service_for_it_alone() {
        let config = MetricsConfig::default();
        assert!(admits(&config, LOCAL, NEAR, &[]));
        assert!(admits(&config, LOCAL, ("[::1]:5", "[::1]:9000"), &[]));
        assert!(!admits(
            &config,
            LOCAL,
            ("192.0.2.7:5", "localhost:9000"),
            &[]
        ));
        assert!(!admits(
            &config,
            LOCAL,
            ("127.0.0.1:5", "auth.example"),
            &[]
        ));
        assert!(!admits(&config, "https://auth.example", NEAR, &[]));
        for name in FORWARDED {
            assert!(
                !admits(&config, LOCAL, NEAR, &[(name, "192.0.2.7")]),
                "{name}"
            );
        }
    }

    #[test]
    fn with_a_token_who_shows_it_reads_and_nobody_else() {
        let config = MetricsConfig {
            token: Some(ConfigSecret::new("sesame")),
            ..MetricsConfig::default()
        };
        let far = ("192.0.2.7:5", "auth.example");
        let public = "https://auth.example";
        assert!(admits(
            &config,
            public,
            far,
            &[("authorization", "Bearer sesame")]
        ));
        for wrong in ["Bearer sesam", "sesame", "Basic sesame"] {
            assert!(
                !admits(&config, public, far, &[("authorization", wrong)]),
                "{wrong}"
            );
        }
        assert!(!admits(&config, LOCAL, NEAR, &[]));
    }

    #[test]
    fn a_port_of_their_own_leaves_none_on_the_service() {
        let config = MetricsConfig {
            bind: Some("127.0.0.1:0".parse().unwrap()),
            ..MetricsConfig::default()
        };
        assert!(!admits(&config, LOCAL, NEAR, &[]));
        for own in [
            "auth-server:9464",
            "10.0.0.3:9464",
            "[fd00::3]:9464",
            "localhost",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for foreign in ["evil.example:9464", "", "localhost.evil.example"] {
            assert!(!is_own_name(foreign), "{foreign}");
        }
    }

    #[actix_web::test]
    async fn a_reader_of_their_own_port_that_takes_nothing_is_not_answered_for_ever() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let config = MetricsConfig {
            bind: Some("127.0.0.1:0".parse().unwrap()),
            ..MetricsConfig::default()
        };
        let readers = MetricsReaders::open(Metrics::new("auth-server"), &config, LOCAL).unwrap();
        let address = readers.own_port.as_ref().unwrap().local_addr().unwrap();
        let serving = tokio::task::spawn_local(readers.serve(std::future::pending()));
        let connect = || tokio::net::TcpStream::connect(address);
        let ask = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut reader = connect().await.unwrap();
        reader.write_all(ask).await.unwrap();
        let mut answer = [0; 15];
        reader.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        // Who asks and asks and reads nothing is soon not heard.
        let mut deaf = connect().await.unwrap();
        let (asked, mut taken) = (ask.repeat(1000), 0);
        let second = std::time::Duration::from_secs(1);
        while let Ok(written) = tokio::time::timeout(second, deaf.write(&asked)).await {
            taken += written.unwrap();
            assert!(
                taken < 32 * 1024 * 1024,
                "{taken} bytes of requests were taken"
            );
        }
        serving.abort();
    }

    #[actix_web::test]
    async fn on_their_own_port_head_is_get_without_a_body_and_nothing_else_is_answered() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let config = MetricsConfig {
            bind: Some("127.0.0.1:0".parse().unwrap()),
            ..MetricsConfig::default()
        };
        let readers = MetricsReaders::open(Metrics::new("auth-server"), &config, LOCAL).unwrap();
        let address = readers.own_port.as_ref().unwrap().local_addr().unwrap();
        let serving = tokio::task::spawn_local(readers.serve(std::future::pending()));
        for (method, status) in [("HEAD", "200 OK"), ("POST", "405 Method Not Allowed")] {
            let mut reader = tokio::net::TcpStream::connect(address).await.unwrap();
            let ask =
                format!("{method} {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            reader.write_all(ask.as_bytes()).await.unwrap();
            let mut answer = String::new();
            reader.read_to_string(&mut answer).await.unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
            assert_eq!(body, "", "{head}");
            let allows = head.to_ascii_lowercase().contains("\r\nallow: get, head");
            assert_eq!(allows, method == "POST", "{head}");
        }
        serving.abort();
    }

    #[test]
    fn the_format_is_the_one_that_is_asked_for() {
        let asks = |accept| asks_for_open_metrics(&headers(&[("accept", accept)]));
        assert!(asks(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ));
        assert!(asks("application/openmetrics-text"));
        assert!(!asks("text/plain, application/openmetrics-text;q=0.5"));
        assert!(!asks("application/openmetrics-text;q=0"));
        assert!(!asks("*/*"));
        assert!(!asks_for_open_metrics(&HeaderMap::new()));
    }

    #[test]
    fn the_plain_format_names_counters_as_their_samples_and_has_no_exemplars() {
        let open = "# HELP a_b How many.\n# TYPE a_b counter\na_b_total{x=\"{id}\"} 3 # {exchange_id=\"01\"} 1.0\n\
            # HELP t_seconds How long.\n# TYPE t_seconds histogram\n# UNIT t_seconds seconds\nt_seconds_sum 1.5\n# EOF\n";
        assert_eq!(
            plain(open),
            "# HELP a_b_total How many.\n# TYPE a_b_total counter\na_b_total{x=\"{id}\"} 3\n\
             # HELP t_seconds How long.\n# TYPE t_seconds histogram\nt_seconds_sum 1.5\n"
        );
    }
}
