//! The comparison in a sentence or two: where the flows part, and who said no.

use shared::flow::{Channel, Party};
use shared::page::{Frame, key_of};

use super::difference::{Change, Difference};
use super::{Comparison, Decided, Flank, Step};
use crate::record::knowledge::danger::Exposure;
use crate::viewer::{self, Reference};

/// What stands at the top of the page.
pub(crate) struct Headline {
    /// Whether there is nothing to tell.
    pub(crate) same: bool,
    /// Of which kinds the two are, where they are of two.
    pub(crate) grants: Option<String>,
    /// Where they part.
    pub(crate) first: Option<Told>,
    /// Who said no.
    pub(crate) decided: Vec<DecidedLine>,
    /// What is exposed in one of the two alone.
    pub(crate) exposed: Vec<ExposedLine>,
}

/// A value that is exposed in one flow and not in the other.
pub(crate) struct ExposedLine {
    pub(crate) text: String,
    /// The rule that says so.
    pub(crate) sentence: String,
    pub(crate) reference: Reference,
}

/// A sentence, and where on the page it leads.
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) anchor: String,
}

/// A refusal that one flow has and the other has not.
pub(crate) struct DecidedLine {
    pub(crate) told: Told,
    /// The protocol's error and the status: `400 invalid_grant`.
    pub(crate) error: String,
    pub(crate) check: Option<FailedCheck>,
}

/// The check behind a refusal.
pub(crate) struct FailedCheck {
    pub(crate) id: String,
    pub(crate) sentence: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) reference: Reference,
}

impl Headline {
    pub(crate) fn new(frame: &Frame, comparison: &Comparison) -> Self {
        let (left, right) = (comparison.left.grant, comparison.right.grant);
        let grant = |grant: crate::record::flow::Grant| frame.t(key_of("grant-name", grant.name()));
        let grants = [("left", grant(left)), ("right", grant(right))];
        let first = comparison.first.and_then(|at| {
            let step = comparison.steps.get(at)?;
            Some(Told {
                text: first_difference(frame, step),
                anchor: anchor(at),
            })
        });
        let decided = comparison.decided.iter();
        Self {
            same: comparison.same,
            grants: (left != right).then(|| frame.ta("compare-grants", grants)),
            first,
            exposed: exposed(frame, comparison),
            decided: decided
                .map(|found| DecidedLine::new(frame, found))
                .collect(),
        }
    }
}

impl DecidedLine {
    fn new(frame: &Frame, decided: &Decided) -> Self {
        let who = match &decided.by {
            Party::Stranger(product) => frame.ta("party-subject-stranger", [("name", product)]),
            known => frame.t(key_of("party-subject", known.role())),
        };
        let flow = frame.t(flank_key(decided.flank));
        let text = [
            ("who", who),
            ("flow", flow),
            ("step", decided.step.to_string()),
        ];
        let status = decided.status.map(|status| status.to_string());
        let error = status.into_iter().chain(decided.error.clone());
        Self {
            told: Told {
                text: frame.ta("compare-decided", text),
                anchor: anchor(decided.at),
            },
            error: error.collect::<Vec<_>>().join(" "),
            check: decided.check.as_ref().map(|check| FailedCheck {
                sentence: frame
                    .find(key_of("check", &check.id))
                    .unwrap_or_else(|| check.id.clone()),
                id: check.id.clone(),
                expected: check.expected.clone(),
                got: check.got.clone(),
                reference: Reference::of(&check.reference),
            }),
        }
    }
}

/// What is exposed in one flow alone, each rule once.
fn exposed(frame: &Frame, comparison: &Comparison) -> Vec<ExposedLine> {
    let mut rules = Vec::new();
    let mut lines = Vec::new();
    for found in &comparison.knowledge {
        let cells = [(Flank::Left, &found.left), (Flank::Right, &found.right)];
        for (flank, cell) in cells {
            let cell = cell
                .as_ref()
                .filter(|cell| cell.exposure == Some(Exposure::Exposed));
            let rule = cell.and_then(|cell| Some((cell.rule.clone()?, cell.reference.clone()?)));
            let Some((rule, reference)) = rule else {
                continue;
            };
            if rules.contains(&(flank, rule.clone())) {
                continue;
            }
            let text = [
                (
                    "value",
                    frame.t(key_of("knowledge-value", viewer::name_of(found.kind))),
                ),
                ("knower", viewer::knower_name(frame, &found.knower)),
                ("flow", frame.t(flank_key(flank))),
            ];
            lines.push(ExposedLine {
                text: frame.ta("compare-exposed", text),
                sentence: frame.t(key_of("knowledge-rule", &rule)),
                reference: Reference::of(&reference),
            });
            rules.push((flank, rule));
        }
    }
    lines
}

/// Where a step stands on the page.
pub(super) fn anchor(at: usize) -> String {
    format!("at-{}", at + 1)
}

/// What a flow is called on the page, by its side.
pub(super) const fn flank_key(flank: Flank) -> &'static str {
    match flank {
        Flank::Left => "compare-first",
        Flank::Right => "compare-second",
    }
}

/// What a channel is called.
pub(super) const fn channel_key(channel: Channel) -> &'static str {
    match channel {
        Channel::Front => "channel-front",
        Channel::Back => "channel-back",
    }
}

/// The first thing in which this step differs.
fn first_difference(frame: &Frame, step: &Step) -> String {
    let alone = match (&step.left, &step.right) {
        (Some(left), None) => Some(("compare-part-only-first", left)),
        (None, Some(right)) => Some(("compare-part-only-second", right)),
        _ => None,
    };
    if let Some((key, exchange)) = alone {
        let name = format!("{} {}", exchange.method, exchange.path);
        let text = [("step", exchange.step.to_string()), ("name", name)];
        return frame.ta(key, text);
    }
    let number = step.left.as_ref().map_or(0, |left| left.step).to_string();
    let (key, name) = match step.differences.iter().find(|found| found.counts()) {
        Some(Difference::Parameter(found)) => {
            let key = match found.change {
                Change::Added => "compare-part-added",
                Change::Removed => "compare-part-removed",
                Change::Changed => "compare-part-changed",
            };
            (key, found.name.clone())
        }
        Some(Difference::Check(found)) => ("compare-part-check", found.id.clone()),
        Some(Difference::Header(found)) => ("compare-part-other", found.name.clone()),
        Some(other) => ("compare-part-other", frame.t(what_key(other))),
        None => ("compare-part-other", String::new()),
    };
    frame.ta(key, [("step", number), ("name", name)])
}

/// What differs, in a word.
pub(super) const fn what_key(difference: &Difference) -> &'static str {
    match difference {
        Difference::From(_) => "compare-what-from",
        Difference::Channel(_) => "compare-what-channel",
        Difference::Method(_) => "compare-what-method",
        Difference::Path(_) => "compare-what-path",
        Difference::Parameter(_) => "compare-what-parameter",
        Difference::Header(_) => "compare-what-header",
        Difference::Check(_) => "compare-what-check",
        Difference::Status(_) => "compare-what-status",
        Difference::Failure(_) => "compare-what-failure",
    }
}
