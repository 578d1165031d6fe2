//! Changes to a request that waits, by the names of its parameters: what a person or a script says, as the edits
//! that `shared::control` makes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use shared::control::{Answer, DecideError, Decision, Edit, Paused, Place};

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

impl Action {
    /// The decision about `paused`.
    ///
    /// # Errors
    /// [`DecideError::NoSuchParameter`], [`DecideError::Twice`].
    pub(super) fn decision(self, paused: &Paused) -> Result<Decision, DecideError> {
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
    fn edits(self, paused: &Paused) -> Result<Vec<Edit>, DecideError> {
        self.is_of_one_mind()?;
        let whole = self.body.is_some();
        let unknown = |name: &str| {
            DecideError::NoSuchParameter(format!("the request has no parameter {name:?}"))
        };
        let mut edits = Vec::new();
        for (name, value) in self.set {
            let mut places = places(paused, &name);
            let (place, index) = places.next().ok_or_else(|| unknown(&name))?;
            edits.push(Edit::Set {
                place,
                index,
                value,
            });
        }
        for name in self.remove {
            let mut places = places(paused, &name).peekable();
            if places.peek().is_none() {
                return Err(unknown(&name));
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
        if whole && edits.iter().any(is_in_body) {
            return Err(DecideError::Twice("the body".to_owned()));
        }
        let headers = self.headers.into_iter();
        edits.extend(headers.map(|(name, value)| Edit::Header { name, value }));
        edits.extend(self.body.map(|text| Edit::Body { text }));
        Ok(edits)
    }

    /// Whether no parameter is both set and left out, or left out twice.
    fn is_of_one_mind(&self) -> Result<(), DecideError> {
        let mut left_out = BTreeSet::new();
        for name in &self.remove {
            if self.set.contains_key(name) || !left_out.insert(name) {
                return Err(DecideError::Twice(format!("the parameter {name:?}")));
            }
        }
        Ok(())
    }
}

/// Whether an edit changes one parameter of the body.
fn is_in_body(edit: &Edit) -> bool {
    match edit {
        Edit::Set { place, .. } | Edit::Remove { place, .. } | Edit::Add { place, .. } => {
            *place == Place::RequestBody
        }
        Edit::Header { .. } | Edit::Body { .. } => false,
    }
}

/// Where the parameters of this name stand.
fn places<'a>(paused: &'a Paused, name: &'a str) -> impl Iterator<Item = (Place, usize)> + 'a {
    let named = paused.parameters.iter();
    named
        .filter(move |parameter| parameter.name == name)
        .map(|parameter| (parameter.place, parameter.index))
}
