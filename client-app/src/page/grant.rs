//! The page of one grant: what it is, what will be sent, how to run it, and how to see it refused.

use askama::Template;
use shared::page::Frame;

use super::Explained;
use super::home::name_of;
use crate::endpoint::default_scope;
use crate::flow::{Experiment, Grant, Step, implicit};

/// `templates/grant.html`
#[derive(Template)]
#[template(path = "grant.html")]
pub(crate) struct GrantPage {
    frame: Frame,
    grant: Grant,
    name: String,
    csrf: String,
    client_id: String,
    badge_text: String,
    steps: Vec<String>,
    requests: Vec<RequestView>,
    scopes: Vec<ScopeChoice>,
    experiments: Vec<ExperimentView>,
    authorize_url: String,
    refreshable: Option<String>,
    others: Vec<(&'static str, String)>,
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

/// A refusal to provoke.
struct ExperimentView {
    slug: &'static str,
    title: String,
    text: String,
}

impl GrantPage {
    /// The page of `grant`.
    pub(crate) fn new(
        frame: Frame,
        step: &Step<'_>,
        grant: Grant,
        csrf: String,
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
            authorize_url: format!("{}/authorize", step.issuer()),
            others: others
                .map(|other| (other.slug(), name_of(&frame, other)))
                .collect(),
            grant,
            csrf,
            refreshable,
            frame,
        }
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

/// The steps of the grant, one sentence each.
fn steps(frame: &Frame, grant: Grant) -> Vec<String> {
    let keys = (1..).map(|number| format!("grant-{}-step-{number}", grant.slug()));
    keys.map_while(|key| frame.find(key)).collect()
}

/// What will be sent, as far as it is known before the start.
fn requests(frame: &Frame, step: &Step<'_>, grant: Grant) -> Vec<RequestView> {
    let made = |key: &str| frame.t(key);
    let scope = default_scope(grant);
    let client = step.state.clients.of(grant).client_id.clone();
    let issuer = step.issuer();
    let parameter = |name: &str, value: &str| Explained::new(frame, name, value);
    let view = |title: &str, channel, line: String, parameters| RequestView {
        title: frame.t(title),
        channel,
        line,
        parameters,
    };
    let at_start = made("grant-made-at-start");
    let basic = Explained::new(frame, "Authorization", format!("Basic {client}:••••••"))
        .saying(made("grant-basic-header"));
    let token = |parameters| {
        let line = format!("POST {issuer}/token");
        view("grant-request-token", "back", line, parameters)
    };
    match grant {
        Grant::AuthorizationCode => vec![
            view(
                "grant-request-authorize",
                "front",
                format!("GET {issuer}/authorize"),
                vec![
                    parameter("response_type", "code"),
                    parameter("client_id", &client),
                    parameter("redirect_uri", &step.redirect_uri()),
                    parameter("scope", &scope),
                    parameter("state", &at_start),
                    parameter("nonce", &at_start),
                    parameter("code_challenge", &at_start),
                    parameter("code_challenge_method", "S256"),
                ],
            ),
            token(vec![
                basic,
                parameter("grant_type", "authorization_code"),
                parameter("code", &made("grant-from-callback")),
                parameter("redirect_uri", &step.redirect_uri()),
                parameter("code_verifier", &made("grant-kept-until-now")),
            ]),
        ],
        Grant::ClientCredentials => vec![token(vec![
            basic,
            parameter("grant_type", "client_credentials"),
            parameter("scope", &scope),
        ])],
        Grant::RefreshToken => vec![token(vec![
            basic,
            parameter("grant_type", "refresh_token"),
            parameter("refresh_token", &made("grant-from-run")),
        ])],
        Grant::Password => vec![token(vec![
            basic,
            parameter("grant_type", "password"),
            parameter("username", &made("grant-typed")),
            parameter("password", &made("grant-typed")),
            parameter("scope", &scope),
        ])],
        Grant::Implicit => {
            let mut parameters: Vec<_> = implicit::request(step, &scope)
                .into_iter()
                .map(|(name, value)| parameter(name, &value))
                .collect();
            parameters.push(parameter("state", &at_start));
            let line = format!("GET {issuer}/authorize");
            vec![view("grant-request-authorize", "front", line, parameters)]
        }
    }
}
