//! The TV's screen while it waits (RFC 8628 §3.3): the code, where to type it, a QR code, and the log of the polls.

use askama::Template;
use shared::page::{Frame, key_of};

use super::home::name_of;
use super::moment;
use super::qr::Qr;
use crate::clock::ClockBar;
use crate::flow::{Grant, Run, Waiting};

/// `templates/tv.html`
#[derive(Template)]
#[template(path = "tv.html")]
pub(crate) struct TvPage {
    frame: Frame,
    clock: ClockBar,
    name: String,
    exchange: String,
    user_code: String,
    verification_uri: String,
    /// Where the phone's page opens with the code filled in; the plain one where the server gave no other.
    complete: String,
    qr: Option<Qr>,
    left: String,
    interval: u32,
    polls: Vec<PollLine>,
    /// Whether only this machine can open the addresses.
    local: bool,
}

/// One line of the log.
struct PollLine {
    number: usize,
    datetime: String,
    time: String,
    /// The protocol's code: hostile text; empty where nobody answered.
    error: String,
    sentence: String,
    wait: String,
    exchange: Option<String>,
    slow: bool,
}

impl TvPage {
    /// The screen of `run`, which waits.
    pub(crate) fn new(
        frame: Frame,
        clock: ClockBar,
        (run, waiting): (&Run, &Waiting),
        now: i64,
    ) -> Self {
        let complete = waiting.verification_uri_complete.as_ref();
        let complete = complete.unwrap_or(&waiting.verification_uri).clone();
        let left = waiting.expires_at.as_unix().saturating_sub(now).max(0);
        let polls = waiting.log.iter().enumerate().rev();
        let polls = polls.map(|(index, poll)| {
            let at = moment::Moment::of(poll.at.as_unix().saturating_mul(1_000_000));
            let wait = moment::span(&frame, i64::from(poll.interval));
            let error = poll.error.clone().unwrap_or_default();
            PollLine {
                number: index.saturating_add(1),
                sentence: match error.as_str() {
                    "" => frame.t("tv-poll-away"),
                    known => frame.find(key_of("tv-poll", known)).unwrap_or_default(),
                },
                slow: error == "slow_down",
                error,
                time: at.text.clone(),
                datetime: at.datetime,
                wait: frame.ta("tv-poll-wait", [("span", wait)]),
                exchange: poll.exchange.as_ref().map(ToString::to_string),
            }
        });
        Self {
            name: name_of(&frame, Grant::Device),
            exchange: run.exchange.to_string(),
            user_code: waiting.user_code.clone(),
            verification_uri: waiting.verification_uri.clone(),
            qr: Qr::of(&complete),
            local: is_local(&complete),
            left: moment::span(&frame, left),
            interval: waiting.interval,
            polls: polls.collect(),
            complete,
            clock,
            frame,
        }
    }
}

/// Whether an address is one of this very machine, which a real phone cannot open.
fn is_local(address: &str) -> bool {
    let url = url::Url::parse(address).ok();
    url.is_some_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn an_address_of_this_machine_is_known() {
        assert!(is_local("http://localhost:9000/device?user_code=X"));
        assert!(is_local("https://127.0.0.1/device") && is_local("http://[::1]:9000/device"));
        assert!(!is_local("https://login.example.com/device") && !is_local("device"));
    }
}
