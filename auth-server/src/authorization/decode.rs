//! The parameters of an authorization request, from bytes to names and values (RFC 6749 §3.1 and Appendix B).

use std::collections::HashSet;
use std::fmt;

use shared::flow::catalog as check;
use shared::oauth::{Params, ParamsError};
use shared::observe::Observation;

use super::delivery::{Delivery, elsewhere};
use super::parse::{CHECKS, concerns};
use super::{PageError, Refusal};

/// The parameters of a query or a form body, as far as they can be read.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The first of each name.
    pub(crate) params: Params,
    /// The name of one that stood there again: told to the client, once it can be.
    pub(super) repeated: Option<String>,
    /// How they came.
    pub(crate) delivery: Delivery,
}

/// Reads the parameters of a query or a form body.
///
/// # Errors
/// [`PageError::Malformed`]; [`PageError::Repeated`] when it is repeated who asks or where the answer goes.
pub(crate) fn decode(text: &[u8], observation: &Observation) -> Result<Decoded, PageError> {
    let (read, repeated) = match Params::parse(text) {
        Err(ParamsError::Repeated(name)) => (Params::parse(&first_of_each(text)), Some(name)),
        read => (read, None),
    };
    let none = Params::default();
    let asked = read.as_ref().unwrap_or(&none);
    plan(asked, repeated.as_deref(), observation);
    let expected = "form-encoded UTF-8";
    let fault = read.as_ref().err().map(ToString::to_string);
    let got = fault.as_deref().unwrap_or(expected);
    let params = observation
        .require_some(&check::REQUEST_ENCODING, read.ok(), expected, got)
        .ok_or(PageError::Malformed)?;
    let decoded = Decoded {
        params,
        repeated,
        delivery: Delivery::default(),
    };
    match decoded.repeated.as_deref() {
        Some(name) if is_told_by_redirect(name) => {}
        _ => decoded
            .no_repeats(observation)
            .map_err(|_| PageError::Repeated)?,
    }
    Ok(decoded)
}

/// Whether the repetition of this parameter is told to the client, once there is a way back: not where it
/// leaves open who asks, what is asked or where the answer goes.
fn is_told_by_redirect(repeated: &str) -> bool {
    !matches!(
        repeated,
        "client_id" | "redirect_uri" | "request" | "request_uri"
    )
}

/// Announces the checks that concern the request, as far as it is known: that nothing is repeated is verified later
/// where it is told by redirect, and what stands elsewhere is announced once it is taken up from there.
fn plan(params: &Params, repeated: Option<&str>, observation: &Observation) {
    if !observation.is_recorded() {
        return;
    }
    let no_repeats = &check::REQUEST_NO_REPEATS;
    let later = repeated.is_some_and(is_told_by_redirect);
    let elsewhere = elsewhere(params);
    for known in CHECKS.iter().filter(|known| concerns(known, params)) {
        if known.id != no_repeats.id || !later {
            observation.plan(&[known]);
        }
        if known.id == check::CLIENT_KNOWN.id && !elsewhere.is_empty() {
            observation.plan(&elsewhere);
            return;
        }
        if known.id == check::REDIRECT_URI_EXACT_MATCH.id && later {
            observation.plan(&[no_repeats]);
        }
    }
}

impl Decoded {
    /// Parameters that came in another way than in this request's query or body.
    pub(crate) const fn delivered(params: Params, delivery: Delivery) -> Self {
        Self {
            params,
            repeated: None,
            delivery,
        }
    }

    /// These parameters in place of what stood there; what was repeated beside them is repeated still.
    pub(crate) fn replaced(self, params: Params, delivery: Delivery) -> Self {
        Self {
            params,
            delivery,
            ..self
        }
    }

    /// RFC 6749 §3.1: no parameter is included more than once.
    pub(super) fn no_repeats(&self, observation: &Observation) -> Result<(), Refusal> {
        let expected = "each parameter once";
        let got = fmt::from_fn(|f| match &self.repeated {
            None => f.write_str(expected),
            Some(name) => write!(f, "{name} more than once"),
        });
        observation
            .require(
                &check::REQUEST_NO_REPEATS,
                self.repeated.is_none(),
                expected,
                got,
            )
            .or(Refusal::Repeated)
    }

    /// What `state` was sent, unless two were.
    pub(super) fn state(&self) -> Option<&str> {
        let state = self.params.get("state");
        state.filter(|_| self.repeated.as_deref() != Some("state"))
    }
}

/// `text` without the parameters whose name stood there before. Each name is decoded once, however many there
/// are: `st%61te` is `state`.
fn first_of_each(text: &[u8]) -> Vec<u8> {
    let mut names: HashSet<Vec<u8>> = HashSet::new();
    let kept: Vec<&[u8]> = text
        .split(|&b| b == b'&')
        .filter(|part| {
            let name = part.split(|&b| b == b'=').next().unwrap_or_default();
            names.insert(decoded_name(name))
        })
        .collect();
    kept.join(&b'&')
}

/// A parameter's name, decoded; as it stands where it cannot be, which [`Params::parse`] then says.
fn decoded_name(name: &[u8]) -> Vec<u8> {
    std::str::from_utf8(name)
        .ok()
        .and_then(|name| Params::decode_component(name).ok())
        .map_or_else(|| name.to_owned(), String::into_bytes)
}
