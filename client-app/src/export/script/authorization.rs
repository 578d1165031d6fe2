//! The way through the browser: the authorization request, sign-in and consent, and what comes back to the client.
//!
//! RFC 6749 §4.1.1, §4.1.2 and §4.2; RFC 7636 §4.2. Whoever runs the script has another browser than the one that
//! was recorded, so the two forms are filled in as they come, with the decision that was recorded.

use std::fmt::Write;

use shared::flow::{Outcome, Party, ValueKind};

use super::request::standing;
use super::{Pair, Script, option};
use crate::export::names::{Named, What};
use crate::export::shell::{Word, quoted};
use crate::record::parameter::{Parameter, ParameterPlace};
use crate::record::view::ExchangeView;

/// Whether a browser begins an authorization here, and is sent on.
pub(super) fn begins(exchange: &ExchangeView) -> bool {
    let names = |name: &str| exchange.parameters.iter().any(|p| p.name == name);
    exchange.to == Party::AuthServer
        && exchange.path == "/authorize"
        && names("redirect_uri")
        && exchange.status.is_some_and(|status| status < 400)
}

/// Whether it is a page of the way that an authorization takes.
pub(super) fn is_page(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer
        && matches!(exchange.path.as_str(), "/login" | "/consent" | "/logout")
}

/// What was recorded of one way through the browser.
struct Way<'a> {
    /// The last sign-in on it.
    sign_in: Option<Pair<'a>>,
    /// `allow`, `deny` or `cancel`.
    decision: &'static str,
    /// The scopes that were ticked, where consent was asked for.
    scopes: Vec<String>,
    /// What came back: the exchange whose redirect carries it.
    back: Option<Pair<'a>>,
}

impl<'a> Script<'a> {
    /// The authorization request, and the way from it back to the client.
    pub(super) fn authorization(&mut self, begin: Pair<'a>) {
        self.uses.browser = true;
        self.announce(begin);
        self.values(begin);
        self.open(begin);
        let way = self.way(begin);
        self.walk(&way);
        self.arrive(begin, &way);
    }

    /// The values that the client makes for this request.
    fn values(&mut self, begin: Pair<'a>) {
        let query: Vec<_> = requested(begin).collect();
        let value = |name: &str| query.iter().find(|(plain, _)| plain.name == name);
        let Some((challenge, _)) = value("code_challenge") else {
            return;
        };
        let Some(named) = self.source.names.find(begin.plain, challenge) else {
            return;
        };
        let verifier = match self.verifier(begin) {
            Some(verifier) => format!("${}", self.variable(verifier, "")),
            // No verifier that fits was sent, so none is made that could be.
            None => "$(random_text)".to_owned(),
        };
        let method = value("code_challenge_method").map(|(plain, _)| plain.value.as_str());
        let made = if method == Some("S256") {
            self.uses.pkce = true;
            format!("$(s256 \"{verifier}\")")
        } else {
            verifier
        };
        let variable = named.variable();
        let _ = writeln!(self.body, "{variable}={made}");
        self.known.insert(variable);
    }

    /// The verifier behind the challenge: the one that was sent with the code, if it fitted.
    fn verifier(&self, begin: Pair<'a>) -> Option<Named> {
        let requests = self.pairs().skip(begin.at);
        let mut sent = requests.filter(|pair| pair.plain.path == "/token");
        sent.find_map(|pair| {
            let mut checks = pair.plain.checks.iter();
            let fits =
                !checks.any(|check| check.id == "pkce.s256" && check.outcome == Outcome::Failed);
            let mut body = standing(pair, ParameterPlace::RequestBody);
            let (verifier, _) = body.find(|(plain, _)| plain.name == "code_verifier")?;
            self.source
                .names
                .find(pair.plain, verifier)
                .filter(|_| fits)
        })
    }

    /// Opens the authorization endpoint in the browser.
    fn open(&mut self, begin: Pair<'a>) {
        let mut command = String::new();
        for parameter in requested(begin) {
            let field = if parameter.0.name == "redirect_uri" {
                let _ = writeln!(self.body, "REDIRECT_URI={}", quoted(&parameter.1.value));
                Word::of("redirect_uri=").variable("REDIRECT_URI")
            } else {
                self.field(begin, parameter)
            };
            option(&mut command, "--data-urlencode", &field);
        }
        let place = begin.shown.url.split(['?', '#']).next().unwrap_or_default();
        let url = self.place(place);
        let _ = writeln!(self.body, "page --get{command} \\\n    {url}");
    }

    /// What was recorded from here to the next authorization request.
    fn way(&self, begin: Pair<'a>) -> Way<'a> {
        let mut way = Way {
            sign_in: None,
            decision: "allow",
            scopes: Vec::new(),
            back: None,
        };
        let state = |pair: Pair<'_>| {
            let mut query = requested(pair).filter(|(plain, _)| plain.name == "state");
            query.next().map(|(plain, _)| plain.value.clone())
        };
        let (this, begins_anew) = (state(begin), |pair: Pair<'_>| {
            pair.at > begin.at && begins(pair.plain)
        });
        let pairs = self.pairs().skip(begin.at);
        for pair in pairs.take_while(|pair| !begins_anew(*pair) || state(*pair) == this) {
            if pair.plain.to != Party::AuthServer {
                continue;
            }
            way.learn(pair);
            let answered = |name: &str| returned(pair).any(|(plain, _)| plain.name == name);
            if ["code", "access_token", "error"].into_iter().any(answered) {
                way.back = Some(pair);
                break;
            }
        }
        way
    }

    /// Signs in and decides as it was recorded.
    fn walk(&mut self, way: &Way<'a>) {
        let mut words = Vec::new();
        for (name, what) in [
            ("username", What::UserName),
            ("password", What::Value(ValueKind::Password)),
        ] {
            let first = Named { what, number: 1 };
            let variable = match way.sign_in {
                Some(pair) => {
                    let mut body = standing(pair, ParameterPlace::RequestBody);
                    let given = body.find(|(plain, _)| plain.name == name);
                    given.and_then(|(plain, _)| {
                        let named = self.source.names.find(pair.plain, plain)?;
                        Some(self.variable(named, &plain.value))
                    })
                }
                None => None,
            };
            words.push(match variable {
                Some(variable) => format!("\"${variable}\""),
                // The recorded browser was signed in already; this one is not.
                None if way.decision != "cancel" => {
                    let value = self.source.names.plain().find(|(_, named)| *named == first);
                    let value = value.map(|(value, _)| value.to_owned());
                    let variable = self.variable(first, value.as_deref().unwrap_or_default());
                    format!("\"${variable}\"")
                }
                None => "''".to_owned(),
            });
        }
        let scopes = way.scopes.join(" ");
        let _ = writeln!(
            self.body,
            "sign_in_and_decide {} {} {}",
            words.join(" "),
            way.decision,
            quoted(&scopes)
        );
    }

    /// What the client does with the answer: checks it, and takes what it brings.
    fn arrive(&mut self, begin: Pair<'a>, way: &Way<'a>) {
        let Some(back) = way.back else {
            return;
        };
        let answer = |name: &str| returned(back).find(|(plain, _)| plain.name == name);
        let sent = requested(begin).find(|(plain, _)| plain.name == "state");
        if let (Some((state, _)), Some(_)) = (sent, answer("state")) {
            let variable = self
                .source
                .names
                .find(begin.plain, state)
                .map(Named::variable);
            if let Some(variable) = variable.filter(|name| self.known.contains(name)) {
                let _ = writeln!(
                    self.body,
                    "[ \"$(parameter state)\" = \"${variable}\" ] || fail 'the state that came back is not the one that was sent'"
                );
            }
        }
        if let Some((iss, _)) = answer("iss").filter(|(iss, _)| iss.value == self.source.issuer) {
            // RFC 9207 §2.4, as it stands in the address.
            let iss: String = url::form_urlencoded::byte_serialize(iss.value.as_bytes()).collect();
            let _ = writeln!(
                self.body,
                "[ \"$(parameter iss)\" = {} ] || fail 'the answer is of another issuer'",
                quoted(&iss)
            );
        }
        if let Some((error, _)) = answer("error") {
            let recorded = quoted(&error.value);
            let _ = writeln!(self.body, "status=$(parameter error)\ncompare {recorded}");
            return;
        }
        self.body.push_str(
            "[ -z \"$(parameter error)\" ] || fail \"the auth server answered the error $(parameter error)\"\n",
        );
        for name in ["code", "access_token", "id_token"] {
            let Some((plain, _)) = answer(name) else {
                continue;
            };
            if let Some(named) = self.source.names.find(back.plain, plain) {
                let variable = named.variable();
                let _ = writeln!(self.body, "{variable}=$(parameter {name})");
                self.known.insert(variable);
            }
        }
        self.body
            .push_str("printf '  -> back at %s\\n' \"${location%%[?#]*}\"\n");
    }
}

impl<'a> Way<'a> {
    /// What one exchange of the way says.
    fn learn(&mut self, pair: Pair<'a>) {
        if pair.plain.method != "POST" {
            return;
        }
        let body = || standing(pair, ParameterPlace::RequestBody);
        let says = |name: &str, value: &str| {
            let mut given = body();
            given.any(|(plain, _)| plain.name == name && plain.value == value)
        };
        match pair.plain.path.as_str() {
            "/login" if says("cancel", "yes") => self.decision = "cancel",
            "/login" => self.sign_in = Some(pair),
            "/consent" => {
                self.decision = if says("decision", "deny") {
                    "deny"
                } else {
                    "allow"
                };
                let ticked = body().filter(|(plain, _)| plain.name == "scope");
                self.scopes = ticked.map(|(_, shown)| shown.value.clone()).collect();
            }
            _ => {}
        }
    }
}

/// The parameters of an authorization request (RFC 6749 §3.1: `GET`, or `POST`).
fn requested(pair: Pair<'_>) -> impl Iterator<Item = (&Parameter, &Parameter)> {
    use ParameterPlace::{RequestBody, RequestQuery};
    standing(pair, RequestQuery).chain(standing(pair, RequestBody))
}

/// The parameters that a redirect carries back.
fn returned(pair: Pair<'_>) -> impl Iterator<Item = (&Parameter, &Parameter)> {
    use ParameterPlace::{RedirectFragment, RedirectQuery};
    standing(pair, RedirectQuery).chain(standing(pair, RedirectFragment))
}
