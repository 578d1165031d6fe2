//! Guides: to which flow an exchange belongs that somebody makes on purpose with values of other flows.
//!
//! Who breaks a flow puts a code or a token of another flow into it. The value is the same, the flows are two: the
//! one who sends it says so before it is sent. Bounded; the oldest guide gives way.

use std::collections::{HashMap, VecDeque};

use shared::flow::{ExchangeId, ValueHash};

/// The most guides that are kept.
const MOST: usize = 2_000;

/// What is known of an exchange before it is observed.
#[derive(Clone, Debug)]
pub struct Guide {
    /// It belongs to the flow of this exchange.
    pub with: ExchangeId,
    /// Values that it carries and that belong to other flows: they join nothing here.
    pub foreign: Vec<ValueHash>,
}

/// The guides of the exchanges that are made on purpose.
#[derive(Debug, Default)]
pub(super) struct Guides {
    by_exchange: HashMap<ExchangeId, Guide>,
    order: VecDeque<ExchangeId>,
}

impl Guides {
    /// Keeps the guide of an exchange that is about to be made.
    pub(super) fn insert(&mut self, exchange: ExchangeId, guide: Guide) {
        while self.order.len() >= MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.by_exchange.remove(&oldest);
            }
        }
        if self.by_exchange.insert(exchange.clone(), guide).is_none() {
            self.order.push_back(exchange);
        }
    }

    /// The guide of an exchange: its own, or that of the one that caused it.
    pub(super) fn of(&self, exchange: &ExchangeId, cause: Option<&ExchangeId>) -> Option<&Guide> {
        let own = self.by_exchange.get(exchange);
        own.or_else(|| self.by_exchange.get(cause?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_holds_for_what_its_exchange_causes_and_the_oldest_gives_way() {
        let mut guides = Guides::default();
        let ids: Vec<_> = (0..=i64::try_from(MOST).unwrap())
            .map(ExchangeId::new)
            .collect();
        for id in &ids {
            let (with, foreign) = (id.clone(), Vec::new());
            guides.insert(id.clone(), Guide { with, foreign });
        }
        let other = ExchangeId::new(0);
        assert!(guides.of(&ids[0], None).is_none());
        assert!(guides.of(&other, Some(&ids[1])).is_some());
        assert_eq!(guides.order.len(), MOST);
    }
}
