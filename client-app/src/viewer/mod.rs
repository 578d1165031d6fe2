//! The flow pages: every flow of the realm, and every exchange of a flow in order, opened down to its checks.
//!
//! Complete without JavaScript; with it, `assets/flow.js` listens to the record's stream and fetches each new
//! piece as HTML that was rendered here. Everything shown is hostile text: it goes through askama's escaping and
//! nowhere else. Watching is no part of a flow, so none of these routes is observed.

mod exchange;
mod flow;
mod found;
mod json;
mod knowledge;
mod list;
mod moment;
mod reference;
mod sentence;

#[cfg(test)]
mod tests;

pub(crate) use exchange::{ExchangeCard, cards, fragment, name_of, sends_on};
pub(crate) use flow::{predict_link, show, summary};
pub(crate) use found::{FoundFlow, UnknownFlowPage};
pub(crate) use json::indented;
pub(crate) use knowledge::{
    KnowledgeTable, name_of as knower_name, show as knowledge_page, table as knowledge_table,
};
pub(crate) use list::{FlowRow, list, row};
pub(crate) use moment::milliseconds;
pub(crate) use reference::{Reference, claim_reference, header_reference, reference_of};
pub(crate) use sentence::{endpoint_keys, place_of, sentence_of};

use shared::flow::Party;
use shared::page::{Frame, key_of};

/// A party as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartyLabel {
    /// Its class: the colour and the shape.
    pub(crate) class: &'static str,
    /// Its name in the reader's language; a stranger's own.
    pub(crate) name: String,
}

impl PartyLabel {
    /// The label of `party`.
    pub(crate) fn of(frame: &Frame, party: &Party) -> Self {
        let name = match party {
            Party::Stranger(product) => product.clone(),
            known => frame.t(key_of("party", known.role())),
        };
        Self {
            class: party.role(),
            name,
        }
    }
}
