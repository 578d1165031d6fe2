//! The frame of every page: where the reader is, in which language, and what the links need.
//!
//! A service puts one [`FrameConfig`] into its `app_data` (as `web::Data`); a handler takes a
//! [`Frame`] as an argument and gives it to its page struct as the field `frame`, which
//! `templates/layout.html` reads.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, error::ErrorInternalServerError,
    http::header, web,
};
use url::form_urlencoded;

use crate::realm::{Addresses, RealmName};
use crate::serve::Cookies;
use crate::telemetry::RequestId;

use super::{
    Assets,
    notice::{Notice, Tone},
    settings::{Look, settings_link},
    text::{Arguments, LANGUAGE_COOKIE, Language, Texts},
};

/// One of the three servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// The client application: the print shop (RFC 6749 §1.1 "client").
    ClientApp,
    /// The authorization server (RFC 6749 §1.1).
    AuthServer,
    /// The resource server (RFC 6749 §1.1).
    ResourceServer,
}

impl Service {
    /// All three, in the order a flow meets them.
    pub const ALL: [Self; 3] = [Self::ClientApp, Self::AuthServer, Self::ResourceServer];

    /// `client-app`, `auth-server` or `resource-server`: the crate's name, the suffix of language
    /// keys, the CSS class of its accent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientApp => "client-app",
            Self::AuthServer => "auth-server",
            Self::ResourceServer => "resource-server",
        }
    }
}

/// What every frame of one running service has in common.
#[derive(Clone, Debug)]
pub struct FrameConfig {
    /// Which service this is.
    pub service: Service,
    /// Where all three are.
    pub addresses: Addresses,
    /// All languages.
    pub texts: Arc<Texts>,
    /// What pages may link to.
    pub assets: Assets,
    /// Whether the demo people and secrets are in use, which the footer then warns about.
    pub demo: bool,
}

impl FrameConfig {
    /// The cookies of this service.
    #[must_use]
    pub fn cookies(&self) -> Cookies {
        Cookies::of(match self.service {
            Service::ClientApp => &self.addresses.client_app,
            Service::AuthServer => &self.addresses.auth_server,
            Service::ResourceServer => &self.addresses.resource_server,
        })
    }

    /// The absolute URL of `path` of this service, in the realm of `frame`.
    pub(super) fn url_of(&self, frame: &Frame, path: &str) -> String {
        frame.url(self.service, path)
    }
}

/// One entry of the language switch.
#[derive(Clone, Debug)]
pub struct LanguageLink {
    /// The language's BCP 47 tag.
    pub tag: &'static str,
    /// What its speakers call it.
    pub name: &'static str,
    /// Where the switch goes.
    pub href: String,
    /// Whether this page is in it.
    pub current: bool,
}

/// One of the three services, to be linked.
#[derive(Clone, Debug)]
pub struct ServiceLink {
    /// `client-app` …: also the class of its accent.
    pub class: &'static str,
    /// Its name in the reader's language.
    pub name: String,
    /// Its front page, in the same realm.
    pub href: String,
    /// What a browser's address bar shows for it: `localhost:9000`, or `localhost:9000/r/x`.
    pub address: String,
    /// Whether the reader is there now.
    pub current: bool,
}

/// Stands in the extensions of a request that waited at a breakpoint, whose browser came back for it under an address
/// that is not the request's own (`observe::gate`).
#[derive(Clone, Copy, Debug)]
pub struct CameBack;

/// What a page knows about where it is shown.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of this page.
    pub language: Language,
    /// The realm this page belongs to.
    pub realm: RealmName,
    /// The realm's path prefix: empty, or `/r/{realm}`.
    pub base: String,
    /// A message above the content.
    pub notice: Option<Notice>,
    /// The language that the reader has chosen: another one, where the address of this page names one.
    pub chosen_language: Language,
    /// How the reader likes pages to look.
    pub look: Look,
    /// Whether the page is shown in a small window of another one: what leads elsewhere is left out.
    pub popup: bool,
    /// The address that belongs to this page, path and query, where its request waited at a breakpoint and the
    /// browser came back for it under another one ([`CameBack`]); `assets/resumed.js` puts it into the address bar.
    pub resumed: Option<String>,
    /// The id of the request that this page answers (`X-Request-Id`), for pages that say what went wrong; empty where
    /// there is no request.
    pub request: String,
    pub(super) return_to: String,
    config: Arc<FrameConfig>,
}

impl Frame {
    /// The frame for the answer to `request`.
    #[must_use]
    pub fn new(config: Arc<FrameConfig>, request: &HttpRequest) -> Self {
        let cookies = config.cookies();
        let cookie = cookies.value(request, LANGUAGE_COOKIE);
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
        let chosen = Language::negotiate(
            cookie.as_deref(),
            accepted.and_then(|value| value.to_str().ok()),
        );
        let language = language_in(request.query_string()).unwrap_or(chosen);
        // A name that no realm can have never reaches a page: the route's RealmName refuses it.
        let realm = request.match_info().get("realm");
        let realm = realm.and_then(|name| name.parse().ok()).unwrap_or_default();
        let here = request
            .uri()
            .path_and_query()
            .map_or("/", |here| here.as_str());
        Self {
            chosen_language: chosen,
            look: Look::of(request, cookies),
            resumed: request
                .extensions()
                .contains::<CameBack>()
                .then(|| here.to_owned()),
            request: request
                .extensions()
                .get::<RequestId>()
                .map_or_else(String::new, |id| id.0.to_string()),
            ..Self::for_path(config, language, realm, &without_language(here))
        }
    }

    /// The frame for a page at `path_and_query` without a request: for samples and tests.
    #[must_use]
    pub fn for_path(
        config: Arc<FrameConfig>,
        language: Language,
        realm: RealmName,
        path_and_query: &str,
    ) -> Self {
        Self {
            language,
            chosen_language: language,
            base: realm.base_path(),
            realm,
            notice: None,
            look: Look::default(),
            popup: false,
            resumed: None,
            request: String::new(),
            return_to: path_and_query.to_owned(),
            config,
        }
    }

    /// Adds a message above the content.
    #[must_use]
    pub fn with_notice(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.notice = Some(Notice {
            tone,
            text: text.into(),
        });
        self
    }

    /// Where the language switch returns to, when it isn't this request's own path and query (say,
    /// after a POST whose path answers no GET). Includes the base.
    #[must_use]
    pub fn with_return_to(mut self, path_and_query: impl Into<String>) -> Self {
        self.return_to = path_and_query.into();
        self
    }

    /// The sentence `key`.
    #[must_use]
    pub fn t(&self, key: impl AsRef<str>) -> String {
        self.config.texts.get(self.language, key.as_ref(), &())
    }

    /// The sentence `key` with values: `[("name", value)]`; see [`Arguments`].
    #[must_use]
    pub fn ta(&self, key: impl AsRef<str>, arguments: impl Arguments) -> String {
        self.config
            .texts
            .get(self.language, key.as_ref(), &arguments)
    }

    /// The sentence `key`, if there is one: for keys made from data (see [`super::key_of`]).
    #[must_use]
    pub fn find(&self, key: impl AsRef<str>) -> Option<String> {
        self.config.texts.find(self.language, key.as_ref(), &())
    }

    /// Whether there is a sentence `key`, whatever values it takes.
    #[must_use]
    pub fn has(&self, key: impl AsRef<str>) -> bool {
        self.config.texts.has(self.language, key.as_ref())
    }

    /// The sentence about a thing with a machine name, if there is one: `about("parameter",
    /// "redirect_uri")` is the sentence `parameter-redirect-uri`.
    #[must_use]
    pub fn about(&self, prefix: &str, name: impl AsRef<str>) -> Option<String> {
        self.find(super::key_of(prefix, name.as_ref()))
    }

    /// As [`Frame::about`], with the machine name itself where there is no sentence.
    #[must_use]
    pub fn named(&self, prefix: &str, name: impl AsRef<str>) -> String {
        let name = name.as_ref();
        self.about(prefix, name).unwrap_or_else(|| name.to_owned())
    }

    /// For `<html lang>`.
    #[must_use]
    pub fn lang_tag(&self) -> &'static str {
        self.language.tag()
    }

    /// The service that shows this page.
    #[must_use]
    pub fn service(&self) -> Service {
        self.config.service
    }

    /// Its accent's class: `client-app`, `auth-server` or `resource-server`.
    #[must_use]
    pub fn service_class(&self) -> &'static str {
        self.config.service.name()
    }

    /// The classes of `<html>`: where the reader is, and how he likes pages to look.
    #[must_use]
    pub fn html_class(&self) -> String {
        let (theme, size) = (self.look.theme.class(), self.look.text_size.class());
        let popup = if self.popup { " is-popup" } else { "" };
        format!("at-{}{theme}{size}{popup}", self.service_class())
    }

    /// The page of the settings, which returns to this one.
    #[must_use]
    pub fn settings_link(&self) -> String {
        settings_link(&self.base, &self.return_to)
    }

    /// Its name in the reader's language.
    #[must_use]
    pub fn service_name(&self) -> String {
        self.t(super::key_of("service", self.service_class()))
    }

    /// What the address bar shows: `localhost:9000`, or `localhost:9000/r/x`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address_of(self.config.service)
    }

    /// Whether this page belongs to a realm other than the default one.
    #[must_use]
    pub fn in_named_realm(&self) -> bool {
        !self.base.is_empty()
    }

    /// Whether demo credentials are in use.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.config.demo
    }

    /// The address of an asset by its name: `app.css`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        self.config.assets.url(name)
    }

    /// `path` of this service in this realm; `path` starts with a slash.
    #[must_use]
    pub fn link(&self, path: impl AsRef<str>) -> String {
        format!("{}{}", self.base, path.as_ref())
    }

    /// Whether this page is the one at `path` of this service in this realm, or lies below it.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        let here = self.return_to.split(['?', '#']).next().unwrap_or_default();
        let below = here.strip_prefix(self.link(path).as_str());
        below.is_some_and(|rest| rest.is_empty() || (path != "/" && rest.starts_with('/')))
    }

    /// The absolute URL of `path` on client-app in this realm.
    #[must_use]
    pub fn client_app(&self, path: impl AsRef<str>) -> String {
        self.url(Service::ClientApp, path.as_ref())
    }

    /// The absolute URL of `path` on auth-server in this realm.
    #[must_use]
    pub fn auth_server(&self, path: impl AsRef<str>) -> String {
        self.url(Service::AuthServer, path.as_ref())
    }

    /// The absolute URL of `path` on resource-server in this realm.
    #[must_use]
    pub fn resource_server(&self, path: impl AsRef<str>) -> String {
        self.url(Service::ResourceServer, path.as_ref())
    }

    /// Whether this page is in the language that its address names, and the reader has another: the switch then
    /// offers to keep it.
    #[must_use]
    pub fn borrows_language(&self) -> bool {
        self.language != self.chosen_language
    }

    /// The absolute URL of `path` of this service in this realm, which shows the page in this language to whoever
    /// opens it: for a link that is given to others.
    #[must_use]
    pub fn shared_link(&self, path: impl AsRef<str>) -> String {
        let url = self.url(self.config.service, path.as_ref());
        let (url, fragment) = url
            .split_once('#')
            .map_or((url.as_str(), ""), |(u, f)| (u, f));
        let sign = if url.contains('?') { '&' } else { '?' };
        let shared = format!("{url}{sign}{LANGUAGE_PARAMETER}={}", self.language.tag());
        if fragment.is_empty() {
            shared
        } else {
            format!("{shared}#{fragment}")
        }
    }

    /// The language switch.
    #[must_use]
    pub fn language_links(&self) -> Vec<LanguageLink> {
        let return_to: String =
            form_urlencoded::byte_serialize(self.return_to.as_bytes()).collect();
        Language::ALL
            .into_iter()
            .map(|language| LanguageLink {
                tag: language.tag(),
                name: language.native_name(),
                href: format!(
                    "{}/language/{}?return_to={return_to}",
                    self.base,
                    language.tag()
                ),
                current: language == self.language && !self.borrows_language(),
            })
            .collect()
    }

    /// The three services, for links between them.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceLink> {
        Service::ALL
            .into_iter()
            .map(|service| ServiceLink {
                class: service.name(),
                name: self.t(super::key_of("service", service.name())),
                href: self.url(service, "/"),
                address: self.address_of(service),
                current: service == self.config.service,
            })
            .collect()
    }

    fn url(&self, service: Service, path: &str) -> String {
        format!("{}{}{path}", self.root(service), self.base)
    }

    /// The public URL of a service, without a trailing slash.
    fn root(&self, service: Service) -> &str {
        let addresses = &self.config.addresses;
        match service {
            Service::ClientApp => &addresses.client_app,
            Service::AuthServer => &addresses.auth_server,
            Service::ResourceServer => &addresses.resource_server,
        }
    }

    fn address_of(&self, service: Service) -> String {
        let url = self.root(service);
        let authority = url
            .split_once("://")
            .map_or(url, |(_, authority)| authority);
        format!("{authority}{}", self.base)
    }
}

/// The parameter by which a link names the language of its page.
const LANGUAGE_PARAMETER: &str = "lang";

/// The language that an address names, if it is one of ours. It counts for this page alone: only the switch and the
/// settings remember one.
fn language_in(query: &str) -> Option<Language> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, tag) = pairs.find(|(name, _)| name == LANGUAGE_PARAMETER)?;
    Language::from_tag(&tag)
}

/// The same address without the name of a language, so that the switch and the settings can return to it.
fn without_language(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let named = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        name != LANGUAGE_PARAMETER
    };
    let rest: Vec<&str> = query.split('&').filter(named).collect();
    if rest.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", rest.join("&"))
    }
}

impl FromRequest for Frame {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .app_data::<web::Data<FrameConfig>>()
                .map(|config| Self::new(Arc::clone(config), request))
                .ok_or_else(|| ErrorInternalServerError("no FrameConfig in app_data")),
        )
    }
}
