//! A visit: what every page of the front channel needs to know of the request that it answers.
//!
//! The extractor of all front-channel handlers; it turns their results into answers, so that no handler
//! repeats how an error looks.

use std::cell::OnceCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use shared::oauth::{ClientId, Digest, Secret, SecretKind, SessionToken};
use shared::observe::Observation;
use shared::page::text::LANGUAGE_COOKIE;
use shared::page::{Frame, FrameConfig, Language};
use shared::realm::RealmName;
use shared::serve::{BrowserId, Cookies, CsrfForm};
use shared::store::StoreError;
use shared::time::Timestamp;

use super::csrf::{self, BROWSER_COOKIE};
use super::form::Form;
use super::session::{self, Session};
use crate::authorization::{AuthorizationResponse, AuthorizeError, PageError};
use crate::endpoint::{error, form_post};
use crate::realms::{Realm, RealmError};
use crate::state::AppState;

/// One request of a browser.
pub(crate) struct Visit {
    /// What this server shares.
    pub(crate) state: web::Data<AppState>,
    /// The realm that is visited.
    pub(crate) realm: Arc<Realm>,
    /// What the request's exchange is told.
    pub(crate) observation: Observation,
    /// The request itself.
    pub(crate) request: HttpRequest,
    browser: BrowserId,
    pages: web::Data<FrameConfig>,
    frame: OnceCell<Frame>,
}

/// The browser's id is stored as a digest, as what it guards is worth a session.
enum Browser {}

impl SecretKind for Browser {
    const NAME: &'static str = "browser";
}

impl Visit {
    /// The frame of the page that is shown. Made when it is asked for: most who are signed in are sent on, and see no
    /// page.
    pub(crate) fn frame(&self) -> &Frame {
        self.frame
            .get_or_init(|| Frame::new(Arc::clone(&self.pages), &self.request))
    }

    /// `path` of this service in this realm; `path` starts with a slash.
    pub(crate) fn link(&self, path: impl AsRef<str>) -> String {
        let mut link = self.realm.name.base_path();
        link.push_str(path.as_ref());
        link
    }

    /// The realm's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.realm.now()
    }

    /// The realm's name.
    pub(crate) fn realm_name(&self) -> RealmName {
        self.realm.name.clone()
    }

    /// The digest of the browser's id: what an interaction belongs to.
    pub(crate) fn browser_digest(&self) -> Digest {
        Secret::<Browser>::from_text(self.browser.as_str()).digest()
    }

    /// The cookies of this service.
    pub(crate) fn cookies(&self) -> Cookies {
        Cookies::of(&self.realm.issuer)
    }

    /// Whose cookies a person's are: this service's, in this realm.
    pub(crate) fn own(&self) -> (Cookies, &RealmName) {
        (self.cookies(), &self.realm.name)
    }

    /// The token of the form that is for `purpose`.
    pub(crate) fn csrf(&self, purpose: &str) -> CsrfForm<'_> {
        self.realm
            .forms
            .form(&self.browser, self.realm.name.as_str(), purpose)
    }

    /// Reads a form of one of our pages; not yet whether it is ours.
    ///
    /// # Errors
    /// [`PageError`].
    pub(crate) async fn form(&self, payload: web::Payload) -> Result<Form, PageError> {
        Form::read(
            &self.request,
            payload,
            &self.state.limits,
            &self.observation,
        )
        .await
    }

    /// Checks that `form` was sent by our page for `purpose`.
    ///
    /// # Errors
    /// [`PageError::Csrf`].
    pub(crate) fn verify(&self, form: &Form, purpose: &str) -> Result<(), PageError> {
        self.verify_token(form.get("csrf"), purpose)
    }

    /// The same for a form that was read otherwise: checks its token.
    ///
    /// # Errors
    /// [`PageError::Csrf`].
    pub(crate) fn verify_token(&self, token: Option<&str>, purpose: &str) -> Result<(), PageError> {
        csrf::verify(&self.csrf(purpose), &self.request, token, &self.observation)
    }

    /// The session cookie's value.
    pub(crate) fn session_token(&self) -> Option<SessionToken> {
        session::token(&self.request, self.own())
    }

    /// Who is signed in with this browser.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn session(&self) -> Result<Option<Session>, StoreError> {
        self.find_session(None).await
    }

    /// The same, and what that person has let `client` do before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn session_before(
        &self,
        client: &ClientId,
    ) -> Result<Option<Session>, StoreError> {
        self.find_session(Some(client)).await
    }

    async fn find_session(&self, client: Option<&ClientId>) -> Result<Option<Session>, StoreError> {
        let Some(token) = self.session_token() else {
            return Ok(None);
        };
        let (store, realm) = (&self.state.store, &self.realm.name);
        let found = session::find(store, realm, (&token, client), self.now()).await?;
        if let Some(session) = &found {
            session.note_life(&self.observation);
        }
        Ok(found)
    }

    /// A 303 to a path of this realm (RFC 9700 §4.12: never 307).
    pub(crate) fn see_other(&self, path: &str) -> HttpResponse {
        see_other(&self.link(path))
    }

    /// The frame of a page in the language that a client wishes; but who has chosen a language keeps it.
    pub(crate) fn frame_in(&self, wished: Option<Language>) -> Frame {
        let mut frame = self.frame().clone();
        let chosen = self.cookies().value(&self.request, LANGUAGE_COOKIE);
        if let Some(language) = wished.filter(|_| chosen.is_none()) {
            frame.language = language;
        }
        frame
    }

    /// Sends the browser back to the client with an authorization response.
    pub(crate) fn deliver(&self, response: AuthorizationResponse) -> HttpResponse {
        match response {
            AuthorizationResponse::Redirect(location) => see_other(&location),
            AuthorizationResponse::Form {
                action,
                origin,
                parameters,
            } => form_post::page(self, (action, origin), parameters),
        }
    }

    /// The answer: what the handler made, or the page or redirect of its error; and the browser's id, where
    /// it has none yet.
    pub(crate) fn answer(&self, result: Result<HttpResponse, AuthorizeError>) -> HttpResponse {
        let mut response = match result {
            Ok(response) => response,
            Err(AuthorizeError::Redirect(callback, refusal)) => {
                self.deliver(callback.error(refusal.code(), refusal))
            }
            Err(failure) => {
                let page = failure.page();
                let id = self.observation.id();
                match page.status() {
                    503 => {
                        tracing::warn!(error = %failure, exchange = %id, "a page was not served");
                    }
                    500.. => tracing::error!(error = %failure, exchange = %id, "a page failed"),
                    _ => {}
                }
                error::page(self.frame().clone(), &self.observation, page)
            }
        };
        if let Some(cookie) = self.browser.new_cookie()
            && let Err(error) = response.add_cookie(&cookie)
        {
            tracing::error!(%error, "a cookie could not be set");
        }
        response
    }
}

/// A 303 to `location` that nothing keeps and that tells nobody where it came from.
pub(crate) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = web::Data::<AppState>::from_request(request, payload);
        let pages = web::Data::<FrameConfig>::from_request(request, payload);
        let name = RealmName::from_request(request, payload);
        let observation = Observation::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (state, pages) = (state.await?, pages.await?);
            let Ok(observation) = observation.await;
            let found = match name.await {
                Ok(name) => state
                    .realms
                    .find(&name)
                    .await
                    .map_err(|error| page_of(&error)),
                Err(_) => Err(PageError::NotFound),
            };
            match found {
                Ok(realm) => Ok(Self {
                    browser: BrowserId::of(&request, (Cookies::of(&realm.issuer), BROWSER_COOKIE)),
                    state,
                    realm,
                    observation,
                    request,
                    pages,
                    frame: OnceCell::new(),
                }),
                Err(page) => {
                    let frame = Frame::new(pages.into_inner(), &request);
                    let response = error::page(frame, &observation, page);
                    Err(actix_web::error::InternalError::from_response("no realm", response).into())
                }
            }
        })
    }
}

/// The page for a realm that cannot be used.
fn page_of(error: &RealmError) -> PageError {
    match error {
        RealmError::Unknown(_) => PageError::NotFound,
        RealmError::Store(error) => PageError::from(error),
        RealmError::Secret(_) | RealmError::Seed(_) => PageError::Internal,
    }
}
