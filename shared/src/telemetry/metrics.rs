//! What is counted of every service, and the registry that it is read from (OpenMetrics 1.0).
//!
//! Labels are bounded: routes by their patterns, checks by the catalogue, peers by their role; never a client, a
//! realm, a person or a path as it came. Exemplars carry the exchange's id, which leads from a bucket to the log and,
//! in a demo, to the flow. Each service has a registry of its own, however many live in one process.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::{CounterWithExemplar, HistogramWithExemplars};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::flow::{ExchangeId, Party};

/// What the name of each of our metrics begins with.
const PREFIX: &str = "grantscope";

/// The upper bounds of durations of requests, in seconds: from a key set out of memory to a slow password.
const REQUEST_SECONDS: [f64; 14] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// The checks that say that a limit was reached.
const LIMITS: [&str; 4] = [
    "client.guesses",
    "login.attempts",
    "user_code.guesses",
    "registration.room",
];

/// The exchange that an exemplar leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ExchangeLabel {
    /// Its id.
    pub exchange_id: ExchangeId,
}

impl EncodeLabelValue for ExchangeId {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl From<&ExchangeId> for ExchangeLabel {
    fn from(id: &ExchangeId) -> Self {
        Self {
            exchange_id: id.clone(),
        }
    }
}

/// A histogram of durations with exemplars.
pub type Durations<L> = Family<L, HistogramWithExemplars<ExchangeLabel>, fn() -> Histogram>;
type Histogram = HistogramWithExemplars<ExchangeLabel>;

/// A family of [`Durations`].
#[must_use]
pub fn durations<L: Clone + std::hash::Hash + Eq>() -> Durations<L> {
    Family::new_with_constructor(|| HistogramWithExemplars::new(REQUEST_SECONDS.into_iter()))
}

/// Which requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The route's pattern without its realm, or `none`.
    pub route: Arc<str>,
    /// The method, or `other`.
    pub method: &'static str,
    /// `2xx` to `5xx`.
    pub status: &'static str,
}

/// Why requests were refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RefusalLabels {
    /// The route's pattern.
    pub route: Arc<str>,
    /// The id of the check that failed.
    pub check: String,
}

/// Which limit was reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LimitLabels {
    /// The id of the check that says so.
    pub check: &'static str,
}

/// Whom a service called, and how it went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallLabels {
    /// `auth-server`, `resource-server`, `client-app` or `stranger`.
    pub to: &'static str,
    /// `2xx` to `5xx`, or `failed` where no answer came.
    pub status: &'static str,
}

/// What became of an observed exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RecordLabels {
    /// `kept` or `lost`.
    pub outcome: &'static str,
}

/// Which program this is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    service: &'static str,
    version: &'static str,
}

/// What is counted of every service; clones count into the same.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Durations<RequestLabels>,
    in_flight: Gauge,
    refusals: Family<RefusalLabels, CounterWithExemplar<ExchangeLabel>>,
    limits: Family<LimitLabels, Counter>,
    calls: Durations<CallLabels>,
    /// Exchanges handed to the record.
    pub(crate) kept: Counter,
    /// Exchanges that the record has not taken: beyond its pace, or beyond its queue.
    pub(crate) lost: Counter,
    /// Lines of the program's log that could not be written.
    lost_lines: Counter,
}

impl Metrics {
    /// The metrics of `service` (`auth-server`).
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        let record = Family::<RecordLabels, Counter>::default();
        let outcome = |outcome| record.get_or_create_owned(&RecordLabels { outcome });
        let metrics = Self {
            registry: Arc::new(Mutex::new(Registry::with_prefix(PREFIX))),
            requests: durations(),
            in_flight: Gauge::default(),
            refusals: Family::default(),
            limits: Family::default(),
            calls: durations(),
            kept: outcome("kept"),
            lost: outcome("lost"),
            lost_lines: Counter::default(),
        };
        for check in LIMITS {
            drop(metrics.limits.get_or_create(&LimitLabels { check }));
        }
        let build = Family::<BuildLabels, Gauge>::default();
        let version = env!("CARGO_PKG_VERSION");
        build
            .get_or_create(&BuildLabels { service, version })
            .set(1);
        metrics.add("build_info", "Which program this is: always 1", build);
        metrics.add_seconds(
            "request_duration",
            "How long requests took until their answer began, by route, method and class of status",
            metrics.requests.clone(),
        );
        metrics.add(
            "requests_in_flight",
            "Requests whose answer has not begun",
            metrics.in_flight.clone(),
        );
        metrics.add(
            "refusals",
            "Requests that a check refused, by route and check",
            metrics.refusals.clone(),
        );
        metrics.add(
            "limits_reached",
            "Requests refused because a limit on guesses or on registrations was reached, by check",
            metrics.limits.clone(),
        );
        metrics.add_seconds(
            "call_duration",
            "How long calls of other services took, by whom was called and class of status",
            metrics.calls.clone(),
        );
        metrics.add(
            "record_exchanges",
            "Observed exchanges, by what became of them: kept or lost",
            record,
        );
        metrics.add(
            "log_lost_lines",
            "Lines of this program's log that could not be written, or found nobody to read them",
            metrics.lost_lines.clone(),
        );
        metrics
    }

    /// Adds a metric to what is read; a counter's name gets its `_total`.
    pub fn add(&self, name: &str, help: &str, metric: impl Metric) {
        self.lock().register(name, help, metric);
    }

    /// As [`Metrics::add`], for seconds: the name gets its `_seconds`.
    pub fn add_seconds(&self, name: &str, help: &str, metric: impl Metric) {
        self.lock()
            .register_with_unit(name, help, Unit::Seconds, metric);
    }

    /// Adds what is asked only when somebody reads.
    pub fn add_collector(&self, collector: impl prometheus_client::collector::Collector) {
        self.lock().register_collector(Box::new(collector));
    }

    /// Everything in the text format of OpenMetrics 1.0.
    ///
    /// # Errors
    /// [`fmt::Error`] where a collector fails.
    pub fn open_metrics(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.lock())?;
        Ok(text)
    }

    /// A request has come; it counts as in flight until this is dropped.
    pub(crate) fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request was answered.
    pub(crate) fn answered(&self, labels: &RequestLabels, took: Duration, id: &ExchangeId) {
        let histogram = self.requests.get_or_create(labels);
        histogram.observe(took.as_secs_f64(), Some(id.into()), None);
    }

    /// A request was refused by `check`.
    pub(crate) fn refused(&self, route: Arc<str>, check: &str, id: &ExchangeId) {
        if let Some(check) = LIMITS.into_iter().find(|limit| *limit == check) {
            self.limits.get_or_create(&LimitLabels { check }).inc();
        }
        let check = check.to_owned();
        let labels = RefusalLabels { route, check };
        let counter = self.refusals.get_or_create(&labels);
        counter.inc_by(1, Some(id.into()), None);
    }

    /// A call of `to` has ended, with a status or without an answer.
    pub(crate) fn called(
        &self,
        to: &Party,
        status: Option<u16>,
        (took, id): (Duration, &ExchangeId),
    ) {
        let labels = CallLabels {
            to: to.role(),
            status: status.map_or("failed", class_of),
        };
        let histogram = self.calls.get_or_create(&labels);
        histogram.observe(took.as_secs_f64(), Some(id.into()), None);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a request as in flight until it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The class of a status: `2xx`.
#[must_use]
pub const fn class_of(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// The metrics of the three services of one ecosystem.
#[derive(Clone, Debug)]
pub struct Meters {
    auth_server: Metrics,
    resource_server: Metrics,
    client_app: Metrics,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            auth_server: Metrics::new("auth-server"),
            resource_server: Metrics::new("resource-server"),
            client_app: Metrics::new("client-app"),
        }
    }
}

impl Meters {
    /// The metrics of `party`; who is no service of ours counts for nobody.
    #[must_use]
    pub fn of(&self, party: &Party) -> Metrics {
        match party {
            Party::AuthServer => self.auth_server.clone(),
            Party::ResourceServer => self.resource_server.clone(),
            Party::ClientApp => self.client_app.clone(),
            Party::Browser | Party::Stranger(_) => Metrics::new("none"),
        }
    }

    /// What counts the lines that the log lost, of each service.
    pub(super) fn lost_lines(&self) -> [Counter; 3] {
        [&self.auth_server, &self.resource_server, &self.client_app]
            .map(|metrics| metrics.lost_lines.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_metrics() -> Metrics {
        let metrics = Metrics::new("auth-server");
        let id = ExchangeId::new(0);
        let labels = RequestLabels {
            route: "/token".into(),
            method: "POST",
            status: class_of(400),
        };
        metrics.answered(&labels, Duration::from_micros(300), &id);
        metrics.refused("/token".into(), "client.guesses", &id);
        metrics.called(
            &Party::Stranger("somebody.example".to_owned()),
            None,
            (Duration::ZERO, &id),
        );
        metrics
    }

    #[test]
    fn what_was_counted_is_read_with_the_exchange_that_it_leads_to() {
        let text = some_metrics().open_metrics().unwrap();
        let bucket = r#"grantscope_request_duration_seconds_bucket{le="0.0005",route="/token",method="POST",status="4xx"} 1 # {exchange_id="000000000000"#;
        assert!(text.contains(bucket), "{text}");
        let limit = r#"grantscope_limits_reached_total{check="client.guesses"} 1"#;
        assert!(text.contains(limit), "{text}");
        assert!(text.contains(r#"to="stranger",status="failed""#), "{text}");
        assert!(!text.contains("somebody.example"), "{text}");
    }

    #[test]
    fn a_request_is_in_flight_until_it_is_left() {
        let metrics = Metrics::new("auth-server");
        let one = metrics.enter();
        assert_eq!(metrics.in_flight.get(), 1);
        drop(one);
        assert_eq!(metrics.in_flight.get(), 0);
    }

    #[test]
    fn every_limit_is_a_check_of_the_catalogue() {
        for limit in LIMITS {
            assert!(
                crate::flow::catalog::ALL
                    .iter()
                    .any(|check| check.id == limit),
                "{limit}"
            );
        }
    }
}
