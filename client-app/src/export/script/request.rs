//! One request of a script: server to server, or a call of the API.

use std::fmt::Write;

use shared::flow::Party;
use shared::flow::redaction::HIDDEN;

use super::{Pair, Script, Written, option};
use crate::export::shell::{Word, quoted};
use crate::record::parameter::{Parameter, ParameterPlace, header};

/// The answers that the script takes something from.
const TAKEN: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// Headers of a request that change the answer.
const SENT: [&str; 3] = ["accept", "content-type", "origin"];

const FORM: &str = "application/x-www-form-urlencoded";

impl Script<'_> {
    /// Sends the request of an exchange again.
    pub(super) fn request(&mut self, pair: Pair<'_>) {
        let place = pair.shown.url.split(['?', '#']).next().unwrap_or_default();
        let text = pair.shown.request.body.text.as_str();
        let is_form = is_form(pair);
        if place.contains(HIDDEN) || (!is_form && text.contains(HIDDEN)) {
            return self.leave_out(pair);
        }
        self.announce(pair);
        let mut command = String::new();
        let has_body = !text.is_empty();
        match (pair.shown.method.as_str(), has_body) {
            ("GET", false) | ("POST", true) => {}
            ("HEAD", false) => command.push_str(" --head"),
            (method, _) => option(&mut command, "--request", &quoted(method)),
        }
        self.authorization_header(pair, &mut command);
        headers(pair, &mut command);
        if is_form {
            for parameter in standing(pair, ParameterPlace::RequestBody) {
                let field = self.field(pair, parameter);
                option(&mut command, "--data-urlencode", &field);
            }
        } else if has_body {
            option(&mut command, "--data-raw", &quoted(text));
        }
        let url = self.url(pair, place);
        let status = pair.shown.status.unwrap_or(0);
        let _ = writeln!(self.body, "request {status:03}{command} \\\n    {url}");
        self.take(pair);
        if pair.plain.to == Party::ResourceServer {
            self.body.push_str("show_body\n");
        }
    }

    /// What the answer brings, into variables.
    fn take(&mut self, pair: Pair<'_>) {
        for (plain, _) in standing(pair, ParameterPlace::ResponseBody) {
            if !TAKEN.contains(&plain.name.as_str()) {
                continue;
            }
            if let Some(named) = self.source.names.find(pair.plain, plain) {
                let variable = named.variable();
                if self.known.insert(variable.clone()) {
                    let _ = writeln!(self.body, "{variable}=$(member {})", plain.name);
                }
            }
        }
    }

    /// `Authorization`: Basic (RFC 6749 §2.3.1) or a token (RFC 6750 §2.1).
    fn authorization_header(&mut self, pair: Pair<'_>, command: &mut String) {
        let given = header(&pair.plain.request.headers, "authorization");
        let Some(given) = given else {
            return;
        };
        let scheme = given.split(' ').next().unwrap_or_default().to_owned();
        let parameters: Vec<_> = standing(pair, ParameterPlace::RequestHeader).collect();
        let of_name = |name: &str| parameters.iter().find(|(plain, _)| plain.name == name);
        if let Some(token) = of_name("access_token") {
            let word = Word::of(format!("Authorization: {scheme} "));
            let word = match self.written(pair, *token) {
                Written::Text(text) => word.text(text),
                Written::Variable(name) => word.variable(&name),
            };
            option(command, "--header", &word);
        } else if let (Some((_, id)), Some(secret)) =
            (of_name("client_id"), of_name("client_secret"))
        {
            let id: String = url::form_urlencoded::byte_serialize(id.value.as_bytes()).collect();
            let secret = match self.written(pair, *secret) {
                Written::Text(text) => quoted(&text),
                Written::Variable(name) => format!("\"${name}\""),
            };
            let _ = writeln!(self.body, "secret=$(encode {secret})");
            let id = quoted(&format!("{id}:"));
            option(command, "--user", &format!("{id}\"$secret\""));
        } else {
            let hidden = Parameter {
                name: "authorization".to_owned(),
                value: HIDDEN.to_owned(),
                place: ParameterPlace::RequestHeader,
            };
            if let Written::Variable(name) = self.written(pair, (&hidden, &hidden)) {
                let word = Word::of("Authorization: ").variable(&name);
                option(command, "--header", &word);
            }
        }
    }

    /// A field of a form: its name as it is encoded, its value as curl will encode it.
    pub(super) fn field(&mut self, pair: Pair<'_>, parameter: (&Parameter, &Parameter)) -> Word {
        let name: String =
            url::form_urlencoded::byte_serialize(parameter.1.name.as_bytes()).collect();
        let word = Word::of(format!("{name}="));
        match self.written(pair, parameter) {
            Written::Text(text) => word.text(text),
            Written::Variable(name) => word.variable(&name),
        }
    }

    /// The address, with its query.
    fn url(&mut self, pair: Pair<'_>, place: &str) -> Word {
        let mut url = self.place(place);
        for (index, parameter) in standing(pair, ParameterPlace::RequestQuery).enumerate() {
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let mark = if index == 0 { '?' } else { '&' };
            url = url.text(format!("{mark}{}=", encode(&parameter.1.name)));
            url = match self.written(pair, parameter) {
                Written::Text(text) => url.text(encode(&text)),
                Written::Variable(name) => url.variable(&name),
            };
        }
        url
    }

    /// An address at the provider begins with its variable.
    pub(super) fn place(&self, place: &str) -> Word {
        let source = self.source;
        for (base, variable) in [(&source.issuer, "ISSUER"), (&source.api, "API")] {
            if let Some(path) = place.strip_prefix(base.as_str())
                && path.starts_with('/')
            {
                return Word::default().variable(variable).text(path);
            }
        }
        Word::of(place)
    }
}

/// Headers that change the answer.
fn headers(pair: Pair<'_>, command: &mut String) {
    let has_body = !pair.shown.request.body.text.is_empty();
    for name in SENT {
        let Some(value) = header(&pair.shown.request.headers, name) else {
            continue;
        };
        let made_by_curl =
            value == "*/*" || (name == "content-type" && (value == FORM || !has_body));
        if !made_by_curl && !value.contains(HIDDEN) && !value.contains(['\r', '\n']) {
            option(command, "--header", &Word::of(format!("{name}: {value}")));
        }
    }
}

/// Whether the request's body is a form.
pub(super) fn is_form(pair: Pair<'_>) -> bool {
    let kind = header(&pair.shown.request.headers, "content-type").unwrap_or_default();
    kind.starts_with(FORM)
}

/// The parameters that stood at one place: as the record has them, and as they may be shown.
pub(super) fn standing(
    pair: Pair<'_>,
    place: ParameterPlace,
) -> impl Iterator<Item = (&Parameter, &Parameter)> {
    let both = pair.plain.parameters.iter().zip(&pair.shown.parameters);
    both.filter(move |(plain, _)| plain.place == place)
}
