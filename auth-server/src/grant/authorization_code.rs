//! Authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636 §4.6).
//!
//! The order of the checks is a security property: only a request that is valid in every other respect may
//! redeem a code, and only such a request, made again, revokes what the first one got. Otherwise anyone who
//! sees a spent code in a log could take the victim's tokens away.

use shared::flow::{CheckDef, catalog};
use shared::oauth::{CodeChallenge, CodeVerifier, GrantType, TokenResponse};

use super::{Grant, TokenError, TokenRequest, bound_key};
use crate::store::authorization_codes::{self as codes, CodeRow, Redemption};
use crate::store::grants::{self, GrantRow};
use crate::store::{DbConnection, StoreError};

/// Wrong verifiers after which a code is refused. One would burn the code of a client that mixed two tabs up.
const MAX_WRONG_VERIFIERS: i32 = 5;

/// RFC 6749 §4.1.
pub(crate) struct AuthorizationCode;

impl Grant for AuthorizationCode {
    fn grant_type(&self) -> GrantType {
        GrantType::AuthorizationCode
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::CODE_KNOWN,
            &catalog::CODE_CLIENT,
            &catalog::CODE_NOT_EXPIRED,
            &catalog::CODE_REDIRECT_URI,
            &catalog::PKCE_VERIFIER_PRESENT,
            &catalog::PKCE_VERIFIER_WELL_FORMED,
            &catalog::PKCE_S256,
            &catalog::CODE_UNUSED,
            &catalog::GRANT_NOT_REVOKED,
        ]
    }

    fn key_checks(&self) -> &'static [&'static CheckDef] {
        &[&catalog::DPOP_CODE_KEY]
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let code = shared::oauth::AuthorizationCode::from_text(request.required("code")?);
        let (row, grant) = find(request, tx, code.digest().as_str())?;
        ensure_issued_to_client(request, &row)?;
        ensure_alive(request, &row)?;
        ensure_redirect_uri(request, &row)?;
        ensure_verifier(request, tx, &row)?;
        let grant = grant
            .ok_or_else(|| StoreError::corrupt("authorization_codes.grant_id", "no such grant"))?;
        bound_key::ensure_code_key(request, &grant)?;
        request.ensure_resources(&grant)?;
        claim(request, tx, &row)?;
        request.first_tokens(tx, &grant)
    }
}

fn find(
    request: &TokenRequest,
    tx: &mut DbConnection,
    digest: &str,
) -> Result<(CodeRow, Option<GrantRow>), TokenError> {
    let found = codes::find(tx, &request.realm.name, digest)?;
    let got = if found.is_some() { "known" } else { "unknown" };
    request
        .observation
        .require_some(&catalog::CODE_KNOWN, found, "a code of this realm", got)
        .ok_or(TokenError::CodeUnknown)
}

/// §4.1.3: "ensure that the authorization code was issued to the authenticated confidential client".
fn ensure_issued_to_client(request: &TokenRequest, row: &CodeRow) -> Result<(), TokenError> {
    let client = request.client.id.as_str();
    request
        .observation
        .require(
            &catalog::CODE_CLIENT,
            row.client_id == client,
            &row.client_id,
            client,
        )
        .or(TokenError::CodeOfAnotherClient)
}

/// §4.1.2: "The authorization code MUST expire shortly after it is issued".
fn ensure_alive(request: &TokenRequest, row: &CodeRow) -> Result<(), TokenError> {
    let now = request.now.as_unix();
    request
        .observation
        .require(
            &catalog::CODE_NOT_EXPIRED,
            now < row.expires_at,
            format_args!("before {}", row.expires_at),
            now,
        )
        .or(TokenError::CodeExpired)
}

/// §4.1.3: "if included … their values MUST be identical".
fn ensure_redirect_uri(request: &TokenRequest, row: &CodeRow) -> Result<(), TokenError> {
    let (authorized, sent) = (
        row.redirect_uri.as_deref(),
        request.params.get("redirect_uri"),
    );
    request
        .observation
        .require(
            &catalog::CODE_REDIRECT_URI,
            authorized == sent,
            authorized.unwrap_or("none"),
            sent.unwrap_or("none"),
        )
        .or(TokenError::CodeRedirectUri)
}

/// RFC 7636 §4.6; RFC 9700 §4.8.2 against downgrades in both directions.
fn ensure_verifier(
    request: &TokenRequest,
    tx: &mut DbConnection,
    row: &CodeRow,
) -> Result<(), TokenError> {
    let observation = &request.observation;
    let sent = request.params.get("code_verifier");
    let word = |there: bool| if there { "a verifier" } else { "no verifier" };
    observation
        .require(
            &catalog::PKCE_VERIFIER_PRESENT,
            row.code_challenge.is_some() == sent.is_some(),
            word(row.code_challenge.is_some()),
            word(sent.is_some()),
        )
        .or(match sent {
            None => TokenError::VerifierMissing,
            Some(_) => TokenError::VerifierUnexpected,
        })?;
    let (Some(challenge), Some(verifier)) = (&row.code_challenge, sent) else {
        let none = "no challenge was sent";
        let _ = observation.require(&catalog::PKCE_VERIFIER_WELL_FORMED, true, none, none);
        let _ = observation.require(&catalog::PKCE_S256, true, none, none);
        return Ok(());
    };
    let verifier: Option<CodeVerifier> = verifier.parse().ok();
    let got = if verifier.is_some() {
        "as expected"
    } else {
        "something else"
    };
    let verifier = observation
        .require_some(
            &catalog::PKCE_VERIFIER_WELL_FORMED,
            verifier,
            "43 to 128 of A-Z a-z 0-9 - . _ ~",
            got,
        )
        .ok_or(TokenError::VerifierMalformed)?;
    let challenge: CodeChallenge = challenge
        .parse()
        .map_err(|error| StoreError::corrupt("authorization_codes.code_challenge", error))?;
    if row.wrong_verifiers >= MAX_WRONG_VERIFIERS {
        let most = format_args!("at most {MAX_WRONG_VERIFIERS} wrong verifiers");
        return observation
            .require(&catalog::PKCE_S256, false, most, "more")
            .or(TokenError::VerifierGuessed);
    }
    let met = challenge.is_met_by(&verifier);
    if !met {
        codes::count_wrong_verifier(tx, &request.realm.name, &row.digest)?;
    }
    observation
        .require(
            &catalog::PKCE_S256,
            met,
            format_args!("SHA-256 in base64url: {}", challenge.as_str()),
            verifier.challenge().as_str(),
        )
        .or(TokenError::VerifierWrong)
}

/// §4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the request
/// and SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
fn claim(request: &TokenRequest, tx: &mut DbConnection, row: &CodeRow) -> Result<(), TokenError> {
    let realm = &request.realm.name;
    let redemption = codes::redeem(tx, realm, &row.digest, request.now)?;
    if redemption == Redemption::Again {
        grants::revoke(tx, realm, &row.grant_id, request.now)?;
    }
    request
        .observation
        .require(
            &catalog::CODE_UNUSED,
            redemption == Redemption::First,
            "redeemed for the first time",
            match redemption {
                Redemption::First => "the first time",
                Redemption::Again => "redeemed before: its tokens are revoked",
                Redemption::Unknown => "gone",
            },
        )
        .or(match redemption {
            Redemption::Unknown => TokenError::CodeUnknown,
            Redemption::First | Redemption::Again => TokenError::CodeReplayed,
        })
}
