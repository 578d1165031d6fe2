//! The doctor: is everything reached, and does it fit together? For a first start, a classroom, a bug report.
//!
//! | file | what is in it |
//! |---|---|
//! | [`facts`] | what is gathered: how each service answers, from here and from its peers |
//! | [`visitor`] | what the browser's own request says: name, cookies, language |
//! | [`finding`] | a finding: ok, care or fault, its evidence and its remedy |
//! | [`services`], [`fitting`], [`browser`] | the judgement: facts in, findings out, no I/O |
//! | [`page`] | `GET {base}/doctor` and `GET {base}/api/doctor` |
//!
//! May call the other services' `/healthz`, `/readyz` and `/vitals` (`shared::serve`), unobserved: it is no part of
//! any flow. Shows no secret: of cookies it names names only. What only a browser can tell is asked by
//! `assets/doctor.js`; without scripts the page says so and gives links.

mod browser;
mod facts;
mod finding;
mod fitting;
mod page;
mod services;
mod visitor;

#[cfg(test)]
mod tests;

pub(crate) use page::{report, show};
