//! Programs that measure the demo from outside, each by one command; what they print stands in `docs/performance.md`.
//!
//! | program | what it measures |
//! |---|---|
//! | `bench` | every workload, beside the floor and beside a peer; `benches/run` builds what it needs and starts it |
//! | `floor` | nothing: it is the floor, a bare server that does only what an operation cannot avoid |
//! | `recording` | what the record costs a server that issues tokens |
//!
//! Compare within one run only: times differ from machine to machine and from minute to minute. This library is the
//! driver: [`visitor`] is one user, [`load`] many at once, [`server`] what they use, [`process`] what it cost.

pub mod cookies;
pub mod failure;
pub mod form;
pub mod http;
pub mod load;
pub mod process;
pub mod server;
pub mod target;
pub mod visitor;
pub mod workload;
