//! A steady rate: so many requests a second, however many clients send them.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Interval;

/// Moments that come at a steady rate; whoever wants to send takes the next one. What a slow machine leaves undone is
/// made up for as soon as it can, so that the rate holds on average.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<Interval>);

impl Pace {
    /// So many moments a second, one at least.
    pub(crate) fn of(a_second: u32) -> Self {
        let between = Duration::from_secs(1) / a_second.max(1);
        Self(Mutex::new(tokio::time::interval(between)))
    }

    /// The next moment that nobody else has taken.
    pub(crate) async fn next(&self) {
        self.0.lock().await.tick().await;
    }
}

/// How many clients keep up a rate together: each has 40 ms for a request.
pub(crate) fn clients(a_second: u32) -> usize {
    usize::try_from(a_second / 25).map_or(64, |clients| clients.clamp(4, 64))
}
