//! The accounts of a browser besides the one that is signed in (OpenID Connect Core §3.1.2.1, `select_account`): their
//! session cookies' values, joined in one cookie, so that the person can go over to one without its password.
//!
//! An account is kept only where somebody signs in beside it because a client asked for a choice; signing out ends
//! them all.

use actix_web::cookie::Cookie;
use shared::oauth::{Prompt, SessionToken};
use shared::realm::RealmName;
use shared::serve::Cookies;

use super::session::{self, Session};
use super::visit::Visit;
use super::waiting::Waiting;
use crate::person::Person;
use crate::store::StoreError;

/// The cookie of the default realm.
const COOKIE: &str = "as_accounts";
/// How many accounts are kept besides the one that is signed in.
const MOST: usize = 4;
/// Stands between two values; no base64url has it.
const SEPARATOR: char = '.';

/// An account that can be chosen: the value of its session's cookie, and the session.
pub(crate) struct Account {
    /// The cookie's value.
    pub(crate) token: SessionToken,
    /// The session, alive.
    pub(crate) session: Session,
}

/// The values of the accounts that are kept, alive or not.
pub(crate) fn tokens(visit: &Visit) -> Vec<SessionToken> {
    let name = visit.realm.name.cookie_name(COOKIE);
    let text = visit.cookies().value(&visit.request, &name);
    text.unwrap_or_default()
        .split(SEPARATOR)
        .filter(|value| !value.is_empty())
        .take(MOST)
        .map(SessionToken::from_text)
        .collect()
}

/// The accounts of the browser that are alive: the one that is signed in first.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn all(visit: &Visit) -> Result<Vec<Account>, StoreError> {
    let realm = &visit.realm.name;
    let current = visit.session_token();
    let mut found: Vec<Account> = Vec::new();
    for token in current.into_iter().chain(tokens(visit)) {
        let session = session::find(&visit.state.store, realm, (&token, None), visit.now()).await?;
        let Some(session) = session else { continue };
        let person = |known: &Account| known.session.person.subject == session.person.subject;
        if !found.iter().any(person) {
            found.push(Account { token, session });
        }
    }
    Ok(found)
}

/// The accounts that stay signed in beside `person`, who is about to sign in: where a client asked for a choice, and
/// somebody else is signed in. `None` where the one before is signed out, as always.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn beside(
    visit: &Visit,
    waiting: Option<&Waiting>,
    person: &Person,
) -> Result<Option<Vec<SessionToken>>, StoreError> {
    let asked = |waiting: &Waiting| waiting.interaction.request.wants(Prompt::SelectAccount);
    if !waiting.is_some_and(asked) {
        return Ok(None);
    }
    let known = all(visit).await?;
    let another = |account: &Account| account.session.person.subject != person.subject;
    if !known.first().is_some_and(another) {
        return Ok(None);
    }
    let others = known.into_iter().filter(another);
    Ok(Some(others.map(|account| account.token).collect()))
}

/// The cookie that keeps these accounts; it takes itself away where there are none.
pub(crate) fn cookie(
    (cookies, realm): (Cookies, &RealmName),
    tokens: &[SessionToken],
) -> Cookie<'static> {
    let values: Vec<_> = tokens.iter().take(MOST).map(SessionToken::expose).collect();
    let mut cookie = cookies.make(
        &realm.cookie_name(COOKIE),
        values.join(&SEPARATOR.to_string()),
    );
    if values.is_empty() {
        cookie.make_removal();
    }
    cookie
}
