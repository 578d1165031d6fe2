//! The way of spans to the collector: a bounded queue, and one task that empties it.
//!
//! Nobody waits for it. Where the queue is full, or the collector does not take a post after a few tries, spans are
//! dropped; the log says so when that begins and how many there were when it is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::context::TraceId;
use super::span::{Ended, Service, Traces};
use super::{TracesConfig, TracesError, otlp};
use crate::flow::Party;
use crate::replica::ReplicaName;

/// How often a post is tried, and how long is waited after the first time; after each other one twice as long.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
/// The longest that the last spans are waited for.
const LAST: Duration = Duration::from_millis(700);

/// What is traced of each service. The default traces nothing.
#[derive(Clone, Debug, Default)]
pub struct Tracers(Option<(Arc<Exporter>, Option<String>)>);

/// Where spans go that are over.
#[derive(Debug)]
pub(super) struct Exporter {
    queue: mpsc::Sender<Item>,
    dropped: Arc<AtomicU64>,
    sampler: super::config::Sampler,
}

#[derive(Debug)]
enum Item {
    Span(Ended),
    /// Everything before this is to be posted now; then whoever asked is told.
    Flush(oneshot::Sender<()>),
}

impl Tracers {
    /// Traces as a program's variables `OTEL_…` have them ([`TracesConfig::of`]).
    ///
    /// # Errors
    /// [`TracesError`].
    pub fn configured(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TracesError> {
        Self::open(TracesConfig::of(variables)?)
    }

    /// Traces as `config` has them, exported in the background (on the current tokio runtime).
    ///
    /// # Errors
    /// [`TracesError`].
    pub fn open(config: TracesConfig) -> Result<Self, TracesError> {
        let Some(endpoint) = config.endpoint.clone() else {
            return Ok(Self::default());
        };
        let client = client(&config).map_err(TracesError::Client)?;
        let (queue, waiting) = mpsc::channel(config.queue.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        let exporter = Exporter {
            queue,
            dropped: Arc::clone(&dropped),
            sampler: config.sampler,
        };
        let name = config.service_name.clone();
        let task = Task {
            client,
            endpoint,
            config,
            dropped,
            failing: false,
        };
        tokio::spawn(task.run(waiting));
        Ok(Self(Some((Arc::new(exporter), name))))
    }

    /// The traces of `party`; who is no service of ours has none.
    #[must_use]
    pub fn of(&self, party: &Party, replica: Option<&ReplicaName>) -> Traces {
        let ours = matches!(
            party,
            Party::ClientApp | Party::AuthServer | Party::ResourceServer
        );
        Traces(self.0.as_ref().filter(|_| ours).map(|(exporter, name)| {
            Arc::new(Service {
                name: name.clone().unwrap_or_else(|| party.role().to_owned()),
                instance: replica.map(ToString::to_string),
                exporter: Arc::clone(exporter),
            })
        }))
    }

    /// Waits a moment for what was not posted yet: before a program ends.
    pub async fn flush(&self) {
        let Some((exporter, _)) = &self.0 else {
            return;
        };
        let (done, told) = oneshot::channel();
        let flushed = async {
            if exporter.queue.send(Item::Flush(done)).await.is_ok() {
                let _ = told.await;
            }
        };
        if tokio::time::timeout(LAST, flushed).await.is_err() {
            tracing::warn!("the last spans were not taken by the OpenTelemetry collector");
        }
    }
}

impl Exporter {
    /// Whether spans of a trace are exported: `by_parent`, where somebody else began it.
    pub(super) fn keeps(&self, trace: TraceId, by_parent: Option<bool>) -> bool {
        match by_parent.filter(|_| self.sampler.by_parent) {
            Some(kept) => kept,
            // All, where the share is 1: no place is 1.
            None => trace.place() < self.sampler.share,
        }
    }

    /// Takes a span that is over, where there is room.
    pub(super) fn take(&self, span: Ended) {
        if self.queue.try_send(Item::Span(span)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "calls of a collector are no part of the record, and must not be traced themselves"
)]
fn client(config: &TracesConfig) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(config.timeout)
        .no_proxy()
        .user_agent(concat!("grantscope-otlp/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Who empties the queue.
struct Task {
    client: reqwest::Client,
    endpoint: url::Url,
    config: TracesConfig,
    dropped: Arc<AtomicU64>,
    failing: bool,
}

impl Task {
    async fn run(mut self, mut waiting: mpsc::Receiver<Item>) {
        let mut spans = Vec::new();
        let mut due = Instant::now() + self.config.delay;
        loop {
            let mut asked = None;
            match tokio::time::timeout_at(due, waiting.recv()).await {
                Ok(Some(Item::Span(span))) => {
                    spans.push(span);
                    if spans.len() < self.config.batch {
                        continue;
                    }
                }
                Ok(Some(Item::Flush(done))) => asked = Some(done),
                Ok(None) => return self.post(&mut spans).await,
                Err(_) => {}
            }
            self.post(&mut spans).await;
            due = Instant::now() + self.config.delay;
            if let Some(done) = asked {
                let _ = done.send(());
            }
        }
    }

    /// Posts these spans, or drops them.
    async fn post(&mut self, spans: &mut Vec<Ended>) {
        if spans.is_empty() {
            return;
        }
        let body = otlp::request(spans, &self.config.resource);
        let number = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        spans.clear();
        let mut pause = PAUSE;
        let mut reason = String::new();
        for tried in 1..=TRIES {
            match self.once(&body).await {
                Ok(()) => return self.taken(),
                Err(Refusal::ForGood(why)) => {
                    reason = why;
                    break;
                }
                Err(Refusal::ForNow(why)) => reason = why,
            }
            if tried < TRIES {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        self.dropped.fetch_add(number, Ordering::Relaxed);
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(
                reason,
                "spans are dropped: the OpenTelemetry collector does not take them"
            );
        }
    }

    /// A post was taken; what was dropped before is told once.
    fn taken(&mut self) {
        self.failing = false;
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(
                dropped,
                "spans were dropped; the OpenTelemetry collector takes them again"
            );
        }
    }

    async fn once(&self, body: &serde_json::Value) -> Result<(), Refusal> {
        let mut post = self.client.post(self.endpoint.clone()).json(body);
        for (name, value) in &self.config.headers {
            post = post.header(name, value);
        }
        let answer = post.send().await;
        // Neither the URL, which may carry a token, nor an answer's text stands in the log.
        let answer = answer.map_err(|error| Refusal::ForNow(error.without_url().to_string()))?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            // OTLP, "Retryable Response Codes".
            status @ (429 | 502 | 503 | 504) => Err(Refusal::ForNow(status.to_string())),
            status => Err(Refusal::ForGood(status.to_string())),
        }
    }
}

/// Why a post was not taken.
enum Refusal {
    /// It may be taken later.
    ForNow(String),
    /// It will not be taken.
    ForGood(String),
}
