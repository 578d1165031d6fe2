//! Who knows what in one flow and not in the other, value by value, as the page shows it.

use shared::page::{Frame, key_of};

use super::KnowledgeDifference;
use crate::record::knowledge::Cell;
use crate::viewer;

/// One value, and who knows it in one flow alone (or exposed in one alone).
pub(crate) struct KnowledgeLine {
    pub(crate) value: String,
    pub(crate) left: Vec<KnownView>,
    pub(crate) right: Vec<KnownView>,
}

/// Somebody who knows a value.
pub(crate) struct KnownView {
    pub(crate) knower: String,
    /// `expected`, `noted` or `exposed`.
    pub(crate) class: &'static str,
    /// What that means, where it is not just as it should be.
    pub(crate) word: Option<String>,
    /// How and since when.
    pub(crate) how: String,
}

impl KnowledgeLine {
    /// The lines of these differences, which stand value by value.
    pub(crate) fn all(frame: &Frame, found: &[KnowledgeDifference]) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::new();
        let mut last = None;
        for difference in found {
            let value = (difference.kind, difference.number);
            if last != Some(value) {
                lines.push(Self {
                    value: value_name(frame, difference),
                    left: Vec::new(),
                    right: Vec::new(),
                });
                last = Some(value);
            }
            if let Some(line) = lines.last_mut() {
                line.left
                    .extend(KnownView::new(frame, difference.left.as_ref()));
                line.right
                    .extend(KnownView::new(frame, difference.right.as_ref()));
            }
        }
        lines
    }
}

fn value_name(frame: &Frame, found: &KnowledgeDifference) -> String {
    let kind = frame.t(key_of("knowledge-value", viewer::name_of(found.kind)));
    if found.number == 1 {
        return kind;
    }
    let number = found.number.to_string();
    frame.ta("knowledge-numbered", [("name", kind), ("number", number)])
}

impl KnownView {
    fn new(frame: &Frame, cell: Option<&Cell>) -> Option<Self> {
        let cell = cell?;
        let (learned, exposure) = (cell.learned.as_ref()?, cell.exposure?);
        let how = frame.t(key_of("knowledge-how", learned.how.name()));
        let step = frame.ta("knowledge-step", [("step", learned.step)]);
        let remarkable = cell.rule.is_some();
        Some(Self {
            knower: viewer::knower_name(frame, &cell.knower),
            class: exposure.name(),
            word: remarkable.then(|| frame.t(key_of("knowledge-exposure", exposure.name()))),
            how: frame.ta("compare-known", [("how", how), ("step", step)]),
        })
    }
}
