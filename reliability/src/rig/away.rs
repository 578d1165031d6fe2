//! The auth server is killed: JWTs are taken as long as the keys may be used, tokens that must be asked about are
//! refused as 503 and never as 401, and its return is no stampede.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Ran, system};
use crate::report::{Findings, Row, ms};
use crate::wire::Answer;
use crate::world::api::Place;
use crate::world::cast::{ALICE, OPAQUE, STRICT};
use crate::world::cluster::free_ports;
use crate::world::{Api, Backend, Browser, Cluster, Proxy};

/// Keys are looked at again after 2 s, and used for 8 s while nobody can be asked; by default after 5 minutes and for
/// an hour.
const KEYS: &str = "[keys]\nfresh = \"2s\"\nstale = \"8s\"\n";
/// How long keys may be used.
const STALE: Duration = Duration::from_secs(8);
/// How exactly the bound is kept, in either direction.
const MARGIN: Duration = Duration::from_secs(1);
/// Callers at the moment of its return.
const CALLERS: usize = 100;
/// How long between two calls.
const PACE: Duration = Duration::from_millis(50);

/// What calls with one token came to.
#[derive(Debug, Default)]
struct Calls {
    good: usize,
    /// 503 with `Retry-After`.
    later: usize,
    /// Anything else: 401 above all.
    wrong: Vec<String>,
    /// The last good one, and the first that was not.
    last_good: Option<Duration>,
    first_later: Option<Duration>,
}

impl Calls {
    fn add(&mut self, answer: &Answer, at: Duration) {
        match answer.status {
            200 => {
                self.good += 1;
                self.last_good = Some(at);
            }
            503 if answer.header("retry-after").is_some() => {
                self.later += 1;
                self.first_later.get_or_insert(at);
            }
            _ => self.wrong.push(answer.shown()),
        }
    }

    fn wrong(&self) -> String {
        let first = self.wrong.first();
        let first = first.map_or_else(String::new, |first| format!(" ({first})"));
        format!("{} others{first}", self.wrong.len())
    }
}

/// Kills the auth server, and lets it come back.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("away");
    let mut cluster = Cluster::start(&bench.programs, &Backend::Sqlite, 1, "").await?;
    let proxy = Proxy::to(&cluster.peer(0)).await?;
    let issuer = cluster.issuer();
    let port = free_ports(1)?.first().copied().unwrap_or_default();
    let place = Place {
        directory: cluster.directory(),
        port,
        public_port: cluster.resource_server_port(),
        issuer: &issuer,
        connect_to: &proxy.address,
    };
    let api = Arc::new(Api::start(&bench.programs, place, KEYS).await?);
    let mut browser = Browser::new(cluster.provider()?);
    let jwt = browser.tokens(STRICT, ALICE).await?.access;
    let opaque = browser.tokens(OPAQUE, ALICE).await?.access;
    let mut before = Calls::default();
    for token in [&jwt, &opaque] {
        let answer = api
            .call("/photos", token)
            .await
            .map_err(system("the API"))?;
        before.add(&answer, Duration::ZERO);
    }
    // The keys are as new as can be when it is killed: the bound counts from there.
    let looks = proxy.count("/jwks");
    while proxy.count("/jwks") == looks {
        api.call("/photos", &jwt).await.map_err(system("the API"))?;
        tokio::time::sleep(PACE).await;
    }
    cluster.take(0)?.kill()?;
    let (by_jwt, by_asking) = without(&api, (&jwt, &opaque)).await?;
    findings.rows.push(jwt_row(&by_jwt));
    findings.rows.push(opaque_row(&by_asking, before.good == 2));
    let looks = proxy.count("/jwks");
    cluster.start_one(0).await?;
    findings.rows.push(back(&api, &jwt, (&proxy, looks)).await?);
    Ok(findings)
}

/// Calls with both tokens until the keys are too old, and a little longer.
async fn without(api: &Api, (jwt, opaque): (&str, &str)) -> Ran<(Calls, Calls)> {
    let (mut by_jwt, mut by_asking) = (Calls::default(), Calls::default());
    let began = Instant::now();
    while began.elapsed() < STALE + MARGIN * 3 {
        for (token, calls) in [(jwt, &mut by_jwt), (opaque, &mut by_asking)] {
            let at = began.elapsed();
            let answer = api.call("/photos", token).await;
            calls.add(&answer.map_err(system("the API"))?, at);
        }
        tokio::time::sleep(PACE).await;
    }
    Ok((by_jwt, by_asking))
}

fn jwt_row(calls: &Calls) -> Row {
    let last = calls.last_good.unwrap_or_default();
    let figure = format!(
        "{} answered 200 until {} after the kill, then {} × 503, {}",
        calls.good,
        ms(last),
        calls.later,
        calls.wrong()
    );
    let bounded = last <= STALE + MARGIN && last + MARGIN * 2 >= STALE;
    let holds = bounded && calls.wrong.is_empty() && calls.later > 0;
    let n = format!("{} calls", calls.good + calls.later);
    let what = "JWT while the auth server is away, keys good for 8 s";
    Row::new(what, ("SQLite file", n), figure, holds)
}

fn opaque_row(calls: &Calls, good_before: bool) -> Row {
    let figure = format!(
        "{} answered 200, {} × 503 with `Retry-After`, {}",
        calls.good,
        calls.later,
        calls.wrong()
    );
    let holds = good_before && calls.good == 0 && calls.wrong.is_empty() && calls.later > 0;
    let n = format!("{} calls", calls.good + calls.later);
    let what = "introspected token while the auth server is away";
    Row::new(what, ("SQLite file", n), figure, holds)
}

/// Everybody calls at once when it is back.
async fn back(api: &Api, jwt: &str, (proxy, looks): (&Proxy, usize)) -> Ran<Row> {
    let began = Instant::now();
    let mut recovered = None;
    let mut first = Calls::default();
    while recovered.is_none() && began.elapsed() < Duration::from_mins(1) {
        let calling: Vec<_> = (0..CALLERS)
            .map(|_| tokio::spawn(api.caller("/photos", jwt)))
            .collect();
        let mut good = 0;
        for call in calling {
            let answer = call.await?.map_err(system("the API"))?;
            good += usize::from(answer.status == 200);
            first.add(&answer, began.elapsed());
        }
        if good == CALLERS {
            recovered = Some(began.elapsed());
        }
    }
    let looked = proxy.count("/jwks") - looks;
    let took = recovered.map_or("not".to_owned(), ms);
    let figure = format!(
        "all {CALLERS} served {took} after; {looked} look(s) at the key set, {} × 503 before, {}",
        first.later,
        first.wrong()
    );
    let holds = recovered.is_some() && looked <= 2 && first.wrong.is_empty();
    let n = format!("{CALLERS} callers at once");
    Ok(Row::new("its return", ("SQLite file", n), figure, holds))
}
