//! What the client app counts besides requests: what its record took in and holds, and who watches it.
//!
//! Exemplars carry the flow's id: `/flows/{flow_id}` shows it. Of a flow that grew together out of two, the younger
//! id leads to it too.

use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::exemplar::CounterWithExemplar;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use shared::flow::{ExchangeId, Party};
use shared::telemetry::Metrics;
use shared::telemetry::metrics::class_of;
use tokio::sync::Semaphore;

use crate::record::FlowStore;

/// The flow that an exemplar leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FlowLabel {
    flow_id: String,
}

/// Which observations.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ObservedLabels {
    /// Who observed: `auth-server`, `resource-server`, `client-app` or `browser`.
    observer: &'static str,
    /// `2xx` to `5xx`, or `none` where no answer came.
    status: &'static str,
}

/// Counts what a record takes in; clones count into the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordMeter {
    observed: Family<ObservedLabels, CounterWithExemplar<FlowLabel>>,
}

impl RecordMeter {
    /// `observer` saw an exchange that became part of `flow`.
    pub(crate) fn took_in(&self, observer: &Party, status: Option<u16>, flow: &ExchangeId) {
        let labels = ObservedLabels {
            observer: observer.role(),
            status: status.map_or("none", class_of),
        };
        let exemplar = FlowLabel {
            flow_id: flow.to_string(),
        };
        let counter = self.observed.get_or_create(&labels);
        counter.inc_by(1, Some(exemplar), None);
    }
}

/// Lets `metrics` be read with what `record` takes in and holds, and how many of `most` `streams` are open.
pub(crate) fn register(
    metrics: &Metrics,
    record: &Arc<FlowStore>,
    (streams, most): (&Arc<Semaphore>, usize),
) {
    metrics.add(
        "observed_exchanges",
        "Observations that the record took in, by who observed and class of status",
        record.meter().observed.clone(),
    );
    metrics.add_collector(Held {
        record: Arc::clone(record),
        streams: Arc::clone(streams),
        most,
    });
}

/// What is held at the moment when somebody reads.
#[derive(Debug)]
struct Held {
    record: Arc<FlowStore>,
    streams: Arc<Semaphore>,
    most: usize,
}

impl Collector for Held {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let (exchanges, flows, bytes) = self.record.size();
        let open = self.most.saturating_sub(self.streams.available_permits());
        let gauges = [
            (
                "record_size_exchanges",
                "Exchanges that the record holds",
                exchanges,
            ),
            ("record_size_flows", "Flows that the record holds", flows),
            (
                "record_size_bytes",
                "Bytes that the record takes, estimated",
                bytes,
            ),
            ("streams_open", "Live streams that are open", open),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            let encoder = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(encoder)?;
        }
        Ok(())
    }
}
