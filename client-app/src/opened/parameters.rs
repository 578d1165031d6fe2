//! Each parameter of an exchange, wherever it stood, with its sentence and the section that defines it.

use shared::page::{Frame, key_of};

use super::is_concealed;
use crate::record::parameter::{Parameter, ParameterPlace};
use crate::viewer::{Reference, reference_of};

/// One parameter.
pub(crate) struct ParameterLine {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it is hidden until somebody asks.
    pub(crate) concealed: bool,
    pub(crate) place: String,
    pub(crate) sentence: Option<String>,
    pub(crate) reference: Option<Reference>,
}

impl ParameterLine {
    /// The line of `parameter` in an exchange at `path`.
    pub(crate) fn new(frame: &Frame, parameter: &Parameter, path: &str) -> Self {
        let reference = reference_of(&parameter.name, parameter.place, path);
        Self {
            place: frame.t(place_key(parameter.place)),
            concealed: is_concealed(&parameter.name),
            sentence: frame.find(key_of("parameter", &parameter.name)),
            reference: reference.map(Reference::of),
            name: parameter.name.clone(),
            value: parameter.value.clone(),
        }
    }
}

/// The key of the words for a place.
pub(super) const fn place_key(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::RequestQuery => "record-place-request-query",
        ParameterPlace::RequestHeader => "record-place-request-header",
        ParameterPlace::RequestBody => "record-place-request-body",
        ParameterPlace::RedirectQuery => "record-place-redirect-query",
        ParameterPlace::RedirectFragment => "record-place-redirect-fragment",
        ParameterPlace::ResponseBody => "record-place-response-body",
    }
}
