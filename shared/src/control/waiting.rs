//! A request that waits at a breakpoint: as it is shown, and as the service that stopped it keeps it.
//!
//! May use serde, tokio and `shared::flow`. What is shown follows the rules of the record: secrets are shown in
//! full only in a demo, cookies never.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Controls;
use super::decision::{Fate, Release, Verdict};
use super::edit::{Edit, Place};
use super::follow::Process;
use super::request::StoredRequest;
use crate::flow::{Body, Channel, ExchangeId, Header, Party};
use crate::oauth::SessionToken;
use crate::realm::RealmName;
use crate::time::ClockHold;

/// What is known of a request when it arrives.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The exchange that it will be.
    pub id: ExchangeId,
    /// Where it happens.
    pub realm: RealmName,
    /// Who calls.
    pub from: Party,
    /// Through the browser or not.
    pub channel: Channel,
    /// The route, as `Exchange::path`.
    pub path: Arc<str>,
    /// The run of the client app whose page is asked for.
    pub run: Option<String>,
    /// When it arrived, in microseconds since the epoch.
    pub started_us: i64,
}

/// A request that waits, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// The exchange that it will be.
    pub id: ExchangeId,
    /// Where it happens.
    pub realm: RealmName,
    /// Who calls.
    pub from: Party,
    /// The service that is asked.
    pub to: Party,
    /// Through the browser or not.
    pub channel: Channel,
    /// `GET`, `POST`, …
    pub method: String,
    /// The absolute public URL.
    pub url: String,
    /// The route, as `Exchange::path`.
    pub path: String,
    /// Its headers.
    pub headers: Vec<Header>,
    /// Its parameters, as the place where each stands spells them.
    pub parameters: Vec<PausedParameter>,
    /// Its body.
    pub body: Body,
    /// Whether the body is a form, so that its parameters can be changed one by one.
    pub is_form: bool,
    /// When it arrived, in microseconds since the epoch on the wall clock.
    pub since_us: i64,
    /// When it goes on by itself, in microseconds since the epoch on the wall clock.
    pub until_us: i64,
    /// How it is held.
    pub hold: Hold,
    /// How far it is.
    pub state: WaitState,
}

impl Paused {
    /// Whether nobody has decided yet.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.state == WaitState::Waiting
    }

    /// The first parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&PausedParameter> {
        let mut parameters = self.parameters.iter();
        parameters.find(|parameter| parameter.name == name)
    }
}

impl PausedParameter {
    /// The change that gives it another value.
    #[must_use]
    pub fn set(&self, value: impl Into<String>) -> Edit {
        Edit::Set {
            place: self.place,
            index: self.index,
            value: value.into(),
        }
    }

    /// The change that leaves it out.
    #[must_use]
    pub const fn remove(&self) -> Edit {
        Edit::Remove {
            place: self.place,
            index: self.index,
        }
    }
}

/// A parameter of a request that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PausedParameter {
    /// Where it stands.
    pub place: Place,
    /// Its number in that place, from 0.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its value, or the sign that it is hidden.
    pub value: String,
    /// Whether the value is hidden: it stays as it is unless it is set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// How a request is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Hold {
    /// Its connection stays open, unanswered.
    Connection,
    /// Its browser was given a page, and comes back to `resume`.
    Page {
        /// The URL by which only that browser goes on.
        resume: String,
    },
}

/// How far a request is that was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitState {
    /// Nobody has decided yet.
    Waiting,
    /// It was decided; its browser has to come back, or its service to hear of it.
    Going,
}

/// A request whose browser was given a page: all that is needed to go on when it comes back.
#[derive(Debug)]
pub struct HeldRequest {
    /// The request.
    pub request: StoredRequest,
    /// What was known of it.
    pub arrival: Arrival,
    /// What the browser's cookie must say.
    pub secret: SessionToken,
}

/// One of those that wait, in the books of [`Controls`].
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) paused: Paused,
    pub(super) owner: Owner,
    /// Time stands still until it is decided.
    pub(super) clock: Option<ClockHold>,
    /// Until when the page that holds its browser is believed to be open; none for a connection.
    pub(super) believed_until: Option<Instant>,
}

/// Where a request is that waits.
#[derive(Debug)]
pub(super) enum Owner {
    /// In this process.
    Here {
        decide: Option<oneshot::Sender<Verdict>>,
        /// Present for a page.
        held: Option<Box<HeldRequest>>,
        /// How it goes on, once that is decided and until its browser comes back.
        verdict: Option<Verdict>,
        /// Closed when the entry is gone.
        gone: Option<oneshot::Sender<()>>,
    },
    /// In another process.
    There {
        process: Process,
        verdict: Option<Verdict>,
    },
}

/// A request that was stopped here. Dropped before its verdict, it is gone: its caller hung up.
#[derive(Debug)]
pub struct Ticket {
    pub(super) controls: Controls,
    pub(super) realm: RealmName,
    pub(super) id: ExchangeId,
    pub(super) verdict: Option<oneshot::Receiver<Verdict>>,
    pub(super) gone: Option<oneshot::Receiver<()>>,
}

impl Ticket {
    /// Waits for the verdict, as long as any request may wait.
    pub async fn verdict(&mut self) -> Verdict {
        let longest = self.controls.longest();
        let Some(mut coming) = self.verdict.take() else {
            return Verdict::Released(Release::Limit);
        };
        match tokio::time::timeout(longest, &mut coming).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_gone)) => Verdict::Released(Release::Shutdown),
            Err(_late) => {
                // The limit decides, unless somebody did at that very moment.
                self.controls
                    .release_one(&self.realm, &self.id, Release::Limit);
                let decided = coming.try_recv();
                decided.unwrap_or(Verdict::Released(Release::Limit))
            }
        }
    }

    /// Waits until the browser has come back for a request that may go on; whether it did in time.
    pub async fn resumed(&mut self, within: Duration) -> bool {
        match self.gone.take() {
            Some(gone) => tokio::time::timeout(within, gone).await.is_ok(),
            None => true,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.controls.end(&self.realm, &self.id, Fate::Left);
    }
}
