//! One struct a page, its template of the same name beside it in `templates/`. Text comes from the language files.

mod check_line;
mod grant;
mod home;
mod implicit_callback;
mod moment;
mod qr;
mod refusal;
mod run;
mod token;
mod tv;

#[cfg(test)]
pub(crate) mod samples;

pub(crate) use check_line::CheckLine;
pub(crate) use grant::GrantPage;
pub(crate) use home::HomePage;
pub(crate) use implicit_callback::ImplicitCallbackPage;
pub(crate) use moment::{Moment, distance, span};
pub(crate) use refusal::RefusalPage;
pub(crate) use run::RunPage;
pub(crate) use tv::TvPage;

use shared::page::{Frame, key_of};

/// A parameter, a field or a claim: its name, its value, and a sentence about it.
#[derive(Clone, Debug)]
pub(crate) struct Explained {
    /// Its name in the protocol.
    pub(crate) name: String,
    /// Its value: hostile text.
    pub(crate) value: String,
    /// A sentence in the reader's language; empty where none is known.
    pub(crate) sentence: String,
    /// The same value for people, a time for instance; empty where there is nothing to add.
    pub(crate) human: String,
}

impl Explained {
    /// With the sentence of the language files for a parameter of this name.
    pub(crate) fn new(frame: &Frame, name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            sentence: frame.find(key_of("parameter", name)).unwrap_or_default(),
            human: String::new(),
        }
    }

    /// With a sentence of our own in its place.
    pub(crate) fn saying(self, sentence: String) -> Self {
        Self { sentence, ..self }
    }
}
