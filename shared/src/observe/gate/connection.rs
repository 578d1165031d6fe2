//! A request that waits on its connection: a server's or a script's call.
//!
//! Knows actix.

use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceRequest;
use bytes::Bytes;

use super::answer::{DROPPED, answer_here, unanswered};
use super::shown::paused_of;
use super::{Gate, Passage, too_many};
use crate::control::{Arrival, Decision, Hold, StoredRequest, Verdict};
use crate::observe::middleware::Observe;

/// Lets a request wait with its connection open.
pub(super) async fn hold_connection(
    observe: &Observe,
    mut request: ServiceRequest,
    arrival: Arrival,
    mut stored: StoredRequest,
) -> Gate {
    let observer = observe.observer.as_ref();
    let paused = paused_of(observer, &arrival, &stored, Hold::Connection);
    let begun = Instant::now();
    let Ok(mut ticket) = observer.controls.wait(paused, None) else {
        return Gate::open(request, arrival, too_many());
    };
    let verdict = ticket.verdict().await;
    let mut passage = Passage::after(begun.elapsed());
    match verdict {
        Verdict::Decided(Decision::Drop) => {
            passage.note("dropped", "true");
            unanswered(observe, arrival, &stored, passage, DROPPED);
            Gate::Answered(request.into_response(hung_up()))
        }
        Verdict::Decided(Decision::Answer { answer }) => {
            Gate::Answered(answer_here(observe, request, arrival, &answer, passage))
        }
        other => {
            passage.go_on(observer, (&arrival, &mut stored), other);
            stored.put(&mut request);
            Gate::open(request, arrival, passage)
        }
    }
}

/// An answer that is none: its body has fewer bytes than it says, so actix writes nothing of it and closes the
/// connection.
fn hung_up() -> HttpResponse {
    HttpResponse::Ok().body(Nothing)
}

/// A body that says that it has one byte, and has none.
struct Nothing;

impl MessageBody for Nothing {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}
