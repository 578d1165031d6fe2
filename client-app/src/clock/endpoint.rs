//! `POST /clock` (the form of the bar) and `GET`, `POST /api/clock` (the same for scripts, `docs/api.md`).
//!
//! Never observed: moving the hands is no part of any flow. What moves them must come from our own pages, or from
//! no page at all (a script, a test).

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use shared::oauth::Params;
use shared::page::{Frame, Tone, is_local};
use shared::realm::RealmName;
use shared::serve::read_body;
use shared::time::{Clock, Lifetime, TooFarAhead};

use super::bar::ahead_in_words;
use super::{ClockBar, FURTHEST};
use crate::endpoint::flows::problem;
use crate::endpoint::visit::Visit;
use crate::realms::NoRealm;
use crate::state::AppState;

/// The most bytes that a turn of the clock takes to say.
const MAX_BODY: usize = 1024;
/// How long they may take to arrive.
const IN_TIME: Duration = Duration::from_secs(5);

/// What a clock shows, as JSON.
#[derive(Debug, Serialize)]
struct ClockView {
    /// The realm's time, in seconds since the epoch: what every expiry is compared with.
    now: i64,
    /// The same in milliseconds.
    now_ms: i64,
    /// How far it is ahead of the wall clock, in milliseconds; negative when it is behind.
    ahead_ms: i64,
    /// Whether a person stopped it.
    paused: bool,
    /// Whether it stands still because something waits at a breakpoint.
    held: bool,
    /// How far ahead it may be, in seconds.
    max_ahead_seconds: u32,
    /// How far it is ahead, in the reader's language.
    text: String,
}

/// `POST {base}/api/clock`: exactly one of the three.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TurnRequest {
    advance_seconds: Option<u64>,
    pause: Option<bool>,
    resume: Option<bool>,
}

/// What is done to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Advance(Lifetime),
    Pause,
    Resume,
}

/// Why a clock was not turned.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    /// Nothing that a clock does, or two things at once.
    #[error(
        "say one of advance_seconds (a whole number, 1 to {}), pause (true) and resume (true)",
        FURTHEST.as_seconds()
    )]
    Unclear,
    /// It would be too far ahead.
    #[error(transparent)]
    TooFar(#[from] TooFarAhead),
    /// There is no such realm, or nobody can say so.
    #[error(transparent)]
    NoRealm(#[from] NoRealm),
}

impl Turn {
    fn of(asked: &TurnRequest) -> Result<Self, TurnError> {
        match (asked.advance_seconds, asked.pause, asked.resume) {
            (Some(seconds @ 1..), None, None) => match u32::try_from(seconds) {
                Ok(seconds) => Ok(Self::Advance(Lifetime::from_seconds(seconds))),
                // More than the largest lifetime is too far for certain.
                Err(_) => Err(TooFarAhead { most: FURTHEST }.into()),
            },
            (None, Some(true), None) => Ok(Self::Pause),
            (None, None, Some(true)) => Ok(Self::Resume),
            _ => Err(TurnError::Unclear),
        }
    }

    /// The turn that a form's buttons mean.
    fn of_form(form: &Params) -> Result<Self, TurnError> {
        let seconds = form.get("advance_seconds").map(str::parse::<u64>);
        Self::of(&TurnRequest {
            advance_seconds: seconds.transpose().map_err(|_| TurnError::Unclear)?,
            pause: form.get("pause").map(|_| true),
            resume: form.get("resume").map(|_| true),
        })
    }

    fn apply(self, clock: &Clock) -> Result<(), TooFarAhead> {
        match self {
            Self::Advance(by) => return clock.advance_within(by, FURTHEST),
            Self::Pause => clock.pause(),
            Self::Resume => clock.resume(),
        }
        Ok(())
    }
}

/// `GET {base}/api/clock`: what the realm's clock shows.
pub(crate) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
) -> HttpResponse {
    told(&frame, &state.observer.clocks.of(&realm))
}

/// `POST {base}/api/clock`: moves, stops or starts it.
pub(crate) async fn turn(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    if state.csrf.verify_origin(&request).is_err() {
        let what = "only our own pages may turn the clock";
        return problem(HttpResponse::Forbidden(), "cross_origin", what);
    }
    // A page of another site can send a form without asking (CORS), but no JSON.
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|kind| kind.starts_with("application/json")) {
        let what = "the body is application/json";
        return problem(
            HttpResponse::UnsupportedMediaType(),
            "invalid_request",
            what,
        );
    }
    let asked = match read_body(payload, MAX_BODY, IN_TIME).await {
        Ok(body) => serde_json::from_slice(&body).map_err(|_| TurnError::Unclear),
        Err(error) => {
            let answer = HttpResponse::build(error.status());
            return problem(answer, "invalid_request", &error.to_string());
        }
    };
    let turned = match asked.and_then(|asked| Turn::of(&asked)) {
        Ok(turn) => turn_realm(&state, &realm, turn).await,
        Err(error) => Err(error),
    };
    match turned {
        Ok(clock) => told(&frame, &clock),
        Err(error) => {
            let (answer, code) = match error {
                TurnError::Unclear => (HttpResponse::BadRequest(), "invalid_request"),
                TurnError::TooFar(_) => (HttpResponse::BadRequest(), "too_far_ahead"),
                TurnError::NoRealm(NoRealm::Unknown) => (HttpResponse::NotFound(), "not_found"),
                TurnError::NoRealm(NoRealm::Away) => (
                    HttpResponse::ServiceUnavailable(),
                    "temporarily_unavailable",
                ),
            };
            problem(answer, code, &error.to_string())
        }
    }
}

/// Turns the clock of a realm that exists: of invented ones none is kept.
async fn turn_realm(state: &AppState, realm: &RealmName, turn: Turn) -> Result<Clock, TurnError> {
    state.realm_exists(realm).await?;
    let clock = state.observer.clocks.of(realm);
    turn.apply(&clock)?;
    Ok(clock)
}

/// `POST {base}/clock`: the same by the form of the bar; returns to the page that it stood on.
pub(crate) async fn turn_by_form(visit: Visit, payload: web::Payload) -> HttpResponse {
    let form = match visit.form(payload).await {
        Ok(form) => form,
        Err(refusal) => return visit.refuse(&refusal, None).await,
    };
    let start = visit.frame.link("/");
    let back = form.get("back").filter(|path| is_local(path));
    let back = back.unwrap_or(&start);
    let turned = match Turn::of_form(&form) {
        Ok(turn) => turn_realm(&visit.state, &visit.realm, turn).await,
        Err(error) => Err(error),
    };
    let Err(error) = turned else {
        return visit.see_other(back);
    };
    let text = match error {
        TurnError::Unclear => visit.frame.t("clock-unclear"),
        TurnError::TooFar(_) => visit.frame.t("clock-too-far"),
        TurnError::NoRealm(NoRealm::Unknown) => visit.frame.t("clock-no-realm"),
        TurnError::NoRealm(NoRealm::Away) => visit.frame.t("clock-realm-unknown"),
    };
    let frame = visit.frame.clone().with_return_to(back);
    let page = RefusedPage {
        clock: ClockBar::new(&visit).returning_to(back),
        back: back.to_owned(),
        frame: frame.with_notice(Tone::Error, text),
    };
    visit.page(&page, StatusCode::BAD_REQUEST)
}

/// `templates/clock_refused.html`
#[derive(Template)]
#[template(path = "clock_refused.html")]
struct RefusedPage {
    frame: Frame,
    clock: ClockBar,
    back: String,
}

fn told(frame: &Frame, clock: &Clock) -> HttpResponse {
    let reading = clock.reading();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(ClockView {
            now: reading.now().as_unix(),
            now_ms: reading.now_ms,
            ahead_ms: reading.ahead_ms,
            paused: reading.paused,
            held: reading.held,
            max_ahead_seconds: FURTHEST.as_seconds(),
            text: ahead_in_words(frame, reading),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(json: &str) -> Result<Turn, String> {
        let asked: TurnRequest = serde_json::from_str(json).map_err(|error| error.to_string())?;
        Turn::of(&asked).map_err(|error| error.to_string())
    }

    #[test]
    fn one_thing_is_done_at_a_time() {
        let minute = Lifetime::from_minutes(1);
        assert_eq!(turn(r#"{"advance_seconds":60}"#), Ok(Turn::Advance(minute)));
        assert_eq!(turn(r#"{"pause":true}"#), Ok(Turn::Pause));
        assert_eq!(turn(r#"{"resume":true}"#), Ok(Turn::Resume));
        for unclear in [
            "{}",
            r#"{"advance_seconds":0}"#,
            r#"{"pause":false}"#,
            r#"{"pause":true,"resume":true}"#,
            r#"{"advance_seconds":1,"pause":true}"#,
        ] {
            assert!(turn(unclear).unwrap_err().starts_with("say one of"));
        }
        for unreadable in [r#"{"advance_seconds":-1}"#, r#"{"advance":60}"#] {
            assert!(turn(unreadable).is_err(), "{unreadable}");
        }
    }

    #[test]
    fn no_clock_is_moved_out_of_its_bounds() {
        let clock = Clock::default();
        let years = |years: u64| format!("{{\"advance_seconds\":{}}}", years * 365 * 86_400);
        let Ok(nine) = turn(&years(9)) else {
            panic!("nine years are allowed")
        };
        nine.apply(&clock).unwrap();
        assert!(nine.apply(&clock).is_err(), "eighteen are not");
        for far in [u64::MAX, u64::from(u32::MAX) + 1] {
            let refused = turn(&format!("{{\"advance_seconds\":{far}}}"));
            assert!(refused.unwrap_err().contains("at most"));
        }
    }
}
