//! The rigs: one file each. A rig starts what it needs, does its harm, and gives rows.

pub(crate) mod away;
pub(crate) mod bad_provider;
pub(crate) mod hang;
pub(crate) mod kill;
pub(crate) mod memory;
pub(crate) mod migration;
pub(crate) mod races;
pub(crate) mod restart;
pub(crate) mod rotation;
pub(crate) mod skew;
pub(crate) mod stop;
pub(crate) mod sweep;

use crate::world::{Backend, Programs};

/// What every rig is given.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// Where the programs are.
    pub(crate) programs: Programs,
    /// The back ends to try.
    pub(crate) backends: Vec<Backend>,
    /// Whether only the short form is run.
    pub(crate) short: bool,
}

impl Bench {
    /// `full`, or `short` in the short form.
    pub(crate) fn pick<T>(&self, full: T, short: T) -> T {
        if self.short { short } else { full }
    }
}
