//! Edit: what is done to one parameter of one request on its way out.
//!
//! May use url's form parser. RFC 6749 Appendix B for queries and bodies, §2.3.1 for Basic, RFC 6750 §2.1 for Bearer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::observe::HttpRequest;

use super::mutation::change_one;
use crate::record::parameter::ParameterPlace;

/// What is done to a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// It is taken out.
    Remove,
    /// One of its characters becomes another.
    ChangeOne,
    /// It becomes this.
    Replace(String),
    /// It stands there twice.
    Repeat,
    /// Nothing.
    Keep,
}

/// Name and value of a parameter, decoded.
type Pair = (String, String);

/// The value of parameter `name` at `place` of `request`, before and after `edit`, which is done to it.
/// `None` when the request does not have the parameter: then it is as it was.
pub(super) fn apply(
    request: &mut HttpRequest,
    (name, place): (&str, ParameterPlace),
    edit: &Edit,
) -> Option<String> {
    match place {
        ParameterPlace::RequestQuery => {
            let (path, query) = request.url.split_once('?')?;
            let mut pairs = read(query);
            let before = edit_pairs(&mut pairs, name, edit)?;
            if *edit == Edit::Keep {
                return Some(before);
            }
            request.url = match pairs.as_slice() {
                [] => path.to_owned(),
                some => format!("{path}?{}", write(some)),
            };
            Some(before)
        }
        ParameterPlace::RequestBody => {
            let body = String::from_utf8(request.body.clone()).ok()?;
            let mut pairs = read(&body);
            let before = edit_pairs(&mut pairs, name, edit)?;
            if *edit != Edit::Keep {
                request.body = write(&pairs).into_bytes();
            }
            Some(before)
        }
        ParameterPlace::RequestHeader => edit_authorization(&mut request.headers, name, edit),
        _ => None,
    }
}

/// The parameters of form-encoded text.
pub(super) fn read(form: &str) -> Vec<Pair> {
    url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

/// Parameters as form-encoded text.
pub(super) fn write(pairs: &[Pair]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Edits the first parameter of this name; gives its value before.
fn edit_pairs(pairs: &mut Vec<Pair>, name: &str, edit: &Edit) -> Option<String> {
    let at = pairs.iter().position(|(known, _)| known == name)?;
    let before = pairs.get(at)?.1.clone();
    match edit {
        // A parameter that stood there more than once (the boxes of a form) is gone altogether.
        Edit::Remove => pairs.retain(|(known, _)| known != name),
        Edit::Repeat => pairs.insert(at + 1, (name.to_owned(), before.clone())),
        _ => {
            if let Some(pair) = pairs.get_mut(at) {
                pair.1 = changed(&before, edit);
            }
        }
    }
    Some(before)
}

fn changed(before: &str, edit: &Edit) -> String {
    match edit {
        Edit::ChangeOne => change_one(before),
        Edit::Replace(value) => value.clone(),
        _ => before.to_owned(),
    }
}

/// Edits what an `Authorization` header carries: an access token, or a client's id and secret.
fn edit_authorization(
    headers: &mut Vec<(String, String)>,
    name: &str,
    edit: &Edit,
) -> Option<String> {
    let at = headers
        .iter()
        .position(|(name, _)| name == "authorization")?;
    let header = headers.get(at)?.1.clone();
    let (scheme, credentials) = header.split_once(' ')?;
    let (before, after) = if name == "access_token" && !scheme.eq_ignore_ascii_case("basic") {
        let before = credentials.trim().to_owned();
        let after = (*edit != Edit::Remove).then(|| changed(&before, edit));
        (before, after.map(|token| format!("{scheme} {token}")))
    } else {
        edit_basic(credentials, name, edit)?
    };
    match (after, edit) {
        (_, Edit::Repeat) => headers.insert(at + 1, ("authorization".to_owned(), header)),
        (Some(after), _) => {
            if let Some(pair) = headers.get_mut(at) {
                pair.1 = after;
            }
        }
        (None, _) => {
            headers.remove(at);
        }
    }
    Some(before)
}

/// Edits one half of Basic credentials; the half that is taken out stays empty.
fn edit_basic(credentials: &str, name: &str, edit: &Edit) -> Option<(String, Option<String>)> {
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let half = |text: &str| {
        let pairs = read(&format!("v={text}"));
        pairs.into_iter().next().map(|(_, value)| value)
    };
    let (mut id, mut secret) = (half(id)?, half(secret)?);
    let part = match name {
        "client_id" => &mut id,
        "client_secret" => &mut secret,
        _ => return None,
    };
    let before = part.clone();
    *part = match edit {
        Edit::Remove => String::new(),
        _ => changed(&before, edit),
    };
    Some((before, Some(basic(&id, &secret))))
}

/// A `Basic` header of a client's id and secret, each form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(edit: &Edit) -> String {
        let mut request = HttpRequest::get("http://a/authorize?x=1&state=s%20t&y=2");
        let place = ParameterPlace::RequestQuery;
        assert_eq!(
            apply(&mut request, ("state", place), edit).as_deref(),
            Some("s t")
        );
        request.url
    }

    #[test]
    fn a_parameter_of_a_query_is_edited_where_it_stands() {
        assert_eq!(query(&Edit::Remove), "http://a/authorize?x=1&y=2");
        assert_eq!(
            query(&Edit::Repeat),
            "http://a/authorize?x=1&state=s+t&state=s+t&y=2"
        );
        let replaced = query(&Edit::Replace("&=".to_owned()));
        assert_eq!(replaced, "http://a/authorize?x=1&state=%26%3D&y=2");
        assert_eq!(query(&Edit::Keep), "http://a/authorize?x=1&state=s%20t&y=2");
    }

    #[test]
    fn what_is_not_there_is_not_edited() {
        let mut request = HttpRequest::post_form("http://a/token", &[("code", "c")]);
        let before = request.body.clone();
        for place in [
            ParameterPlace::RequestQuery,
            ParameterPlace::RequestBody,
            ParameterPlace::RequestHeader,
        ] {
            assert_eq!(apply(&mut request, ("state", place), &Edit::Remove), None);
        }
        assert_eq!(request.body, before);
    }

    #[test]
    fn both_halves_of_basic_are_edited() {
        let header = |name: &str, edit: &Edit| {
            let mut request =
                HttpRequest::get("http://a/").header("authorization", basic("w:b", "s s"));
            apply(&mut request, (name, ParameterPlace::RequestHeader), edit).unwrap();
            request.headers
        };
        let only = |headers: Vec<(String, String)>| {
            assert_eq!(headers.len(), 1);
            headers.into_iter().next().unwrap().1
        };
        assert_eq!(
            only(header("client_secret", &Edit::Remove)),
            basic("w:b", "")
        );
        let other = Edit::Replace("n".to_owned());
        assert_eq!(only(header("client_id", &other)), basic("n", "s s"));
        assert_eq!(header("client_secret", &Edit::Repeat).len(), 2);
    }

    #[test]
    fn a_bearer_token_left_out_takes_its_header_along() {
        let mut request = HttpRequest::get("http://a/").bearer("abc");
        let target = ("access_token", ParameterPlace::RequestHeader);
        assert_eq!(
            apply(&mut request, target, &Edit::ChangeOne).as_deref(),
            Some("abc")
        );
        assert_eq!(
            request.headers,
            [("authorization".to_owned(), "Bearer axc".to_owned())]
        );
        apply(&mut request, target, &Edit::Remove).unwrap();
        assert!(request.headers.is_empty());
    }
}
