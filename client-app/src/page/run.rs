//! The token inspector: what came, opened and explained, and what can be done with it.

use askama::Template;
use shared::flow::Check;
use shared::page::Frame;

use super::home::name_of;
use super::refusal::{AnswerView, RefusalView};
use super::token::TokenView;
use super::{CheckLine, Explained, moment};
use crate::clock::ClockBar;
use crate::flow::{
    ApiAnswer, Demand, Grant, Latest, Photo, Run, Stage, Step, TokenSet, authorization_code,
};
use crate::resource::Call;

/// `templates/run.html`
#[derive(Template)]
#[template(path = "run.html")]
pub(crate) struct RunPage {
    frame: Frame,
    clock: ClockBar,
    grant: Grant,
    name: String,
    csrf: String,
    here: String,
    client_id: String,
    exchange: String,
    refused: Option<RefusalView>,
    api: Option<ApiView>,
    revoked: Option<AnswerView>,
    held: Option<HeldView>,
    tokens: Option<TokensView>,
    chain: Vec<LinkView>,
    calls: Vec<CallView>,
    can_replay: bool,
    scope: String,
    pkce: Option<(String, String)>,
    signed_out: Option<SignedOutView>,
    /// The thumbprint of the key that the tokens are bound to (RFC 9449).
    key: Option<String>,
    /// Whether the API asks for a new sign-in (RFC 9470).
    demand: bool,
}

/// How the session of a run ended.
struct SignedOutView {
    way: &'static str,
    how: String,
    exchange: String,
}

/// The newest tokens.
struct TokensView {
    answer: AnswerView,
    fields: Vec<Explained>,
    access: TokenView,
    id: Option<TokenView>,
    refresh: Option<String>,
    lifetime: i64,
    left: i64,
    /// When the access token expires, on the realm's clock.
    until: i64,
    left_text: String,
}

/// A code that waits to be traded.
struct HeldView {
    code: String,
    age: String,
}

/// One link of the rotation chain.
struct LinkView {
    index: usize,
    number: usize,
    short: String,
    current: bool,
}

/// A button of the API.
struct CallView {
    slug: &'static str,
    line: String,
    scope: &'static str,
    text: String,
}

/// What the API answered.
struct ApiView {
    line: String,
    answer: AnswerView,
    ok: bool,
    title: String,
    text: String,
    checks: Vec<CheckLine>,
    photos: Vec<Photo>,
}

impl ApiView {
    fn failed(&self) -> Option<&CheckLine> {
        CheckLine::failed(&self.checks)
    }
}

impl RunPage {
    /// The page of `run`; `decided` are the checks behind its latest answer, as far as they are known.
    pub(crate) fn new(
        frame: Frame,
        step: &Step<'_>,
        run: &Run,
        clock: ClockBar,
        decided: &[Check],
    ) -> Self {
        let now = step.now().as_unix();
        let held = match (&run.stage, &run.code) {
            (Stage::CodeHeld, Some(code)) => Some(HeldView {
                code: code.code.clone(),
                age: moment::span(&frame, now.saturating_sub(code.received.as_unix())),
            }),
            _ => None,
        };
        let (mut refused, mut api, mut revoked) = (None, None, None);
        match &run.latest {
            Some(Latest::Refused(refusal)) => {
                refused = Some(RefusalView::new(&frame, refusal, decided));
            }
            Some(Latest::Api(answer)) => api = Some(api_view(&frame, answer, decided)),
            Some(Latest::Revoked(answer)) => revoked = Some(AnswerView::new(answer)),
            Some(Latest::Tokens) | None => {}
        }
        Self {
            grant: run.grant,
            name: name_of(&frame, run.grant),
            here: frame.link(format!("/runs/{}", run.id)),
            client_id: run.client_id.clone(),
            exchange: run.exchange.to_string(),
            tokens: run.current().map(|set| tokens(&frame, set, now)),
            chain: chain(run),
            calls: calls(&frame),
            can_replay: authorization_code::can_replay(run),
            scope: run.scope.clone(),
            key: run.key.as_ref().map(|key| key.thumbprint().to_owned()),
            demand: Demand::of(run).is_some(),
            pkce: run.code.as_ref().map(authorization_code::pkce_of),
            signed_out: run.signed_out.as_ref().map(|ended| SignedOutView {
                way: ended.way.name(),
                how: frame.t(format!("signed-out-by-{}", ended.way.name())),
                exchange: ended.exchange.to_string(),
            }),
            csrf: clock.csrf.clone(),
            clock,
            refused,
            api,
            revoked,
            held,
            frame,
        }
    }
}

fn tokens(frame: &Frame, set: &TokenSet, now: i64) -> TokensView {
    let lifetime = set.expires_in.and_then(|s| i64::try_from(s).ok());
    let lifetime = lifetime.unwrap_or_default();
    let until = set.received.as_unix().saturating_add(lifetime);
    let left = until.saturating_sub(now).max(0);
    let mut fields = vec![
        Explained::new(frame, "access_token", shorten(&set.access_token)),
        Explained::new(frame, "token_type", &set.token_type),
    ];
    let others = [
        (
            "expires_in",
            set.expires_in.map(|seconds| seconds.to_string()),
        ),
        ("scope", set.scope.clone()),
        ("refresh_token", set.refresh_token.as_deref().map(shorten)),
        ("id_token", set.id_token.as_deref().map(shorten)),
    ];
    for (name, value) in others {
        fields.extend(value.map(|value| Explained::new(frame, name, value)));
    }
    let id = set.id_token.as_ref();
    TokensView {
        answer: AnswerView::new(&set.answer),
        fields,
        access: TokenView::new(frame, &set.access_token, &set.access_token_checks, now),
        id: id.map(|token| TokenView::new(frame, token, &set.id_token_checks, now)),
        refresh: set.refresh_token.clone(),
        lifetime,
        left,
        until,
        left_text: moment::span(frame, left),
    }
}

/// The beginning and the end of a long value.
fn shorten(value: &str) -> String {
    let count = value.chars().count();
    if count <= 40 {
        return value.to_owned();
    }
    let head: String = value.chars().take(24).collect();
    let tail: String = value.chars().skip(count.saturating_sub(8)).collect();
    format!("{head}…{tail}")
}

fn chain(run: &Run) -> Vec<LinkView> {
    let newest = run.tokens.len().saturating_sub(1);
    let links = run.tokens.iter().enumerate().filter_map(|(index, set)| {
        let token = set.refresh_token.as_deref()?;
        Some(LinkView {
            index,
            number: index.saturating_add(1),
            short: shorten(token),
            current: index == newest,
        })
    });
    links.collect()
}

fn calls(frame: &Frame) -> Vec<CallView> {
    let view = |call: Call| {
        let (method, path) = call.request();
        CallView {
            slug: call.slug(),
            line: format!("{method} {path}"),
            scope: call.scope(),
            text: frame.t(format!("endpoint-call-{}", call.slug())),
        }
    };
    Call::ALL.into_iter().map(view).collect()
}

fn api_view(frame: &Frame, api: &ApiAnswer, decided: &[Check]) -> ApiView {
    let status = api.answer.status;
    let kind = match status {
        200..=299 => "ok",
        401 => "invalid-token",
        403 => "insufficient-scope",
        _ => "other",
    };
    // What was wrong here is not the token: its presenter, or the sign-in behind it.
    let challenge = api.answer.challenge.as_deref().unwrap_or_default();
    let (title, text) = if challenge.contains("insufficient_user_authentication") {
        (
            "step-up-demand".to_owned(),
            "step-up-demand-text".to_owned(),
        )
    } else if api.call == Call::Stolen && status == 401 {
        ("proof-refused".to_owned(), "proof-refused-text".to_owned())
    } else {
        (
            format!("error-api-{kind}-title"),
            format!("error-api-{kind}-text"),
        )
    };
    ApiView {
        line: format!("{} {}", api.method, api.url),
        answer: AnswerView::new(&api.answer),
        ok: kind == "ok",
        title: frame.t(title),
        text: frame.t(text),
        checks: CheckLine::all(frame, decided),
        photos: api.photos.clone(),
    }
}
