//! What the client wishes of the sign-in: `prompt`, `max_age`, who, how strongly, in which language, and which claims
//! (OpenID Connect Core §3.1.2.1, §5.5).
//!
//! `acr_values` is voluntary and there is one strength, so that it changes nothing. What is not understood of the other
//! wishes is ignored: they are preferences.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::flow::catalog as check;
use shared::oauth::{ClaimsRequest, Params, Prompt, Scope, ScopeToken};
use shared::observe::Observation;
use shared::page::Language;
use shared::time::Lifetime;

use super::Refusal;
use super::parse::excerpt;
use crate::client::Client;
use crate::issue::claims::scope_of;
use crate::issue::id_token_hint::{Hint, InvalidHint};
use crate::person::Means;

/// What a client wishes besides `prompt` and `max_age`. Absent members are those of a request that older programs
/// stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Wishes {
    /// Claims by name.
    pub(crate) claims: ClaimsRequest,
    /// Whom the client asks for by `id_token_hint`, by subjects as it knows them. The person has to be each of them, and
    /// one of [`Wishes::named_persons`].
    pub(crate) persons: Vec<String>,
    /// The first language of `ui_locales` that pages speak, as a tag.
    pub(crate) ui_locale: Option<String>,
    /// The languages of `claims_locales`, the most wanted first, as tags.
    pub(crate) claims_locales: Vec<String>,
    /// How pages should be shown.
    pub(crate) display: Option<Display>,
}

/// How the client would have pages shown (`display`). They fit narrow screens and fingers anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Display {
    /// In a whole window.
    Page,
    /// In a small window: what leads elsewhere is left out.
    Popup,
    /// On a touch screen.
    Touch,
}

impl Display {
    /// All that are understood; `wap` asks for a page that no browser of today needs.
    pub(crate) const ALL: [Self; 3] = [Self::Page, Self::Popup, Self::Touch];

    /// Its name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Popup => "popup",
            Self::Touch => "touch",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// The most languages of `claims_locales` that are kept, and the longest tag (RFC 5646 §4.4.1), in bytes.
const LOCALES: (usize, usize) = (10, 35);

/// The tags of `claims_locales` (BCP 47, joined by spaces): what is no tag is left out.
fn claims_locales(text: &str) -> Vec<String> {
    let (most, longest) = LOCALES;
    let is_tag = |tag: &&str| {
        tag.len() <= longest && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let tags = text.split_ascii_whitespace().filter(is_tag);
    tags.take(most).map(str::to_owned).collect()
}

impl Wishes {
    /// The permissions that cover the claims which are asked for by name, as far as this client may ask for them.
    pub(crate) fn permissions(&self, client: &Client) -> Scope {
        self.claims
            .names()
            .filter_map(scope_of)
            .filter(|token| client.scope.contains(token))
            .filter_map(|token| token.parse::<ScopeToken>().ok())
            .collect()
    }

    /// The persons of whom the claims want one, by `sub` (§5.5.1, §3.1.2.2); `None` where anybody will do.
    pub(super) fn named_persons(&self) -> Option<impl Iterator<Item = &str>> {
        let wish = self.claims.id_token.get("sub")?;
        let named = !wish.values.is_empty();
        named.then(|| wish.values.iter().filter_map(Value::as_str))
    }

    /// The strengths of sign-in of which one is essential to the client; `None` where none is.
    pub(crate) fn essential_acrs(&self) -> Option<Vec<&str>> {
        let wish = self.claims.id_token.get("acr")?;
        let named = wish.essential && !wish.values.is_empty();
        named.then(|| wish.values.iter().filter_map(Value::as_str).collect())
    }
}

/// Reads the wishes: the claims, whom, and the language.
pub(super) fn wishes(params: &Params, observation: &Observation) -> Result<Wishes, Refusal> {
    Ok(Wishes {
        claims: claims(params, observation)?,
        persons: Vec::new(),
        ui_locale: params
            .get("ui_locales")
            .and_then(Language::first_of)
            .map(|language| language.tag().to_owned()),
        claims_locales: params
            .get("claims_locales")
            .map(claims_locales)
            .unwrap_or_default(),
        display: params.get("display").and_then(Display::parse),
    })
}

/// §5.5: JSON of a certain shape; a subject that is asked for is text (§2).
fn claims(params: &Params, observation: &Observation) -> Result<ClaimsRequest, Refusal> {
    let Some(text) = params.get("claims") else {
        return Ok(ClaimsRequest::default());
    };
    let claims = ClaimsRequest::parse(text).map_err(|error| error.to_string());
    let subjects_are_texts = |claims: &ClaimsRequest| {
        let sub = claims.id_token.get("sub");
        sub.is_none_or(|wish| wish.values.iter().all(Value::is_string))
    };
    let claims = match claims {
        Ok(claims) if !subjects_are_texts(&claims) => {
            Err("a sub of id_token is no text".to_owned())
        }
        read => read,
    };
    let got = match &claims {
        Ok(claims) => claims.names().take(20).collect::<Vec<_>>().join(", "),
        Err(fault) => fault.clone(),
    };
    let expected = "a JSON object with userinfo, id_token, or both";
    observation
        .require_some(&check::CLAIMS_VALID, claims.ok(), expected, excerpt(&got))
        .ok_or(Refusal::Claims)
}

/// §3.1.2.1: the hint, as far as it is `proven`, names somebody, who has to be the one that signs in.
///
/// # Errors
/// [`Refusal::IdTokenHint`].
pub(crate) fn hint(
    proven: Option<Result<Hint, InvalidHint>>,
    client: &Client,
    observation: &Observation,
) -> Result<Option<String>, Refusal> {
    let Some(proven) = proven else {
        return Ok(None);
    };
    let subject = proven.and_then(|hint| hint.subject_for(client.id.as_str()));
    let expected = "an ID token that this server issued to this client";
    let got = match &subject {
        Ok(_) => expected.to_owned(),
        Err(fault) => fault.to_string(),
    };
    observation
        .require_some(&check::ID_TOKEN_HINT_VALID, subject.ok(), expected, got)
        .map(Some)
        .ok_or(Refusal::IdTokenHint)
}

/// §5.5.1.1: a strength that is essential and that nothing here reaches is a failed sign-in, whoever signs in. A
/// strength that is merely wished for never fails.
pub(super) fn acr(wishes: &Wishes, observation: &Observation) -> Result<(), Refusal> {
    let Some(demanded) = wishes.essential_acrs() else {
        return Ok(());
    };
    let known = Means::ALL.iter().map(|means| means.acr());
    let known: Vec<_> = known.collect();
    let held = demanded.iter().any(|acr| known.contains(acr));
    observation
        .require(
            &check::ACR_SATISFIED,
            held,
            known.join(" or "),
            excerpt(&demanded.join(" or ")),
        )
        .or(Refusal::AcrUnmet)
}

/// OpenID Connect Core §3.1.2.1: known values of `prompt`, `none` alone; `max_age` in whole seconds.
pub(super) fn prompt_and_age(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<(Vec<Prompt>, Option<Lifetime>), Refusal> {
    let (prompt, max_age) = (params.get("prompt"), params.get("max_age"));
    let values: Option<Vec<_>> = prompt
        .unwrap_or_default()
        .split(' ')
        .filter(|value| !value.is_empty())
        .map(Prompt::parse)
        .collect();
    let values = values.filter(|values| values.len() < 2 || !values.contains(&Prompt::None));
    let whole = |text: &&str| text.bytes().all(|b| b.is_ascii_digit());
    let seconds: Option<Option<u32>> = match max_age {
        // Registration §2: the default of a request that names none.
        None => Some(client.metadata.default_max_age),
        Some(text) => Some(text)
            .filter(whole)
            .filter(|text| !text.is_empty())
            // As old as can be: Core sets no bound.
            .map(|text| Some(text.parse().unwrap_or(u32::MAX))),
    };
    let refusal = match values {
        None => Refusal::Prompt,
        Some(_) => Refusal::MaxAge,
    };
    let expected = "prompt: none alone, or some of login, consent, select_account; \
                    max_age: a whole number of seconds; or neither";
    let shown = |value: Option<&str>| value.map_or("not sent", excerpt).to_owned();
    let got = fmt::from_fn(|f| {
        let (prompt, max_age) = (shown(prompt), shown(max_age));
        write!(f, "prompt: {prompt}; max_age: {max_age}")
    });
    observation
        .require_some(&check::PROMPT_VALID, values.zip(seconds), expected, got)
        .map(|(prompt, seconds)| (prompt, seconds.map(Lifetime::from_seconds)))
        .ok_or(refusal)
}
