//! Take it away: a flow as files for other tools, redacted unless the reader of a demo asks otherwise.
//!
//! | file | what is in it |
//! |---|---|
//! | `curl` | one exchange as a `curl` command |
//! | `shell` | words of a shell, quoted |
//!
//! Everything is drawn from the record ([`crate::record::view::FlowView`]). What a file says is hostile text: each
//! format escapes it by its own grammar.

pub(crate) mod curl;
mod shell;
