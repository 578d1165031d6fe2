//! Device authorization grant (RFC 8628 §3.4 and §3.5): a device without a keyboard asks again and again
//! whether its person, on another device, has said yes.
//!
//! While nobody has decided, each poll is an error, and one that comes too soon makes the interval longer for
//! good. A code gives tokens once: of two polls that race, one gets them. The other is refused and revokes nothing,
//! for a device that lost an answer must not lose its tokens too.

use shared::flow::{CheckDef, catalog};
use shared::oauth::{self, GrantType, TokenResponse};

use super::{Grant, TokenError, TokenRequest};
use crate::approval::{self, Approval, State};
use crate::store::approvals::Pace;
use crate::store::{DbConnection, StoreError, grants};

/// RFC 8628.
pub(crate) struct DeviceCode;

impl Grant for DeviceCode {
    fn grant_type(&self) -> GrantType {
        GrantType::DeviceCode
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::DEVICE_CODE_KNOWN,
            &catalog::DEVICE_CODE_CLIENT,
            &catalog::DEVICE_CODE_NOT_EXPIRED,
            &catalog::DEVICE_CODE_NOT_DENIED,
            &catalog::DEVICE_CODE_INTERVAL,
            &catalog::DEVICE_CODE_CONFIRMED,
            &catalog::DEVICE_CODE_UNUSED,
            &catalog::GRANT_NOT_REVOKED,
        ]
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let code = oauth::DeviceCode::from_text(request.required("device_code")?);
        let approval = find(request, tx, &code)?;
        ensure_issued_to_client(request, &approval)?;
        ensure_alive(request, &approval)?;
        ensure_decided(request, tx, &approval)?;
        let grant_id = approval
            .grant_id()
            .ok_or_else(|| StoreError::corrupt("approvals.grant_id", "none of a yes"))?;
        let grant = grants::find(tx, &request.realm.name, grant_id)?
            .ok_or_else(|| StoreError::corrupt("approvals.grant_id", "no such grant"))?;
        request.ensure_resources(&grant)?;
        claim(request, tx, &approval)?;
        request.first_tokens(tx, &grant)
    }
}

fn find(
    request: &TokenRequest,
    tx: &mut DbConnection,
    code: &oauth::DeviceCode,
) -> Result<Approval, TokenError> {
    let key = (GrantType::DeviceCode, &code.digest());
    let found = approval::find(tx, &request.realm.name, key, request.now)?;
    let got = if found.is_some() { "known" } else { "unknown" };
    request
        .observation
        .require_some(
            &catalog::DEVICE_CODE_KNOWN,
            found,
            "a device code of this realm",
            got,
        )
        .ok_or(TokenError::ApprovalUnknown)
}

/// A device code is of no use to another client, be it public and its name known to everybody.
fn ensure_issued_to_client(request: &TokenRequest, approval: &Approval) -> Result<(), TokenError> {
    let client = request.client.id.as_str();
    request
        .observation
        .require(
            &catalog::DEVICE_CODE_CLIENT,
            approval.client_id() == client,
            approval.client_id(),
            client,
        )
        .or(TokenError::ApprovalOfAnotherClient)
}

/// §3.5: `expired_token`, `access_denied`.
fn ensure_alive(request: &TokenRequest, approval: &Approval) -> Result<(), TokenError> {
    let observation = &request.observation;
    observation
        .require(
            &catalog::DEVICE_CODE_NOT_EXPIRED,
            approval.state != State::Expired,
            format_args!("before {}", approval.expires_at()),
            request.now,
        )
        .or(TokenError::ApprovalExpired)?;
    let denied = approval.state == State::Denied;
    observation
        .require(
            &catalog::DEVICE_CODE_NOT_DENIED,
            !denied,
            "the person did not say no",
            if denied {
                "they said no"
            } else {
                "they did not"
            },
        )
        .or(TokenError::ApprovalDenied)
}

/// §3.5: `slow_down`, `authorization_pending`. The pace matters only while there is nothing to get.
fn ensure_decided(
    request: &TokenRequest,
    tx: &mut DbConnection,
    approval: &Approval,
) -> Result<(), TokenError> {
    let observation = &request.observation;
    let open = approval.state.is_open();
    let pace = if open {
        approval.pace(tx, &request.realm.name, request.now)?
    } else {
        Pace::InTime
    };
    let interval = match pace {
        Pace::InTime => None,
        Pace::TooSoon { interval } => Some(interval),
    };
    observation
        .require(
            &catalog::DEVICE_CODE_INTERVAL,
            interval.is_none(),
            "the interval has passed since the last poll",
            match pace {
                Pace::InTime if open => "it has",
                Pace::InTime => "decided: nothing to wait for",
                Pace::TooSoon { .. } => {
                    "it has not: the interval is five seconds longer from now on"
                }
            },
        )
        .or_else(|| TokenError::ApprovalPolledTooSoon {
            interval: interval.unwrap_or_default(),
        })?;
    observation
        .require(
            &catalog::DEVICE_CODE_CONFIRMED,
            !open,
            "the person said yes",
            match approval.state {
                State::Created => "nobody has entered the user code",
                State::Seen => "somebody looks at the page and has not decided",
                _ => "they did",
            },
        )
        .or(TokenError::ApprovalPending)
}

/// Takes the tokens, once.
fn claim(
    request: &TokenRequest,
    tx: &mut DbConnection,
    approval: &Approval,
) -> Result<(), TokenError> {
    let first = approval.redeem(tx, &request.realm.name, request.now)?;
    request
        .observation
        .require(
            &catalog::DEVICE_CODE_UNUSED,
            first,
            "redeemed for the first time",
            if first {
                "the first time"
            } else {
                "redeemed before"
            },
        )
        .or(TokenError::ApprovalUsed)
}
