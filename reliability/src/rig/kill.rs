//! SIGKILL under load: what was acknowledged before is so after the restart, none lost and none risen again.
//!
//! Clients write down a fact only when its answer has arrived whole. What was under way at the kill may have happened
//! or not, and counts for nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Bench;
use crate::fault::{Fault, Ran, unexpected};
use crate::report::{Findings, Row, ms};
use crate::world::cast::{ALICE, API, ASKING, BOB, FORGIVING, SERVICE, STRICT};
use crate::world::provider::Tokens;
use crate::world::{Backend, Browser, Client, Cluster, Provider};

/// The least and the most that a burst lasts once every client was told something, in milliseconds.
const BURST: (u64, u64) = (50, 400);

/// The most that is waited until every client has been told something.
const WARM: Duration = Duration::from_secs(10);

/// Something that was acknowledged with 200.
#[derive(Clone, Debug)]
enum Fact {
    /// A code was redeemed, and gave these tokens.
    Redeemed { code: String, tokens: Tokens },
    /// A refresh token was rotated away.
    Rotated { old: String },
    /// A token was revoked.
    Revoked { token: String },
    /// A person agreed, or took it back.
    Consent { client: Client, given: bool },
    /// Somebody signed in.
    Began { browser: Browser },
    /// Somebody signed out: a browser that still has the cookies.
    Ended { browser: Browser },
}

impl Fact {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Redeemed { .. } => "codes redeemed",
            Self::Rotated { .. } => "tokens rotated",
            Self::Revoked { .. } => "tokens revoked",
            Self::Consent { given: true, .. } => "consents given",
            Self::Consent { .. } => "consents taken back",
            Self::Began { .. } => "sessions begun",
            Self::Ended { .. } => "sessions ended",
        }
    }
}

/// What a client does over and over.
#[derive(Clone, Copy, Debug)]
enum Work {
    Codes,
    Refresh,
    Revoke,
    Consent,
    Sessions,
}

/// A client at work, with what it keeps from burst to burst.
#[derive(Debug)]
struct Worker {
    work: Work,
    provider: Provider,
    browser: Browser,
    /// The newest refresh token.
    current: String,
    facts: Vec<Fact>,
}

/// What the kills came to.
#[derive(Debug, Default)]
struct Outcome {
    acknowledged: BTreeMap<&'static str, usize>,
    lost: Vec<String>,
    risen: Vec<String>,
    starts: Vec<Duration>,
}

/// Kills on every back end.
pub(crate) async fn run(bench: &Bench, kills: usize) -> Ran<Findings> {
    let mut findings = Findings::of("kill");
    for backend in &bench.backends {
        findings.rows.push(on(bench, backend, kills).await?);
    }
    Ok(findings)
}

async fn on(bench: &Bench, backend: &Backend, kills: usize) -> Ran<Row> {
    let mut cluster = Cluster::prepare(&bench.programs, backend, 1, "")?;
    cluster.start_one(0).await?;
    let provider = cluster.provider()?;
    let all = [
        Work::Codes,
        Work::Codes,
        Work::Refresh,
        Work::Refresh,
        Work::Revoke,
        Work::Consent,
        Work::Sessions,
    ];
    let mut workers = Vec::new();
    for work in all {
        workers.push(Worker::hire(work, &provider).await?);
    }
    let mut outcome = Outcome::default();
    for _ in 0..kills {
        let warm = Arc::new(AtomicUsize::new(0));
        let working: Vec<_> = workers
            .drain(..)
            .map(|worker| tokio::spawn(worker.work(Arc::clone(&warm))))
            .collect();
        let all_told = async {
            while warm.load(Ordering::Relaxed) < working.len() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        // A client that fails is found when it is asked.
        let _ = tokio::time::timeout(WARM, all_told).await;
        tokio::time::sleep(burst()?).await;
        cluster.take(0)?.kill()?;
        for worker in working {
            workers.push(worker.await??);
        }
        outcome.starts.push(cluster.start_one(0).await?);
        for worker in &mut workers {
            worker.hold(&mut outcome).await?;
        }
    }
    let integrity = cluster.database().integrity()?;
    Ok(outcome.row(backend, kills, (&integrity, provider.repeated())))
}

/// A random span between the bounds.
fn burst() -> Ran<Duration> {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| unexpected("no randomness"))?;
    let (least, most) = BURST;
    let more = u64::from_be_bytes(random) % (most - least + 1);
    Ok(Duration::from_millis(least + more))
}

impl Worker {
    async fn hire(work: Work, provider: &Provider) -> Ran<Self> {
        let mut browser = Browser::new(provider.clone());
        browser.sign_in(ALICE).await?;
        let mut worker = Self {
            work,
            provider: provider.clone(),
            browser,
            current: String::new(),
            facts: Vec::new(),
        };
        worker.new_family().await?;
        Ok(worker)
    }

    async fn new_family(&mut self) -> Ran<()> {
        if matches!(self.work, Work::Refresh) {
            self.current = self.browser.tokens(FORGIVING, ALICE).await?.refresh;
        }
        Ok(())
    }

    /// Works until the server is gone; `warm` counts the clients that were told something.
    async fn work(mut self, warm: Arc<AtomicUsize>) -> Ran<Self> {
        let mut told = false;
        loop {
            if !told && !self.facts.is_empty() {
                told = true;
                warm.fetch_add(1, Ordering::Relaxed);
            }
            let step = match self.work {
                Work::Codes => self.redeem().await,
                Work::Refresh => self.refresh().await,
                Work::Revoke => self.revoke().await,
                Work::Consent => self.consent().await,
                Work::Sessions => self.session().await,
            };
            match step {
                Ok(()) => {}
                Err(Fault::System(..)) => return Ok(self),
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn redeem(&mut self) -> Ran<()> {
        let code = self.browser.code(STRICT, ALICE).await?;
        let request = self.provider.redeem(STRICT, &code);
        let tokens = Tokens::required(&self.provider.insist(&request).await?)?;
        self.facts.push(Fact::Redeemed { code, tokens });
        Ok(())
    }

    async fn refresh(&mut self) -> Ran<()> {
        let request = Provider::refresh(FORGIVING, &self.current);
        let next = Tokens::required(&self.provider.insist(&request).await?)?.refresh;
        let old = std::mem::replace(&mut self.current, next);
        self.facts.push(Fact::Rotated { old });
        Ok(())
    }

    async fn revoke(&mut self) -> Ran<()> {
        let asked = self
            .provider
            .insist(&Provider::client_credentials())
            .await?;
        let token = Tokens::required(&asked)?.access;
        let answer = self
            .provider
            .insist(&Provider::revoke(SERVICE, &token))
            .await?;
        if answer.status != 200 {
            return Err(unexpected(answer.shown()));
        }
        self.facts.push(Fact::Revoked { token });
        Ok(())
    }

    /// Agrees with one client after the other, and takes every second agreement back.
    async fn consent(&mut self) -> Ran<()> {
        for (number, client) in ASKING.into_iter().enumerate() {
            // What happens next is known only when its answer is there.
            self.facts.retain(
                |fact| !matches!(fact, Fact::Consent { client: known, .. } if *known == client),
            );
            self.browser.code(client, ALICE).await?;
            let mut given = true;
            if number % 2 == 1 {
                let page = self.browser.open("/apps").await?;
                let button = format!("take-back-{}", client.id);
                let page = self.browser.press(&page, &button, &[]).await?;
                if page.answer.status != 200 {
                    return Err(unexpected(page.shown()));
                }
                given = false;
            }
            self.facts.push(Fact::Consent { client, given });
        }
        Ok(())
    }

    /// Signs in and, the second time, out again; with bob, so that nobody else is signed out.
    async fn session(&mut self) -> Ran<()> {
        let mut browser = Browser::new(self.provider.clone());
        browser.sign_in(BOB).await?;
        self.facts.push(Fact::Began {
            browser: browser.clone(),
        });
        let mut browser_out = Browser::new(self.provider.clone());
        browser_out.sign_in(BOB).await?;
        let kept = browser_out.clone();
        let page = browser_out.open("/logout").await?;
        let page = browser_out.press(&page, "logout-confirm", &[]).await?;
        if !page.has("signed-out") {
            return Err(unexpected(page.shown()));
        }
        self.facts.push(Fact::Ended { browser: kept });
        Ok(())
    }

    /// Holds the server to what it acknowledged, and begins anew.
    async fn hold(&mut self, outcome: &mut Outcome) -> Ran<()> {
        for fact in std::mem::take(&mut self.facts) {
            *outcome.acknowledged.entry(fact.kind()).or_default() += 1;
            self.check(fact, outcome).await?;
        }
        if matches!(self.work, Work::Refresh) {
            self.check_family(outcome).await?;
        }
        Ok(())
    }

    async fn check(&mut self, fact: Fact, outcome: &mut Outcome) -> Ran<()> {
        let provider = &self.provider;
        match fact {
            Fact::Redeemed { code, tokens } => {
                if !provider.is_active(API, &tokens.access).await? {
                    outcome.lost("an access token");
                }
                let again = provider.insist(&provider.redeem(STRICT, &code)).await?;
                let said = again.text_of("error_description").unwrap_or_default();
                if again.status != 400 || !said.contains("redeemed before") {
                    outcome.risen(format!("a spent code: {}", again.shown()));
                }
            }
            Fact::Rotated { old } => {
                if provider.is_active(FORGIVING, &old).await? {
                    outcome.risen("a rotated refresh token");
                }
                // One of them is presented at the end: that ends its family.
                self.facts.push(Fact::Rotated { old });
            }
            Fact::Revoked { token } => {
                if provider.is_active(API, &token).await? {
                    outcome.risen("a revoked token");
                }
            }
            Fact::Consent { client, given } => {
                let told = self.browser.silently(client).await?;
                match (given, told.as_deref()) {
                    (true, None) | (false, Some("consent_required")) => {}
                    (true, told) => outcome.lost(format!("a consent: {told:?}")),
                    (false, told) => outcome.risen(format!("a consent: {told:?}")),
                }
            }
            Fact::Began { mut browser } => {
                if let Some(error) = browser.silently(STRICT).await? {
                    outcome.lost(format!("a session: {error}"));
                }
            }
            Fact::Ended { mut browser } => {
                let told = browser.silently(STRICT).await?;
                if told.as_deref() != Some("login_required") {
                    outcome.risen(format!("a session: {told:?}"));
                }
            }
        }
        Ok(())
    }

    /// The newest token that was answered refreshes, whether or not its next use had happened; then an old one is
    /// refused.
    async fn check_family(&mut self, outcome: &mut Outcome) -> Ran<()> {
        let request = Provider::refresh(FORGIVING, &self.current);
        let answer = self.provider.insist(&request).await?;
        if Tokens::of(&answer).is_none() {
            outcome.lost(format!("the newest refresh token: {}", answer.shown()));
        }
        let oldest = self.facts.drain(..).next();
        if let Some(Fact::Rotated { old }) = oldest {
            let answer = self
                .provider
                .insist(&Provider::refresh(FORGIVING, &old))
                .await?;
            if answer.error() != "invalid_grant" {
                outcome.risen(format!("a rotated refresh token: {}", answer.shown()));
            }
        }
        self.new_family().await
    }
}

impl Outcome {
    fn lost(&mut self, what: impl Into<String>) {
        self.lost.push(what.into());
    }

    fn risen(&mut self, what: impl Into<String>) {
        self.risen.push(what.into());
    }

    fn row(&self, backend: &Backend, kills: usize, (integrity, repeated): (&str, usize)) -> Row {
        let total: usize = self.acknowledged.values().sum();
        let kinds: Vec<String> = self
            .acknowledged
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let slowest = self.starts.iter().max().copied().unwrap_or_default();
        let first = self.lost.first().or(self.risen.first());
        let first = first.map_or_else(String::new, |first| {
            format!(" (first: {})", first.replace('|', "/"))
        });
        let figure = format!(
            "{total} facts ({}): {} lost, {} risen again{first}; {repeated} requests sent again; integrity {integrity}; \
             slowest restart {}",
            kinds.join(", "),
            self.lost.len(),
            self.risen.len(),
            ms(slowest)
        );
        let holds = total > 0 && self.lost.is_empty() && self.risen.is_empty() && integrity == "ok";
        let n = format!("{kills} kills");
        Row::new("SIGKILL under load", (backend.name(), n), figure, holds)
    }
}
