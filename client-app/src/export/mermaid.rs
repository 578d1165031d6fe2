//! A flow as a Mermaid sequence diagram, for Markdown, wikis and slides.
//!
//! [Mermaid's grammar](https://mermaid.js.org/syntax/sequenceDiagram.html): a message ends at the end of its line or
//! at `;` or `#`, and `#35;` writes a character by its code. Captured text is hostile: what is no letter, digit or
//! known sign is written by its code, so that nothing in it is grammar or HTML.

use std::fmt::Write;

use shared::flow::{Channel, Kind, Party};

use crate::record::view::{ExchangeView, FlowView};

/// The most characters of one caption.
const LONGEST: usize = 160;

/// What a diagram says besides the record.
pub(super) struct Words {
    /// What the flow is.
    pub(super) title: String,
    /// The name of each party of the flow, in their order.
    pub(super) parties: Vec<String>,
    /// What stands over something that a script saw in the browser.
    pub(super) in_browser: String,
    /// The front channel.
    pub(super) front: String,
    /// The back channel.
    pub(super) back: String,
    /// What stands in place of a status where no answer came.
    pub(super) no_answer: String,
    /// What stands below where the flow goes on.
    pub(super) left_out: Option<String>,
}

/// The diagram.
pub(super) fn mermaid(flow: &FlowView, words: &Words) -> String {
    let mut text = format!("---\ntitle: \"{}\"\n---\n", title(&words.title));
    text.push_str("sequenceDiagram\n");
    for (party, name) in flow.summary.parties.iter().zip(&words.parties) {
        let kind = if *party == Party::Browser {
            "actor"
        } else {
            "participant"
        };
        let id = id_of(flow, party);
        let _ = writeln!(text, "    {kind} {id} as {}", escaped(name));
    }
    for exchange in &flow.exchanges {
        arrows(&mut text, flow, exchange, words);
    }
    if let (Some(rest), Some(party)) = (&words.left_out, flow.summary.parties.first()) {
        let _ = writeln!(
            text,
            "    Note over {}: {}",
            id_of(flow, party),
            escaped(rest)
        );
    }
    text
}

/// The two arrows of an exchange: the answer's is dotted.
fn arrows(text: &mut String, flow: &FlowView, exchange: &ExchangeView, words: &Words) {
    let (from, to) = (id_of(flow, &exchange.from), id_of(flow, &exchange.to));
    if exchange.kind == Kind::InBrowser {
        let seen = escaped(&format!("{} {}", words.in_browser, exchange.path));
        let _ = writeln!(text, "    Note over {from}: {seen}");
        return;
    }
    let (channel, arrow) = match exchange.channel {
        Channel::Front => (&words.front, "->>"),
        // Another head, and another word: never by one of them alone.
        Channel::Back => (&words.back, "-)"),
    };
    let asked = format!(
        "{}. {} {} ({channel})",
        exchange.step, exchange.method, exchange.path
    );
    let (asked, sent) = (escaped(&asked), sent(exchange));
    let _ = writeln!(text, "    {from}{arrow}{to}: {asked}{sent}");
    let failed = exchange
        .checks
        .iter()
        .find(|check| check.outcome == shared::flow::Outcome::Failed);
    let answer = match exchange.status {
        Some(status) => status.to_string(),
        None => words.no_answer.clone(),
    };
    let arrow = match (exchange.status, exchange.channel) {
        (None, _) => "--x",
        (_, Channel::Front) => "-->>",
        (_, Channel::Back) => "--)",
    };
    let _ = writeln!(
        text,
        "    {to}{arrow}{from}: {}{}",
        escaped(&answer),
        brought(exchange)
    );
    if let Some(check) = failed {
        let _ = writeln!(text, "    Note over {to}: ✗ {}", escaped(&check.id));
    }
}

/// The parameters that say what is asked for.
fn sent(exchange: &ExchangeView) -> String {
    use crate::record::parameter::ParameterPlace::{RequestBody, RequestHeader, RequestQuery};
    listed(exchange, &[RequestQuery, RequestHeader, RequestBody])
}

/// The parameters that come back.
fn brought(exchange: &ExchangeView) -> String {
    use crate::record::parameter::ParameterPlace::{RedirectFragment, RedirectQuery, ResponseBody};
    listed(exchange, &[RedirectQuery, RedirectFragment, ResponseBody])
}

/// The protocol's parameters at these places, as `name=value`, cut to what a caption holds.
fn listed(exchange: &ExchangeView, places: &[crate::record::parameter::ParameterPlace]) -> String {
    let standing = exchange.parameters.iter();
    let standing =
        standing.filter(|p| places.contains(&p.place) && SHOWN.contains(&p.name.as_str()));
    let mut lines = String::new();
    for parameter in standing {
        let value: String = parameter.value.chars().take(48).collect();
        let cut = if value.len() < parameter.value.len() {
            "…"
        } else {
            ""
        };
        let line = escaped(&format!("{}={value}{cut}", parameter.name));
        let _ = write!(lines, "<br/>{line}");
    }
    lines
}

/// The parameters that a diagram has room for.
const SHOWN: [&str; 18] = [
    "response_type",
    "client_id",
    "client_secret",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "grant_type",
    "code",
    "code_verifier",
    "username",
    "password",
    "access_token",
    "refresh_token",
    "id_token",
    "error",
    "token",
    "iss",
];

/// The lane of a party: a name of ours, never one that was captured.
fn id_of(flow: &FlowView, party: &Party) -> String {
    match party {
        Party::Browser => "Browser".to_owned(),
        Party::ClientApp => "ClientApp".to_owned(),
        Party::AuthServer => "AuthServer".to_owned(),
        Party::ResourceServer => "ResourceServer".to_owned(),
        Party::Stranger(_) => {
            let strangers = flow.summary.parties.iter();
            let mut strangers = strangers.filter(|known| matches!(known, Party::Stranger(_)));
            let number = strangers.position(|known| known == party).unwrap_or(0) + 1;
            format!("Stranger{number}")
        }
    }
}

/// Text as one caption: letters, digits and harmless signs as they are, everything else by its code.
pub(super) fn escaped(text: &str) -> String {
    let mut written = String::new();
    for c in text.chars().take(LONGEST) {
        let harmless = c.is_alphanumeric() || " _-./=,!?()+*'‹›…✗&@".contains(c);
        if harmless {
            written.push(c);
        } else if c.is_whitespace() || c.is_control() {
            written.push(' ');
        } else {
            let _ = write!(written, "#{};", u32::from(c));
        }
    }
    // A word of the grammar at the end of a line would end a block.
    if written.trim().eq_ignore_ascii_case("end") {
        written = format!("({})", written.trim());
    }
    written
}

/// The title: YAML in double quotes, without what could end them.
fn title(text: &str) -> String {
    let kept = text.chars().take(LONGEST);
    kept.map(|c| match c {
        '"' | '\\' => '\'',
        '<' | '>' | '{' | '}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    })
    .collect()
}
