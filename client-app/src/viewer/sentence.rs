//! An exchange in plain sentences: who asks whom for what, which way, and what comes of it.
//!
//! `endpoint-{service}-{method}-{path}`, `endpoint-{service}-{path}` or, for anything else, a general sentence of
//! the language files.

use shared::flow::{Channel, Kind, Party};
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use crate::record::parameter::{POSTS_TO, ParameterPlace, header};
use crate::record::view::ExchangeView;

/// The sentences of an exchange: what is asked, which way it goes, what is answered.
pub(crate) fn sentence_of(frame: &Frame, addresses: &Addresses, exchange: &ExchangeView) -> String {
    let asked = asked(frame, exchange);
    let Some(answered) = answered(frame, addresses, exchange) else {
        return asked;
    };
    let way = match exchange.channel {
        Channel::Front => frame.t("record-goes-through-browser"),
        Channel::Back => frame.t("record-goes-server-to-server"),
    };
    let both = |first, second| {
        frame.ta(
            "record-two-sentences",
            [("first", first), ("second", second)],
        )
    };
    both(both(asked, way), answered)
}

/// Who asks for what.
fn asked(frame: &Frame, exchange: &ExchangeView) -> String {
    if exchange.kind == Kind::InBrowser {
        return frame.t("record-fragment-received");
    }
    let from = match &exchange.from {
        Party::Stranger(product) => frame.ta("party-subject-stranger", [("name", product)]),
        known => frame.t(key_of("party-subject", known.role())),
    };
    let keys = endpoint_keys(exchange);
    let mut keys = keys.iter().map(|key| format!("endpoint-{key}"));
    let known = keys.find(|key| frame.has(key));
    match known {
        Some(key) => frame.ta(key, [("from", from)]),
        None => frame.ta(
            "record-asks",
            [
                ("from", from),
                ("method", exchange.method.clone()),
                ("path", exchange.path.clone()),
            ],
        ),
    }
}

/// The names of what was asked for, the most exact first: `auth-server-token-refresh-token`, `auth-server-post-token`,
/// `auth-server-token`. The language files have sentences about them, `endpoint-…` and `why-…`.
pub(crate) fn endpoint_keys(exchange: &ExchangeView) -> Vec<String> {
    let place = words(&exchange.path);
    let service = exchange.to.role();
    let mut names = Vec::new();
    if exchange.method == "OPTIONS" {
        names.push("preflight".to_owned());
    }
    if place == "token"
        && let Some(grant) = parameter(exchange, "grant_type", ParameterPlace::RequestBody)
    {
        names.push(key_of(service, &format!("token-{grant}")));
    }
    names.push(key_of(service, &format!("{}-{place}", exchange.method)));
    names.push(key_of(service, &place));
    names
}

/// What comes of it.
fn answered(frame: &Frame, addresses: &Addresses, exchange: &ExchangeView) -> Option<String> {
    if exchange.kind == Kind::InBrowser {
        return None;
    }
    let Some(status) = exchange.status else {
        return Some(frame.t("record-no-answer"));
    };
    if let Some(target) = exchange.notes.get(POSTS_TO) {
        let place = place_of(frame, addresses, target);
        let arguments = (("status", status), ("place", place));
        return Some(frame.ta("record-answer-form-post", arguments));
    }
    let location = header(&exchange.response.headers, "location");
    let error = exchange.parameters.iter().find(|parameter| {
        parameter.name == "error" && parameter.place != ParameterPlace::RequestQuery
    });
    if let Some(error) = error {
        let code: String = error.value.chars().take(60).collect();
        let arguments = (("status", status), ("error", code));
        let key = if exchange.is_not_yet() {
            "record-answer-not-yet"
        } else {
            "record-answer-error"
        };
        return Some(frame.ta(key, arguments));
    }
    if (300..400).contains(&status)
        && let Some(location) = location
    {
        let place = place_of(frame, addresses, location);
        let arguments = (("status", status), ("place", place));
        return Some(frame.ta("record-answer-redirect", arguments));
    }
    let tokens = ["access_token", "refresh_token", "id_token"];
    let given: Vec<_> = tokens
        .into_iter()
        .filter(|name| parameter(exchange, name, ParameterPlace::ResponseBody).is_some())
        .collect();
    let given = given
        .into_iter()
        .map(str::to_owned)
        .reduce(|first, next| frame.ta("record-listed", [("first", first), ("next", next)]));
    if let Some(given) = given {
        let arguments = (("status", status), ("tokens", given));
        return Some(frame.ta("record-answer-tokens", arguments));
    }
    let key = match status {
        200..300 => "record-answer-yes",
        _ => "record-answer-no",
    };
    Some(frame.ta(key, [("status", status)]))
}

/// Where a redirect leads, in words: the service and the path.
pub(crate) fn place_of(frame: &Frame, addresses: &Addresses, location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    let place = location.get(..end).unwrap_or(location);
    let services = [
        (&addresses.client_app, Party::ClientApp),
        (&addresses.auth_server, Party::AuthServer),
        (&addresses.resource_server, Party::ResourceServer),
    ];
    for (base, party) in services {
        if let Some(path) = place.strip_prefix(base.as_str())
            && (path.is_empty() || path.starts_with('/'))
        {
            let name = frame.t(key_of("party", party.role()));
            return format!("{name} {path}").trim_end().to_owned();
        }
    }
    place.chars().take(120).collect()
}

fn parameter<'e>(exchange: &'e ExchangeView, name: &str, place: ParameterPlace) -> Option<&'e str> {
    let mut parameters = exchange.parameters.iter();
    let found = parameters.find(|parameter| parameter.name == name && parameter.place == place);
    found.map(|parameter| parameter.value.as_str())
}

/// A route as words for a key: `/runs/{run}/call` is `runs-run-call`.
fn words(path: &str) -> String {
    let separators = |c: char| !c.is_ascii_alphanumeric();
    let words: Vec<_> = path
        .split(separators)
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_route_makes_a_key() {
        assert_eq!(words("/runs/{run}/call"), "runs-run-call");
        assert_eq!(
            words("/.well-known/openid-configuration"),
            "well-known-openid-configuration"
        );
    }
}
