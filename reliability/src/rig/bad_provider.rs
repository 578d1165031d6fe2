//! An auth server that answers badly: it never answers, drips, redirects in circles, sends a gigabyte, no JSON, or hangs
//! up. Whoever asks it is bounded in time and memory, and recovers by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use shared::time::wall_clock_us;

use super::Bench;
use crate::fault::{Ran, system, unexpected};
use crate::report::{Findings, Row, ms};
use crate::world::api::Place;
use crate::world::cluster::free_ports;
use crate::world::program::Program;
use crate::world::stand_in::Manner;
use crate::world::{Api, Browser, Programs, Provider, StandIn};

/// Keys are looked at again after a second and never used beyond it: every call has to ask.
const KEYS: &str = "[keys]\nfresh = \"1s\"\nstale = \"1s\"\n";
/// The most that one call to a provider may take, with what a slow machine adds.
const BOUND: Duration = Duration::from_secs(13);
/// The most that a service may grow, in KiB.
const GROWTH: u64 = 24 * 1024;
/// The most that is read of an answer, with what the system's buffers hold of each of the callers' connections.
const READ: usize = 16 * 1024 * 1024;
/// Callers at once.
const CALLERS: usize = 20;

/// What one manner came to.
struct Outcome {
    slowest: Duration,
    /// Answers that were as they must be.
    good: usize,
    odd: Vec<String>,
    grown: u64,
    sent: usize,
    recovered: bool,
}

/// Tries every manner on both services, all at the same time.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("bad-provider");
    let mut trying = Vec::new();
    for manner in Manner::BAD {
        let (api, app) = (bench.programs.clone(), bench.programs.clone());
        trying.push((
            manner,
            tokio::spawn(async move { Box::pin(resource_server(&api, manner)).await }),
            tokio::spawn(async move { Box::pin(client_app(&app, manner)).await }),
        ));
    }
    for (manner, api, app) in trying {
        findings
            .rows
            .push(api.await??.row("resource server", manner, CALLERS));
        findings.rows.push(app.await??.row("client app", manner, 1));
    }
    Ok(findings)
}

impl Outcome {
    fn row(&self, service: &str, manner: Manner, callers: usize) -> Row {
        let first = self.odd.first();
        let first = first.map_or_else(String::new, |first| format!("; odd: {first}"));
        let recovered = if self.recovered { "yes" } else { "no" };
        let figure = format!(
            "slowest answer {}, grew {} MiB, recovered {recovered}{first}",
            ms(self.slowest),
            self.grown / 1024
        );
        let bounded = self.slowest <= BOUND && self.grown <= GROWTH && self.sent <= READ * callers;
        let holds = bounded && self.recovered && self.good == callers && self.odd.is_empty();
        let what = format!("{service}, its provider {}", manner.name());
        Row::new(what, ("none", format!("{callers} calls")), figure, holds)
    }
}

async fn resource_server(programs: &Programs, manner: Manner) -> Ran<Outcome> {
    let directory = tempfile::tempdir()?;
    let stand_in = StandIn::start().await?;
    let port = free_ports(1)?.first().copied().unwrap_or_default();
    let authority = stand_in.issuer.trim_start_matches("http://").to_owned();
    let place = Place {
        directory: directory.path(),
        port,
        public_port: port,
        issuer: &stand_in.issuer,
        connect_to: &authority,
    };
    let api = Arc::new(Api::start(programs, place, KEYS).await?);
    let token = token(&stand_in, port)?;
    let call = || api.caller("/photos", &token);
    let before = call().await.map_err(system("the API"))?;
    if before.status != 200 {
        return Err(unexpected(before.shown()));
    }
    let weight = api.program.resident_kib()?;
    stand_in.behave(manner);
    // The keys that it has are too old now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let began = Instant::now();
    let calling: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call())).collect();
    let (mut good, mut odd) = (0, Vec::new());
    for call in calling {
        let answer = call.await?.map_err(system("the API"))?;
        if answer.status == 503 && answer.header("retry-after").is_some() {
            good += 1;
        } else {
            odd.push(answer.shown());
        }
    }
    let slowest = began.elapsed();
    let grown = api.program.resident_kib()?.saturating_sub(weight);
    stand_in.behave(Manner::Well);
    // After a failure it does not ask again for two seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let recovered = call().await.is_ok_and(|answer| answer.status == 200);
    Ok(Outcome {
        slowest,
        good,
        odd,
        grown,
        sent: stand_in.sent(),
        recovered,
    })
}

/// The client app asks for a token as a machine; the page says what became of it.
async fn client_app(programs: &Programs, manner: Manner) -> Ran<Outcome> {
    let directory = tempfile::tempdir()?;
    let stand_in = StandIn::start().await?;
    let port = free_ports(1)?.first().copied().unwrap_or_default();
    let file = directory.path().join("client-app.toml");
    let text = format!(
        "[server]\nbind = \"127.0.0.1:{port}\"\n[wiring.addresses]\n\
         client_app = \"http://localhost:{port}\"\nauth_server = \"{}\"\n",
        stand_in.issuer
    );
    std::fs::write(&file, text).map_err(system("a configuration"))?;
    let path = programs.path("client-app");
    let (file, log) = (file.display().to_string(), directory.path().join("log"));
    let mut program = Program::start(&path, &["--config", &file], &log)?;
    let peer = format!("127.0.0.1:{port}");
    program.live(&peer).await?;
    let address = format!("http://localhost:{port}");
    let app = Provider::new(&address, std::slice::from_ref(&peer), &address)?;
    let mut browser = Browser::that_takes_no(app);
    let page = browser.open("/grants/client-credentials").await?;
    let weight = program.resident_kib()?;
    stand_in.behave(manner);
    let asked = stand_in.asked();
    let began = Instant::now();
    let told = browser.press(&page, "run", &[]).await?;
    let slowest = began.elapsed();
    let grown = program.resident_kib()?.saturating_sub(weight);
    let (mut good, mut odd) = (0, Vec::new());
    if told.away.is_none() && told.answer.text().contains("<h1") && stand_in.asked() > asked {
        good = 1;
    } else {
        odd.push(told.shown());
    }
    stand_in.behave(Manner::Well);
    let again = browser.open("/grants/client-credentials").await?;
    Ok(Outcome {
        slowest,
        good,
        odd,
        grown,
        sent: stand_in.sent(),
        recovered: again.has("run"),
    })
}

fn token(stand_in: &StandIn, port: u16) -> Ran<String> {
    let now = wall_clock_us() / 1_000_000;
    stand_in.sign(&json!({
        "iss": stand_in.issuer,
        "aud": format!("http://localhost:{port}"),
        "sub": "alice-0001",
        "client_id": "web",
        "scope": "photos:read",
        "jti": "1",
        "iat": now,
        "exp": now + 600,
    }))
}
