//! Changes to a request that waits, by the names of its parameters: what a person or a script says, as the edits
//! that `shared::control` makes.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::control::{Answer, Decision, Edit, Paused, Place};

/// What becomes of a request, as JSON says it.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// It goes on as it came.
    Continue {},
    /// It goes on, changed.
    Change(Change),
    /// It is dropped.
    Drop {},
    /// The breakpoint answers.
    Answer(Answer),
}

/// The changes of one request.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Change {
    /// New values of parameters that it has, by name.
    set: BTreeMap<String, String>,
    /// Parameters that are left out, by name.
    remove: Vec<String>,
    /// Parameters that come at the end, though there may be one of that name.
    add: Vec<Added>,
    /// New values of headers, by lower-case name; `null` leaves one out.
    headers: BTreeMap<String, Option<String>>,
    /// Another body as a whole.
    body: Option<String>,
}

/// A parameter that is added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    name: String,
    value: String,
    /// By default the body where that is a form, else the query.
    place: Option<Place>,
}

/// A change names a parameter that the request does not have.
#[derive(Debug, thiserror::Error)]
#[error("the request has no parameter {0:?}")]
pub(super) struct NoSuchParameter(String);

impl Action {
    /// The decision about `paused`.
    ///
    /// # Errors
    /// [`NoSuchParameter`].
    pub(super) fn decision(self, paused: &Paused) -> Result<Decision, NoSuchParameter> {
        Ok(match self {
            Self::Continue {} => Decision::Continue,
            Self::Drop {} => Decision::Drop,
            Self::Answer(answer) => Decision::Answer { answer },
            Self::Change(change) => Decision::Change {
                edits: change.edits(paused)?,
            },
        })
    }
}

impl Change {
    fn edits(self, paused: &Paused) -> Result<Vec<Edit>, NoSuchParameter> {
        let mut edits = Vec::new();
        for (name, value) in self.set {
            let mut places = places(paused, &name);
            let (place, index) = places.next().ok_or(NoSuchParameter(name.clone()))?;
            edits.push(Edit::Set {
                place,
                index,
                value,
            });
        }
        for name in self.remove {
            let mut places = places(paused, &name).peekable();
            if places.peek().is_none() {
                return Err(NoSuchParameter(name.clone()));
            }
            edits.extend(places.map(|(place, index)| Edit::Remove { place, index }));
        }
        let usual = if paused.is_form {
            Place::RequestBody
        } else {
            Place::RequestQuery
        };
        edits.extend(self.add.into_iter().map(|added| Edit::Add {
            place: added.place.unwrap_or(usual),
            name: added.name,
            value: added.value,
        }));
        let headers = self.headers.into_iter();
        edits.extend(headers.map(|(name, value)| Edit::Header { name, value }));
        edits.extend(self.body.map(|text| Edit::Body { text }));
        Ok(edits)
    }
}

/// Where the parameters of this name stand.
fn places<'a>(paused: &'a Paused, name: &'a str) -> impl Iterator<Item = (Place, usize)> + 'a {
    let named = paused.parameters.iter();
    named
        .filter(move |parameter| parameter.name == name)
        .map(|parameter| (parameter.place, parameter.index))
}
