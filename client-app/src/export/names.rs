//! The names of a flow's values: `code 1`, `access token 2`, the same in every file that is exported.
//!
//! A value is told by its keyed hash (`shared::flow::Value`), so that it has a name also where the record hides it.

use std::collections::HashMap;

use shared::flow::redaction::{HIDDEN, Redaction};
use shared::flow::{ValueHash, ValueKind, ValuePlace};

use crate::record::parameter::{Parameter, ParameterPlace};
use crate::record::view::{ExchangeView, FlowView};

/// What a value is, for its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// A value that flows are joined by, or a credential.
    Value(ValueKind),
    /// The name with which a person signs in: personal, so it is hidden like a secret.
    UserName,
}

/// One value of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    /// What it is.
    pub(crate) what: What,
    /// The how-manieth of its kind in this flow, from 1.
    pub(crate) number: usize,
}

/// The names of all values of one flow.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_hash: HashMap<ValueHash, Named>,
    people: HashMap<String, Named>,
    plain: HashMap<String, Named>,
}

impl What {
    /// The words of its name.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::UserName => "user name",
            Self::Value(kind) => match kind {
                ValueKind::Password => "password",
                ValueKind::ClientSecret => "client secret",
                ValueKind::State => "state",
                ValueKind::Nonce => "nonce",
                ValueKind::RequestUri => "request URI",
                ValueKind::Code => "code",
                ValueKind::DeviceCode => "device code",
                ValueKind::UserCode => "user code",
                ValueKind::CodeVerifier => "code verifier",
                ValueKind::CodeChallenge => "code challenge",
                ValueKind::KeyThumbprint => "key thumbprint",
                ValueKind::AccessToken => "access token",
                ValueKind::RefreshToken => "refresh token",
                ValueKind::IdToken => "ID token",
                ValueKind::Interaction => "interaction",
                ValueKind::Run => "run",
                ValueKind::SessionId => "sid",
                ValueKind::LogoutToken => "logout token",
            },
        }
    }

    /// What a parameter of this name carries.
    fn of(name: &str) -> Option<Self> {
        Some(Self::Value(match name {
            "username" => return Some(Self::UserName),
            "password" => ValueKind::Password,
            "client_secret" => ValueKind::ClientSecret,
            "state" => ValueKind::State,
            "nonce" => ValueKind::Nonce,
            "request_uri" => ValueKind::RequestUri,
            "code" => ValueKind::Code,
            "device_code" => ValueKind::DeviceCode,
            "user_code" => ValueKind::UserCode,
            "code_verifier" => ValueKind::CodeVerifier,
            "code_challenge" => ValueKind::CodeChallenge,
            "dpop_jkt" => ValueKind::KeyThumbprint,
            "access_token" | "token" | "subject_token" | "actor_token" => ValueKind::AccessToken,
            "refresh_token" => ValueKind::RefreshToken,
            "id_token" | "id_token_hint" => ValueKind::IdToken,
            "interaction" => ValueKind::Interaction,
            "sid" => ValueKind::SessionId,
            "logout_token" => ValueKind::LogoutToken,
            _ => return None,
        }))
    }
}

impl Named {
    /// Its name in a text: `‹code 1›`.
    pub(crate) fn shown(self) -> String {
        format!("‹{} {}›", self.what.words(), self.number)
    }

    /// Its name as a shell variable: `CODE`, and from the second of its kind on `CODE_2`.
    pub(crate) fn variable(self) -> String {
        let words = self.what.words().to_ascii_uppercase().replace(' ', "_");
        match self.number {
            1 => words,
            number => format!("{words}_{number}"),
        }
    }
}

impl Names {
    /// The names of `flow`'s values, numbered in the order in which they appear.
    pub(crate) fn of(flow: &FlowView) -> Self {
        let mut found = Self::default();
        let mut counts: HashMap<What, usize> = HashMap::new();
        let mut next = |what: What| {
            let count = counts.entry(what).or_default();
            *count += 1;
            Named {
                what,
                number: *count,
            }
        };
        for exchange in &flow.exchanges {
            for value in &exchange.values {
                if !found.by_hash.contains_key(&value.hash) {
                    let named = next(What::Value(value.kind));
                    found.by_hash.insert(value.hash.clone(), named);
                }
            }
            let people = exchange.parameters.iter();
            for person in people.filter(|parameter| parameter.name == "username") {
                if !found.people.contains_key(&person.value) {
                    let named = next(What::UserName);
                    found.people.insert(person.value.clone(), named);
                }
            }
        }
        for exchange in &flow.exchanges {
            found.learn(exchange);
        }
        found
    }

    /// The plain text of this exchange's values, where the record keeps it.
    fn learn(&mut self, exchange: &ExchangeView) {
        // What the record hides has no text of its own: it is told by its hash each time.
        let kept = exchange.parameters.iter();
        for parameter in kept.filter(|parameter| parameter.value != HIDDEN) {
            if let Some(named) = self.find(exchange, parameter) {
                self.plain.entry(parameter.value.clone()).or_insert(named);
            }
        }
        let run = values(exchange, ValueKind::Run, ValuePlace::RequestQuery).next();
        let handle = placed(&exchange.path, &exchange.url, "{run}");
        let handle = handle.filter(|handle| *handle != HIDDEN);
        if let (Some(run), Some(handle)) = (run.and_then(|run| self.by_hash.get(run)), handle) {
            self.plain.entry(handle.to_owned()).or_insert(*run);
        }
    }

    /// The name of the value that `parameter` of `exchange` carries, if it is worth a name.
    pub(crate) fn find(&self, exchange: &ExchangeView, parameter: &Parameter) -> Option<Named> {
        if parameter.value.is_empty() {
            return None;
        }
        match What::of(&parameter.name)? {
            What::UserName => self.people.get(&parameter.value).copied(),
            What::Value(kind) => {
                let place = place_of(parameter.place);
                // The hint of a revocation makes `token` a refresh token.
                let mut kinds = vec![kind];
                if parameter.name == "token" {
                    kinds.insert(0, ValueKind::RefreshToken);
                }
                let mut found = kinds
                    .into_iter()
                    .flat_map(|kind| values(exchange, kind, place));
                let known = self.plain.get(&parameter.value).copied();
                known.or_else(|| found.find_map(|hash| self.by_hash.get(hash).copied()))
            }
        }
    }

    /// The name of the value with this hash.
    pub(crate) fn of_hash(&self, hash: &ValueHash) -> Option<Named> {
        self.by_hash.get(hash).copied()
    }

    /// What hides every value of the flow, and names those that have a name.
    pub(crate) fn redaction(&self) -> Redaction {
        let values = self.plain.iter().chain(&self.people);
        let named = values.filter(|(value, _)| value.as_str() != HIDDEN);
        Redaction::naming(named.map(|(value, named)| (value.clone(), named.shown())))
    }

    /// Every value whose plain text the record keeps.
    pub(crate) fn plain(&self) -> impl Iterator<Item = (&str, Named)> {
        let values = self.plain.iter().chain(&self.people);
        let kept = values.filter(|(value, _)| value.as_str() != HIDDEN);
        kept.map(|(value, named)| (value.as_str(), *named))
    }
}

fn values(
    exchange: &ExchangeView,
    kind: ValueKind,
    place: ValuePlace,
) -> impl Iterator<Item = &ValueHash> {
    let values = exchange.values.iter();
    let found = values.filter(move |value| value.kind == kind && value.place == place);
    found.map(|value| &value.hash)
}

const fn place_of(place: ParameterPlace) -> ValuePlace {
    match place {
        ParameterPlace::RequestQuery => ValuePlace::RequestQuery,
        ParameterPlace::RequestHeader => ValuePlace::RequestHeader,
        ParameterPlace::RequestBody => ValuePlace::RequestBody,
        ParameterPlace::RedirectQuery => ValuePlace::RedirectQuery,
        ParameterPlace::RedirectFragment => ValuePlace::RedirectFragment,
        ParameterPlace::ResponseBody => ValuePlace::ResponseBody,
    }
}

/// What stands in the path of `url` where `route` has this placeholder.
fn placed<'u>(route: &str, url: &'u str, placeholder: &str) -> Option<&'u str> {
    let from_end = route.rsplit('/').position(|word| word == placeholder)?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/')
        .nth(from_end)
        .filter(|word| !word.is_empty())
}
