//! Keys that rotate every two seconds under load: whatever one of the auth servers signs, each of two resource servers
//! takes, at once and as long as it lives.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row};
use crate::wire::Request;
use crate::world::api::Place;
use crate::world::cluster::free_ports;
use crate::world::provider::Tokens;
use crate::world::{Api, Backend, Cluster, Pace, Provider, Proxy, pace};

/// Clients that ask for tokens and use them.
const CLIENTS: usize = 4;
/// How long each of them rests after that, where no rate is asked for.
const REST: Duration = Duration::from_millis(25);

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    issued: usize,
    verified: usize,
    failed: Vec<String>,
    kids: BTreeSet<String>,
    tokens: Vec<String>,
}

/// How keys rotate, and how resource servers look for them.
struct Schedule {
    auth_server: &'static str,
    resource_server: &'static str,
    span: Duration,
    /// Requests a second to issue and to verify, together.
    rate: Option<u32>,
}

/// Rotates on every back end: one auth server on SQLite, three on PostgreSQL; with so many requests a second where a
/// rate is asked for, and as far as the machine keeps it up.
pub(crate) async fn run(bench: &Bench, rate: Option<u32>) -> Ran<Findings> {
    let mut findings = Findings::of("rotation");
    // A key is announced for longer than verifiers wait between two looks, plus two seconds.
    let schedule = if bench.short {
        Schedule {
            auth_server: "[keys]\nrotate_every = \"2s\"\nannouncement = \"4s\"\n",
            resource_server: "[keys]\nrefetch = \"1s\"\n",
            span: Duration::from_secs(12),
            rate,
        }
    } else {
        Schedule {
            auth_server: "[keys]\nrotate_every = \"2s\"\n",
            resource_server: "",
            span: Duration::from_mins(2),
            rate,
        }
    };
    for backend in &bench.backends {
        findings.rows.push(on(bench, backend, &schedule).await?);
    }
    Ok(findings)
}

async fn on(bench: &Bench, backend: &Backend, schedule: &Schedule) -> Ran<Row> {
    let replicas = match backend {
        Backend::Sqlite => 1,
        Backend::Postgres(_) => 3,
    };
    let cluster = Cluster::start(&bench.programs, backend, replicas, schedule.auth_server).await?;
    let provider = cluster.provider()?;
    let issuer = cluster.issuer();
    let (mut apis, mut proxies) = (Vec::new(), Vec::new());
    for (number, port) in free_ports(2)?.into_iter().enumerate() {
        // Each hears of keys from another process.
        let proxy = Proxy::to(&cluster.peer(number % replicas)).await?;
        let place = Place {
            directory: cluster.directory(),
            port,
            public_port: cluster.resource_server_port(),
            issuer: &issuer,
            connect_to: &proxy.address,
        };
        apis.push(Api::start(&bench.programs, place, schedule.resource_server).await?);
        proxies.push(proxy);
    }
    let apis = Arc::new(apis);
    let until = Instant::now() + schedule.span;
    let working: Vec<_> = clients(&provider, &apis, schedule.rate)
        .into_iter()
        .map(|client| tokio::spawn(client.work(until)))
        .collect();
    let mut seen = Seen::default();
    for client in working {
        seen.add(client.await??);
    }
    // What was signed first is still good: its key is kept as long as it lives.
    let oldest: Vec<String> = seen.tokens.iter().take(20).cloned().collect();
    let sent = seen.issued + seen.verified;
    for token in &oldest {
        verify(&apis, token, &mut seen).await;
    }
    // An operator's own rotation, by the program itself, on the same database.
    let command = cluster.command(&["keys", "rotate"]).await? == Some(0);
    let published = provider.send(&Request::get("/jwks")).await?.text();
    let kept = seen
        .kids
        .iter()
        .filter(|kid| published.contains(*kid))
        .count();
    let looks: usize = proxies.iter().map(|proxy| proxy.count("/jwks")).sum();
    Ok(row(
        backend,
        (replicas, schedule),
        &seen,
        (kept, looks, command),
        sent,
    ))
}

fn row(
    backend: &Backend,
    (replicas, schedule): (usize, &Schedule),
    seen: &Seen,
    (kept, looks, command): (usize, usize, bool),
    sent: usize,
) -> Row {
    let seconds = usize::try_from(schedule.span.as_secs()).unwrap_or(usize::MAX);
    let first = seen.failed.first();
    let first = first.map_or_else(String::new, |first| format!(" (first: {first})"));
    let figure = format!(
        "{} tokens by {} keys, {} calls ({} requests a second): {} failed{first}; {kept} of {} keys still published; \
         {looks} looks at the key set; `auth-server keys rotate` {}",
        seen.issued,
        seen.kids.len(),
        seen.verified,
        sent / seconds.max(1),
        seen.failed.len(),
        seen.kids.len(),
        if command { "works" } else { "fails" },
    );
    // Some seconds pass before the first new key signs.
    let rotated = seen.kids.len() >= 3;
    let good = seen.failed.is_empty() && seen.verified > 0;
    let holds = good && rotated && command && kept == seen.kids.len();
    let place = format!("{}, {replicas} auth server(s)", backend.name());
    let asked = schedule.rate;
    let asked = asked.map_or_else(String::new, |rate| {
        format!(", {rate} requests a second asked for")
    });
    let n = format!("{seconds} s{asked}");
    Row::new("keys rotate every 2 s, two APIs", (place, n), figure, holds)
}

/// Somebody who asks for tokens and uses them.
struct Client {
    provider: Provider,
    apis: Arc<Vec<Api>>,
    /// When the next request may be sent, where a rate is asked for.
    pace: Option<Arc<Pace>>,
    seen: Seen,
}

/// Those who do so, as many as keep up a rate, where one is asked for.
fn clients(provider: &Provider, apis: &Arc<Vec<Api>>, rate: Option<u32>) -> Vec<Client> {
    let pace = rate.map(|rate| Arc::new(Pace::of(rate)));
    (0..rate.map_or(CLIENTS, pace::clients))
        .map(|_| Client {
            provider: provider.clone(),
            apis: Arc::clone(apis),
            pace: pace.clone(),
            seen: Seen::default(),
        })
        .collect()
}

impl Client {
    /// Asks for a token, uses it at each API, and a past one too, until it is time.
    async fn work(mut self, until: Instant) -> Ran<Seen> {
        while Instant::now() < until {
            self.its_turn(1).await;
            let answer = self.provider.send(&Provider::client_credentials()).await?;
            let token = Tokens::required(&answer)?.access;
            self.seen.issued += 1;
            self.seen.kids.insert(kid(&token)?);
            self.its_turn(self.apis.len()).await;
            verify(&self.apis, &token, &mut self.seen).await;
            self.seen.tokens.push(token);
            let past = self.seen.tokens.get(self.seen.tokens.len() / 2).cloned();
            if let Some(past) = past {
                self.its_turn(self.apis.len()).await;
                verify(&self.apis, &past, &mut self.seen).await;
            }
            if self.pace.is_none() {
                tokio::time::sleep(REST).await;
            }
        }
        Ok(self.seen)
    }

    /// Waits until so many requests may be sent.
    async fn its_turn(&self, requests: usize) {
        for _ in 0..requests {
            if let Some(pace) = &self.pace {
                pace.next().await;
            }
        }
    }
}

async fn verify(apis: &[Api], token: &str, seen: &mut Seen) {
    for api in apis {
        seen.verified += 1;
        match api.call("/stats", token).await {
            Ok(answer) if answer.status == 200 => {}
            Ok(answer) => seen.failed.push(answer.shown()),
            Err(error) => seen.failed.push(error.to_string()),
        }
    }
}

/// The name of the key that signed a JWT.
fn kid(token: &str) -> Ran<String> {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap_or_default();
    let kid = header.get("kid").and_then(serde_json::Value::as_str);
    kid.map(str::to_owned)
        .ok_or_else(|| unexpected("a token without kid"))
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.issued += other.issued;
        self.verified += other.verified;
        self.failed.extend(other.failed);
        self.kids.extend(other.kids);
        self.tokens.extend(other.tokens);
    }
}
