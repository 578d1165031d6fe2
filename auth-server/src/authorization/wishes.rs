//! What the client wishes of the sign-in: `prompt` and `max_age` (OpenID Connect Core §3.1.2.1).

use shared::flow::catalog as check;
use shared::oauth::{Params, Prompt};
use shared::observe::Observation;
use shared::time::Lifetime;

use super::Refusal;
use super::parse::excerpt;

/// OpenID Connect Core §3.1.2.1: known values of `prompt`, `none` alone; `max_age` in whole seconds.
pub(super) fn prompt_and_age(
    params: &Params,
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
        None => Some(None),
        Some(text) => Some(text)
            .filter(whole)
            .and_then(|text| text.parse().ok())
            .map(Some),
    };
    let refusal = match values {
        None => Refusal::Prompt,
        Some(_) => Refusal::MaxAge,
    };
    let shown = |value: Option<&str>| value.map_or_else(|| "not sent".to_owned(), excerpt);
    let expected = "prompt: none alone, or some of login, consent, select_account; \
                    max_age: a whole number of seconds; or neither";
    let got = format!("prompt: {}; max_age: {}", shown(prompt), shown(max_age));
    observation
        .require_some(&check::PROMPT_VALID, values.zip(seconds), expected, got)
        .map(|(prompt, seconds)| (prompt, seconds.map(Lifetime::from_seconds)))
        .ok_or(refusal)
}
