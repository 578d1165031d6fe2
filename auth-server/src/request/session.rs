//! The signed-in browser (OpenID Connect Core §3.1.2.3): a random cookie, of which the store knows the digest.
//!
//! A session ends after 30 minutes without use and after 8 hours in all, by the realm's clock. A new one is
//! begun at each sign-in, so that an id from before is worth nothing (session fixation).

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use shared::oauth::{ClientId, NoRandomness, SessionToken, random_id};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::serve::Cookies;
use shared::time::{Lifetime, Timestamp};

use crate::authorization::{Allowed, OWN_API, SignedIn};
use crate::person::{Person, SessionDetails};
use crate::store::sessions::{self, SessionRow};
use crate::store::{DbConnection, Store, StoreError, consents, stored};

/// How long a session lives without being used.
pub(crate) const IDLE: Lifetime = Lifetime::from_minutes(30);
/// How long a session lives at all.
const ABSOLUTE: Lifetime = Lifetime::from_minutes(8 * 60);
/// How exactly the last use is remembered: writing it at each request would make reading dear.
const TOUCH_EVERY: i64 = 60;
/// The cookie of the default realm.
const COOKIE: &str = "as_session";

/// A live login session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The digest under which it is stored.
    pub(crate) digest: String,
    /// Who is signed in.
    pub(crate) person: Person,
    /// As the decision needs it.
    pub(crate) signed_in: SignedIn,
    /// When it was used last, as far as that is remembered.
    pub(crate) last_seen: Timestamp,
    /// When it ends however much it is used.
    pub(crate) at_latest: Timestamp,
    /// What its person consented to of one client, where that was asked with it.
    pub(crate) consented: Option<Consented>,
}

/// What a person has let one client do, as far as it is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Consented {
    /// The client.
    pub(crate) client_id: String,
    /// What is allowed, if anything.
    pub(crate) allowed: Option<Allowed>,
}

impl Session {
    /// Notes with an exchange since when and until when the session lives, unused and in all: its cookie is never
    /// recorded.
    pub(crate) fn note_life(&self, observation: &Observation) {
        observation.note("session_began_at", self.signed_in.auth_time);
        observation.note("session_expires_at", self.expires_at());
        observation.note("session_ends_at_latest", self.at_latest);
    }

    /// When it ends if it is not used any more.
    fn expires_at(&self) -> Timestamp {
        (self.last_seen + IDLE).min(self.at_latest)
    }
}

/// The cookie's value, if the browser sent one.
pub(crate) fn token(
    request: &HttpRequest,
    (cookies, realm): (Cookies, &RealmName),
) -> Option<SessionToken> {
    let value = cookies.value(request, &realm.cookie_name(COOKIE))?;
    Some(SessionToken::from_text(value))
}

/// The live session of this cookie, with what is remembered of its person and of `client`, where one is named; notes
/// that it was used.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn find(
    store: &Store,
    realm: &RealmName,
    (token, client): (&SessionToken, Option<&ClientId>),
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let (name, digest) = (realm.clone(), token.digest());
    let client = client.map(ToString::to_string);
    let found = store
        .look_up(move |tx| read(tx, &name, (digest.as_str(), client), now))
        .await?;
    let Some(mut session) = found else {
        return Ok(None);
    };
    if now.seconds_since(session.last_seen) >= TOUCH_EVERY {
        let (name, digest) = (realm.clone(), session.digest.clone());
        let touch = move |tx: &mut DbConnection| sessions::touch(tx, &name, &digest, now);
        Box::pin(store.write(touch)).await?;
        session.last_seen = now;
    }
    Ok(Some(session))
}

/// A consent as it is stored: the scope of all, and that at each API; of before there were several, at the realm's own.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn read_allowed(scope: &str, scopes: &str) -> Result<Allowed, StoreError> {
    let scopes = if scopes.is_empty() {
        [(OWN_API.to_owned(), consents::scope(scope)?)].into()
    } else {
        stored::read("consents.scopes", scopes)?
    };
    Ok(Allowed { scopes })
}

fn read(
    tx: &mut DbConnection,
    realm: &RealmName,
    (digest, client): (&str, Option<String>),
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let key = (digest, client.as_deref().unwrap_or_default());
    let Some((row, person, consent)) = sessions::find_live(tx, realm, key, now)? else {
        return Ok(None);
    };
    let last_seen = Timestamp::from_unix(row.last_seen_at);
    if last_seen + IDLE <= now {
        return Ok(None);
    }
    let person = Person::from_row(&person)?;
    let consented = match client {
        None => None,
        Some(client_id) => {
            let allowed = consent.map(|(scope, scopes)| read_allowed(&scope, &scopes));
            let allowed = allowed.transpose()?;
            Some(Consented { client_id, allowed })
        }
    };
    let corrupt = |error| StoreError::corrupt("sessions.sid", error);
    let signed_in = SignedIn {
        subject: person.subject.clone(),
        sid: row.sid.parse().map_err(corrupt)?,
        auth_time: Timestamp::from_unix(row.auth_time),
        means: stored::read::<SessionDetails>("sessions.details", &row.details)?.means,
    };
    let session = Session {
        digest: row.digest,
        person,
        signed_in,
        last_seen,
        at_latest: Timestamp::from_unix(row.expires_at),
        consented,
    };
    Ok(Some(session))
}

/// A session that has just begun, to be stored, and the cookie's value.
///
/// # Errors
/// [`NoRandomness`].
pub(crate) fn begin(
    realm: &RealmName,
    person: &Person,
    now: Timestamp,
) -> Result<(SessionToken, SessionRow), NoRandomness> {
    let token = SessionToken::generate()?;
    let row = SessionRow {
        realm: realm.to_string(),
        digest: token.digest().as_str().to_owned(),
        sub: person.subject.to_string(),
        sid: random_id()?,
        auth_time: now.as_unix(),
        created_at: now.as_unix(),
        last_seen_at: now.as_unix(),
        expires_at: (now + ABSOLUTE).as_unix(),
        ended_at: None,
        details: stored::write(&SessionDetails::default()),
    };
    Ok((token, row))
}

/// The longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 200;

/// Lets a session that has just begun remember its browser, and go on under the name (`sid`) of `former` where the
/// same person signed in again: what clients know of it stays true.
pub(crate) fn remember(row: &mut SessionRow, request: &HttpRequest, former: Option<&Session>) {
    let header = request.headers().get(actix_web::http::header::USER_AGENT);
    let user_agent = header.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let user_agent = user_agent.unwrap_or_default();
    row.details = stored::write(&SessionDetails {
        user_agent: user_agent.chars().take(MAX_USER_AGENT).collect(),
        ..SessionDetails::default()
    });
    if let Some(former) = former.filter(|former| former.person.subject.as_str() == row.sub) {
        row.sid = former.signed_in.sid.to_string();
    }
}

/// The cookie of a session.
pub(crate) fn cookie(
    (cookies, realm): (Cookies, &RealmName),
    token: &SessionToken,
) -> Cookie<'static> {
    cookies.make(&realm.cookie_name(COOKIE), token.expose())
}

/// The cookie that takes the session's away.
pub(crate) fn removal_cookie((cookies, realm): (Cookies, &RealmName)) -> Cookie<'static> {
    let mut cookie = cookies.make(&realm.cookie_name(COOKIE), "");
    cookie.make_removal();
    cookie
}
