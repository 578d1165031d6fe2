//! The page of one grant: what it is, what will be sent, how to run it, and how to see it refused.

use askama::Template;
use shared::flow::ExchangeId;
use shared::oauth::GrantType;
use shared::page::Frame;

use super::Explained;
use super::home::name_of;
use crate::clock::ClockBar;
use crate::endpoint::default_scope;
use crate::flow::{Delivery, Experiment, Grant, Settings, Step, implicit};

/// `templates/grant.html`
#[derive(Template)]
#[template(path = "grant.html")]
pub(crate) struct GrantPage {
    frame: Frame,
    clock: ClockBar,
    grant: Grant,
    name: String,
    csrf: String,
    client_id: String,
    badge_text: String,
    steps: Vec<String>,
    requests: Vec<RequestView>,
    scopes: Vec<ScopeChoice>,
    experiments: Vec<ExperimentView>,
    /// How the authorization request may travel.
    deliveries: Vec<DeliveryChoice>,
    /// Whether its tokens are to be bound to a key.
    bound: bool,
    authorize_url: String,
    refreshable: Option<String>,
    /// This page with the settings that it shows.
    settings_link: String,
    others: Vec<(&'static str, String)>,
    /// The exchange that started the reader's last run of this grant.
    last: Option<String>,
}

/// A request that will be sent.
struct RequestView {
    title: String,
    channel: &'static str,
    line: String,
    parameters: Vec<Explained>,
}

/// A scope to tick.
struct ScopeChoice {
    name: &'static str,
    sentence: String,
    ticked: bool,
}

/// A way in which the authorization request may travel.
struct DeliveryChoice {
    slug: &'static str,
    title: String,
    text: String,
    chosen: bool,
}

/// A refusal to provoke.
struct ExperimentView {
    slug: &'static str,
    title: String,
    text: String,
    /// Whether a link asked for it.
    chosen: bool,
}

impl GrantPage {
    /// The page of `grant`.
    pub(crate) fn new(
        frame: Frame,
        step: &Step<'_>,
        grant: Grant,
        clock: ClockBar,
        refreshable: Option<String>,
    ) -> Self {
        let client = step.state.clients.of(grant);
        let scopes = grant.scopes().iter().map(|&(name, ticked)| ScopeChoice {
            name,
            sentence: frame.t(shared::page::key_of("grant-scope", name)),
            ticked,
        });
        let experiments = Experiment::of(grant).iter().map(|experiment| {
            let text = |part: &str| frame.t(format!("grant-try-{}-{part}", experiment.slug()));
            ExperimentView {
                slug: experiment.slug(),
                title: text("title"),
                text: text("text"),
                chosen: false,
            }
        });
        let others = Grant::ALL.into_iter().filter(|other| *other != grant);
        Self {
            name: name_of(&frame, grant),
            client_id: client.client_id.clone(),
            badge_text: frame.t(format!("grant-badge-{}", grant.badge())),
            steps: steps(&frame, grant),
            requests: requests(&frame, step, grant),
            scopes: scopes.collect(),
            experiments: experiments.collect(),
            deliveries: deliveries(&frame, grant),
            bound: false,
            settings_link: frame.shared_link(Settings::read(grant, "").path()),
            authorize_url: format!("{}/authorize", step.issuer()),
            others: others
                .map(|other| (other.slug(), name_of(&frame, other)))
                .collect(),
            grant,
            csrf: clock.csrf.clone(),
            clock,
            refreshable,
            last: None,
            frame,
        }
    }

    /// With what a link asked for: which scopes are ticked, and what is to go wrong on purpose.
    pub(crate) fn with(mut self, settings: &Settings) -> Self {
        for scope in &mut self.scopes {
            scope.ticked = settings.ticks(scope.name);
        }
        let chosen = settings.experiment();
        for experiment in &mut self.experiments {
            experiment.chosen = chosen.is_some_and(|chosen| chosen.slug() == experiment.slug);
        }
        for delivery in &mut self.deliveries {
            delivery.chosen = delivery.slug == settings.delivery().slug();
        }
        self.bound = settings.bound();
        self.settings_link = self.frame.shared_link(settings.path());
        self
    }

    /// With the diagram of the run that `exchange` started.
    pub(crate) fn beside(self, exchange: Option<ExchangeId>) -> Self {
        let last = exchange.map(String::from);
        Self { last, ..self }
    }

    /// A sentence about this grant.
    fn say(&self, part: &str) -> String {
        self.frame.t(format!("grant-{}-{part}", self.grant.slug()))
    }

    /// The redirection URI of the grant that runs in the browser.
    fn redirect_uri(&self) -> String {
        self.frame.client_app("/callback/implicit")
    }
}

/// How the authorization request of a grant may travel: only that of the code by a client with a back end.
fn deliveries(frame: &Frame, grant: Grant) -> Vec<DeliveryChoice> {
    let offered = Delivery::ALL
        .into_iter()
        .filter(|_| grant == Grant::AuthorizationCode);
    let choice = |delivery: Delivery| {
        let text = |part: &str| frame.t(format!("grant-delivery-{}-{part}", delivery.slug()));
        DeliveryChoice {
            slug: delivery.slug(),
            title: text("title"),
            text: text("text"),
            chosen: delivery == Delivery::default(),
        }
    };
    offered.map(choice).collect()
}

/// The steps of the grant, one sentence each.
fn steps(frame: &Frame, grant: Grant) -> Vec<String> {
    let keys = (1..).map(|number| format!("grant-{}-step-{number}", grant.slug()));
    keys.map_while(|key| frame.find(key)).collect()
}

/// What will be sent, as far as it is known before the start.
fn requests(frame: &Frame, step: &Step<'_>, grant: Grant) -> Vec<RequestView> {
    let shown = Shown { frame, step, grant };
    match grant {
        Grant::AuthorizationCode => vec![shown.authorize(true), shown.token("authorization_code")],
        Grant::ClientCredentials => vec![shown.token("client_credentials")],
        Grant::Device => vec![shown.device_asks(), shown.device_polls()],
        Grant::JwtBearer => vec![shown.token(GrantType::JwtBearer.as_str())],
        Grant::RefreshToken => vec![shown.token("refresh_token")],
        Grant::Password => vec![shown.token("password")],
        Grant::Implicit => vec![shown.authorize(false)],
    }
}

/// Shows the requests of one grant, with every parameter explained.
struct Shown<'a> {
    frame: &'a Frame,
    step: &'a Step<'a>,
    grant: Grant,
}

impl Shown<'_> {
    fn parameter(&self, name: &str, value: &str) -> Explained {
        Explained::new(self.frame, name, value)
    }

    /// A parameter whose value is not known yet: `key` says where it will come from.
    fn later(&self, name: &str, key: &str) -> Explained {
        self.parameter(name, &self.frame.t(key))
    }

    /// RFC 6749 §4.1.1 with RFC 7636, or §4.2.1.
    fn authorize(&self, with_code: bool) -> RequestView {
        let scope = default_scope(self.grant);
        let mut parameters: Vec<_> = if with_code {
            let client = self.step.state.clients.of(self.grant);
            vec![
                self.parameter("response_type", "code"),
                self.parameter("client_id", &client.client_id),
                self.parameter("redirect_uri", &self.step.redirect_uri()),
                self.parameter("scope", &scope),
            ]
        } else {
            let known = implicit::request(self.step, &scope).into_iter();
            known
                .map(|(name, value)| self.parameter(name, &value))
                .collect()
        };
        parameters.push(self.later("state", "grant-made-at-start"));
        if with_code {
            parameters.push(self.later("nonce", "grant-made-at-start"));
            parameters.push(self.later("code_challenge", "grant-made-at-start"));
            parameters.push(self.parameter("code_challenge_method", "S256"));
        }
        RequestView {
            title: self.frame.t("grant-request-authorize"),
            channel: "front",
            line: format!("GET {}/authorize", self.step.issuer()),
            parameters,
        }
    }

    /// RFC 8628 §3.1.
    fn device_asks(&self) -> RequestView {
        let client = self.step.state.clients.of(self.grant);
        RequestView {
            title: self.frame.t("grant-request-device"),
            channel: "back",
            line: format!("POST {}/device_authorization", self.step.issuer()),
            parameters: vec![
                self.parameter("client_id", &client.client_id),
                self.parameter("scope", &default_scope(self.grant)),
            ],
        }
    }

    /// RFC 8628 §3.4.
    fn device_polls(&self) -> RequestView {
        let client = self.step.state.clients.of(self.grant);
        RequestView {
            title: self.frame.t("grant-request-device-poll"),
            channel: "back",
            line: format!("POST {}/token", self.step.issuer()),
            parameters: vec![
                self.parameter("grant_type", GrantType::DeviceCode.as_str()),
                self.later("device_code", "grant-from-device"),
                self.parameter("client_id", &client.client_id),
            ],
        }
    }

    /// RFC 6749 §4.1.3, §4.3.2, §4.4.2 and §6.
    fn token(&self, grant_type: &str) -> RequestView {
        let client = self.step.state.clients.of(self.grant);
        let basic = format!("Basic {}:••••••", client.client_id);
        let basic = self
            .parameter("Authorization", &basic)
            .saying(self.frame.t("grant-basic-header"));
        let scope = self.parameter("scope", &default_scope(self.grant));
        let mut parameters = vec![basic, self.parameter("grant_type", grant_type)];
        parameters.extend(match self.grant {
            Grant::AuthorizationCode => vec![
                self.later("code", "grant-from-callback"),
                self.parameter("redirect_uri", &self.step.redirect_uri()),
                self.later("code_verifier", "grant-kept-until-now"),
            ],
            Grant::Password => vec![
                self.later("username", "grant-typed"),
                self.later("password", "grant-typed"),
                scope,
            ],
            Grant::RefreshToken => vec![self.later("refresh_token", "grant-from-run")],
            Grant::JwtBearer => vec![self.later("assertion", "grant-signed-at-start"), scope],
            Grant::ClientCredentials | Grant::Device | Grant::Implicit => vec![scope],
        });
        RequestView {
            title: self.frame.t("grant-request-token"),
            channel: "back",
            line: format!("POST {}/token", self.step.issuer()),
            parameters,
        }
    }
}
