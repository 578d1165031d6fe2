//! Request objects, on their way in (RFC 9101 §5, OpenID Connect Core §6): by value, or by reference to an address
//! that the client registered, fetched by the guarded client.
//!
//! Nothing that was fetched is kept, so that the fragment of a `request_uri`, by which a client says that its
//! content changed (OpenID Connect Core §6.2), has nothing to renew.

use shared::flow::{ValueKind, ValuePlace, catalog as check};
use shared::oauth::Params;
use shared::observe::Observation;

use crate::authorization::Refusal;
use crate::authorization::delivery::Delivery;
use crate::authorization::request_object::{self, Reading};
use crate::client::Client;
use crate::client::signed::{Demand, SignedChecks, SignedError, SignedJwt};
use crate::realms::Realm;
use crate::state::AppState;

/// The longest object that is read, in bytes: as much as a fetch reads.
const LONGEST: usize = 64 * 1024;
/// The longest `request_uri`, in characters (RFC 9101 §5.2 advises clients to stay below 512).
const LONGEST_URI: usize = 2048;

/// What `typ` may say beside `JWT` (RFC 9101 §10.8).
const TYPES: &[&str] = &["oauth-authz-req+jwt"];

/// How the signature's checks are called.
const SIGNED: SignedChecks = SignedChecks {
    algorithm: &check::REQUEST_OBJECT_ALGORITHM,
    kind: &check::REQUEST_OBJECT_TYPE,
    key: &check::REQUEST_OBJECT_KEY_KNOWN,
    signature: &check::REQUEST_OBJECT_SIGNATURE,
};

/// A request that was taken out of its object.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Its parameters.
    pub(crate) params: Params,
    /// How it came.
    pub(crate) delivery: Delivery,
}

/// The request that the object of `outside` stands for; `None` without an object.
///
/// # Errors
/// [`Refusal`]: the first check that fails.
pub(crate) async fn take_up(
    (state, realm): (&AppState, &Realm),
    client: &Client,
    (outside, pushed): (&Params, bool),
    observation: &Observation,
) -> Result<Option<Taken>, Refusal> {
    let (value, reference) = (outside.get("request"), outside.get("request_uri"));
    if value.is_none() && reference.is_none() {
        return Ok(None);
    }
    ensure_single(value.is_some() && reference.is_some(), observation)?;
    ensure_supported(client, value.is_some(), observation)?;
    let object = match (value, reference) {
        (Some(object), _) => object.to_owned(),
        (None, Some(uri)) => Box::pin(fetch((state, realm), client, uri, observation)).await?,
        (None, None) => return Ok(None),
    };
    let given = (object.as_str(), value.is_some());
    let jwt = Box::pin(verified((state, realm), client, given, observation)).await?;
    let reading = Reading::of(outside, client, pushed);
    let now = realm.now();
    let issuer = (client, realm.issuer.as_str());
    let params = request_object::read(&jwt, outside, issuer, (reading, now), observation)?;
    let place = if pushed {
        ValuePlace::RequestBody
    } else {
        ValuePlace::RequestQuery
    };
    follow(&params, place, observation);
    let delivery = Delivery {
        pushed,
        // What was added from beside it is nobody's word.
        signed: reading == Reading::Alone,
        reference: None,
    };
    Ok(Some(Taken { params, delivery }))
}

/// RFC 9101 §5: `request` and `request_uri` "MUST NOT be used together".
fn ensure_single(both: bool, observation: &Observation) -> Result<(), Refusal> {
    let got = if both { "both" } else { "one" };
    observation
        .require(
            &check::REQUEST_OBJECT_SINGLE,
            !both,
            "request or request_uri",
            got,
        )
        .or(Refusal::TwoObjects)
}

/// A client that registered no keys cannot sign, and one that registered no addresses is not called.
fn ensure_supported(
    client: &Client,
    by_value: bool,
    observation: &Observation,
) -> Result<(), Refusal> {
    let keys = client.metadata.jwks.is_some() || client.metadata.jwks_uri.is_some();
    let addresses = !client.metadata.request_uris.is_empty();
    let (held, refusal) = if by_value {
        (keys, Refusal::RequestObject)
    } else {
        (keys && addresses, Refusal::RequestUri)
    };
    let got = match (keys, addresses || by_value) {
        (false, _) => "it registered no keys",
        (true, false) => "it registered no request_uris",
        (true, true) => "it did",
    };
    let expected = "a client that registered what its objects need";
    observation
        .require(&check::REQUEST_OBJECT_SUPPORTED, held, expected, got)
        .or(refusal)
}

/// The object at an address that the client registered (OpenID Connect Core §6.2, RFC 9101 §10.4.1). Fragments are
/// not compared: they say which version is meant, not where it is.
async fn fetch(
    (state, realm): (&AppState, &Realm),
    client: &Client,
    uri: &str,
    observation: &Observation,
) -> Result<String, Refusal> {
    let address = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    let asked = address(uri);
    let registered = uri.len() <= LONGEST_URI
        && client
            .metadata
            .request_uris
            .iter()
            .any(|known| address(known) == asked);
    let shown: String = uri.chars().take(300).collect();
    let expected = client.metadata.request_uris.join(" or ");
    observation
        .require(&check::REQUEST_URI_REGISTERED, registered, expected, shown)
        .or(Refusal::ObjectUri)?;
    let fetched = state.outbound.get(realm, uri, Some(observation)).await;
    let fault = fetched.as_ref().err().map(ToString::to_string);
    let object = fetched
        .ok()
        .and_then(|fetched| String::from_utf8(fetched.body.to_vec()).ok());
    let got = match (&object, fault) {
        (Some(_), _) => "one".to_owned(),
        (None, Some(fault)) => fault,
        (None, None) => "not ASCII".to_owned(),
    };
    observation
        .require_some(&check::REQUEST_URI_FETCHED, object, "a request object", got)
        .map(|object| object.trim().to_owned())
        .ok_or(Refusal::ObjectUri)
}

/// The object, signed by its client.
async fn verified(
    place: (&AppState, &Realm),
    client: &Client,
    (object, by_value): (&str, bool),
    observation: &Observation,
) -> Result<SignedJwt, Refusal> {
    let read = Some(object)
        .filter(|object| object.len() <= LONGEST)
        .and_then(|object| SignedJwt::read(object).ok());
    let got = if read.is_some() { "a JWT" } else { "no JWT" };
    let jwt = observation
        .require_some(&check::REQUEST_OBJECT_WELL_FORMED, read, "a JWT", got)
        .ok_or(Refusal::ObjectInvalid)?;
    let algorithms = request_object::algorithms(client);
    let demand = Demand {
        algorithms: &algorithms,
        types: TYPES,
        checks: SIGNED,
    };
    match jwt.verify(place, client, demand, observation).await {
        Ok(()) => Ok(jwt),
        // Unsigned objects are a feature that this server does not have.
        Err(SignedError::Algorithm) if request_object::is_unsigned(object) => Err(if by_value {
            Refusal::RequestObject
        } else {
            Refusal::RequestUri
        }),
        Err(_) => Err(Refusal::ObjectInvalid),
    }
}

/// The values in the object travel in it: they join this exchange to the others of its flow.
fn follow(params: &Params, place: ValuePlace, observation: &Observation) {
    for (name, kind) in [
        ("state", ValueKind::State),
        ("nonce", ValueKind::Nonce),
        ("code_challenge", ValueKind::CodeChallenge),
    ] {
        if let Some(value) = params.get(name) {
            observation.carries(kind, value, place);
        }
    }
}
