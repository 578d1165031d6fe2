//! The page of the provider: `templates/provider.html`.

use askama::Template;
use serde_json::{Map, Value};
use shared::page::Frame;

use super::Told;
use super::endpoint::METHODS;
use crate::endpoint::visit::Visit;
use crate::page::Explained;

/// What was just done.
pub(super) enum Outcome {
    /// A client was registered, or refused.
    Registered {
        /// What was sent.
        sent: Value,
        /// What came back.
        told: Told,
    },
    /// A client was removed.
    Removed {
        /// Which.
        client_id: String,
        /// What came back.
        told: Told,
    },
}

/// Members of one kind.
struct Group {
    slug: &'static str,
    title: String,
    members: Vec<Explained>,
}

/// What was just done, ready to show.
struct Done {
    title: String,
    status: u16,
    sent: Vec<Explained>,
    answered: Vec<Explained>,
    exchange: String,
}

/// `templates/provider.html`
#[derive(Template)]
#[template(path = "provider.html")]
pub(crate) struct ProviderPage {
    frame: Frame,
    csrf: String,
    issuer: String,
    exchange: Option<String>,
    groups: Vec<Group>,
    may_register: bool,
    methods: [&'static str; 3],
    registered: Vec<String>,
    done: Option<Done>,
}

impl ProviderPage {
    /// The page for this visit. `read` is what the provider says of itself, where it answered.
    pub(super) fn new(visit: &Visit, read: Option<&Told>, outcome: Option<Outcome>) -> Self {
        let frame = visit.frame.clone();
        let members = read.map(|told| &told.members);
        let may_register =
            members.is_some_and(|members| members.contains_key("registration_endpoint"));
        Self {
            csrf: visit.csrf(),
            issuer: visit.state.addresses.issuer(&visit.realm),
            exchange: read.map(|told| told.exchange.to_string()),
            groups: members.map_or_else(Vec::new, |members| groups(&frame, members)),
            may_register,
            methods: METHODS,
            registered: visit.state.registrations.of(&visit.realm),
            done: outcome.map(|outcome| Done::new(&frame, outcome)),
            frame,
        }
    }
}

/// The members by what they are about: where things are, what is offered, how things are signed.
fn groups(frame: &Frame, members: &Map<String, Value>) -> Vec<Group> {
    let kind = |name: &str| {
        if name.contains("_alg_") || name.contains("_enc_") {
            "signed"
        } else if name == "issuer" || name.ends_with("_endpoint") || name.ends_with("_uri") {
            "where"
        } else {
            "offered"
        }
    };
    ["where", "offered", "signed"]
        .into_iter()
        .map(|slug| {
            let own = members.iter().filter(|(name, _)| kind(name) == slug);
            Group {
                slug,
                title: frame.t(format!("provider-group-{slug}")),
                members: own
                    .map(|(name, value)| explained(frame, name, value))
                    .collect(),
            }
        })
        .filter(|group| !group.members.is_empty())
        .collect()
}

impl Done {
    fn new(frame: &Frame, outcome: Outcome) -> Self {
        let all = |members: &Map<String, Value>| -> Vec<Explained> {
            let members = members.iter();
            members
                .map(|(name, value)| explained(frame, name, value))
                .collect()
        };
        match outcome {
            Outcome::Registered { sent, told } => Self {
                title: frame.t(if told.status == 201 {
                    "provider-registered"
                } else {
                    "provider-refused"
                }),
                status: told.status,
                sent: sent.as_object().map(all).unwrap_or_default(),
                answered: all(&told.members),
                exchange: told.exchange.to_string(),
            },
            Outcome::Removed { client_id, told } => Self {
                title: frame.ta("provider-removed", [("client", client_id.as_str())]),
                status: told.status,
                sent: Vec::new(),
                answered: all(&told.members),
                exchange: told.exchange.to_string(),
            },
        }
    }
}

/// A member with its sentence: of `client_name#zh-CN`, that of `client_name`.
fn explained(frame: &Frame, name: &str, value: &Value) -> Explained {
    let base = name.split('#').next().unwrap_or(name);
    Explained {
        name: name.to_owned(),
        ..Explained::new(frame, base, shown(value))
    }
}

/// A value as people read it: texts without quotes, lists with commas.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
