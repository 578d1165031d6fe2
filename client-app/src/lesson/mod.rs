//! Lessons: a short guided page for each grant and for what all of them share, tied to the learner's own last run.
//!
//! | file | what is in it |
//! |---|---|
//! | [`catalog`] | the lessons in the order of the course |
//! | [`shape`] | what a lesson is, as data: what it points at, what to look at, break and compare |
//! | [`grants`], [`topics`], [`family`] | the lessons themselves, by what they teach |
//! | [`moment`] | the moments of a flow that lessons point at, as predicates over the record |
//! | [`learner`] | which flow is the learner's own last run |
//! | [`prose`] | a sentence with its code and its references to the standards |
//! | [`figure`] | the small drawing of a lesson |
//! | [`page`] | the two pages, `templates/lessons.html` and `templates/lesson.html` |
//!
//! May read the record and the runs; changes nothing and sends nothing. Every sentence stands in
//! `shared/locales/*/lessons.ftl`, under `lesson-{name}-…`. Reading a lesson is no part of a flow: not observed.

mod catalog;
mod family;
mod figure;
mod grants;
mod learner;
mod moment;
mod page;
mod prose;
mod shape;
mod topics;

#[cfg(test)]
mod tests;

pub(crate) use catalog::of_grant;
pub(crate) use page::{index, show};
