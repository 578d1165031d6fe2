//! A token request whose client is believed, and what all grants do with one.

use std::sync::Arc;

use shared::dpop::{Proof, Thumbprint};
use shared::flow::catalog;
use shared::oauth::{GrantType, Params, Scope, ScopeToken, TokenResponse, TokenType};
use shared::observe::Observation;
use shared::time::Timestamp;

use super::jwt_bearer::Assertion;
use super::{TokenError, bound_key};
use crate::client::{AskedScope, Client, renewable};
use crate::issue::access_token::Issued;
use crate::issue::id_token::Occasion;
use crate::issue::{Issue, access_token, id_token, refresh_token};
use crate::realms::Realm;
use crate::store::grants::{self, GrantRow};
use crate::store::people::PersonRow;
use crate::store::{DbConnection, StoreError};

/// What belongs to the sign-in of a person (OpenID Connect Core §3.1.2.1, §11).
const OF_SIGN_IN: [&str; 2] = ["openid", "offline_access"];

/// A token request whose client is authenticated and may use the grant.
pub(crate) struct TokenRequest {
    /// The realm.
    pub(crate) realm: Arc<Realm>,
    /// The authenticated client.
    pub(crate) client: Arc<Client>,
    /// The parameters of the body.
    pub(crate) params: Params,
    /// The realm's time.
    pub(crate) now: Timestamp,
    /// Where checks are recorded.
    pub(crate) observation: Observation,
    /// The proof of possession that came with it (RFC 9449 §5): access tokens are bound to its key.
    pub(crate) proof: Option<Proof>,
    /// The assertion that was verified, for the grant that needs one.
    pub(crate) assertion: Option<Assertion>,
    /// Who proved their password, for grants that need it.
    pub(crate) person: Option<PersonRow>,
}

/// What of a grant's tokens is given out on this occasion.
pub(crate) struct Renewal<'a> {
    /// The scope of the access token.
    pub(crate) scope: &'a Scope,
    /// The refresh token that goes with it, made already.
    pub(crate) refresh_token: Option<shared::oauth::RefreshToken>,
    /// At sign-in or later.
    pub(crate) occasion: Occasion,
}

impl TokenRequest {
    /// Who issues, to whom, and when.
    pub(crate) fn issue(&self) -> Issue<'_> {
        Issue {
            realm: &self.realm,
            client: &self.client,
            now: self.now,
            key: self.key(),
        }
    }

    /// The key that access tokens are bound to, where a proof came.
    pub(crate) fn key(&self) -> Option<&Thumbprint> {
        self.proof.as_ref().map(|proof| &proof.thumbprint)
    }

    /// A response with an access token alone. Nothing that was granted to who asked for nothing has no word in the
    /// grammar of `scope` (RFC 6749 §5.1, Appendix A.4) and is not said.
    pub(crate) fn response(&self, access_token: Issued, scope: &Scope) -> TokenResponse {
        TokenResponse {
            access_token: access_token.value,
            token_type: TokenType::bound(self.proof.is_some()),
            expires_in: access_token.lifetime.as_seconds(),
            refresh_token: None,
            scope: Some(scope.clone()).filter(|scope| !scope.is_empty()),
            id_token: None,
            issued_token_type: None,
        }
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// [`TokenError::ParameterMissing`].
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, TokenError> {
        required(&self.params, name, &self.observation)
    }

    /// The scope that is asked for in the name of a person who takes part, or the client's default (RFC 6749 §3.3):
    /// [`AskedScope`] says what becomes of more than the client may ask for.
    ///
    /// # Errors
    /// [`TokenError::Scope`].
    pub(crate) fn scope(&self) -> Result<Scope, TokenError> {
        self.require_scope(&self.client.scope, |scope| renewable(scope, &self.client))
    }

    /// The scope where no person takes part, who could be signed in or be offline: `openid` and `offline_access` are
    /// beyond what the client may ask for here (OpenID Connect Core §3.1.2.1, §11), so that its policy decides
    /// whether they are refused or left out. So is whatever the realm does not give to clients that registered
    /// themselves and ask nobody.
    ///
    /// # Errors
    /// As [`TokenRequest::scope`].
    pub(crate) fn scope_without_person(&self) -> Result<Scope, TokenError> {
        self.require_scope(&self.own_scope(), |scope| scope)
    }

    /// What [`TokenRequest::scope_without_person`] gives, without a record; `None` where it refuses.
    pub(crate) fn find_scope_without_person(&self) -> Option<Scope> {
        let most = self.own_scope();
        self.asked_scope(&most)
            .granted(|| self.client.default_scope().intersection(&most))
    }

    /// The most that the client may have for itself. What it registered is what it may ask people for; where it
    /// registered itself, nobody but the operator has said what it may do without them.
    fn own_scope(&self) -> Scope {
        let registered = without_person(&self.client.scope);
        if self.client.self_registered.is_none() {
            return registered;
        }
        let given = &self.realm.policy.machine_scopes;
        let given = |token: &&ScopeToken| given.iter().any(|one| one == token.as_str());
        registered.iter().filter(given).cloned().collect()
    }

    /// The scope that is asked for, of `most`.
    pub(crate) fn asked_scope<'a>(&'a self, most: &'a Scope) -> AskedScope<'a> {
        AskedScope {
            asked: self.params.get("scope"),
            most,
            excess: self.client.policy.excess_scope,
        }
    }

    fn require_scope(
        &self,
        most: &Scope,
        kept: impl FnOnce(Scope) -> Scope,
    ) -> Result<Scope, TokenError> {
        let asked = self.asked_scope(most);
        let granted = asked.granted_of(|| self.client.default_scope().intersection(most), kept);
        let expected = format_args!("some of: {most}");
        self.observation
            .require_some(&catalog::SCOPE_ALLOWED, granted, expected, asked)
            .ok_or(TokenError::Scope)
    }

    /// Issues the first tokens of a grant: a refresh token where the client may use one, an ID token where
    /// `openid` was granted.
    ///
    /// # Errors
    /// [`TokenError`].
    pub(crate) fn first_tokens(
        &self,
        tx: &mut DbConnection,
        grant: &GrantRow,
    ) -> Result<TokenResponse, TokenError> {
        let scope: Scope = grant
            .scope
            .parse()
            .map_err(|error| StoreError::corrupt("grants.scope", error))?;
        let refresh_token = if self.client.allows_grant(GrantType::RefreshToken) {
            let expires = refresh_token::expiry(self.issue(), grant);
            self.note_refresh_token(expires);
            bound_key::bind_refresh_tokens(self, tx, grant)?;
            Some(refresh_token::issue_first(tx, self.issue(), grant)?)
        } else {
            None
        };
        let renewal = Renewal {
            scope: &scope,
            refresh_token,
            occasion: Occasion::SignIn,
        };
        self.tokens(tx, grant, renewal)
    }

    /// Notes until when a refresh token lives that is given out now: the protocol tells nobody.
    pub(crate) fn note_refresh_token(&self, expires_at: Timestamp) {
        self.observation
            .note("refresh_token_expires_at", expires_at);
    }

    /// Issues an access token of a grant, and answers with what goes with it. Locks the grant, so that it
    /// cannot be revoked meanwhile, and lets it live as long as its last token.
    ///
    /// # Errors
    /// [`TokenError::GrantRevoked`] when it is revoked.
    pub(crate) fn tokens(
        &self,
        tx: &mut DbConnection,
        grant: &GrantRow,
        renewal: Renewal<'_>,
    ) -> Result<TokenResponse, TokenError> {
        let issue = self.issue();
        let lifetime = self.client.policy.access_token_lifetime;
        let until = match renewal.refresh_token {
            Some(_) => refresh_token::grant_expiry(issue, grant, lifetime),
            None => self.now + lifetime,
        };
        let alive = grants::extend(tx, &self.realm.name, &grant.grant_id, until)?;
        self.observation
            .require(
                &catalog::GRANT_NOT_REVOKED,
                alive,
                "a grant that is alive",
                if alive { "alive" } else { "revoked" },
            )
            .or(TokenError::GrantRevoked)?;
        issue.keep_client(tx, until)?;
        let narrowed = self.narrowed(grant)?;
        let access_token = access_token::issue(tx, issue, (&narrowed, renewal.scope), lifetime)?;
        let id_token = if renewal.scope.contains("openid") {
            let beside = id_token::Beside {
                occasion: renewal.occasion,
                access_token: Some(&access_token.value),
                code: None,
                scope: renewal.scope,
            };
            id_token::issue(tx, issue, grant, beside)?
        } else {
            None
        };
        if id_token.is_some() {
            // Where the record hides tokens, their own `exp` is hidden too.
            let expires = self.now + self.client.policy.id_token_lifetime;
            self.observation.note("id_token_expires_at", expires);
        }
        Ok(TokenResponse {
            refresh_token: renewal.refresh_token.map(|token| token.expose().to_owned()),
            id_token,
            ..self.response(access_token, renewal.scope)
        })
    }
}

/// What can be granted without a person, who could be signed in or be away.
pub(crate) fn without_person(scope: &Scope) -> Scope {
    scope
        .iter()
        .filter(|token| !OF_SIGN_IN.contains(&token.as_str()))
        .cloned()
        .collect()
}

/// A parameter that must be there.
///
/// # Errors
/// [`TokenError::ParameterMissing`].
pub(crate) fn required<'a>(
    params: &'a Params,
    name: &'static str,
    observation: &Observation,
) -> Result<&'a str, TokenError> {
    let value = params.get(name);
    observation
        .require_some(
            &catalog::REQUEST_PARAMETER_PRESENT,
            value,
            name,
            if value.is_some() { name } else { "nothing" },
        )
        .ok_or(TokenError::ParameterMissing(name))
}
