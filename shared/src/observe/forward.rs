//! The record over HTTP: batches of exchanges from a service of its own process to the client app.
//!
//! May use the HTTP client. Where the client app is away, a batch is dropped and counted: the service never waits.

use std::time::Duration;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::{Feed, HttpClient, HttpRequest};
use crate::flow::{Exchange, RecordKey};

/// The most exchanges in one batch.
const BATCH: usize = 64;
/// How long a batch waits for company.
const PAUSE: Duration = Duration::from_millis(50);

/// What one report carries.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// How many exchanges the sender dropped since its last report.
    pub dropped: u64,
    /// How many more it left out since, because they came faster than the pace.
    #[serde(default)]
    pub shed: u64,
    /// The exchanges, in the order in which they ended.
    pub exchanges: Vec<Exchange>,
}

/// The `Authorization` header that proves a batch's sender: a code over the digest of `body`.
#[must_use]
pub fn authorize_batch(key: &RecordKey, body: &[u8]) -> String {
    format!("Record {}", key.mac(&batch_message(body)))
}

/// Whether `authorization` proves that `body` comes from one who has the record's key.
#[must_use]
pub fn verify_batch(key: &RecordKey, body: &[u8], authorization: &str) -> bool {
    authorization
        .strip_prefix("Record ")
        .is_some_and(|mac| key.verifies(&batch_message(body), mac))
}

fn batch_message(body: &[u8]) -> String {
    format!(
        "batch:{}",
        crate::flow::hex_of(digest::digest(&digest::SHA256, body).as_ref())
    )
}

/// Sends everything that `feed` gives to `url` until every reporter is gone.
pub async fn forward(mut feed: Feed, client: HttpClient, url: String, key: RecordKey) {
    while let Some(first) = feed.next().await {
        tokio::time::sleep(PAUSE).await;
        let mut batch = Batch {
            dropped: feed.take_dropped(),
            shed: feed.take_shed(),
            exchanges: vec![*first],
        };
        while batch.exchanges.len() < BATCH
            && let Some(next) = feed.try_next()
        {
            batch.exchanges.push(*next);
        }
        let lost = u64::try_from(batch.exchanges.len())
            .unwrap_or(u64::MAX)
            .saturating_add(batch.dropped);
        if !deliver(&client, &url, &key, &batch).await {
            feed.count_dropped(lost);
            feed.count_shed(batch.shed);
        }
    }
}

async fn deliver(client: &HttpClient, url: &str, key: &RecordKey, batch: &Batch) -> bool {
    let Ok(body) = serde_json::to_vec(batch) else {
        return false;
    };
    let request = HttpRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), authorize_batch(key, &body)),
        ],
        body,
        ..HttpRequest::default()
    };
    match client.send_unobserved(request).await {
        Ok(answer) if answer.status < 300 => true,
        Ok(answer) => {
            tracing::warn!(status = answer.status, "the record refused a batch");
            false
        }
        Err(error) => {
            tracing::debug!(%error, "the record is away");
            false
        }
    }
}
