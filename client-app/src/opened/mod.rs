//! One exchange, opened: `/flows/{flow}/exchanges/{exchange}/open`, in six tabs.
//!
//! | file | what is in it |
//! |---|---|
//! | `page` | the page: its tabs, where it stands in its flow |
//! | `words` | what happens, in plain words, and why the protocol has it |
//! | `message` | request and response: first line, headers, body |
//! | `parameters` | each parameter with its sentence and its section |
//! | `checks` | how the server decided, check by check |
//! | `token` | the tokens in it, decoded and verified step by step |
//! | `said`, `phrases` | what a check expected and got, in the reader's words |
//!
//! Drawn from the record alone ([`crate::record::view::ExchangeView`]). Everything shown is hostile text: it goes
//! through askama's escaping and nowhere else. Complete without JavaScript; `assets/opened.js` spares the reload.

mod checks;
mod message;
mod page;
mod parameters;
mod phrases;
mod said;
mod token;
mod words;

pub(crate) use checks::CheckLine;
pub(crate) use page::show;
pub(crate) use said::Piece;
pub(crate) use token::tokens;

/// The parameters that stay hidden on the screen until somebody asks: what a person or a client keeps in its head.
const CONCEALED: [&str; 2] = ["password", "client_secret"];

/// Whether a parameter of this name stays hidden until somebody asks.
fn is_concealed(name: &str) -> bool {
    CONCEALED.contains(&name)
}
