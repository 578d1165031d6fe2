//! `GET {base}/api/stream` and `GET {base}/api/flows/{id}/stream`: what happens, as server-sent events
//! (HTML Standard §9.2).
//!
//! Each event has a growing number. A reader that returns with `Last-Event-ID` (or comes first with `?after=`)
//! goes on after it, without loss or doubling, while the record's log still holds what followed; else it is sent
//! `reset`. Nothing is queued for a reader: each takes from the log at its own pace.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use shared::realm::RealmName;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::flows::{PathId, id_in, problem};
use crate::record::{News, StreamEvent, Watched};
use crate::state::AppState;

/// After so long without news a reader is sent a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What happens within this time is sent together.
const GATHER: Duration = Duration::from_millis(25);
/// How soon a reader shall come back when the connection is lost, in milliseconds.
const RETRY_MS: u32 = 1000;

/// The query of a stream.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamQuery {
    /// The number of the event after which to begin; `Last-Event-ID` counts more.
    after: Option<u64>,
}

/// One reader.
struct Reader {
    state: web::Data<AppState>,
    realm: RealmName,
    watched: Watched,
    seen: u64,
    latest: watch::Receiver<u64>,
    greeted: bool,
    _permit: OwnedSemaphorePermit,
}

/// `GET {base}/api/stream`: every flow of the realm (`flow`, `joined`, `cleared`, `reset`).
pub(crate) async fn flows(
    state: web::Data<AppState>,
    realm: RealmName,
    query: web::Query<StreamQuery>,
    request: HttpRequest,
) -> HttpResponse {
    answer(state, realm, Watched::Flows, query.after, &request)
}

/// `GET {base}/api/flows/{id}/stream`: the exchanges of one flow (`exchange`, `joined`, `cleared`, `reset`).
pub(crate) async fn flow(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
    query: web::Query<StreamQuery>,
    request: HttpRequest,
) -> HttpResponse {
    match id_in(&path).filter(|id| state.record.summary(&realm, id).is_some()) {
        Some(id) => answer(state, realm, Watched::Flow(id), query.after, &request),
        None => problem(
            HttpResponse::NotFound(),
            "not_found",
            "no flow of this realm has this id",
        ),
    }
}

fn answer(
    state: web::Data<AppState>,
    realm: RealmName,
    watched: Watched,
    after: Option<u64>,
    request: &HttpRequest,
) -> HttpResponse {
    let Ok(permit) = state.streams.clone().try_acquire_owned() else {
        let mut full = HttpResponse::ServiceUnavailable();
        full.insert_header((header::RETRY_AFTER, "5"));
        return problem(
            full,
            "temporarily_unavailable",
            "too many live streams are open",
        );
    };
    let returned = request.headers().get("last-event-id");
    let seen = match (returned, after) {
        // A number that cannot be read is one that was never sent: 0 is older than any.
        (Some(id), _) => id.to_str().ok().and_then(|id| id.parse().ok()).unwrap_or(0),
        (None, Some(after)) => after,
        (None, None) => state.record.latest_event(),
    };
    let stop = state.stop.clone();
    let reader = Reader {
        latest: state.record.watch(),
        state,
        realm,
        watched,
        seen,
        greeted: false,
        _permit: permit,
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stop.end_stream(reader.chunks()))
}

impl Reader {
    /// What is written, as it happens.
    fn chunks(self) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
        stream::unfold(self, |mut reader| async move {
            let chunk = reader.next().await?;
            Some((Ok(Bytes::from(chunk)), reader))
        })
    }

    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(format!("retry: {RETRY_MS}\n: this is the record\n\n"));
        }
        loop {
            self.latest.borrow_and_update();
            let News { events, seen, .. } =
                self.state
                    .record
                    .news(&self.realm, &self.watched, self.seen);
            let moved = seen != self.seen;
            self.seen = seen;
            if !events.is_empty() {
                return Some(events.iter().map(written).collect());
            }
            if moved {
                continue;
            }
            match tokio::time::timeout(HEARTBEAT, self.latest.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(GATHER).await,
                Ok(Err(_gone)) => return None,
                // The number lets a quiet reader keep its place while other realms are busy.
                Err(_quiet) => return Some(format!("id: {}\n: still here\n\n", self.seen)),
            }
        }
    }
}

/// One event as text; JSON has no line breaks.
fn written(event: &StreamEvent) -> String {
    format!(
        "id: {}\nevent: {}\ndata: {}\n\n",
        event.number, event.name, event.data
    )
}
