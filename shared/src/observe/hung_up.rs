//! A request whose caller hangs up before its answer begins: actix drops the service's work wherever it is.
//!
//! Knows the log, the counters and the record, which are told of it all the same: what was done by then is done, and
//! what was handed to the store goes on.

use std::time::Instant;

use actix_web::http::Method;

use super::Observer;
use super::answered::{Answered, report, told};
use super::gate::Passage;
use super::observation::Observation;
use super::seen::Seen;
use crate::control::Arrival;
use crate::telemetry::request;

/// What the record says of it.
const HUNG_UP: &str = "the caller hung up before it was answered";

/// A request until it is answered; tells of it when it is dropped before.
pub(super) struct Unanswered<'o> {
    observer: &'o Observer,
    observation: Observation,
    method: Method,
    started: Instant,
    /// What is left of it; `None` once it is answered.
    left: Option<Left>,
}

/// Who asked, what is recorded of it, and what a breakpoint did to it.
type Left = (Arrival, Option<Box<Seen>>, Passage);

impl<'o> Unanswered<'o> {
    /// A request that is given to the service now; `seen` where it is recorded.
    pub(super) fn new(
        (observer, observation): (&'o Observer, Observation),
        (arrival, method): (Arrival, Method),
        (seen, passage): (Option<Box<Seen>>, Passage),
    ) -> Self {
        Self {
            observer,
            observation,
            method,
            started: Instant::now(),
            left: Some((arrival, seen, passage)),
        }
    }

    /// Its answer begins: what was kept of it. `None` where that was taken before, which nobody does.
    pub(super) fn answered(mut self) -> Option<Left> {
        self.left.take()
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let Some((arrival, seen, passage)) = self.left.take() else {
            return;
        };
        let told = told(arrival, &self.observation);
        request::hung_up(self.observer, &told, &self.method, self.started.elapsed());
        if let Some(seen) = seen {
            let nothing = Answered::none(HUNG_UP);
            let findings = self.observation.take();
            report(self.observer, *seen, nothing, findings, passage, true);
        }
    }
}
