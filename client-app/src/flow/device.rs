//! Device authorization grant (RFC 8628): this program is the TV. It asks for a code, shows it, and polls until its
//! person has decided on another device.
//!
//! Time is the realm's: where its clock stands still the TV waits, where it is advanced the TV polls at once. It keeps
//! to the interval, makes it longer when it is told to, and gives up when the codes have expired (§3.5).

use std::time::Duration;

use serde_json::Value;
use shared::flow::ExchangeId;
use shared::oauth::{DeviceAuthorizationResponse, Digest, GrantType, TokenResponse};
use shared::observe::{HttpRequest, HttpResponse};
use shared::time::{Lifetime, Timestamp};

use super::{
    Asked, Experiment, Grant, Refusal, RefusalKind, Run, RunStore, Stage, Start, Step, TokenSet,
};
use crate::clients::ClientConfig;
use crate::id_token::Belongs;
use crate::resource::{self, Call};
use crate::tokens;

/// By how much the interval grows when the server says `slow_down` (§3.5).
const SLOWER: u32 = 5;
/// How often the realm's clock is looked at while the TV waits.
const LOOK: Duration = Duration::from_millis(200);
/// The most polls that the log keeps, the newest.
const MAX_LOG: usize = 200;
/// How many polls the impatient TV sends too soon.
const IMPATIENT: usize = 2;

/// What the TV shows, and what it polls with.
#[derive(Clone)]
pub(crate) struct Waiting {
    /// The secret of its polls. Shown to nobody (§3.3).
    device_code: String,
    /// What the person types.
    pub(crate) user_code: String,
    /// Where they type it.
    pub(crate) verification_uri: String,
    /// The same with the code in it; for the QR code.
    pub(crate) verification_uri_complete: Option<String>,
    /// Until when both codes live, on the realm's clock.
    pub(crate) expires_at: Timestamp,
    /// Seconds between two polls, as the server wants it by now.
    pub(crate) interval: u32,
    /// When it polls next.
    pub(crate) next_poll: Timestamp,
    /// What came of the polls so far.
    pub(crate) log: Vec<Poll>,
}

/// One poll and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Poll {
    /// When the answer came, on the realm's clock.
    pub(crate) at: Timestamp,
    /// The protocol's code (`authorization_pending`), hostile text; absent where no answer came.
    pub(crate) error: Option<String>,
    /// The exchange, under which the record knows it.
    pub(crate) exchange: Option<ExchangeId>,
    /// How many seconds the TV waits after it.
    pub(crate) interval: u32,
}

/// What a poll brought.
enum Polled {
    /// Nobody has decided (`authorization_pending`).
    Pending,
    /// Nor have they, and the TV asked too soon (`slow_down`).
    SlowDown,
    /// The server could not be reached, or cannot serve now.
    Away,
    /// Tokens.
    Tokens(Box<TokenSet>),
    /// It is over.
    Refused(Box<Refusal>),
}

/// Asks for the codes (§3.1). A run whose stage is [`Stage::Polling`] is to be watched by [`watch`].
pub(crate) async fn start(step: &Step<'_>, owner: Digest, choice: &Start) -> Result<Run, Refusal> {
    let id = RunStore::new_id().map_err(|e| Refusal::internal(&e))?;
    let mut run = step.new_run(id, owner, Grant::Device, choice);
    match ask(step, &choice.scope).await {
        Ok(waiting) => run.stage = Stage::Polling(waiting),
        Err(refusal) => run.conclude(Err(refusal)),
    }
    Ok(run)
}

async fn ask(step: &Step<'_>, scope: &str) -> Result<Waiting, Refusal> {
    let url = format!("{}/device_authorization", step.issuer());
    let response = send(step, url, &[("scope", scope)]).await;
    let response = response.map_err(|reason| Refusal::provider_away(&reason))?;
    let unreadable = |reason: &str| Refusal::unreadable(reason).with_answer((&response).into());
    if response.status != 200 {
        return Err(refused(&response));
    }
    let told: DeviceAuthorizationResponse =
        serde_json::from_slice(&response.body).map_err(|error| unreadable(&error.to_string()))?;
    // They become links and a QR code: nothing but the web may stand in them.
    let addresses = [
        Some(&told.verification_uri),
        told.verification_uri_complete.as_ref(),
    ];
    if !addresses
        .into_iter()
        .flatten()
        .all(|address| is_web(address))
    {
        return Err(unreadable("the verification URI is no web address"));
    }
    let now = step.now();
    let interval = told.interval.max(1);
    Ok(Waiting {
        device_code: told.device_code,
        user_code: told.user_code,
        verification_uri: told.verification_uri,
        verification_uri_complete: told.verification_uri_complete,
        expires_at: now + Lifetime::from_seconds(told.expires_in),
        interval,
        next_poll: now + Lifetime::from_seconds(interval),
        log: Vec::new(),
    })
}

fn is_web(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A form request of the TV: a public client says who it is, one with a secret proves it.
async fn send(
    step: &Step<'_>,
    url: String,
    parameters: &[(&str, &str)],
) -> Result<HttpResponse, String> {
    let client: &ClientConfig = step.state.clients.of(Grant::Device);
    let mut parameters = parameters.to_vec();
    let request = if client.client_secret.is_some() {
        HttpRequest::post_form(url, &parameters).header("authorization", client.basic())
    } else {
        parameters.push(("client_id", &client.client_id));
        HttpRequest::post_form(url, &parameters)
    };
    let sent = step
        .state
        .http
        .send(request, step.realm, Some(step.observation));
    sent.await.map_err(|error| error.to_string())
}

/// Polls for a run until something decides: tokens, a refusal, or the end of the codes. With tokens it fetches the
/// photos, as a TV would. Ends early when the run is forgotten.
pub(crate) async fn watch(step: &Step<'_>, owner: &Digest, id: &str) {
    while let Some((run, waiting)) = waiting(step, owner, id) {
        let now = step.now();
        if now >= waiting.expires_at {
            finish(
                step,
                run,
                Err(Refusal::by_client(RefusalKind::DeviceExpired)),
            )
            .await;
            return;
        }
        if now < waiting.next_poll {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let (polled, exchange) = poll(step, &waiting).await;
        match polled {
            Polled::Tokens(tokens) => {
                let client = &step.state.clients.of(Grant::Device).client_id;
                let outcome =
                    tokens::accept(step, Ok(*tokens), client, Belongs::SignIn(None)).await;
                finish(step, run, outcome).await;
                return;
            }
            Polled::Refused(refusal) => {
                finish(step, run, Err(*refusal)).await;
                return;
            }
            again => {
                let impatient = run.experiment == Some(Experiment::Impatient);
                let at = step.now();
                step.state.runs.update(id, |run| {
                    if let Stage::Polling(waiting) = &mut run.stage {
                        waiting.note(&again, exchange, (at, impatient));
                    }
                });
            }
        }
    }
}

/// The run, while it waits.
fn waiting(step: &Step<'_>, owner: &Digest, id: &str) -> Option<(Run, Waiting)> {
    let run = step.state.runs.find(owner, step.realm, id)?;
    match &run.stage {
        Stage::Polling(waiting) => {
            let waiting = waiting.clone();
            Some((run, waiting))
        }
        _ => None,
    }
}

async fn finish(step: &Step<'_>, mut run: Run, outcome: Result<TokenSet, Refusal>) {
    run.conclude(outcome);
    if run.current().is_some_and(|set| has_photos(set, &run.scope)) {
        resource::call(step, &mut run, Call::Photos, "").await;
    }
    let id = run.id.clone();
    step.state.runs.update(&id, |kept| *kept = run);
}

/// Whether the tokens let the TV show the photos. A server that names no scope granted what was asked for
/// (RFC 6749 §5.1).
fn has_photos(set: &TokenSet, asked: &str) -> bool {
    let scope = set.scope.as_deref().unwrap_or(asked);
    scope.split(' ').any(|name| name == Call::Photos.scope())
}

impl Waiting {
    /// Takes in a poll that decided nothing.
    fn note(
        &mut self,
        polled: &Polled,
        exchange: Option<ExchangeId>,
        (at, impatient): (Timestamp, bool),
    ) {
        let error = match polled {
            Polled::SlowDown => {
                self.interval = self.interval.saturating_add(SLOWER);
                Some("slow_down")
            }
            Polled::Away => {
                // §3.5: "exponential backoff" where the server does not answer.
                self.interval = self.interval.saturating_mul(2);
                None
            }
            _ => Some("authorization_pending"),
        };
        let too_soon = impatient && self.log.len() < IMPATIENT;
        let wait = if too_soon { 1 } else { self.interval };
        self.next_poll = at + Lifetime::from_seconds(wait);
        if self.log.len() == MAX_LOG {
            self.log.remove(0);
        }
        self.log.push(Poll {
            at,
            error: error.map(str::to_owned),
            exchange,
            interval: wait,
        });
    }
}

/// Asks once whether the person has decided (§3.4).
async fn poll(step: &Step<'_>, waiting: &Waiting) -> (Polled, Option<ExchangeId>) {
    let parameters = [
        ("grant_type", GrantType::DeviceCode.as_str()),
        ("device_code", waiting.device_code.as_str()),
    ];
    let url = format!("{}/token", step.issuer());
    let Ok(response) = send(step, url, &parameters).await else {
        return (Polled::Away, None);
    };
    let exchange = Some(response.exchange.clone());
    if response.status == 200 {
        let polled = match serde_json::from_slice::<TokenResponse>(&response.body) {
            Ok(tokens) => Polled::Tokens(Box::new(TokenSet::of(tokens, &response))),
            Err(error) => {
                let refusal = Refusal::unreadable(&error.to_string());
                Polled::Refused(Box::new(refusal.with_answer((&response).into())))
            }
        };
        return (polled, exchange);
    }
    let polled = match error_of(&response).as_deref() {
        Some("authorization_pending") => Polled::Pending,
        Some("slow_down") => Polled::SlowDown,
        Some("temporarily_unavailable") => Polled::Away,
        _ if response.status >= 500 => Polled::Away,
        _ => Polled::Refused(Box::new(refused(&response))),
    };
    (polled, exchange)
}

/// The member `error` of an answer (RFC 6749 §5.2).
fn error_of(response: &HttpResponse) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    Some(body.get("error")?.as_str()?.to_owned())
}

fn refused(response: &HttpResponse) -> Refusal {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let member = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let refusal = match member("error") {
        Some(error) => Refusal::at_token(Asked::DeviceCode, &error, member("error_description")),
        None => Refusal::unreadable(&format!("status {}", response.status)),
    };
    refusal.with_answer(response.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> Waiting {
        Waiting {
            device_code: "d".to_owned(),
            user_code: "WDJB-MJHT".to_owned(),
            verification_uri: "http://localhost:9000/device".to_owned(),
            verification_uri_complete: None,
            expires_at: Timestamp::from_unix(600),
            interval: 5,
            next_poll: Timestamp::from_unix(5),
            log: Vec::new(),
        }
    }

    fn after(polls: &[Polled], impatient: bool) -> Waiting {
        let mut waiting = waiting();
        for polled in polls {
            let at = waiting.next_poll;
            waiting.note(polled, None, (at, impatient));
        }
        waiting
    }

    #[test]
    fn the_interval_grows_by_five_when_told_and_doubles_when_nobody_answers() {
        use Polled::{Away, Pending, SlowDown};
        assert_eq!(after(&[Pending], false).next_poll.as_unix(), 10);
        let slowed = after(&[Pending, SlowDown, Pending], false);
        assert_eq!(
            (slowed.interval, slowed.next_poll.as_unix()),
            (10, 5 + 5 + 10 + 10)
        );
        assert_eq!(after(&[Away, Away], false).interval, 20);
    }

    #[test]
    fn the_impatient_tv_polls_too_soon_twice_and_then_keeps_to_the_interval() {
        use Polled::{Pending, SlowDown};
        let polls = after(&[Pending, SlowDown, SlowDown], true);
        let waits: Vec<u32> = polls.log.iter().map(|poll| poll.interval).collect();
        assert_eq!(waits, [1, 1, 15]);
    }

    #[test]
    fn only_a_web_address_is_shown() {
        assert!(is_web("https://localhost/device"));
        for other in ["javascript:alert(1)", "/device", "data:text/html,x"] {
            assert!(!is_web(other), "{other}");
        }
    }
}
