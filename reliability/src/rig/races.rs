//! Races: many present the same thing at once, and exactly one wins (RFC 6749 §4.1.2, RFC 9700 §4.14.2,
//! RFC 9126 §4, RFC 8628 §3.5).
//!
//! All connections are open before anybody sends. A request that the server did not get whole (408) is sent again, and a
//! round that the machine held up for longer than the grace says nothing. With several processes every round is spread over all of them:
//! signed in at one, agreed at another, raced at each.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row, ms, p99};
use crate::wire::{Answer, Request, encode};
use crate::world::cast::{ALICE, API, PATIENT, STRICT, TV, WEB};
use crate::world::provider::Tokens;
use crate::world::{Browser, Client, Cluster, Provider};

/// How often, and by how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Rounds of each race.
    pub(crate) rounds: usize,
    /// Who present the same thing at once.
    pub(crate) racers: usize,
}

/// What is raced for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    /// Where a rotated token ends its family.
    RefreshStrict,
    /// Where a rotated token is answered once more, with the same successor.
    RefreshPatient,
    RefreshAgainstRevoke,
    PushedRequest,
    DeviceCode,
}

/// The clients of a race: the demo's, where the servers know no others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cast {
    code: Client,
    strict: Option<Client>,
    patient: Client,
}

impl Cast {
    /// The cast of [`crate::world::cast`].
    pub(crate) const RIG: Self = Self {
        code: STRICT,
        strict: Some(STRICT),
        patient: PATIENT,
    };
    /// The demo's: a grace of 30 s, and no client without one.
    pub(crate) const DEMO: Self = Self {
        code: WEB,
        strict: None,
        patient: WEB,
    };

    fn kinds(self) -> Vec<(Kind, Client)> {
        let strict = self.strict.map(|client| (Kind::RefreshStrict, client));
        let always = [
            (Kind::RefreshPatient, self.patient),
            (Kind::RefreshAgainstRevoke, self.patient),
            (Kind::PushedRequest, self.code),
            (Kind::DeviceCode, TV),
        ];
        let code = [(Kind::Code, self.code)];
        code.into_iter().chain(strict).chain(always).collect()
    }
}

impl Kind {
    fn name(self, client: Client) -> String {
        match self {
            Self::Code => "authorization code".to_owned(),
            Self::RefreshStrict => "refresh, grace 0".to_owned(),
            Self::RefreshPatient => format!("refresh, grace {} s", grace(client).as_secs()),
            Self::RefreshAgainstRevoke => "refresh against revoke".to_owned(),
            Self::PushedRequest => "PAR `request_uri`".to_owned(),
            Self::DeviceCode => "device code".to_owned(),
        }
    }
}

/// What the rounds of one race came to.
#[derive(Debug, Default)]
struct Outcome {
    /// Rounds that ended otherwise than they must.
    wrong: Vec<String>,
    /// Answers of 500 and above.
    server_errors: usize,
    /// Honest clients whose tokens were taken away.
    cut_off: usize,
    /// Tokens that were alive after their revocation was answered.
    alive: usize,
    /// How long those waited who were refused; everybody, where nobody was.
    waits: Vec<Duration>,
    /// Requests that the server did not get whole in time (408) and that were sent again.
    repeated: usize,
    /// Rounds in which somebody came when the grace was over, because the machine had no time: they say nothing.
    overlong: usize,
}

/// One round's answers, told apart.
struct Round {
    won: Vec<Answer>,
    lost: Vec<Answer>,
    /// The longest that anybody waited.
    slowest: Duration,
}

/// How long a rotated token of this client is answered.
fn grace(client: Client) -> Duration {
    Duration::from_secs(if client == PATIENT { 10 } else { 30 })
}

/// All races on every back end: one process, and three on PostgreSQL.
pub(crate) async fn run(bench: &Bench, size: Size) -> Ran<Findings> {
    let mut findings = Findings::of("races");
    for backend in &bench.backends {
        let most = match backend {
            crate::world::Backend::Sqlite => &[1][..],
            crate::world::Backend::Postgres(_) => &[1, 3],
        };
        for &replicas in most {
            let cluster = Cluster::start(&bench.programs, backend, replicas, "").await?;
            let place = match replicas {
                1 => backend.name().to_owned(),
                _ => format!("{}, {replicas} auth servers", backend.name()),
            };
            let rows = all(&cluster.provider()?, &place, Cast::RIG, size).await?;
            findings.rows.extend(rows);
        }
    }
    Ok(findings)
}

/// All races against servers that run already.
pub(crate) async fn against(provider: &Provider, cast: Cast, size: Size) -> Ran<Findings> {
    let mut findings = Findings::of("races-elsewhere");
    let addresses = provider.size();
    let place = format!("{} by {addresses} address(es)", provider.issuer());
    findings.rows = all(provider, &place, cast, size).await?;
    Ok(findings)
}

async fn all(provider: &Provider, place: &str, cast: Cast, size: Size) -> Ran<Vec<Row>> {
    let mut browser = Browser::new(provider.clone());
    browser.sign_in(ALICE).await?;
    let mut rows = Vec::new();
    for (kind, client) in cast.kinds() {
        let mut outcome = Outcome::default();
        for _ in 0..size.rounds {
            play(
                provider,
                &mut browser,
                (kind, client),
                (size.racers, &mut outcome),
            )
            .await?;
        }
        rows.push(outcome.row((kind, client), place, size));
    }
    Ok(rows)
}

/// One round.
async fn play(
    provider: &Provider,
    browser: &mut Browser,
    (kind, client): (Kind, Client),
    (racers, outcome): (usize, &mut Outcome),
) -> Ran<()> {
    match kind {
        Kind::Code => {
            let code = browser.code(client, ALICE).await?;
            let requests = vec![provider.redeem(client, &code); racers];
            let round = race(provider, requests, is_200, outcome).await?;
            outcome.one_winner(&round, &["invalid_grant"]);
            for won in &round.won {
                // RFC 6749 §4.1.2: a code that comes twice takes back what it gave.
                if alive(provider, client, &Tokens::required(won)?).await? > 0 {
                    outcome.wrong("what a replayed code gave lives on");
                }
            }
        }
        Kind::RefreshStrict => {
            let first = browser.tokens(client, ALICE).await?;
            let requests = vec![Provider::refresh(client, &first.refresh); racers];
            let round = race(provider, requests, is_200, outcome).await?;
            outcome.one_winner(&round, &["invalid_grant"]);
            for won in &round.won {
                if alive(provider, client, &Tokens::required(won)?).await? > 0 {
                    outcome.wrong("a family lives on though its token came twice");
                }
            }
        }
        Kind::RefreshPatient => {
            patient(provider, browser, client, (racers, outcome)).await?;
        }
        Kind::RefreshAgainstRevoke => {
            against_revoke(provider, browser, client, (racers, outcome)).await?;
        }
        Kind::PushedRequest => pushed(provider, browser, client, (racers, outcome)).await?,
        Kind::DeviceCode => {
            let (device_code, user_code) = provider.device().await?;
            browser.approve(&user_code, ALICE).await?;
            let requests = vec![Provider::poll(&device_code); racers];
            let round = race(provider, requests, is_200, outcome).await?;
            outcome.one_winner(&round, &["invalid_grant"]);
            for won in &round.won {
                let access = Tokens::required(won)?.access;
                outcome.cut_off += usize::from(!provider.is_active(API, &access).await?);
            }
        }
    }
    Ok(())
}

/// Whoever asks again within the grace gets the same successor: the family has one branch, and it lives.
async fn patient(
    provider: &Provider,
    browser: &mut Browser,
    client: Client,
    (racers, outcome): (usize, &mut Outcome),
) -> Ran<()> {
    let first = browser.tokens(client, ALICE).await?;
    let requests = vec![Provider::refresh(client, &first.refresh); racers];
    let round = race(provider, requests, is_200, outcome).await?;
    if round.slowest >= grace(client) {
        outcome.overlong += 1;
        return Ok(());
    }
    outcome.cut_off += round.lost.len();
    let mut successors = BTreeSet::new();
    for won in &round.won {
        let tokens = Tokens::required(won)?;
        outcome.cut_off += usize::from(!provider.is_active(API, &tokens.access).await?);
        successors.insert(tokens.refresh);
    }
    if successors.len() != 1 {
        outcome.wrong(format!("{} branches", successors.len()));
    }
    for successor in successors {
        let next = provider
            .send(&Provider::refresh(client, &successor))
            .await?;
        outcome.cut_off += usize::from(next.status != 200);
    }
    Ok(())
}

/// Half of them refresh, half revoke: after the first answer to a revocation nothing of the family lives.
async fn against_revoke(
    provider: &Provider,
    browser: &mut Browser,
    client: Client,
    (racers, outcome): (usize, &mut Outcome),
) -> Ran<()> {
    let first = browser.tokens(client, ALICE).await?;
    let requests = (0..racers).map(|racer| match racer % 2 {
        0 => Provider::refresh(client, &first.refresh),
        _ => Provider::revoke(client, &first.refresh),
    });
    let round = race(provider, requests.collect(), is_200, outcome).await?;
    let refused = round.lost.iter();
    if let Some(odd) = refused
        .clone()
        .find(|answer| answer.error() != "invalid_grant")
    {
        outcome.wrong(odd.shown());
    }
    for won in &round.won {
        let tokens = Tokens::of(won).unwrap_or_default();
        if !tokens.access.is_empty() {
            outcome.alive += alive(provider, client, &tokens).await?;
        }
    }
    outcome.alive += alive(provider, client, &first).await?;
    Ok(())
}

/// One browser opens the same reference in many windows at once: one of them is answered with a code.
async fn pushed(
    provider: &Provider,
    browser: &mut Browser,
    client: Client,
    (racers, outcome): (usize, &mut Outcome),
) -> Ran<()> {
    // Consent was given once; nothing is asked any more.
    browser.code(client, ALICE).await?;
    let uri = provider.push(client).await?;
    let query = encode(&[("client_id", client.id), ("request_uri", &uri)]);
    let opened = browser.dressed(Request::get(format!("/authorize?{query}")));
    let won = |answer: &Answer| {
        let location = answer.header("location");
        location.is_some_and(|location| location.contains("code="))
    };
    let round = race(provider, vec![opened; racers], won, outcome).await?;
    outcome.one_winner(&round, &[""]);
    let answered = round.lost.iter().all(|answer| answer.status == 400);
    if !answered {
        outcome.wrong("a second window was told something else than that it is over");
    }
    for won in &round.won {
        let location = won.header("location").unwrap_or_default();
        let code = url::Url::parse(location)?
            .query_pairs()
            .find_map(|(name, value)| (name == "code").then(|| value.into_owned()));
        let code = code.ok_or_else(|| unexpected(location))?;
        let answer = provider.send(&provider.redeem(client, &code)).await?;
        outcome.cut_off += usize::from(answer.status != 200);
    }
    Ok(())
}

/// How many of these tokens may be used.
async fn alive(provider: &Provider, client: Client, tokens: &Tokens) -> Ran<usize> {
    let access = provider.is_active(API, &tokens.access).await?;
    let refresh = provider.is_active(client, &tokens.refresh).await?;
    Ok(usize::from(access) + usize::from(refresh))
}

const fn is_200(answer: &Answer) -> bool {
    answer.status == 200
}

/// Sends all requests at once, each on a connection that was opened before.
async fn race(
    provider: &Provider,
    requests: Vec<Request>,
    won: impl Fn(&Answer) -> bool,
    outcome: &mut Outcome,
) -> Ran<Round> {
    let start = Arc::new(tokio::sync::Barrier::new(requests.len()));
    let mut racers = Vec::new();
    for (number, request) in requests.into_iter().enumerate() {
        let connection = provider.connect(number).await.map_err(system("a racer"))?;
        let start = Arc::clone(&start);
        let provider = provider.clone();
        racers.push(tokio::spawn(async move {
            start.wait().await;
            let began = Instant::now();
            let mut answer = connection.ask_last(&request).await;
            let again = answer.as_ref().is_ok_and(|answer| answer.status == 408);
            if again && let Ok(connection) = provider.connect(number).await {
                answer = connection.ask_last(&request).await;
            }
            (answer, began.elapsed(), again)
        }));
    }
    let mut round = Round {
        won: Vec::new(),
        lost: Vec::new(),
        slowest: Duration::ZERO,
    };
    let (mut refused, mut all) = (Vec::new(), Vec::new());
    for racer in racers {
        let (answer, took, again) = racer.await?;
        outcome.repeated += usize::from(again);
        round.slowest = round.slowest.max(took);
        let answer = answer.map_err(system("a racer"))?;
        outcome.server_errors += usize::from(answer.status >= 500);
        all.push(took);
        if won(&answer) {
            round.won.push(answer);
        } else {
            refused.push(took);
            round.lost.push(answer);
        }
    }
    outcome
        .waits
        .extend(if refused.is_empty() { all } else { refused });
    Ok(round)
}

impl Outcome {
    fn wrong(&mut self, why: impl Into<String>) {
        self.wrong.push(why.into());
    }

    /// One winner, and everybody else is told one of `errors`.
    fn one_winner(&mut self, round: &Round, errors: &[&str]) {
        if round.won.len() != 1 {
            self.wrong(format!("{} winners", round.won.len()));
        }
        let odd = |answer: &&Answer| !errors.contains(&answer.error().as_str());
        if let Some(odd) = round.lost.iter().find(odd) {
            self.wrong(odd.shown());
        }
    }

    fn row(&self, (kind, client): (Kind, Client), place: &str, size: Size) -> Row {
        let mut figure = format!("{} wrong, {} × 5xx", self.wrong.len(), self.server_errors);
        let honest = !matches!(
            kind,
            Kind::Code | Kind::RefreshStrict | Kind::RefreshAgainstRevoke
        );
        if honest {
            let _ = write!(figure, ", {} honest cut off", self.cut_off);
        }
        if kind == Kind::RefreshAgainstRevoke {
            let _ = write!(figure, ", {} alive after the revocation", self.alive);
        }
        let who = match kind {
            Kind::RefreshPatient => "all",
            _ => "losers",
        };
        let _ = write!(figure, ", p99 of {who} {}", ms(p99(&self.waits)));
        if self.repeated > 0 {
            let _ = write!(figure, ", {} sent again after 408", self.repeated);
        }
        if self.overlong > 0 {
            let late = self.overlong;
            let _ = write!(
                figure,
                ", {late} rounds longer than the grace and not judged"
            );
        }
        if let Some(first) = self.wrong.first() {
            let _ = write!(figure, " (first wrong: {})", first.replace('|', "/"));
        }
        let counted = self.wrong.len() + self.server_errors + self.cut_off + self.alive;
        let n = format!("{} × {}", size.rounds, size.racers);
        let holds = counted == 0 && self.overlong.saturating_mul(10) <= size.rounds;
        Row::new(kind.name(client), (place, n), figure, holds)
    }
}
