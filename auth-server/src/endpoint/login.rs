//! `GET` and `POST /login`: where a person signs in (OpenID Connect Core §3.1.2.3), for a request that waits
//! or, without one, to see their apps.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::SessionToken;
use shared::page::{self, Frame, Language};
use shared::serve::{CspExtra, caller_network};
use shared::time::Timestamp;

use super::proceed::{proceed, take};
use super::{logo, logout};
use crate::authorization::{AuthorizeError, Display, PageError, Refusal, SignedIn};
use crate::logout::Ended;
use crate::logout::ending::{self, Walk};
use crate::page::{ClientCard, Login};
use crate::person::{self, Means, Person, Place, SignInError};
use crate::request::accounts;
use crate::request::device::{self, DeviceId};
use crate::request::errand::Errand;
use crate::request::form::Form;
use crate::request::session::{self, Session};
use crate::request::visit::Visit;
use crate::request::waiting::Waiting;
use crate::store::sessions::SessionRow;
use crate::store::{StoreError, interactions, sessions};

/// The checks of a submitted form, in order, after those of the form itself.
const CHECKS: [&CheckDef; 5] = [
    &check::INTERACTION_KNOWN,
    &check::LOGIN_ATTEMPTS,
    &check::LOGIN_CREDENTIALS,
    &check::LOGIN_SESSION,
    &check::CONSENT_GIVEN,
];

/// How long is waited at once for the next second, and how often.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSES: u32 = 12;

/// Shows the form.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Takes the form.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let query = url::form_urlencoded::parse(visit.request.query_string().as_bytes());
    let handle = query
        .filter(|(name, _)| name == "interaction")
        .map(|(_, value)| value)
        .next();
    let errand = Errand::of_query(visit.request.query_string());
    let session = visit.session().await?;
    let waiting = match handle {
        Some(handle) => {
            visit.observation.plan(&[&check::INTERACTION_KNOWN]);
            Some(Waiting::find(visit, &handle).await?)
        }
        None if session.is_some() && errand == Errand::Apps => {
            return Ok(visit.see_other("/apps"));
        }
        None => None,
    };
    let hint = waiting
        .as_ref()
        .and_then(|waiting| waiting.interaction.request.login_hint.clone());
    // Who is asked to sign in again is told so; who comes to change accounts is not taken for the same person.
    let again = |waiting: &Waiting| waiting.interaction.request.may_ask_again();
    let same = session.filter(|_| waiting.as_ref().is_some_and(again));
    let known = same.as_ref().map(|session| session.person.username.clone());
    let form = Shown {
        username: hint.or(known).unwrap_or_default(),
        person: same.map(|session| session.person.name),
        error: None,
        status: StatusCode::OK,
        errand,
    };
    Ok(render(visit, waiting.as_ref(), form).await)
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let handle = form.get("interaction");
    let own = visit.verify(&form, &purpose(handle.unwrap_or_default()));
    visit.observation.plan(&CHECKS);
    if let Err(refusal) = own {
        return renewed(visit, &form, refusal).await;
    }
    let waiting = match handle {
        Some(handle) => Some(Waiting::find(visit, handle).await?),
        None => None,
    };
    if let (Some(waiting), Some(_)) = (&waiting, form.get("cancel")) {
        return cancel(visit, waiting).await;
    }
    let failure = match authenticate(visit, &form).await {
        Ok(person) => return sign_in(visit, waiting, &person, &Errand::of_form(&form)).await,
        Err(failure) => failure,
    };
    let shown = async |error, status| {
        let shown = Shown {
            username: form.get("username").unwrap_or_default().to_owned(),
            person: None,
            error: Some(error),
            status,
            errand: Errand::of_form(&form),
        };
        render(visit, waiting.as_ref(), shown).await
    };
    match failure {
        SignInError::Store(error) => Err(error.into()),
        SignInError::Wrong => {
            let empty = form.get("username").is_none() || form.get("password").is_none();
            let key = if empty {
                "login-error-empty"
            } else {
                "login-error-wrong"
            };
            let error = frame(visit, waiting.as_ref()).t(key);
            Ok(shown(error, StatusCode::UNPROCESSABLE_ENTITY).await)
        }
        SignInError::Full => {
            let error = frame(visit, waiting.as_ref()).t("login-error-busy");
            Ok(shown(error, StatusCode::SERVICE_UNAVAILABLE).await)
        }
        SignInError::TooMany { retry_after } => {
            let minutes = retry_after.as_seconds().div_ceil(60);
            let frame = frame(visit, waiting.as_ref());
            let error = frame.ta("login-error-limited", [("minutes", minutes)]);
            let mut response = shown(error, StatusCode::TOO_MANY_REQUESTS).await;
            let seconds = header::HeaderValue::from(retry_after.as_seconds());
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            Ok(response)
        }
    }
}

/// A form that is not this browser's own, or no longer: shown anew where the request is, else refused.
async fn renewed(
    visit: &Visit,
    form: &Form,
    refusal: PageError,
) -> Result<HttpResponse, AuthorizeError> {
    let waiting = match form.get("interaction") {
        None => None,
        Some(handle) => match Waiting::find_quietly(visit, handle).await {
            None => return Err(refusal.into()),
            waiting => waiting,
        },
    };
    let shown = Shown {
        username: String::new(),
        person: None,
        error: Some(frame(visit, waiting.as_ref()).t("login-error-form")),
        status: StatusCode::FORBIDDEN,
        errand: Errand::of_form(form),
    };
    Ok(render(visit, waiting.as_ref(), shown).await)
}

/// What the form's token is for: one form of one request.
fn purpose(handle: &str) -> String {
    format!("login:{handle}")
}

async fn authenticate(visit: &Visit, form: &Form) -> Result<Person, SignInError> {
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    // A connection without an address (a socket of the file system) is this machine's own.
    let address = caller_network(&visit.request);
    let place = Place {
        address: address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        device: DeviceId::of(visit).map(|device| device.digest()),
    };
    let typed = (username, password);
    let row = person::sign_in(&visit.state, &visit.realm, typed, place, &visit.observation).await?;
    Ok(Person::from_row(&row)?)
}

/// The person does not want to: the client is told so (RFC 6749 §4.1.2.1).
async fn cancel(visit: &Visit, waiting: &Waiting) -> Result<HttpResponse, AuthorizeError> {
    take(visit, waiting).await?;
    let _ = visit.observation.require(
        &check::LOGIN_SESSION,
        false,
        "somebody signed in",
        "the person chose Cancel",
    );
    let callback = Box::new(waiting.callback.clone());
    Err(AuthorizeError::Redirect(callback, Refusal::Denied))
}

/// The session that another one takes the place of, `next` by its `sid`, and what is known of its clients.
async fn leaving(
    visit: &Visit,
    former: Option<Session>,
    (next, now): (&str, Timestamp),
) -> Result<Option<(String, Walk)>, StoreError> {
    let Some(former) = former else {
        return Ok(None);
    };
    let (sub, sid) = (&former.person.subject, &former.signed_in.sid);
    let whose = (sub.as_str(), sid.as_str());
    let (store, realm) = (&visit.state.store, &visit.realm.name);
    let walk = ending::make_way(store, realm, (whose, next), now).await?;
    Ok(Some((former.digest, walk)))
}

/// Begins a session under a new id, ends the one before, and goes on with what waits.
async fn sign_in(
    visit: &Visit,
    mut waiting: Option<Waiting>,
    person: &Person,
    errand: &Errand,
) -> Result<HttpResponse, AuthorizeError> {
    let former = visit.session().await?;
    let now = moment(visit, former.as_ref(), person).await;
    let (token, mut row) = session::begin(&visit.realm.name, person, now)?;
    session::remember(&mut row, &visit.request, former.as_ref());
    let session = session_of(&row, person, now)?;
    session.note_life(&visit.observation);
    let mut begun = None;
    if let Some(waiting) = &mut waiting {
        waiting.interaction.begun_session = Some(session.signed_in.sid.clone());
        if let Some(handle) = &waiting.handle {
            begun = Some((handle.digest(), waiting.interaction.to_json()?));
        }
    }
    let beside = accounts::beside(visit, waiting.as_ref(), person).await?;
    // Who signs in beside others does not sign them out.
    let former = former.filter(|_| beside.is_none());
    let realm = visit.realm_name();
    let former = leaving(visit, former, (&row.sid, now)).await?;
    let (own, fresh) = (DeviceId::of(visit), DeviceId::generate()?);
    let (ended, device) = visit
        .state
        .store
        .write(
            move |tx| -> Result<(Option<Ended>, DeviceId), AuthorizeError> {
                if let Some((digest, json)) = begun
                    && !interactions::update_request(tx, &realm, digest.as_str(), &json)?
                {
                    return Err(PageError::InteractionGone.into());
                }
                let ended = match former {
                    Some((former, walk)) => {
                        ending::replace(tx, &realm, (&former, &mut row), (walk, now))?
                    }
                    None => None,
                };
                sessions::insert(tx, &row)?;
                let device = device::know(tx, &realm, (own, fresh), &row.sub, now)?;
                Ok((ended, device))
            },
        )
        .await?;
    if let Some(ended) = ended {
        // Somebody else was signed in here. Nobody waits for their clients.
        logout::tell(visit, &ended).await?;
    }
    let mut response = match waiting {
        Some(waiting) => {
            let callback = waiting.callback.clone();
            let result = proceed(visit, waiting, Some(&session)).await;
            // The sign-in stands, whatever becomes of the request.
            visit.answer(result.map_err(|error| error.by_way_of(&callback, &visit.observation)))
        }
        None => visit.see_other(&errand.path(visit)),
    };
    hand_over(visit, &mut response, (&token, beside.as_deref()), &device);
    Ok(response)
}

/// The moment of a sign-in. Seconds are all that `auth_time` knows: who signs in anew in the second of the last time
/// waits for the next one, so that a client can tell one from the other (OpenID Connect Core §2). A clock that stands
/// still is not waited for.
async fn moment(visit: &Visit, former: Option<&Session>, person: &Person) -> Timestamp {
    let same = former.filter(|former| former.person.subject == person.subject);
    for _ in 0..PAUSES {
        if same.is_none_or(|same| same.signed_in.auth_time < visit.now()) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    visit.now()
}

/// The session that a row begins.
fn session_of(row: &SessionRow, person: &Person, now: Timestamp) -> Result<Session, StoreError> {
    let corrupt = |error| StoreError::corrupt("sessions.sid", error);
    Ok(Session {
        digest: row.digest.clone(),
        person: person.clone(),
        signed_in: SignedIn {
            subject: person.subject.clone(),
            sid: row.sid.parse().map_err(corrupt)?,
            auth_time: now,
            means: Means::Password,
        },
        last_seen: now,
        at_latest: Timestamp::from_unix(row.expires_at),
        consented: None,
    })
}

/// Gives the browser the cookie of its new session, of those that stay signed in beside it, and the one by which it
/// is known.
fn hand_over(
    visit: &Visit,
    response: &mut HttpResponse,
    (token, beside): (&SessionToken, Option<&[SessionToken]>),
    device: &DeviceId,
) {
    let own = session::cookie(visit.own(), token);
    let beside = beside.map(|tokens| accounts::cookie(visit.own(), tokens));
    let device = device.cookie(visit.own());
    for cookie in [own, device].into_iter().chain(beside) {
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "a session's cookie could not be set");
        }
    }
}

/// How the form is shown.
struct Shown {
    username: String,
    person: Option<String>,
    error: Option<String>,
    status: StatusCode,
    errand: Errand,
}

async fn render(visit: &Visit, waiting: Option<&Waiting>, shown: Shown) -> HttpResponse {
    let handle = waiting.map_or("", Waiting::handle_text);
    let path = match waiting {
        Some(_) => format!("/login?interaction={handle}"),
        None => shown.errand.login_path(),
    };
    let card = match waiting {
        None => None,
        Some(waiting) => {
            let picture = logo::picture_of(visit, &waiting.client).await;
            let frame = frame(visit, Some(waiting));
            Some(ClientCard::of(&frame, &waiting.client, picture))
        }
    };
    let page = Login {
        // The language switch returns by GET, whatever method showed the form.
        frame: frame(visit, waiting).with_return_to(visit.link(path)),
        person: shown.person,
        client: card.as_ref().map(|card| card.name.clone()),
        card,
        csrf: visit.csrf(&purpose(handle)).token(),
        user_code: shown.errand.user_code(),
        interaction: waiting.map(|_| handle.to_owned()),
        username: shown.username,
        error: shown.error,
        people: visit.state.demo.people(&visit.realm.name),
    };
    let mut response = page::html(&page, shown.status);
    if waiting.is_some() {
        lead_to_client(&mut response);
    }
    response
}

/// The frame of a page for a request that waits, in the language and for the window that its client wishes
/// (`ui_locales`, `display`: OpenID Connect Core §3.1.2.1).
pub(super) fn frame(visit: &Visit, waiting: Option<&Waiting>) -> Frame {
    let wishes = waiting.map(|waiting| &waiting.interaction.request.wishes);
    let language = wishes.and_then(|wishes| wishes.ui_locale.as_deref());
    let mut frame = visit.frame_in(language.and_then(Language::from_tag));
    frame.popup = wishes.is_some_and(|wishes| wishes.display == Some(Display::Popup));
    frame
}

/// Lets the redirect that answers the page's form reach the client, and lead on from there.
pub(super) fn lead_to_client(response: &mut HttpResponse) {
    let extra = CspExtra::leading_to_clients();
    response.extensions_mut().insert(extra);
}
