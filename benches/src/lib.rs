//! Programs that measure the demo from outside, each by one command; what they print stands in `docs/performance.md`.
//!
//! | program | what it measures |
//! |---|---|
//! | `recording` | what the record costs a server that issues tokens |
//!
//! Compare within one run only: times differ from machine to machine and from minute to minute.
