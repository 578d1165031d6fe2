//! The page of signing in: `templates/sign_in.html`.

use askama::Template;
use shared::oauth::{ResponseMode, ResponseType};
use shared::page::{Frame, key_of};

use super::account::Account;
use super::attempt::{Ask, Response};
use super::provider::Provider;
use crate::endpoint::visit::Visit;
use crate::page::{CheckLine, Explained};

/// `templates/sign_in.html`
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    frame: Frame,
    csrf: String,
    account: Option<AccountView>,
    providers: Vec<(String, String, String)>,
    responses: Vec<Choice>,
    asks: Vec<Choice>,
    /// Every response type (Multiple Response Types §3, §5).
    kinds: Vec<Kind>,
    /// Every response mode.
    modes: Vec<(&'static str, String)>,
}

/// A response type: what comes through the browser, and whether a code is traded for the rest.
struct Kind {
    value: &'static str,
    in_front: String,
    trades: bool,
    legacy: bool,
}

impl Kind {
    fn new(frame: &Frame, response_type: ResponseType) -> Self {
        let given = [
            (response_type.gives_code(), "code"),
            (response_type.gives_id_token(), "id-token"),
            (response_type.gives_token(), "access-token"),
        ];
        let given = given.into_iter().filter(|(given, _)| *given);
        let given: Vec<_> = given
            .map(|(_, what)| frame.t(format!("diagram-value-{what}")))
            .collect();
        Self {
            value: response_type.as_str(),
            in_front: given.join(" + "),
            trades: response_type.gives_code(),
            legacy: response_type.is_legacy(),
        }
    }
}

/// Something to choose, explained.
struct Choice {
    slug: &'static str,
    value: &'static str,
    title: String,
    text: String,
}

/// Who is signed in, ready to show.
struct AccountView {
    name: String,
    issuer: String,
    claims: Vec<Explained>,
    checks: Vec<CheckLine>,
    exchange: String,
    /// Whether the provider has an address for signing out.
    signs_out: bool,
}

impl SignInPage {
    /// The page for this visit.
    pub(crate) fn new(visit: &Visit, account: Option<&Account>) -> Self {
        let frame = visit.frame.clone();
        let providers = Provider::all(&visit.step())
            .into_iter()
            .map(|provider| {
                let name = if provider.name.is_empty() {
                    frame.t("sign-in-own")
                } else {
                    provider.name
                };
                (provider.slug, name, provider.issuer)
            })
            .collect();
        let choice = |kind: &str, slug: &'static str, value| Choice {
            slug,
            value,
            title: frame.t(format!("sign-in-{kind}-{slug}")),
            text: frame.t(format!("sign-in-{kind}-{slug}-text")),
        };
        Self {
            csrf: visit.csrf(),
            account: account.map(|account| AccountView::new(&frame, account)),
            providers,
            responses: Response::ALL
                .map(|one| choice("response", one.slug(), one.as_str()))
                .into(),
            asks: Ask::ALL.map(|one| choice("ask", one.slug(), "")).into(),
            kinds: ResponseType::ALL
                .iter()
                .map(|one| Kind::new(&frame, *one))
                .collect(),
            modes: ResponseMode::ALL
                .iter()
                .map(|mode| {
                    let key = key_of("sign-in-mode", mode.as_str());
                    (mode.as_str(), frame.t(key))
                })
                .collect(),
            frame,
        }
    }
}

impl AccountView {
    fn new(frame: &Frame, account: &Account) -> Self {
        Self {
            name: account.name().to_owned(),
            issuer: account.issuer.clone(),
            claims: account
                .claims
                .iter()
                .map(|(name, value)| Explained::new(frame, name, value))
                .collect(),
            checks: CheckLine::all(frame, &account.checks),
            exchange: account.exchange.to_string(),
            signs_out: account.end_session_endpoint.is_some(),
        }
    }
}
