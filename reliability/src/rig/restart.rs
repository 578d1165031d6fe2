//! A restart: SIGTERM, and start again. What people and clients had, they have; what was taken from them stays taken.

use std::fmt::Write;

use super::Bench;
use crate::fault::{Ran, unexpected};
use crate::report::{Findings, Row, ms};
use crate::wire::{Request, encode};
use crate::world::browser::Arrived;
use crate::world::cast::{ALICE, API, ASKING, BOB, SERVICE, STRICT};
use crate::world::provider::Tokens;
use crate::world::{Backend, Browser, Cluster, Provider};

/// Everything that there is before the restart.
struct Before {
    browser: Browser,
    /// Somebody who signed out, with the cookies of before.
    signed_out: Browser,
    /// Somebody at the sign-in page, and the page.
    signing_in: (Browser, Arrived),
    /// Somebody at the consent page, and the page.
    agreeing: (Browser, Arrived),
    device_pending: (String, String),
    device_approved: String,
    pushed: String,
    code: String,
    spent_code: String,
    tokens: Tokens,
    rotated: String,
    revoked: String,
    keys: String,
}

/// Whether each thing is as it must be.
type Checks = Vec<(&'static str, bool)>;

/// A restart on every back end.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("restart");
    for backend in &bench.backends {
        findings.rows.push(on(bench, backend).await?);
    }
    Ok(findings)
}

async fn on(bench: &Bench, backend: &Backend) -> Ran<Row> {
    let mut cluster = Cluster::start(&bench.programs, backend, 1, "").await?;
    let provider = cluster.provider()?;
    let before = Before::new(&provider).await?;
    let mut process = cluster.take(0)?;
    process.signal("TERM")?;
    let (code, ended) = process.ended().await?;
    let started = cluster.start_one(0).await?;
    let mut checks = before.after(&provider).await?;
    checks.push(("left with status 0", code == Some(0)));
    let good = checks.iter().filter(|(_, good)| *good).count();
    let bad: Vec<&str> = checks
        .iter()
        .filter(|(_, good)| !good)
        .map(|(name, _)| *name)
        .collect();
    let mut figure = format!(
        "{good} of {} as before; gone after {}, ready again {} after its start",
        checks.len(),
        ms(ended),
        ms(started)
    );
    if !bad.is_empty() {
        let _ = write!(figure, "; not so: {}", bad.join(", "));
    }
    let n = format!("{} things", checks.len());
    Ok(Row::new(
        "restart",
        (backend.name(), n),
        figure,
        bad.is_empty(),
    ))
}

async fn keys(provider: &Provider) -> Ran<String> {
    Ok(provider.send(&Request::get("/jwks")).await?.text())
}

impl Before {
    async fn new(provider: &Provider) -> Ran<Self> {
        let fresh = || Browser::new(provider.clone());
        let mut browser = fresh();
        browser.sign_in(ALICE).await?;
        let [agreed, asked, ..] = ASKING;
        browser.code(agreed, ALICE).await?;

        let mut leaving = fresh();
        leaving.sign_in(BOB).await?;
        let signed_out = leaving.clone();
        let page = leaving.open("/logout").await?;
        leaving.press(&page, "logout-confirm", &[]).await?;

        let query = provider.authorization(asked, &[]);
        let target = format!("/authorize?{query}");
        let (mut at_login, mut at_consent) = (fresh(), fresh());
        let login = at_login.open(&target).await?;
        at_consent.sign_in(BOB).await?;
        let consent = at_consent.open(&target).await?;

        let device_pending = provider.device().await?;
        let (device_approved, user_code) = provider.device().await?;
        browser.approve(&user_code, ALICE).await?;
        let spent_code = browser.code(STRICT, ALICE).await?;
        let spent = provider.redeem(STRICT, &spent_code);
        let tokens = Tokens::required(&provider.send(&spent).await?)?;
        let first = browser.tokens(STRICT, ALICE).await?;
        let refresh = Provider::refresh(STRICT, &first.refresh);
        let rotated_now = Tokens::required(&provider.send(&refresh).await?)?;
        let machine = provider.send(&Provider::client_credentials()).await?;
        let revoked = Tokens::required(&machine)?.access;
        provider.send(&Provider::revoke(SERVICE, &revoked)).await?;
        if rotated_now.refresh == first.refresh {
            return Err(unexpected("a token that is not rotated"));
        }
        Ok(Self {
            code: browser.code(STRICT, ALICE).await?,
            pushed: provider.push(STRICT).await?,
            keys: keys(provider).await?,
            browser,
            signed_out,
            signing_in: (at_login, login),
            agreeing: (at_consent, consent),
            device_pending,
            device_approved,
            spent_code,
            tokens,
            rotated: first.refresh,
            revoked,
        })
    }

    async fn after(mut self, provider: &Provider) -> Ran<Checks> {
        let mut checks = self.people(provider).await?;
        checks.extend(self.clients(provider).await?);
        Ok(checks)
    }

    async fn people(&mut self, provider: &Provider) -> Ran<Checks> {
        let [agreed, asked, ..] = ASKING;
        let (browser, page) = &mut self.signing_in;
        let fields = [("username", ALICE.0), ("password", ALICE.1)];
        let signed_in = browser.press(page, "login-submit", &fields).await?;
        let (browser, page) = &mut self.agreeing;
        let allowed = browser.press(page, "consent-allow", &[]).await?;
        let (device_code, user_code) = &self.device_pending;
        self.browser.approve(user_code, ALICE).await?;
        let polled = provider.send(&Provider::poll(device_code)).await?;
        let approved = provider
            .send(&Provider::poll(&self.device_approved))
            .await?;
        let pushed = [("client_id", STRICT.id), ("request_uri", &self.pushed)];
        let pushed = self
            .browser
            .open(&format!("/authorize?{}", encode(&pushed)))
            .await?;
        let out = self.signed_out.silently(STRICT).await?;
        Ok(vec![
            ("session", self.browser.silently(STRICT).await?.is_none()),
            ("consent", self.browser.silently(agreed).await?.is_none()),
            (
                "no consent where none was given",
                self.browser.silently(asked).await?.as_deref() == Some("consent_required"),
            ),
            ("ended session", out.as_deref() == Some("login_required")),
            ("open sign-in page", signed_in.has("consent-allow")),
            ("open consent page", allowed.parameter("code").is_some()),
            ("pending device", polled.status == 200),
            ("approved device", approved.status == 200),
            ("pushed request", pushed.parameter("code").is_some()),
        ])
    }

    async fn clients(&self, provider: &Provider) -> Ran<Checks> {
        let Self { tokens, .. } = self;
        let redeemed = provider.send(&provider.redeem(STRICT, &self.code)).await?;
        let active = provider.is_active(API, &tokens.access).await?;
        let refreshed = Provider::refresh(STRICT, &tokens.refresh);
        let refreshed = provider.send(&refreshed).await?;
        let old = provider
            .send(&Provider::refresh(STRICT, &self.rotated))
            .await?;
        let revoked = provider.is_active(API, &self.revoked).await?;
        let spent = provider.redeem(STRICT, &self.spent_code);
        let spent = provider.send(&spent).await?.text_of("error_description");
        let spent = spent.unwrap_or_default();
        Ok(vec![
            ("code that waits", redeemed.status == 200),
            ("access token", active),
            ("refresh token", refreshed.status == 200),
            ("rotated token refused", old.error() == "invalid_grant"),
            ("revoked token refused", !revoked),
            ("spent code refused", spent.contains("redeemed before")),
            ("signing keys", keys(provider).await? == self.keys),
        ])
    }
}
