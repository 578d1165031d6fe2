//! What was asked while something else was answered: it lies before that answer, so it may be the cause of what
//! differs there.

use std::collections::HashMap;

use shared::flow::{ExchangeId, Outcome};

use super::difference::Difference;
use super::{Flank, Step};
use crate::record::view::ExchangeView;

/// Which steps lie within which.
#[derive(Debug)]
pub(super) struct Nesting {
    /// For each step, the steps whose exchanges were sent while its own was answered.
    within: Vec<Vec<usize>>,
    /// Whether a check failed in a step, in the left flow and in the right.
    failed: Vec<(bool, bool)>,
}

impl Nesting {
    /// The nesting of these steps of two flows.
    pub(super) fn of(left: &[ExchangeView], right: &[ExchangeView], steps: &[Step]) -> Self {
        let mut within = vec![Vec::new(); steps.len()];
        for (flank, exchanges) in [(Flank::Left, left), (Flank::Right, right)] {
            let places = places(steps, flank);
            for exchange in exchanges {
                let outer = exchange.caused_by.as_ref().and_then(|id| places.get(id));
                let inner = places.get(&exchange.id);
                if let (Some(outer), Some(inner)) = (outer, inner)
                    && let Some(list) = within.get_mut(*outer)
                    && !list.contains(inner)
                {
                    list.push(*inner);
                }
            }
        }
        let failing = |exchanges: &[ExchangeView]| {
            let failing = exchanges.iter().filter(|exchange| has_failed(exchange));
            failing
                .map(|exchange| exchange.id.clone())
                .collect::<Vec<_>>()
        };
        let (in_left, in_right) = (failing(left), failing(right));
        let failed = steps.iter().map(|step| {
            let of = |side: &Option<crate::record::view::ExchangeBrief>, ids: &[ExchangeId]| {
                side.as_ref().is_some_and(|side| ids.contains(&side.id))
            };
            (of(&step.left, &in_left), of(&step.right, &in_right))
        });
        Self {
            failed: failed.collect(),
            within,
        }
    }

    /// Where the flows part: of a step that differs only in its answer, what differs within it came first.
    pub(super) fn first(&self, steps: &[Step]) -> Option<usize> {
        let mut at = steps.iter().position(Step::differs)?;
        // Each turn goes further in; a ring of causes ends it.
        for _ in 0..steps.len() {
            let step = steps.get(at)?;
            let mut counting = step.differences.iter().filter(|found| found.counts());
            let only_answer = counting.next().is_some_and(Difference::is_of_answer);
            let mut inner = self.within.get(at).into_iter().flatten();
            let inner = inner.find(|inner| steps.get(**inner).is_some_and(Step::differs));
            match inner {
                Some(inner) if only_answer => at = *inner,
                _ => break,
            }
        }
        Some(at)
    }

    /// Marks checks that only ended otherwise because a check within their exchange had failed.
    pub(super) fn mark_consequences(&self, steps: &mut [Step]) {
        for (at, step) in steps.iter_mut().enumerate() {
            let inner = self.within.get(at).into_iter().flatten();
            let inner = inner.filter_map(|inner| self.failed.get(*inner));
            let (left, right) = inner.fold((false, false), |(left, right), (one, other)| {
                (left || *one, right || *other)
            });
            for difference in &mut step.differences {
                if let Difference::Check(check) = difference {
                    let failed = |side: &Option<shared::flow::Check>| {
                        let outcome = side.as_ref().map(|check| check.outcome);
                        outcome != Some(Outcome::Passed)
                    };
                    let cause = (left && failed(&check.left)) || (right && failed(&check.right));
                    check.follows |= cause;
                }
            }
        }
    }
}

/// Where each exchange of one flow stands among the steps.
fn places(steps: &[Step], flank: Flank) -> HashMap<&ExchangeId, usize> {
    let sides = steps.iter().zip(0..);
    let sides = sides.filter_map(|(step, at)| Some((&flank.of(step)?.id, at)));
    sides.collect()
}

fn has_failed(exchange: &ExchangeView) -> bool {
    let mut checks = exchange.checks.iter();
    checks.any(|check| check.outcome == Outcome::Failed)
}
