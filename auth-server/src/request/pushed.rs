//! Requests that clients pushed, taken up at `/authorize` (RFC 9126 §4).
//!
//! A reference is good until its request is answered, not until it is first seen: a person may reload the sign-in
//! page, go back, or open it in another window (RFC 9126 §4, FAPI 2.0 Security Profile §5.3.2.2). Every window makes
//! an interaction of its own; the first that is answered uses the reference up, in the same transaction.

use shared::flow::catalog as check;
use shared::oauth::Params;
use shared::store::StoreError;
use shared::time::Timestamp;

use super::visit::Visit;
use crate::authorization::delivery::{Delivery, pushed_reference};
use crate::authorization::{AuthorizeError, Decoded, PageError};
use crate::client::Client;
use crate::store::DbConnection;
use crate::store::pushed_requests::{self, PushedRequestRow};

/// The request that `decoded` refers to, in place of everything that stands beside the reference; or `decoded`
/// itself, where it refers to none of this server's.
///
/// # Errors
/// [`PageError::RequestUri`]: where the reference leads nowhere, nobody knows where the answer should go.
pub(crate) async fn take_up(
    visit: &Visit,
    decoded: Decoded,
    client: &Client,
) -> Result<Decoded, AuthorizeError> {
    let Some(reference) = decoded.params.get("request_uri").and_then(pushed_reference) else {
        return Ok(decoded);
    };
    let (realm, digest) = (visit.realm_name(), reference.digest());
    let find = move |tx: &mut DbConnection| pushed_requests::find(tx, &realm, digest.as_str());
    let row = Box::pin(visit.state.store.look_up(find)).await?;
    let row = known(visit, row)?;
    ensure_pushed_by(visit, &row, client)?;
    ensure_usable(visit, &row)?;
    let params = Params::parse(row.parameters.as_bytes())
        .map_err(|error| StoreError::corrupt("pushed_requests.parameters", error))?;
    let delivery = Delivery {
        pushed: true,
        signed: row.signed,
        reference: Some(row.digest),
    };
    Ok(Decoded::delivered(params, delivery))
}

fn known(visit: &Visit, row: Option<PushedRequestRow>) -> Result<PushedRequestRow, PageError> {
    let got = if row.is_some() {
        "one"
    } else {
        "none: never given out, or long gone"
    };
    visit
        .observation
        .require_some(
            &check::REQUEST_URI_KNOWN,
            row,
            "a request that was pushed to this server",
            got,
        )
        .ok_or(PageError::RequestUri)
}

/// RFC 9126 §2.2: "The request URI MUST be bound to the client that posted the authorization request."
fn ensure_pushed_by(
    visit: &Visit,
    row: &PushedRequestRow,
    client: &Client,
) -> Result<(), PageError> {
    visit
        .observation
        .require(
            &check::REQUEST_URI_CLIENT,
            row.client_id == client.id.as_str(),
            &row.client_id,
            &client.id,
        )
        .or(PageError::RequestUri)
}

/// RFC 9126 §4: expired ones are refused, and those that were answered.
fn ensure_usable(visit: &Visit, row: &PushedRequestRow) -> Result<(), PageError> {
    let (now, until) = (visit.now(), Timestamp::from_unix(row.expires_at));
    visit
        .observation
        .require(
            &check::REQUEST_URI_NOT_EXPIRED,
            now < until,
            format_args!("before {until}"),
            now,
        )
        .or(PageError::RequestUri)?;
    let unused = row.used_at.is_none();
    let got = if unused {
        "not answered yet"
    } else {
        "answered before"
    };
    visit
        .observation
        .require(&check::REQUEST_URI_UNUSED, unused, "not answered yet", got)
        .or(PageError::RequestUri)
}
