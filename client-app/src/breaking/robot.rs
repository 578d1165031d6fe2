//! Robot: stands in for a person with a browser: follows redirects, keeps cookies, signs in, agrees.
//!
//! May use the observed HTTP client, which announces it as the browser; its exchanges' notes say that it is a replay.
//! It invents no answer: forms, handles and redirects are read from what the services really sent.

use std::collections::HashMap;
use std::sync::Arc;

use shared::flow::Party;
use shared::observe::{Altered, HttpClient, HttpRequest, HttpResponse};
use shared::realm::{Addresses, RealmName};
use url::Url;

use super::BreakError;
use super::edit::read;
use super::form::{Form, forms_of};
use super::job::{Gate, Job};

/// The most redirects and forms from one address to one page.
const MOST_HOPS: usize = 20;
/// What it says of itself to whom it sends requests.
pub(super) const AGENT: &str = concat!("grantscope-replay/", env!("CARGO_PKG_VERSION"));

/// Whom it signs in as, and what it agrees to.
#[derive(Clone, Debug)]
pub(super) struct Conduct {
    /// User name and password.
    pub(super) person: Option<(String, String)>,
    /// The scopes that are ticked on the consent page; `None`: those that are ticked already.
    pub(super) scopes: Option<Vec<String>>,
    /// `allow` or `deny`; on a device's page `confirm` or `deny`.
    pub(super) decision: String,
    /// Parameters that are added to an authorization request.
    pub(super) added: Vec<(&'static str, &'static str)>,
}

/// A browser without a person.
pub(super) struct Robot<'a> {
    /// The connections of the program.
    pub(super) http: &'a HttpClient,
    /// The realm.
    pub(super) realm: &'a RealmName,
    /// The services.
    pub(super) addresses: &'a Addresses,
    /// What every request passes.
    pub(super) job: Arc<Job>,
    /// Where the client app's own requests find the job.
    pub(super) gate: &'a Gate,
    /// How it behaves.
    pub(super) conduct: Conduct,
    cookies: HashMap<(String, String), String>,
    /// The code that the person reads off another device.
    user_code: Option<String>,
}

/// Where the robot came to.
#[derive(Debug)]
pub(super) enum Landing {
    /// A page.
    Page {
        /// Its address.
        url: String,
        /// The page.
        page: HttpResponse,
    },
    /// A redirect that leaves for here, which was not followed.
    Left(String),
    /// The value was taken: nothing more is to be done.
    Over,
}

impl<'a> Robot<'a> {
    /// A browser that has never been anywhere.
    pub(super) fn new(
        (http, addresses): (&'a HttpClient, &'a Addresses),
        realm: &'a RealmName,
        (job, gate): (Arc<Job>, &'a Gate),
        conduct: Conduct,
    ) -> Self {
        Self {
            http,
            realm,
            addresses,
            job,
            gate,
            conduct,
            cookies: HashMap::new(),
            user_code: None,
        }
    }

    /// The same person with a browser on another device, who reads this code off the first.
    pub(super) fn on_another_device(&self, user_code: String) -> Self {
        let services = (self.http, self.addresses);
        let job = (Arc::clone(&self.job), self.gate);
        Self {
            user_code: Some(user_code),
            ..Self::new(services, self.realm, job, self.conduct.clone())
        }
    }

    /// Sends a request as `party` and gives the answer; `None` when it was held back.
    pub(super) async fn send(
        &mut self,
        party: &Party,
        request: HttpRequest,
    ) -> Result<Option<HttpResponse>, BreakError> {
        let request = request.header("user-agent", AGENT);
        let requests = match self.job.pass(request) {
            Altered::Send(request) => vec![request],
            Altered::SendBoth(first, second) => vec![first, second],
            Altered::HoldBack => return Ok(None),
        };
        let http = self.http.standing_in_for(party.clone());
        let mut answer = None;
        for request in requests {
            let request = self.with_cookies(party, request);
            if let (Some(id), Party::Browser) = (&request.exchange, party) {
                self.gate.open(id, &self.job);
            }
            let url = request.url.clone();
            let response = http.send(request, self.realm, None).await?;
            if *party == Party::Browser {
                self.keep_cookies(&url, &response);
            }
            answer = Some(response);
        }
        Ok(answer)
    }

    /// Opens a page that is no part of any flow, and is not recorded.
    pub(super) async fn look(&mut self, url: &str) -> Result<HttpResponse, BreakError> {
        let request = HttpRequest::get(url)
            .header("accept", "text/html")
            .header("user-agent", AGENT);
        let request = self.with_cookies(&Party::Browser, request);
        let response = self.http.send_unobserved(request).await?;
        self.keep_cookies(url, &response);
        Ok(response)
    }

    /// Sends a request as the browser and goes on, by redirects and through the provider's forms, until a page comes
    /// that is neither, or a redirect for which `leaves` says so.
    pub(super) async fn go(
        &mut self,
        first: HttpRequest,
        leaves: impl Fn(&str) -> bool,
    ) -> Result<Landing, BreakError> {
        let mut request = first;
        let (mut signed_in, mut typed, mut agreed) = (false, false, false);
        for _ in 0..MOST_HOPS {
            let url = request.url.clone();
            let request_here = request.header("accept", "text/html");
            let Some(response) = self.send(&Party::Browser, request_here).await? else {
                return Ok(Landing::Over);
            };
            if self.job.is_over() {
                return Ok(Landing::Over);
            }
            if (300..400).contains(&response.status)
                && let Some(location) = response.header("location")
            {
                let next = resolve(&url, location)?;
                if leaves(&next) {
                    return Ok(Landing::Left(next));
                }
                request = HttpRequest::get(self.with_added(next));
                continue;
            }
            let forms = forms_of(&response.text());
            let next = if let Some(form) = self.form(&url, &forms, "/login").filter(|_| !signed_in)
            {
                signed_in = true;
                Some(self.sign_in(form)?)
            } else if let Some(form) = self.form(&url, &forms, "/device").filter(|_| !typed) {
                typed = true;
                Some(self.type_code(form))
            } else if let Some(form) = self.question(&url, &forms).filter(|_| !agreed) {
                agreed = true;
                Some(self.agree(form))
            } else {
                None
            };
            match next {
                Some(form) => request = post(&url, &form)?,
                None => {
                    return Ok(Landing::Page {
                        url,
                        page: response,
                    });
                }
            }
        }
        Err(BreakError::Lost)
    }

    /// The form of the page at `url` that goes to this path of the auth server.
    fn form(&self, url: &str, forms: &[Form], path: &str) -> Option<Form> {
        let wanted = format!("{}{path}", self.addresses.issuer(self.realm));
        let goes_there = |form: &&Form| resolve(url, &form.action).is_ok_and(|url| url == wanted);
        forms.iter().find(goes_there).cloned()
    }

    /// The form of consent, or of a device's page.
    fn question(&self, url: &str, forms: &[Form]) -> Option<Form> {
        let mut paths = ["/consent", "/device/confirm"].into_iter();
        paths.find_map(|path| self.form(url, forms, path))
    }

    /// The form for the code that another device shows: the person types it where the address has not brought it.
    fn type_code(&self, mut form: Form) -> Form {
        let is_there = |(name, value): &(String, String)| name == "user_code" && !value.is_empty();
        if let (Some(code), false) = (&self.user_code, form.fields.iter().any(is_there)) {
            form.set("user_code", code);
        }
        form
    }

    fn sign_in(&self, mut form: Form) -> Result<Form, BreakError> {
        let (name, password) = self.conduct.person.as_ref().ok_or(BreakError::NoPassword)?;
        form.set("username", name);
        form.set("password", password);
        Ok(form)
    }

    fn agree(&self, mut form: Form) -> Form {
        if let Some(scopes) = &self.conduct.scopes {
            form.fields.retain(|(name, _)| name != "scope");
            let ticked = scopes
                .iter()
                .map(|scope| ("scope".to_owned(), scope.clone()));
            form.fields.extend(ticked);
        }
        form.set("decision", &self.conduct.decision);
        form
    }

    /// An authorization request with what is added to it.
    pub(super) fn with_added(&self, url: String) -> String {
        let endpoint = format!("{}/authorize?", self.addresses.issuer(self.realm));
        if !url.starts_with(&endpoint) {
            return url;
        }
        // What the client says itself counts.
        let said = |name: &str| {
            let query = url.split_once('?').map_or("", |(_, query)| query);
            read(query).iter().any(|(known, _)| known == name)
        };
        let added = self.conduct.added.iter();
        let added: Vec<_> = added.filter(|(name, _)| !said(name)).collect();
        added
            .into_iter()
            .fold(url, |url, (name, value)| format!("{url}&{name}={value}"))
    }

    fn with_cookies(&self, party: &Party, request: HttpRequest) -> HttpRequest {
        let host = host_of(&request.url);
        let mut cookies: Vec<_> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| *of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        if *party != Party::Browser || cookies.is_empty() {
            return request;
        }
        cookies.sort();
        request.header("cookie", cookies.join("; "))
    }

    fn keep_cookies(&mut self, url: &str, response: &HttpResponse) {
        let host = host_of(url);
        for (_, cookie) in response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let key = (host.clone(), name.trim().to_owned());
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.trim().to_owned());
            }
        }
    }
}

/// A form as a browser sends it from the page at `url`.
pub(super) fn post(url: &str, form: &Form) -> Result<HttpRequest, BreakError> {
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(HttpRequest::post_form(resolve(url, &form.action)?, &fields))
}

/// A reference as it is meant on the page at `base`.
pub(super) fn resolve(base: &str, reference: &str) -> Result<String, BreakError> {
    let base = Url::parse(base).map_err(|_| BreakError::Lost)?;
    let joined = base.join(reference).map_err(|_| BreakError::Lost)?;
    Ok(joined.to_string())
}

/// Cookies belong to a host and not to a port.
fn host_of(url: &str) -> String {
    let url = Url::parse(url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}
