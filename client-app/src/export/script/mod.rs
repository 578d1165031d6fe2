//! A flow as a `curl` script that runs as it is: it plays the client and the browser, with fresh values.
//!
//! What an answer brings (code, tokens) is taken from that answer and goes into the next request, under the names
//! that all exports use. Credentials are variables at the top: asked of the environment, or filled in where values
//! are shown. RFC 6749 §4, RFC 7636 §4.

mod authorization;
mod request;

use std::collections::BTreeSet;
use std::fmt::Write;

use shared::flow::redaction::HIDDEN;
use shared::flow::{Kind, Party, ValueKind};

use super::names::{Named, Names, What};
use super::redact::Values;
use super::shell::{Word, quoted};
use crate::record::parameter::Parameter;
use crate::record::view::{ExchangeView, FlowView};

const BASE: &str = include_str!("base.sh");
const PKCE: &str = include_str!("pkce.sh");
const BROWSER: &str = include_str!("browser.sh");

/// What a script is made of.
pub(crate) struct Source<'a> {
    /// The flow as the record has it.
    pub(crate) flow: &'a FlowView,
    /// The same as it may be shown.
    pub(crate) shown: &'a FlowView,
    /// The names of its values.
    pub(crate) names: &'a Names,
    /// Whether values are shown.
    pub(crate) values: Values,
    /// The base URL of the auth server in this realm.
    pub(crate) issuer: String,
    /// The base URL of the API in this realm.
    pub(crate) api: String,
    /// What the script says at the top, and before each of the exchanges of `shown`.
    pub(crate) title: &'a str,
    /// A sentence for each exchange, in their order.
    pub(crate) sentences: &'a [String],
    /// What is said where the flow goes on after `shown`.
    pub(crate) left_out: Option<String>,
}

impl Source<'_> {
    /// The script.
    pub(crate) fn script(&self) -> String {
        let mut script = Script {
            source: self,
            known: BTreeSet::new(),
            asked: Vec::new(),
            hidden: Hidden::default(),
            body: String::new(),
            uses: Uses::default(),
        };
        script.steps();
        script.finish()
    }
}

/// Which parts a script needs.
#[derive(Default)]
struct Uses {
    browser: bool,
    pkce: bool,
}

/// A script in the making.
struct Script<'a> {
    source: &'a Source<'a>,
    /// The variables that have a value at this point of the script.
    known: BTreeSet<String>,
    /// The variables at the top, with the value that is filled in.
    asked: Vec<(String, Option<String>)>,
    /// The variables of what is hidden.
    hidden: Hidden,
    body: String,
    uses: Uses,
}

/// Variables of hidden values: one for each value, and one for each gap of which nobody knows the value.
#[derive(Default)]
struct Hidden {
    /// The value, the name that it would have alone, and the one that it has.
    known: Vec<(Option<String>, String, String)>,
}

impl Hidden {
    /// The variable of `value`, which would be called `name` if it were the only one of this name.
    fn variable(&mut self, name: &str, value: &str) -> String {
        let value = Some(value.to_owned()).filter(|value| !value.contains(HIDDEN));
        let same = |known: &&(Option<String>, String, String)| {
            value.is_some() && known.0 == value && known.1 == name
        };
        if let Some((_, _, variable)) = self.known.iter().find(same) {
            return variable.clone();
        }
        let taken = |variable: &str| self.known.iter().any(|(_, _, known)| known == variable);
        let mut variable = name.to_owned();
        let mut number = 1_u32;
        while taken(&variable) {
            number = number.saturating_add(1);
            variable = format!("{name}_{number}");
        }
        self.known.push((value, name.to_owned(), variable.clone()));
        variable
    }
}

/// An exchange as the record has it, and as it may be shown.
#[derive(Clone, Copy)]
struct Pair<'a> {
    at: usize,
    plain: &'a ExchangeView,
    shown: &'a ExchangeView,
}

/// How a value stands in a script.
enum Written {
    /// As it is.
    Text(String),
    /// As a variable.
    Variable(String),
}

impl<'a> Script<'a> {
    fn pairs(&self) -> impl Iterator<Item = Pair<'a>> + use<'a> {
        let plain = self.source.flow.exchanges.iter();
        let shown = self.source.shown.exchanges.iter();
        let pairs = plain.zip(shown).enumerate();
        pairs.map(|(at, (plain, shown))| Pair { at, plain, shown })
    }

    /// All steps, in the order of the record.
    fn steps(&mut self) {
        let mut open: Option<String> = None;
        for pair in self.pairs() {
            let exchange = pair.plain;
            let provider = matches!(exchange.to, Party::AuthServer | Party::ResourceServer);
            // What the provider's servers ask each other happens again by itself.
            let outside = !matches!(exchange.from, Party::AuthServer | Party::ResourceServer);
            let is_request = exchange.kind == Kind::Http && exchange.method != "OPTIONS";
            if !(provider && outside && is_request) {
                continue;
            }
            if authorization::begins(exchange) {
                let asked = exchange.parameters.iter().map(|p| &p.value);
                let asked = asked.cloned().collect::<Vec<_>>().join("&");
                // The same request, sent again after sign-in, is part of the same way.
                if open.as_ref() != Some(&asked) {
                    self.authorization(pair);
                    open = Some(asked);
                }
            } else if authorization::is_page(exchange) {
                if open.is_none() {
                    self.leave_out(pair);
                }
            } else {
                self.request(pair);
            }
        }
    }

    /// The head, what is asked, the parts that are needed, and the steps.
    fn finish(self) -> String {
        let mut script = String::from("#!/usr/bin/env bash\n");
        let head = [
            self.source.title,
            "This plays the client and the browser of one recorded flow: the requests are real, all values are new.",
            "Each answer is compared with the recorded one; the exit status is 1 where one differs.",
        ];
        for line in head.into_iter().chain(self.source.left_out.as_deref()) {
            let _ = writeln!(script, "# {}", comment(line));
        }
        script.push_str("set -euf\numask 077\n");
        self.variables(&mut script);
        script.push_str(BASE);
        if self.uses.pkce {
            script.push_str(PKCE);
        }
        if self.uses.browser {
            script.push_str(BROWSER);
        }
        script.push_str(&self.body);
        script.push_str(
            "\n[ \"$differs\" -eq 0 ] || fail \"answers that differ from the record: $differs\"\n",
        );
        script
    }

    /// Where the provider is, and what the script cannot know.
    fn variables(&self, script: &mut String) {
        if !self.asked.is_empty() {
            script.push_str(match self.source.values {
                Values::Redacted => "\n# Not in this file: give them in the environment.\n",
                Values::Shown => "\n# SECRETS of this flow: do not pass this file on.\n",
            });
        }
        for (variable, value) in &self.asked {
            let _ = match value {
                Some(value) => writeln!(script, "{variable}={}", quoted(value)),
                None => writeln!(script, ": \"${{{variable}:?set {variable}}}\""),
            };
        }
        let _ = write!(
            script,
            "\nISSUER={}\nORIGIN={}\nAPI={}\n",
            quoted(&self.source.issuer),
            quoted(origin_of(&self.source.issuer)),
            quoted(&self.source.api)
        );
    }

    /// Announces the step of an exchange.
    fn announce(&mut self, pair: Pair<'_>) {
        let sentence = self.source.sentences.get(pair.at);
        let text = sentence.map_or("", String::as_str);
        let line = format!("{}. {}", pair.shown.step, comment(text));
        let _ = writeln!(self.body, "\nstep {}", quoted(&line));
    }

    /// Says what is not sent again, since its address is hidden.
    fn leave_out(&mut self, pair: Pair<'_>) {
        let line = format!(
            "{}. left out: {} {}",
            pair.shown.step, pair.shown.method, pair.shown.path
        );
        let _ = writeln!(self.body, "\n# {}", comment(&line));
    }

    /// How the value of a parameter stands in the script.
    fn written(&mut self, pair: Pair<'_>, parameter: (&Parameter, &Parameter)) -> Written {
        let (plain, shown) = parameter;
        if let Some(named) = self.source.names.find(pair.plain, plain) {
            return Written::Variable(self.variable(named, &plain.value));
        }
        if shown.value.contains(HIDDEN) || shown.value != plain.value {
            let word: String = plain.name.chars().take(40).collect();
            let name = Word::default().variable(&format!("hidden_{word}"));
            let name = name.to_string();
            let name = name.trim_matches(['"', '$', '{', '}', ':', '?']);
            let name = self.hidden.variable(name, &plain.value);
            self.ask(&name, None);
            return Written::Variable(name);
        }
        Written::Text(plain.value.clone())
    }

    /// The variable of a value, with something in it.
    fn variable(&mut self, named: Named, value: &str) -> String {
        let variable = named.variable();
        if self.known.contains(&variable) {
            return variable;
        }
        let made_by_client = matches!(
            named.what,
            What::Value(ValueKind::State | ValueKind::Nonce | ValueKind::CodeVerifier)
        );
        if made_by_client {
            let _ = writeln!(self.body, "{variable}=$(random_text)");
            self.known.insert(variable.clone());
        } else {
            self.ask(&variable, Some(value));
        }
        variable
    }

    /// A variable at the top.
    fn ask(&mut self, variable: &str, value: Option<&str>) {
        if self.known.insert(variable.to_owned()) {
            let value = value.filter(|value| !value.contains(HIDDEN));
            let value = value.filter(|_| self.source.values == Values::Shown);
            let asked = (variable.to_owned(), value.map(str::to_owned));
            self.asked.push(asked);
        }
    }
}

/// The place that a URL begins with: scheme and authority.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/'));
    end.and_then(|end| url.get(..start + end)).unwrap_or(url)
}

/// Text on one line: what could end a comment, or turn a terminal, becomes a space.
fn comment(text: &str) -> String {
    let seen = |c: char| {
        !c.is_control() && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if seen(c) { c } else { ' ' })
        .collect()
}

/// A line of a command: an option and its word.
fn option(written: &mut String, option: &str, word: &impl std::fmt::Display) {
    let _ = write!(written, " \\\n    {option} {word}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hidden_values_of_one_name_are_two_variables() {
        let mut hidden = Hidden::default();
        assert_eq!(hidden.variable("HIDDEN_PIN", "1234"), "HIDDEN_PIN");
        assert_eq!(hidden.variable("HIDDEN_PIN", "5678"), "HIDDEN_PIN_2");
        assert_eq!(hidden.variable("HIDDEN_PIN", "1234"), "HIDDEN_PIN");
        // Of what the record itself hides, nobody knows whether it is the same.
        assert_eq!(hidden.variable("HIDDEN_PIN", HIDDEN), "HIDDEN_PIN_3");
        assert_eq!(hidden.variable("HIDDEN_PIN", HIDDEN), "HIDDEN_PIN_4");
        assert_eq!(hidden.variable("HIDDEN_PIN_2", "x"), "HIDDEN_PIN_2_2");
    }
}
