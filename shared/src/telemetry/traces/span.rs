//! Spans: one for each request that is answered and each call that is made. What a span may say is what
//! [`Said`] has a field for: no path, no query, no header, no body, nothing that a client or a person sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::HeaderMap;

use super::Answered;
use super::context::{Context, SpanId, TRACEPARENT, TraceId};
use super::export::Exporter;
use crate::flow::{ExchangeId, Party};
use crate::time::wall_clock_us;

tokio::task_local! {
    /// The span of the request that this task answers.
    static ANSWERING: Context;
}

/// The traces of one service; clones add to the same. The default traces nothing.
#[derive(Clone, Debug, Default)]
pub struct Traces(pub(super) Option<Arc<Service>>);

/// A service whose spans are exported.
#[derive(Debug)]
pub(super) struct Service {
    /// What it is called, and which of several it is.
    pub(super) name: String,
    pub(super) instance: Option<String>,
    pub(super) exporter: Arc<Exporter>,
}

/// A span that is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) service: Arc<Service>,
    pub(super) context: Context,
    pub(super) parent: Option<SpanId>,
    pub(super) started_us: i64,
    pub(super) took: Duration,
    pub(super) said: Said,
}

/// Everything that a span may say besides its times.
#[derive(Debug)]
pub(super) enum Said {
    /// A request was answered.
    Request {
        method: &'static str,
        /// The route's pattern.
        route: String,
        status: u16,
        exchange: String,
        realm: Option<String>,
        /// The id of the check that failed first.
        check: Option<String>,
    },
    /// Somebody was called.
    Call {
        /// One of HTTP's own methods.
        method: &'static str,
        /// Who, by their role: no name of a stranger.
        peer: &'static str,
        /// `None`: no answer came.
        status: Option<u16>,
        exchange: String,
    },
}

/// A span that is not over.
#[derive(Debug)]
struct Open {
    service: Arc<Service>,
    context: Context,
    parent: Option<SpanId>,
    started_us: i64,
    started: Instant,
}

impl Open {
    /// `None` where the system gives no randomness.
    fn begin(service: &Arc<Service>, parent: Option<Context>) -> Option<Self> {
        let trace = match parent {
            Some(parent) => parent.trace,
            None => TraceId::random()?,
        };
        let sampled = service.exporter.keeps(trace, parent.map(|one| one.sampled));
        Some(Self {
            service: Arc::clone(service),
            context: Context {
                trace,
                span: SpanId::random()?,
                sampled,
            },
            parent: parent.map(|parent| parent.span),
            started_us: wall_clock_us(),
            started: Instant::now(),
        })
    }

    fn end(self, said: Said) {
        if !self.context.sampled {
            return;
        }
        let exporter = Arc::clone(&self.service.exporter);
        exporter.take(Ended {
            service: self.service,
            context: self.context,
            parent: self.parent,
            started_us: self.started_us,
            took: self.started.elapsed(),
            said,
        });
    }
}

impl Traces {
    /// The span of a request with these headers: it goes on with the trace that they name.
    pub(crate) fn request(&self, headers: &HeaderMap) -> RequestSpan {
        let open = |service| Open::begin(service, parent(headers));
        RequestSpan(self.0.as_ref().and_then(open))
    }

    /// The span of a call of `to` as `exchange`: part of the request that this task answers, if it answers one.
    pub(crate) fn call(&self, method: &str, to: &Party, exchange: &ExchangeId) -> CallSpan {
        let parent = ANSWERING.try_with(|context| *context).ok();
        let open = |service| Open::begin(service, parent);
        let open = self.0.as_ref().and_then(open);
        CallSpan(open.map(|open| {
            let method = match method {
                "GET" => "GET",
                "POST" => "POST",
                "DELETE" => "DELETE",
                "PUT" => "PUT",
                _ => "_OTHER",
            };
            (open, method, to.role(), exchange.to_string())
        }))
    }
}

/// The one `traceparent` of a request: several are none (Trace Context §3.2.1). What else came is not read.
fn parent(headers: &HeaderMap) -> Option<Context> {
    let mut values = headers.get_all(TRACEPARENT);
    let context = Context::parse(values.next()?.to_str().ok()?)?;
    values.next().is_none().then_some(context)
}

/// The span of a request that is being answered.
#[derive(Debug)]
pub(crate) struct RequestSpan(Option<Open>);

impl RequestSpan {
    /// What `answer` gives; calls that it makes are part of this span.
    pub(crate) async fn around<F: Future>(&self, answer: F) -> F::Output {
        match &self.0 {
            Some(open) => ANSWERING.scope(open.context, answer).await,
            None => answer.await,
        }
    }

    /// The trace, for the log.
    pub(crate) fn trace_id(&self) -> Option<String> {
        self.0.as_ref().map(|open| open.context.trace.to_string())
    }

    /// The answer begins.
    pub(crate) fn end(self, answered: Answered<'_>) {
        let Some(open) = self.0 else {
            return;
        };
        open.end(Said::Request {
            method: answered.method,
            route: answered.route.to_owned(),
            status: answered.status,
            exchange: answered.exchange.to_owned(),
            realm: answered.realm.map(str::to_owned),
            check: answered.check.map(str::to_owned),
        });
    }
}

/// The span of a call.
#[derive(Debug)]
pub(crate) struct CallSpan(Option<(Open, &'static str, &'static str, String)>);

impl CallSpan {
    /// Lets who is called go on with the trace.
    pub(crate) fn announce(&self, headers: &mut reqwest::header::HeaderMap) {
        let context = self.0.as_ref().map(|(open, ..)| open.context.to_string());
        if let Some(Ok(context)) = context.map(TryInto::try_into) {
            headers.insert(TRACEPARENT, context);
        }
    }

    /// The answer is there, or none came.
    pub(crate) fn end(self, status: Option<u16>) {
        if let Some((open, method, peer, exchange)) = self.0 {
            open.end(Said::Call {
                method,
                peer,
                status,
                exchange,
            });
        }
    }
}
