//! `GET` and `POST /authorize`: the authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2.1).

use actix_web::{HttpResponse, web};

use super::proceed::proceed;
use crate::authorization::delivery::plan_request;
use crate::authorization::{
    AuthorizeError, Decoded, PageError, Refusal, decode, hint, known_client, parse, resources,
    way_back,
};
use crate::client::Client;
use crate::request::form::form_body;
use crate::request::visit::{Visit, see_other};
use crate::request::waiting::Waiting;
use crate::request::{self, object, pushed};
use shared::flow::catalog as check;

/// The longest query, in bytes: longer URLs do not reach every server (RFC 9110 §4.1 asks for 8000).
const LONGEST_QUERY: usize = 32 * 1024;

/// The request stands in the query.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let query = visit.request.query_string();
    let result = match query_size(&visit, query.len()) {
        Ok(()) => authorize(&visit, query.as_bytes()).await,
        Err(error) => Err(error.into()),
    };
    visit.answer(result)
}

/// The request stands in a form body. From another site it comes without our cookies (`SameSite=Lax`): it is
/// sent round once more as a navigation, which carries them.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let read = form_body(
        &visit.request,
        payload,
        &visit.state.limits,
        &visit.observation,
    )
    .await;
    let result = match read {
        Ok(body) if is_from_elsewhere(&visit) && is_plain(&body) => {
            let query = String::from_utf8_lossy(&body);
            Ok(see_other(&format!("{}?{query}", visit.link("/authorize"))))
        }
        Ok(body) => authorize(&visit, &body).await,
        Err(error) => Err(error.into()),
    };
    visit.answer(result)
}

async fn authorize(visit: &Visit, text: &[u8]) -> Result<HttpResponse, AuthorizeError> {
    let decoded = decode(text, &visit.observation)?;
    let found = match decoded.params.get("client_id") {
        None => None,
        Some(client_id) => visit.state.client(&visit.realm, client_id).await?,
    };
    let client = known_client(&decoded.params, found, &visit.observation)?;
    let decoded = taken_up(visit, decoded, &client).await?;
    let mut parsed = parse(&decoded, client, &visit.realm.issuer, &visit.observation)?;
    let place = (visit.state.get_ref(), &*visit.realm);
    let proven = request::hint::proven(&decoded.params, place)
        .await
        .map_err(|error| {
            AuthorizeError::from(error).by_way_of(&parsed.callback, &visit.observation)
        })?;
    match hint(proven, &parsed.client, &visit.observation) {
        Ok(person) => parsed.request.wishes.persons.extend(person),
        Err(refusal) => {
            return Err(AuthorizeError::Redirect(Box::new(parsed.callback), refusal));
        }
    }
    let known = || visit.realm.resources();
    match resources(&decoded.params, known, &visit.observation) {
        Ok(asked) => parsed.request.resources = asked,
        Err(refusal) => {
            return Err(AuthorizeError::Redirect(Box::new(parsed.callback), refusal));
        }
    }
    let waiting = Waiting::new(parsed, decoded.delivery.reference);
    let callback = waiting.callback.clone();
    let answered = async {
        let session = visit.session_before(&waiting.client.id).await?;
        proceed(visit, waiting, session.as_ref()).await
    };
    answered
        .await
        .map_err(|error: AuthorizeError| error.by_way_of(&callback, &visit.observation))
}

/// The request, from where it stands: pushed before, in a request object, or in these parameters themselves.
async fn taken_up(
    visit: &Visit,
    decoded: Decoded,
    client: &Client,
) -> Result<Decoded, AuthorizeError> {
    let decoded = pushed::take_up(visit, decoded, client).await?;
    if decoded.delivery.pushed {
        plan_request(&decoded.params, true, &visit.observation);
        return Ok(decoded);
    }
    let place = (visit.state.get_ref(), &*visit.realm);
    let outside = (&decoded.params, false);
    match object::take_up(place, client, outside, &visit.observation).await {
        Ok(None) => Ok(decoded),
        Ok(Some(taken)) => {
            plan_request(&taken.params, true, &visit.observation);
            Ok(decoded.replaced(taken.params, taken.delivery))
        }
        Err(refusal) => Err(unread(visit, &decoded, client, refusal)),
    }
}

/// The error of a request whose object cannot be read: told to the client where what stands beside it says, in an
/// address that the client registered, else to the person.
fn unread(visit: &Visit, outside: &Decoded, client: &Client, refusal: Refusal) -> AuthorizeError {
    let issuer = &visit.realm.issuer;
    match way_back(outside, client, issuer) {
        Some(callback) => AuthorizeError::Redirect(Box::new(callback), refusal),
        None => PageError::RequestObject.into(),
    }
}

/// A query is read up to a length that every part of the way can carry.
fn query_size(visit: &Visit, length: usize) -> Result<(), PageError> {
    visit.observation.plan(&[&check::REQUEST_SIZE]);
    let limit = LONGEST_QUERY.min(visit.state.limits.body_bytes);
    let expected = format_args!("at most {limit} bytes of query");
    let got = format_args!("{length} bytes");
    visit
        .observation
        .require(&check::REQUEST_SIZE, length <= limit, expected, got)
        .or(PageError::UriTooLong)
}

fn is_from_elsewhere(visit: &Visit) -> bool {
    let site = visit.request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "cross-site")
}

/// Whether a form body can stand in a URL as it is, and is not too long for one.
fn is_plain(body: &[u8]) -> bool {
    body.len() <= LONGEST_QUERY
        && body
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~*+%&=".contains(b))
}
