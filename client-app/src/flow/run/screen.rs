//! The TV's screen, for whoever stands in for its person: what it shows, when it asks next, and its switch.

use shared::time::Timestamp;

use super::{RunStore, Stage};
use crate::flow::Waiting;

impl RunStore {
    /// What the TV of run `id` shows, while it waits.
    pub(crate) fn waiting(&self, id: &str) -> Option<Waiting> {
        let runs = self.lock();
        let (_, run) = runs.runs.get(id)?;
        match &run.stage {
            Stage::Polling(waiting) => Some(waiting.clone()),
            _ => None,
        }
    }

    /// Lets the TV of run `id` ask next at this moment of the realm's time, while it waits.
    pub(crate) fn poll_at(&self, id: &str, moment: Timestamp) {
        self.update(id, |run| {
            if let Stage::Polling(waiting) = &mut run.stage {
                waiting.next_poll = moment;
            }
        });
    }

    /// Switches the TV of run `id` off, if it still waits: it asks no more.
    pub(crate) fn switch_off(&self, id: &str) {
        self.update(id, |run| {
            if matches!(run.stage, Stage::Polling(_)) {
                run.stage = Stage::Ended;
            }
        });
    }
}
