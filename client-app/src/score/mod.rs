//! Score: which rules of OAuth 2.1 / RFC 9700 and of FAPI 2.0 a client's registration and its last flows meet, and
//! which not, each with its reason.
//!
//! | file | what is in it |
//! |---|---|
//! | [`rule`] | a rule, and how one ended |
//! | [`registration`] | the rules that a registration answers |
//! | [`flows`] | the rules that only a flow answers, from its verdicts and what it carried |
//! | [`card`] | all of them for one client |
//! | [`endpoint`], [`page`] | `/clients`, `/clients/{id}` and their API |
//!
//! Facts about registrations come from the auth server (`shared::registration`); flows from the record. A legacy grant
//! is judged as RFC 9700 judges it: the page says so, and says what to use instead.

mod card;
pub(crate) mod endpoint;
mod flows;
mod page;
mod registration;
mod rule;
