//! The clock as pages show it: the realm's time, how far it is ahead, and what moves it.
//!
//! A page has a field `clock: ClockBar`, says `{% include "clock_bar.html" %}`, and its handler passes the answer
//! through [`ClockBar::with_cookie`]. As an extractor it never fails where a page can be shown.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use shared::page::Frame;
use shared::time::Reading;

use crate::endpoint::visit::Visit;
use crate::page::{Moment, span};

/// `templates/clock_bar.html`
#[derive(Clone, Debug)]
pub(crate) struct ClockBar {
    /// The realm's time.
    moment: Moment,
    reading: Reading,
    /// How far it is ahead of the wall clock, in words.
    pub(crate) ahead: String,
    /// The hidden field of the form.
    pub(crate) csrf: String,
    /// Where the form returns to.
    pub(crate) back: String,
    cookie: Option<actix_web::cookie::Cookie<'static>>,
}

impl ClockBar {
    /// The clock of the realm that is visited, on the page that is visited.
    pub(crate) fn new(visit: &Visit) -> Self {
        let clock = visit.state.observer.clocks.of(&visit.realm);
        let back = visit.request.uri().path_and_query();
        let back = back.map_or("/", |back| back.as_str());
        Self {
            csrf: visit.csrf(),
            cookie: visit.browser_cookie(),
            ..Self::at(&visit.frame, clock.reading(), back)
        }
    }

    /// The clock that shows `reading`, on the page `back`.
    pub(crate) fn at(frame: &Frame, reading: Reading, back: &str) -> Self {
        Self {
            moment: Moment::of(reading.now_ms.saturating_mul(1000)),
            ahead: ahead_in_words(frame, reading),
            reading,
            csrf: String::new(),
            back: back.to_owned(),
            cookie: None,
        }
    }

    /// The same for a page that cannot be asked for again by its own address.
    pub(crate) fn returning_to(self, back: &str) -> Self {
        let back = back.to_owned();
        Self { back, ..self }
    }

    /// The answer, with the cookie that the form needs where the browser has none yet.
    pub(crate) fn with_cookie(&self, mut response: HttpResponse) -> HttpResponse {
        if let Some(cookie) = &self.cookie {
            // Fails only for a cookie that is no header value; ours are base64url.
            let _ = response.add_cookie(cookie);
        }
        response
    }

    /// Whether a person stopped it.
    pub(crate) const fn paused(&self) -> bool {
        self.reading.paused
    }

    /// Whether it stands still, whatever the reason.
    pub(crate) const fn still(&self) -> bool {
        self.reading.stands_still()
    }

    /// The realm's time in milliseconds, for the script.
    pub(crate) const fn now_ms(&self) -> i64 {
        self.reading.now_ms
    }

    /// The realm's time for `<time datetime>`.
    pub(crate) fn datetime(&self) -> &str {
        &self.moment.datetime
    }

    /// The realm's time as text.
    pub(crate) fn text(&self) -> &str {
        &self.moment.text
    }

    /// The realm's time, in seconds since the epoch.
    pub(crate) const fn now(&self) -> i64 {
        self.reading.now().as_unix()
    }
}

/// How the realm's time relates to the wall clock, as a sentence.
pub(super) fn ahead_in_words(frame: &Frame, reading: Reading) -> String {
    // A tenth of a second passes between any two looks; who stood still for a second was stopped.
    let seconds = reading.ahead_ms.saturating_add(500).div_euclid(1000);
    if reading.paused {
        frame.t("clock-paused")
    } else if reading.held {
        frame.t("clock-held")
    } else if seconds == 0 {
        frame.t("clock-with-the-wall")
    } else {
        let distance = span(frame, seconds.saturating_abs());
        let key = if seconds < 0 {
            "clock-behind"
        } else {
            "clock-ahead"
        };
        frame.ta(key, [("span", distance)])
    }
}

impl FromRequest for ClockBar {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Visit::from_request(request, payload).into_inner();
        ready(visit.map(|visit| Self::new(&visit)))
    }
}
