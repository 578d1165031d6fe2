//! Take it away: a flow as files for other tools, redacted unless the reader of a demo asks otherwise.
//!
//! | file | what is in it |
//! |---|---|
//! | `names` | the names of a flow's values, the same in every file |
//! | `redact` | a flow as anybody may see it |
//! | `file` | the formats, and the file of each |
//! | `page` | the page that offers them |
//! | `script` | a `curl` script that runs as it is |
//! | `har`, `markdown`, `mermaid` | a format each |
//! | `curl` | one exchange as a `curl` command |
//! | `shell` | words of a shell, quoted |
//!
//! Everything is drawn from the record ([`crate::record::view::FlowView`]). What a file says is hostile text: each
//! format escapes it by its own grammar.

pub(crate) mod curl;
mod file;
mod har;
mod markdown;
mod mermaid;
mod names;
mod page;
mod redact;
mod script;
mod shell;

#[cfg(test)]
mod tests;

pub(crate) use file::download;
pub(crate) use page::show;
