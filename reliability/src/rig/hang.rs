//! A disk that hangs: writes to it stand still and never fail. Whoever needs the database is told so in bounded time,
//! whoever does not is served as before, and when the disk is back so is everything, without a restart.
//!
//! Only a SQLite file is on a disk of the server's own; PostgreSQL that says nothing is tried by
//! `ecosystem/tests/blackbox/faults/postgres.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row, ms};
use crate::wire::{Answer, Connection, Request};
use crate::world::cast::{ALICE, API, FORGIVING, STRICT};
use crate::world::disk::Disk;
use crate::world::provider::Tokens;
use crate::world::{Backend, Browser, Client, Cluster, Provider};

/// How long it hangs: longer than anybody waits, and with all else less than the minute that a code lives.
const LONG: Duration = Duration::from_secs(40);
/// The same in the short form.
const SHORT: Duration = Duration::from_secs(12);
/// How long everything is watched before.
const BEFORE: Duration = Duration::from_secs(3);
/// How often something is asked for.
const PACE: Duration = Duration::from_millis(100);
/// Clients that refresh.
const REFRESHING: usize = 4;
/// Codes that are redeemed while the disk hangs.
const CODES: usize = 8;
/// The most that anybody waits who needs the database: five seconds in the queue and twenty for the work (`StoreOptions`),
/// with what a busy machine adds.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that anybody waits who does not, besides what they wait at other times: the key set is given as it was last
/// read after a second, readiness is denied after three.
const PROMPT: Duration = Duration::from_secs(4);
/// The most that it takes until all is well again.
const BACK: Duration = Duration::from_secs(15);

/// One request and its answer.
#[derive(Debug)]
struct Seen {
    asked: Instant,
    told: Instant,
    /// Status, and whether it says when to come back; why there was none.
    answer: Result<(u16, bool), String>,
}

/// What one kind of request came to between two moments.
#[derive(Debug, Default)]
struct Tally {
    good: usize,
    later: usize,
    odd: Vec<String>,
    slowest: Duration,
}

impl Seen {
    async fn of(peer: &str, request: &Request) -> (Self, Option<Answer>) {
        let asked = Instant::now();
        let answer = match Connection::open(peer, peer).await {
            Ok(connection) => connection.ask_last(request).await,
            Err(error) => Err(error),
        };
        let told = Instant::now();
        match answer {
            Ok(answer) => {
                let shown = (answer.status, answer.header("retry-after").is_some());
                let seen = Self {
                    asked,
                    told,
                    answer: Ok(shown),
                };
                (seen, Some(answer))
            }
            Err(error) => {
                let answer = Err(error.to_string());
                (
                    Self {
                        asked,
                        told,
                        answer,
                    },
                    None,
                )
            }
        }
    }
}

impl Tally {
    /// Of those that were under way in the span.
    fn of<'a>(seen: impl IntoIterator<Item = &'a Seen>, (from, to): (Instant, Instant)) -> Self {
        let mut tally = Self::default();
        for one in seen {
            if one.told < from || one.asked > to {
                continue;
            }
            tally.slowest = tally.slowest.max(one.told - one.asked);
            match &one.answer {
                Ok((200, _)) => tally.good += 1,
                Ok((503, true)) => tally.later += 1,
                Ok((status, _)) => tally.odd.push(status.to_string()),
                Err(why) => tally.odd.push(why.clone()),
            }
        }
        tally
    }

    fn shown(&self) -> String {
        let first = self.odd.first();
        let first = first.map_or_else(String::new, |first| format!(" (first: {first})"));
        format!(
            "{} × 200, {} × 503 with `Retry-After`, {} others{first}, slowest {}",
            self.good,
            self.later,
            self.odd.len(),
            ms(self.slowest)
        )
    }
}

/// Asks again and again until told to stop.
fn watch(
    peer: &str,
    request: &Request,
    done: &Arc<AtomicBool>,
) -> tokio::task::JoinHandle<Vec<Seen>> {
    let (peer, request, done) = (peer.to_owned(), request.clone(), Arc::clone(done));
    tokio::spawn(async move {
        let mut all = Vec::new();
        while !done.load(Ordering::Relaxed) {
            all.push(Seen::of(&peer, &request).await.0);
            tokio::time::sleep(PACE).await;
        }
        all
    })
}

/// Refreshes until told to stop, with the same token again where it got no new one; what it saw, and whether it was
/// refused for good. It does not rest: between two reads something is written, so that the first read on a disk that hangs
/// writes, too (a mark in the index of SQLite's log).
async fn refresh(
    peer: String,
    mut token: String,
    done: Arc<AtomicBool>,
) -> (Vec<Seen>, Option<String>) {
    let mut all = Vec::new();
    loop {
        // One last time when all is over, so that nobody ends on a refusal.
        let last = done.load(Ordering::Relaxed);
        let request = Provider::refresh(FORGIVING, &token);
        let (seen, answer) = Seen::of(&peer, &request).await;
        all.push(seen);
        match answer.as_ref().and_then(Tokens::of) {
            Some(next) => {
                token = next.refresh;
                if !last {
                    continue;
                }
            }
            None => match answer {
                Some(answer) if answer.status == 400 => return (all, Some(answer.shown())),
                Some(answer) if last && answer.status != 200 => {
                    return (all, Some(answer.shown()));
                }
                _ => {}
            },
        }
        if last {
            return (all, None);
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Everything that is under way while the disk hangs.
struct Watched {
    live: Vec<Seen>,
    published: Vec<Seen>,
    ready: Vec<Seen>,
    looked_up: Vec<Seen>,
    refreshed: Vec<Seen>,
    cut_off: Vec<String>,
}

/// Lets the disk of an auth server hang under load.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("hang");
    if !bench.backends.contains(&Backend::Sqlite) {
        findings.skip("only a SQLite file is on a disk of the server's own");
        return Ok(findings);
    }
    let disk = match Disk::mount()? {
        Ok(disk) => disk,
        Err(why) => {
            findings.skip(format!("no disk can be made to hang here: {why}"));
            return Ok(findings);
        }
    };
    let stage = Stage::set(bench, &disk).await?;
    findings.rows = stage.play(&disk, bench.pick(LONG, SHORT)).await?;
    Ok(findings)
}

/// An auth server whose file is on the disk, and what is at stake.
struct Stage {
    cluster: Cluster,
    provider: Provider,
    access: String,
    families: Vec<String>,
    codes: Vec<String>,
}

impl Stage {
    async fn set(bench: &Bench, disk: &Disk) -> Ran<Self> {
        let place = (&Backend::Sqlite, Some(disk.path()));
        let mut cluster =
            Cluster::prepare_on(&bench.programs, place, 1, ("", "sqlite_in_place = false\n"))?;
        cluster.start_one(0).await?;
        let provider = cluster.provider()?;
        // The first look makes the keys that nobody has needed yet.
        provider.insist(&Request::get("/jwks")).await?;
        let mut browser = Browser::new(provider.clone());
        let access = browser.tokens(FORGIVING, ALICE).await?.access;
        let (mut families, mut codes) = (Vec::new(), Vec::new());
        for _ in 0..REFRESHING {
            families.push(browser.tokens(FORGIVING, ALICE).await?.refresh);
        }
        for _ in 0..CODES {
            codes.push(browser.code(STRICT, ALICE).await?);
        }
        Ok(Self {
            cluster,
            provider,
            access,
            families,
            codes,
        })
    }

    async fn play(self, disk: &Disk, span: Duration) -> Ran<Vec<Row>> {
        let began = Instant::now();
        let done = Arc::new(AtomicBool::new(false));
        let peer = self.cluster.peer(0);
        let watching = tokio::spawn(watch_all(
            (peer.clone(), self.access),
            self.families,
            Arc::clone(&done),
        ));
        tokio::time::sleep(BEFORE).await;
        let frozen = disk.freeze()?;
        let from = Instant::now();
        let redeem = |code: &String| {
            let (peer, request) = (peer.clone(), self.provider.redeem(STRICT, code));
            tokio::spawn(async move { Seen::of(&peer, &request).await.0 })
        };
        let redeeming: Vec<_> = self.codes.iter().map(redeem).collect();
        tokio::time::sleep(span).await;
        drop(frozen);
        let to = Instant::now();
        let back = is_back(&peer).await?;
        let mut redeemed = Vec::new();
        for one in redeeming {
            redeemed.push(one.await?);
        }
        tokio::time::sleep(BEFORE).await;
        done.store(true, Ordering::Relaxed);
        let watched = watching.await??;
        let again = again(&self.provider, STRICT, (&self.codes, &redeemed)).await?;
        let n = format!("{} s", span.as_secs());
        Ok(vec![
            watched.without_store(&n, ((began, from), (from, to))),
            watched.with_store(&n, (from, to), &redeemed),
            returned(&n, back, (&watched, &again)),
        ])
    }
}

async fn watch_all(
    (peer, access): (String, String),
    families: Vec<String>,
    done: Arc<AtomicBool>,
) -> Ran<Watched> {
    let get = |path: &str| watch(&peer, &Request::get(path), &done);
    let (live, ready) = (get("/healthz"), get("/readyz"));
    let published = [get("/jwks"), get("/.well-known/oauth-authorization-server")];
    let asked = Provider::as_client(API, "/introspect", &[("token", &access)]);
    let looked_up = [watch(&peer, &asked, &done), watch(&peer, &asked, &done)];
    let refreshing: Vec<_> = families
        .into_iter()
        .map(|token| tokio::spawn(refresh(peer.clone(), token, Arc::clone(&done))))
        .collect();
    let mut watched = Watched {
        live: live.await?,
        ready: ready.await?,
        published: Vec::new(),
        looked_up: Vec::new(),
        refreshed: Vec::new(),
        cut_off: Vec::new(),
    };
    for one in published {
        watched.published.extend(one.await?);
    }
    for one in looked_up {
        watched.looked_up.extend(one.await?);
    }
    for one in refreshing {
        let (seen, cut_off) = one.await?;
        watched.refreshed.extend(seen);
        watched.cut_off.extend(cut_off);
    }
    Ok(watched)
}

/// How long until it says that it is ready.
async fn is_back(peer: &str) -> Ran<Duration> {
    let began = Instant::now();
    while began.elapsed() < BACK * 4 {
        let (seen, _) = Seen::of(peer, &Request::get("/readyz")).await;
        if matches!(seen.answer, Ok((200, _))) {
            return Ok(began.elapsed());
        }
        tokio::time::sleep(PACE).await;
    }
    Err(unexpected("it did not come back"))
}

/// What became of each code, told by redeeming it once more.
#[derive(Debug, Default)]
struct Again {
    /// Refused then, and good now: nothing of it was done.
    undone: usize,
    /// Refused then, and spent now: it was being committed when its caller gave up.
    done_late: usize,
    /// Redeemed then, and refused now.
    spent: usize,
    wrong: Vec<String>,
}

async fn again(
    provider: &Provider,
    client: Client,
    (codes, redeemed): (&[String], &[Seen]),
) -> Ran<Again> {
    let mut again = Again::default();
    for (code, first) in codes.iter().zip(redeemed) {
        let answer = provider.send(&provider.redeem(client, code)).await?;
        let given = matches!(first.answer, Ok((200, _)));
        match (given, answer.status) {
            (false, 200) => again.undone += 1,
            (false, 400) if answer.error() == "invalid_grant" => again.done_late += 1,
            (true, 400) if answer.error() == "invalid_grant" => again.spent += 1,
            _ => again.wrong.push(answer.shown()),
        }
    }
    Ok(again)
}

impl Watched {
    fn without_store(
        &self,
        n: &str,
        (before, hung): ((Instant, Instant), (Instant, Instant)),
    ) -> Row {
        let live = Tally::of(&self.live, hung);
        let published = Tally::of(&self.published, hung);
        // An answer may have been on its way when the disk stopped, or when it was back.
        let within = |one: &&Seen| one.asked > hung.0 && one.told < hung.1;
        let told = self.ready.iter().filter(within);
        let ready = Tally::of(told, hung);
        let usual = Tally::of(&self.live, before).slowest;
        let bound = PROMPT + usual * 2;
        let served = |tally: &Tally| {
            tally.good > 0 && tally.later == 0 && tally.odd.is_empty() && tally.slowest <= bound
        };
        let denied = ready.odd.iter().all(|status| status == "503") && ready.good == 0;
        let holds =
            served(&live) && served(&published) && denied && ready.slowest <= bound + PROMPT;
        let figure = format!(
            "`/healthz` {} × 200, slowest {}; key set and metadata {} × 200, {} others, slowest {}; `/readyz` {} × 503, \
             {} × 200",
            live.good,
            ms(live.slowest),
            published.good,
            published.later + published.odd.len(),
            ms(published.slowest),
            ready.odd.len() + ready.later,
            ready.good,
        );
        let what = "the disk hangs: what needs no database";
        Row::new(what, ("SQLite file", n), figure, holds)
    }

    fn with_store(&self, n: &str, hung: (Instant, Instant), redeemed: &[Seen]) -> Row {
        let tallies = [
            ("refreshes", Tally::of(&self.refreshed, hung)),
            ("introspections", Tally::of(&self.looked_up, hung)),
            ("codes", Tally::of(redeemed, hung)),
        ];
        let bounded = |tally: &Tally| tally.odd.is_empty() && tally.slowest <= LONGEST;
        let refused: usize = tallies.iter().map(|(_, tally)| tally.later).sum();
        let holds = tallies.iter().all(|(_, tally)| bounded(tally)) && refused > 0;
        let told = tallies.map(|(what, tally)| format!("{what}: {}", tally.shown()));
        let what = "the disk hangs: what needs the database";
        Row::new(what, ("SQLite file", n), told.join("; "), holds)
    }
}

fn returned(n: &str, back: Duration, (watched, again): (&Watched, &Again)) -> Row {
    let first = watched.cut_off.first().or_else(|| again.wrong.first());
    let first = first.map_or_else(String::new, |first| format!(" (first: {first})"));
    let figure = format!(
        "ready {} after; of {CODES} codes {} were redeemed meanwhile, {} are as they were, {} were committed though \
         answered 503; {} of {REFRESHING} clients cut off, {} wrong{first}",
        ms(back),
        again.spent,
        again.undone,
        again.done_late,
        watched.cut_off.len(),
        again.wrong.len(),
    );
    let holds = back <= BACK && watched.cut_off.is_empty() && again.wrong.is_empty();
    let what = "the disk is back, nothing was restarted";
    Row::new(what, ("SQLite file", n), figure, holds)
}
