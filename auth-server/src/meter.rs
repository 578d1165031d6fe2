//! What this server counts besides requests: tokens by grant, sweeps, the age of its keys.
//!
//! May use prometheus-client through `shared::telemetry`. Labels are closed sets of the protocol.

use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::CounterWithExemplar;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use shared::flow::ExchangeId;
use shared::oauth::{GrantType, TokenResponse};
use shared::telemetry::Metrics;
use shared::telemetry::metrics::ExchangeLabel;

use crate::realms::Realms;

/// What was issued.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IssueLabels {
    /// By which grant.
    grant: &'static str,
    /// `code`, `access_token`, `refresh_token` or `id_token`.
    token: &'static str,
}

/// How a sweep ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SweepLabels {
    /// `done` or `failed`.
    outcome: &'static str,
}

/// What this server counts; clones count into the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    issued: Family<IssueLabels, CounterWithExemplar<ExchangeLabel>>,
    sweeps: Family<SweepLabels, Counter>,
    swept: Counter,
    sweeping: Counter<f64, std::sync::atomic::AtomicU64>,
}

impl Meter {
    /// A meter that is read with `metrics`.
    pub(crate) fn registered(metrics: &Metrics, realms: &Realms) -> Self {
        let meter = Self::default();
        for outcome in ["done", "failed"] {
            drop(meter.sweeps.get_or_create(&SweepLabels { outcome }));
        }
        metrics.add(
            "tokens_issued",
            "Codes and tokens issued, by grant and kind",
            meter.issued.clone(),
        );
        metrics.add(
            "sweeps",
            "Sweeps of one realm's expired rows, by outcome",
            meter.sweeps.clone(),
        );
        metrics.add("swept_rows", "Expired rows deleted", meter.swept.clone());
        metrics.add_seconds("sweeping", "Time spent in sweeps", meter.sweeping.clone());
        metrics.add_collector(KeyAge(realms.clone()));
        meter
    }

    /// An authorization response was given, with these parameters.
    pub(crate) fn answered(&self, parameters: &[(&'static str, String)], exchange: &ExchangeId) {
        let has_code = parameters.iter().any(|(name, _)| *name == "code");
        let grant = if has_code {
            GrantType::AuthorizationCode
        } else {
            GrantType::Implicit
        };
        for (name, _) in parameters {
            if matches!(*name, "code" | "access_token" | "id_token") {
                self.add_issued(grant, name, exchange);
            }
        }
    }

    /// A token response was given.
    pub(crate) fn issued(&self, grant: GrantType, tokens: &TokenResponse, exchange: &ExchangeId) {
        self.add_issued(grant, "access_token", exchange);
        if tokens.refresh_token.is_some() {
            self.add_issued(grant, "refresh_token", exchange);
        }
        if tokens.id_token.is_some() {
            self.add_issued(grant, "id_token", exchange);
        }
    }

    /// One code or token was issued.
    fn add_issued(&self, grant: GrantType, token: &'static str, exchange: &ExchangeId) {
        let grant = grant.as_str();
        let counter = self.issued.get_or_create(&IssueLabels { grant, token });
        counter.inc_by(1, Some(exchange.into()), None);
    }

    /// A sweep that began at `began` deleted so many rows, or failed.
    pub(crate) fn swept(&self, began: Instant, rows: Option<usize>) {
        let outcome = if rows.is_some() { "done" } else { "failed" };
        self.sweeps.get_or_create(&SweepLabels { outcome }).inc();
        self.sweeping.inc_by(began.elapsed().as_secs_f64());
        let rows = rows.and_then(|rows| u64::try_from(rows).ok());
        self.swept.inc_by(rows.unwrap_or(0));
    }
}

/// The age of the oldest key that signs, asked when somebody reads.
#[derive(Debug)]
struct KeyAge(Realms);

impl Collector for KeyAge {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let age = ConstGauge::new(self.0.oldest_signing_key());
        let encoder = encoder.encode_descriptor(
            "signing_key_age",
            "How long the oldest key that signs has done so, of the realms in memory, each by its own clock",
            Some(&Unit::Seconds),
            age.metric_type(),
        )?;
        age.encode(encoder)
    }
}
