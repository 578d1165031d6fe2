//! What joins a hop to a flow: the values that it carries, the exchange that caused it, the preflight before it.
//!
//! Values that a server made (codes, tokens, handles) are unguessable: who shares one belongs together. Values
//! that a client chose (`state`, `nonce`, PKCE) may be constants in somebody's script, so they never join two
//! authorization requests (in the browser or pushed), two codes, or two clients with each other.

use shared::flow::{ExchangeId, Party, ValueHash, ValueKind};
use shared::realm::RealmName;

use super::guide::Guide;
use super::hop::Hop;

/// Something that two hops may share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct JoinKey {
    realm: RealmName,
    shared: Shared,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Shared {
    /// The same protocol value.
    Value(ValueHash),
    /// The exchange itself, and those that it caused.
    Exchange(ExchangeId),
    /// A browser's question whether a script may call this URL (Fetch §4.8): it carries no value of its own.
    Preflight(String),
}

/// The keys of one hop.
#[derive(Clone, Debug, Default)]
pub(super) struct JoinKeys {
    /// Whoever shares one of these belongs to the same flow.
    pub(super) strong: Vec<JoinKey>,
    /// These join unless both sides have an authorization request, a code, or a client of their own.
    pub(super) weak: Vec<JoinKey>,
    /// A preflight waits under this key for the call that it was made for.
    pub(super) offers: Option<JoinKey>,
    /// The call takes the preflight that waits under this key.
    pub(super) claims: Option<JoinKey>,
}

impl JoinKeys {
    /// The keys of `hop`.
    pub(super) fn of(hop: &Hop) -> Self {
        let exchange = &hop.exchange;
        let key = |shared| JoinKey {
            realm: exchange.realm.clone(),
            shared,
        };
        let mut keys = Self::default();
        keys.strong.push(key(Shared::Exchange(exchange.id.clone())));
        if let Some(cause) = &exchange.caused_by {
            keys.strong.push(key(Shared::Exchange(cause.clone())));
        }
        // What was sent says where it belongs, also where it never arrived. But the hint of who signs out is the ID
        // token of another flow: it tells whose, and joins nothing.
        let of_another = |kind| kind == ValueKind::IdToken && hop.signs_out();
        let values = exchange.values.iter().chain(&hop.only_sent);
        for value in values.filter(|value| value.kind.joins() && !of_another(value.kind)) {
            let value_key = key(Shared::Value(value.hash.clone()));
            let list = if is_chosen_by_client(value.kind) {
                &mut keys.weak
            } else {
                &mut keys.strong
            };
            if !list.contains(&value_key) {
                list.push(value_key);
            }
        }
        if exchange.from == Party::Browser {
            let preflight = key(Shared::Preflight(exchange.url.clone()));
            if exchange.method == "OPTIONS" {
                keys.offers = Some(preflight);
            } else {
                keys.claims = Some(preflight);
            }
        }
        keys
    }

    /// The same for a hop that is known to belong to a certain flow, and to carry values of others.
    pub(super) fn guided(mut self, guide: Option<&Guide>, realm: &RealmName) -> Self {
        let Some(guide) = guide else { return self };
        let ours = |key: &JoinKey| match &key.shared {
            Shared::Value(hash) => !guide.foreign.contains(hash),
            _ => true,
        };
        self.strong.retain(ours);
        self.weak.retain(ours);
        let with = JoinKey {
            realm: realm.clone(),
            shared: Shared::Exchange(guide.with.clone()),
        };
        if !self.strong.contains(&with) {
            self.strong.push(with);
        }
        self
    }

    /// Those under which the hop is found.
    pub(super) fn registered(&self) -> impl Iterator<Item = &JoinKey> {
        self.strong.iter().chain(&self.weak).chain(&self.offers)
    }
}

const fn is_chosen_by_client(kind: ValueKind) -> bool {
    matches!(
        kind,
        ValueKind::State | ValueKind::Nonce | ValueKind::CodeChallenge | ValueKind::CodeVerifier
    )
}
