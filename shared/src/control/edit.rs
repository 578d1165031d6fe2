//! Changes to a request that waits: parameters one by one, a few headers, or the body as a whole.
//!
//! May use actix's header types. What is not changed stays byte for byte as it came, so that a server checks the
//! sender's own spelling.

use std::collections::BTreeSet;

use actix_web::http::Uri;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::request::StoredRequest;

/// The headers that may be changed: what the protocol reads. Cookies and the connection's own are not among them.
pub const EDITABLE_HEADERS: [&str; 8] = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "dpop",
    "origin",
    "referer",
    "user-agent",
];

/// The longest URL that a change may make, in bytes: far beyond what browsers and servers agree on, and within what
/// can be a request target at all.
const MAX_URL: usize = 32 * 1024;

/// Where a parameter of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the URL's query.
    RequestQuery,
    /// In the body, a form.
    RequestBody,
}

/// One change. Parameters are counted from 0 in the place where they stand, as the request came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Gives a parameter another value.
    Set {
        /// Where it stands.
        place: Place,
        /// Which it is.
        index: usize,
        /// The new value.
        value: String,
    },
    /// Leaves a parameter out.
    Remove {
        /// Where it stands.
        place: Place,
        /// Which it is.
        index: usize,
    },
    /// Adds a parameter at the end.
    Add {
        /// Where to.
        place: Place,
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Sets a header of [`EDITABLE_HEADERS`], or removes it.
    Header {
        /// Its name in lower case.
        name: String,
        /// Its value; `None` removes it.
        value: Option<String>,
    },
    /// Puts another body in place of the one that came.
    Body {
        /// The body.
        text: String,
    },
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such parameter.
    #[error("the request has no parameter {index} in its {place:?}")]
    NoParameter {
        /// Where it was looked for.
        place: Place,
        /// Which was looked for.
        index: usize,
    },
    /// The body is no form.
    #[error("the body is no form: it can only be changed as a whole")]
    NoForm,
    /// The header may not be changed.
    #[error("the header {0:?} cannot be changed here")]
    Header(String),
    /// The new target is no URI.
    #[error("the changed query is too long, or no query")]
    Target,
}

/// What was changed, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The names of what differs, in order of the alphabet: parameters, `header:authorization`, `body`.
    pub names: BTreeSet<String>,
    /// What the sender sent of it: name and value, where it sent one.
    pub sent: Vec<(String, String)>,
}

impl Changed {
    fn note(&mut self, name: String, sent: Option<String>) {
        if let Some(sent) = sent {
            self.sent.push((name.clone(), sent));
        }
        self.names.insert(name);
    }
}

/// The parts of form text, each one parameter as it was written.
struct Form {
    parts: Vec<Option<String>>,
    added: Vec<String>,
}

impl Form {
    fn of(text: &str) -> Self {
        let parts = text.split('&').filter(|part| !part.is_empty());
        Self {
            parts: parts.map(|part| Some(part.to_owned())).collect(),
            added: Vec::new(),
        }
    }

    fn text(self) -> String {
        let parts = self.parts.into_iter().flatten().chain(self.added);
        parts.collect::<Vec<_>>().join("&")
    }
}

/// The parameters of form text, name and value, in order.
#[must_use]
pub fn parameters_of(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(pair).collect()
}

fn pair(part: &str) -> (String, String) {
    form_urlencoded::parse(part.as_bytes()).next().map_or_else(
        || (part.to_owned(), String::new()),
        |(name, value)| (name.into_owned(), value.into_owned()),
    )
}

fn written(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
}

/// Changes `request`, all or nothing.
///
/// # Errors
/// [`EditError`].
pub fn apply(request: &mut StoredRequest, edits: &[Edit]) -> Result<Changed, EditError> {
    let mut changed = Changed::default();
    let mut copy = request.clone();
    let mut query = Form::of(copy.query());
    let text = std::str::from_utf8(&copy.body).ok();
    let mut body = text.filter(|_| copy.is_form()).map(Form::of);
    let mut whole = None;
    for edit in edits {
        match edit {
            Edit::Set { place, .. } | Edit::Remove { place, .. } | Edit::Add { place, .. } => {
                let form = match place {
                    Place::RequestQuery => &mut query,
                    Place::RequestBody => body.as_mut().ok_or(EditError::NoForm)?,
                };
                parameter(form, edit, &mut changed)?;
            }
            Edit::Header { name, value } => {
                header(&mut copy, name, value.as_deref(), &mut changed)?;
            }
            Edit::Body { text } => whole = Some(text.clone()),
        }
    }
    let query = query.text();
    if query != copy.query() {
        copy.uri = target(&copy.uri, &query)?;
    }
    let form = body.map(|form| Bytes::from(form.text()));
    match (whole, form) {
        (Some(text), _) if text.as_bytes() != copy.body.as_ref() => {
            let sent = String::from_utf8_lossy(&copy.body).into_owned();
            changed.note("body".to_owned(), Some(sent));
            copy.body = Bytes::from(text);
        }
        (None, Some(form)) if !changed.names.is_empty() => copy.body = form,
        _ => {}
    }
    *request = copy;
    Ok(changed)
}

/// Whether the URL of a request stays one that can be asked for.
///
/// # Errors
/// [`EditError::Target`] where it would be too long; [`EditError::NoParameter`] where one is taken out twice.
pub(super) fn fits(url: &str, edits: &[Edit]) -> Result<(), EditError> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut form = Form::of(query);
    let in_query = edits.iter().filter(|edit| match edit {
        Edit::Set { place, .. } | Edit::Remove { place, .. } | Edit::Add { place, .. } => {
            *place == Place::RequestQuery
        }
        Edit::Header { .. } | Edit::Body { .. } => false,
    });
    for edit in in_query {
        parameter(&mut form, edit, &mut Changed::default())?;
    }
    let length = path.len().saturating_add(form.text().len());
    // A longer one that came so may still be changed in its body.
    let grows = length > url.len();
    if grows && length >= MAX_URL {
        return Err(EditError::Target);
    }
    Ok(())
}

fn parameter(form: &mut Form, edit: &Edit, changed: &mut Changed) -> Result<(), EditError> {
    match edit {
        Edit::Set {
            place,
            index,
            value,
        } => {
            let missing = || EditError::NoParameter {
                place: *place,
                index: *index,
            };
            let part = form.parts.get_mut(*index).ok_or_else(missing)?;
            let (name, sent) = pair(part.as_deref().ok_or_else(missing)?);
            if sent != *value {
                *part = Some(written(&name, value));
                changed.note(name, Some(sent));
            }
        }
        Edit::Remove { place, index } => {
            let missing = || EditError::NoParameter {
                place: *place,
                index: *index,
            };
            let part = form.parts.get_mut(*index).ok_or_else(missing)?;
            let (name, sent) = pair(&part.take().ok_or_else(missing)?);
            changed.note(name, Some(sent));
        }
        Edit::Add { name, value, .. } => {
            form.added.push(written(name, value));
            changed.note(name.clone(), None);
        }
        Edit::Header { .. } | Edit::Body { .. } => {}
    }
    Ok(())
}

fn header(
    request: &mut StoredRequest,
    name: &str,
    value: Option<&str>,
    changed: &mut Changed,
) -> Result<(), EditError> {
    let refused = || EditError::Header(name.to_owned());
    if !EDITABLE_HEADERS.contains(&name) {
        return Err(refused());
    }
    let sent = request
        .headers
        .get(name)
        .is_some()
        .then(|| request.header(name));
    if sent.as_deref() == value {
        return Ok(());
    }
    let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
    match value {
        Some(value) => {
            let value = HeaderValue::from_str(value).map_err(|_| refused())?;
            request.headers.insert(known, value);
        }
        None => drop(request.headers.remove(known)),
    }
    changed.note(format!("header:{name}"), sent);
    Ok(())
}

/// The same path with another query.
fn target(uri: &Uri, query: &str) -> Result<Uri, EditError> {
    let path = uri.path();
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.parse().map_err(|_| EditError::Target)?);
    Uri::from_parts(parts).map_err(|_| EditError::Target)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap};

    use super::*;

    fn request(query: &str, body: &str) -> StoredRequest {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        StoredRequest {
            method: Method::POST,
            uri: format!("/token{query}").parse().unwrap(),
            headers,
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn what_is_not_changed_stays_as_it_was_written() {
        let mut request = request("?x=%7e", "code%5Fverifier=abc&&a=b+c&code=1");
        let edits = [
            Edit::Set {
                place: Place::RequestBody,
                index: 0,
                value: "a&d".to_owned(),
            },
            Edit::Remove {
                place: Place::RequestBody,
                index: 2,
            },
            Edit::Add {
                place: Place::RequestBody,
                name: "code".to_owned(),
                value: "2".to_owned(),
            },
        ];
        let changed = apply(&mut request, &edits).unwrap();
        assert_eq!(request.body, "code_verifier=a%26d&a=b+c&code=2");
        assert_eq!(request.query(), "x=%7e");
        let names: Vec<_> = changed.names.iter().map(String::as_str).collect();
        assert_eq!(names, ["code", "code_verifier"]);
        let sent = [("code_verifier", "abc"), ("code", "1")];
        assert_eq!(
            changed.sent,
            sent.map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn the_same_value_is_no_change() {
        let mut request = request("?state=1", "");
        let edit = Edit::Set {
            place: Place::RequestQuery,
            index: 0,
            value: "1".to_owned(),
        };
        assert_eq!(apply(&mut request, &[edit]).unwrap(), Changed::default());
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let mut request = request("?state=1", "a=b");
        let remove = |index| Edit::Remove {
            place: Place::RequestQuery,
            index,
        };
        assert!(apply(&mut request, &[remove(0), remove(0)]).is_err());
        assert_eq!(request.query(), "state=1");
        let cookie = Edit::Header {
            name: "cookie".to_owned(),
            value: Some("as_session=1".to_owned()),
        };
        assert_eq!(
            apply(&mut request, &[cookie]),
            Err(EditError::Header("cookie".to_owned()))
        );
        let broken = Edit::Header {
            name: "origin".to_owned(),
            value: Some("a\r\nb: c".to_owned()),
        };
        assert!(apply(&mut request, &[broken]).is_err());
    }

    #[test]
    fn the_last_parameter_of_a_query_can_be_left_out() {
        let mut request = request("?state=1", "");
        let edit = Edit::Remove {
            place: Place::RequestQuery,
            index: 0,
        };
        apply(&mut request, &[edit]).unwrap();
        assert_eq!(request.uri.to_string(), "/token");
    }
}
