//! One exchange in plain words: what happens, why the protocol has it, who can see it, what it carried, what came of it.
//!
//! Put together from the language files by what was observed: endpoint, grant, channel, values, answer. A stranger's
//! exchange is told in the same way.

use shared::flow::{Channel, Kind, ValuePlace};
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use crate::record::view::ExchangeView;
use crate::viewer::{endpoint_keys, name_of, sentence_of};

/// What the tab *in plain words* says.
pub(crate) struct Words {
    /// Who asks whom for what, and what comes of it.
    pub(crate) sentence: String,
    /// Why the protocol has this exchange.
    pub(crate) why: Option<String>,
    /// Who can see it.
    pub(crate) seen: Vec<String>,
    pub(crate) carried: Vec<Carried>,
}

/// A value that it carried.
pub(crate) struct Carried {
    pub(crate) name: &'static str,
    pub(crate) hash: String,
    /// Where it stood.
    pub(crate) places: Vec<String>,
    /// What it is.
    pub(crate) sentence: Option<String>,
}

impl Words {
    /// The words for `exchange`.
    pub(crate) fn new(frame: &Frame, addresses: &Addresses, exchange: &ExchangeView) -> Self {
        let keys = endpoint_keys(exchange);
        let mut whys = keys.iter().map(|key| format!("why-{key}"));
        let why = whys.find(|key| frame.has(key));
        let why = why.or_else(|| {
            let known = exchange.kind == Kind::InBrowser;
            known.then(|| "why-in-browser".to_owned())
        });
        Self {
            sentence: sentence_of(frame, addresses, exchange),
            why: why.map(|key| frame.t(key)),
            seen: seen(frame, exchange),
            carried: carried(frame, exchange),
        }
    }
}

/// Who can see what travelled, by the channel and by where the values stood.
fn seen(frame: &Frame, exchange: &ExchangeView) -> Vec<String> {
    if exchange.kind == Kind::InBrowser {
        return vec![frame.t("opened-seen-in-browser")];
    }
    let stands = |places: &[ValuePlace]| {
        let mut values = exchange.values.iter();
        values.any(|value| places.contains(&value.place))
    };
    let mut keys = vec![match exchange.channel {
        Channel::Front => "opened-seen-front",
        Channel::Back => "opened-seen-back",
    }];
    if exchange.channel == Channel::Front {
        if stands(&[ValuePlace::RequestQuery, ValuePlace::RedirectQuery]) {
            keys.push("opened-seen-query");
        }
        if stands(&[ValuePlace::RedirectFragment]) {
            keys.push("opened-seen-fragment");
        }
    } else if stands(&[ValuePlace::RequestQuery]) {
        keys.push("opened-seen-logged");
    }
    keys.into_iter().map(|key| frame.t(key)).collect()
}

/// The values, each once, with every place where it stood.
fn carried(frame: &Frame, exchange: &ExchangeView) -> Vec<Carried> {
    let mut found: Vec<Carried> = Vec::new();
    for value in &exchange.values {
        let place = frame.t(match value.place {
            ValuePlace::RequestQuery => "record-place-request-query",
            ValuePlace::RequestHeader => "record-place-request-header",
            ValuePlace::RequestBody => "record-place-request-body",
            ValuePlace::RedirectQuery => "record-place-redirect-query",
            ValuePlace::RedirectFragment => "record-place-redirect-fragment",
            ValuePlace::ResponseBody => "record-place-response-body",
            ValuePlace::BrowserFragment => "opened-place-browser-fragment",
        });
        let name = name_of(value.kind);
        let hash = value.hash.as_str();
        let known = found
            .iter_mut()
            .find(|known| known.name == name && known.hash == hash);
        match known {
            Some(known) => known.places.push(place),
            None => found.push(Carried {
                name,
                hash: hash.to_owned(),
                places: vec![place],
                sentence: frame.find(key_of("parameter", name)),
            }),
        }
    }
    found
}
