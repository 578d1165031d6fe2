//! The living diagram: a flow drawn from its record, as a map of the roles or as a sequence, live or on paper.
//!
//! | file | what is in it |
//! |---|---|
//! | [`scene`] | what is drawn: parties, arrows, values; read off the record's [`FlowView`] alone |
//! | `caption` | an exchange in one line, without any secret |
//! | `board`, [`map`] | where the parties stand, and the arrows between them |
//! | [`sequence`] | one lane a party, one row an exchange |
//! | [`figure`] | the drawing of a page: a view, the step that is looked at, its card |
//! | `pieces` | the parts that a page fetches while it is open |
//! | `beside` | the same beside a running grant |
//! | `present` | one step at a time, in large type |
//! | [`svg`] | a picture that stands by itself |
//!
//! The drawing is for eyes; the list of the flow page ([`crate::viewer`]) says the same to everybody, in the same order.
//! Everything captured is hostile text and goes through askama's escaping and nowhere else.

mod beside;
mod board;
mod caption;
mod figure;
mod map;
mod pieces;
mod present;
mod scene;
mod sequence;
pub(crate) mod svg;

#[cfg(test)]
mod tests;

pub(crate) use beside::beside;
pub(crate) use figure::{Figure, chips, step_of};
pub(crate) use pieces::{card, diagram, pieces};
pub(crate) use present::present;
pub(crate) use scene::Scene;
pub(crate) use sequence::ChipDrawn;

use serde::{Deserialize, Serialize};
use shared::flow::ExchangeId;
use shared::page::Frame;

#[cfg(doc)]
use crate::record::view::FlowView;

/// How a flow is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// The roles and numbered arrows between them.
    #[default]
    Map,
    /// One lane a party, from top to bottom.
    Sequence,
}

impl View {
    /// `map` or `sequence`, as the query `view=` has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Sequence => "sequence",
        }
    }

    /// Reads a name; the map for anything else.
    pub(crate) fn named(name: Option<&str>) -> Self {
        match name {
            Some("sequence") => Self::Sequence,
            _ => Self::Map,
        }
    }
}

/// What a page of a flow may be asked: `?view=map|sequence&step=4`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    view: Option<String>,
    step: Option<String>,
}

impl Asked {
    /// The view.
    pub(crate) fn view(&self) -> View {
        View::named(self.view.as_deref())
    }

    /// The step, from 1; `None` for the newest.
    pub(crate) fn step(&self) -> Option<usize> {
        self.step.as_deref()?.parse().ok()
    }
}

/// Where an exchange is opened.
fn opened(frame: &Frame, flow: &ExchangeId, exchange: &ExchangeId) -> String {
    frame.link(format!("/flows/{flow}/exchanges/{exchange}/open"))
}
