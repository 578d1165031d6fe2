//! One question about one exchange: through the browser or directly, and which values travel.
//!
//! What is right is what the record's exchange did. The other choices are what other exchanges of the same flow
//! carried, and then what other flows usually do; their order tells nothing.

use std::collections::BTreeSet;

use shared::flow::{Channel, Kind, Party, ValueKind, ValuePlace};

use crate::record::view::{ExchangeView, FlowView};

/// How many sets of values stand to choose from.
const CHOICES: usize = 4;

/// The kinds that are asked about, in the order in which they are named. The handles of these programs are not
/// the protocol's.
const ASKED: [(ValueKind, &str); 13] = [
    (ValueKind::Password, "password"),
    (ValueKind::ClientSecret, "client_secret"),
    (ValueKind::State, "state"),
    (ValueKind::Nonce, "nonce"),
    (ValueKind::CodeChallenge, "code_challenge"),
    (ValueKind::CodeVerifier, "code_verifier"),
    (ValueKind::RequestUri, "request_uri"),
    (ValueKind::Code, "code"),
    (ValueKind::DeviceCode, "device_code"),
    (ValueKind::UserCode, "user_code"),
    (ValueKind::AccessToken, "access_token"),
    (ValueKind::RefreshToken, "refresh_token"),
    (ValueKind::IdToken, "id_token"),
];

/// What exchanges of other flows carry, where a flow is too short to offer enough.
const USUAL: [&str; 7] = [
    "code,code_verifier,client_secret",
    "password",
    "none",
    "access_token",
    "code,state",
    "client_secret,access_token",
    "state,code_challenge",
];

/// How an exchange travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Through the browser.
    Front,
    /// Server to server.
    Back,
}

impl Way {
    /// Both, in the order in which they are asked.
    pub(super) const ALL: [Self; 2] = [Self::Front, Self::Back];

    /// As it stands in the address and in keys: `front`, `back`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// A set of kinds of value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kinds(BTreeSet<usize>);

impl Kinds {
    /// The kinds that an exchange carried, in either direction.
    pub(super) fn of(exchange: &ExchangeView) -> Self {
        let values = exchange.values.iter();
        let places =
            values.filter_map(|value| ASKED.iter().position(|(kind, _)| *kind == value.kind));
        Self(places.collect())
    }

    /// Reads `code,state` or `none`; nothing for a name that is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::default());
        }
        let names = text.split(',');
        let places = names.map(|name| ASKED.iter().position(|(_, known)| *known == name));
        places.collect::<Option<_>>().map(Self)
    }

    /// As it stands in the address.
    pub(super) fn as_text(&self) -> String {
        if self.0.is_empty() {
            "none".to_owned()
        } else {
            self.names().join(",")
        }
    }

    /// The names of the kinds, as the protocol spells them.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let places = self.0.iter();
        places
            .filter_map(|at| ASKED.get(*at).map(|(_, name)| *name))
            .collect()
    }

    /// Whether a kind of this name is in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().contains(&name)
    }
}

/// What travels of one kind, and which way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Travels {
    /// The kind's name.
    pub(super) name: &'static str,
    /// With the request.
    pub(super) there: bool,
    /// With the answer.
    pub(super) back: bool,
}

/// A question and its answer.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// How the exchange travelled.
    pub(super) way: Way,
    /// What it carried.
    pub(super) kinds: Kinds,
    /// What there is to choose from, the right one among them.
    pub(super) choices: Vec<Kinds>,
}

impl Question {
    /// The question about the exchange `at` (from 0) of `flow`, if there is such a one.
    pub(super) fn of(flow: &FlowView, at: usize) -> Option<Self> {
        let exchange = flow.exchanges.get(at)?;
        let kinds = Kinds::of(exchange);
        Some(Self {
            way: way_of(exchange),
            choices: choices(flow, exchange, &kinds),
            kinds,
        })
    }
}

/// How an exchange travelled; what stays in the browser went no other way.
pub(super) fn way_of(exchange: &ExchangeView) -> Way {
    match (exchange.kind, exchange.channel) {
        (Kind::InBrowser, _) | (_, Channel::Front) => Way::Front,
        (_, Channel::Back) => Way::Back,
    }
}

fn choices(flow: &FlowView, exchange: &ExchangeView, right: &Kinds) -> Vec<Kinds> {
    let mut choices = vec![right.clone()];
    let others = flow.exchanges.iter().map(Kinds::of);
    // One of each flow's own sets is always among them, however alike its exchanges are.
    let usual = USUAL.iter().filter_map(|names| Kinds::parse(names));
    for other in others.chain(usual) {
        if choices.len() == CHOICES {
            break;
        }
        if !choices.contains(&other) {
            choices.push(other);
        }
    }
    // An order that is the same at every look and says nothing about which is right.
    choices.sort_by_cached_key(|kinds| scattered(exchange.id.as_str(), &kinds.as_text()));
    choices
}

/// A number that looks random (FNV-1a).
fn scattered(seed: &str, text: &str) -> u64 {
    let bytes = seed.bytes().chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What travelled of each kind.
pub(super) fn travels(exchange: &ExchangeView) -> Vec<Travels> {
    let kinds = ASKED.iter().filter_map(|(kind, name)| {
        let places = exchange
            .values
            .iter()
            .filter(|value| value.kind == *kind)
            .map(|value| value.place);
        let (mut there, mut back) = (false, false);
        for place in places {
            match place {
                ValuePlace::RequestQuery
                | ValuePlace::RequestHeader
                | ValuePlace::RequestBody
                | ValuePlace::BrowserFragment => there = true,
                ValuePlace::RedirectQuery
                | ValuePlace::RedirectFragment
                | ValuePlace::ResponseBody => back = true,
            }
        }
        (there || back).then_some(Travels { name, there, back })
    });
    kinds.collect()
}

/// The key of the sentence that says why an exchange travels as it does.
pub(super) fn why(exchange: &ExchangeView) -> &'static str {
    if exchange.kind == Kind::InBrowser {
        return "predict-why-in-browser";
    }
    let front = exchange.channel == Channel::Front;
    let stranger = matches!(exchange.from, Party::Stranger(_));
    match (&exchange.to, exchange.path.as_str(), front) {
        (Party::AuthServer, "/authorize", true) => "predict-why-authorize",
        (Party::AuthServer, "/login" | "/consent", true) => "predict-why-sign-in",
        (Party::AuthServer, "/token", false) => "predict-why-token",
        (Party::AuthServer, _, false) => "predict-why-servers",
        (Party::ResourceServer, _, true) => "predict-why-api-front",
        (Party::ResourceServer, _, false) if !stranger => "predict-why-api-back",
        (Party::ClientApp, "/callback", true) => "predict-why-callback",
        (Party::ClientApp, "/callback/implicit", true) => "predict-why-callback-implicit",
        (Party::ClientApp, _, true) => "predict-why-client-app",
        (_, _, true) => "predict-why-front",
        (_, _, false) => "predict-why-back",
    }
}
