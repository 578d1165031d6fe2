//! A scripted browser: cookies, forms by the id of a button, redirects one at a time, and what a real one says of itself.
//!
//! Cookies belong to a host and not to a port, as in every browser: the three services share one jar.

use url::Url;

use super::html::{self, Form, Tag};
use super::http::{Request, Response};

/// The most redirects that are followed to one page.
const MAX_HOPS: usize = 20;

/// A browser with its jar of cookies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    cookies: Vec<Cookie>,
    language: String,
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

/// What the browser shows, or would follow.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The answer that it came from.
    pub(crate) response: Response,
    /// Every answer on the way to it, this one included.
    pub(crate) hops: Vec<Response>,
}

impl Browser {
    /// A browser that has been nowhere yet and prefers English.
    pub(crate) fn new() -> Self {
        Self {
            cookies: Vec::new(),
            language: "en".to_owned(),
        }
    }

    /// Goes to `url`, typed into the address bar, and follows redirects to a page.
    pub(crate) async fn open(&mut self, url: &str) -> Page {
        self.navigate(Request::get(url), None, &|_| true).await
    }

    /// Goes to `url` and follows redirects as long as they do not lead to `stop` (a URL's beginning).
    pub(crate) async fn open_until(&mut self, url: &str, stop: &str) -> Page {
        let on = |next: &Url| !next.as_str().starts_with(stop);
        self.navigate(Request::get(url), None, &on).await
    }

    /// Goes to `url` without following anything.
    pub(crate) async fn look(&mut self, url: &str) -> Page {
        self.navigate(Request::get(url), None, &|_| false).await
    }

    /// Presses the button `id` on `page` with these fields filled in, and follows redirects to a page.
    pub(crate) async fn press(&mut self, page: &Page, id: &str, fields: &[(&str, &str)]) -> Page {
        let request = page.form(id).request(&page.response.url, id, fields);
        self.navigate(request, Some(&page.response.url), &|_| true)
            .await
    }

    /// Presses a button and follows redirects as long as they do not lead to `stop`.
    pub(crate) async fn press_until(
        &mut self,
        page: &Page,
        id: &str,
        fields: &[(&str, &str)],
        stop: &str,
    ) -> Page {
        let request = page.form(id).request(&page.response.url, id, fields);
        let on = |next: &Url| !next.as_str().starts_with(stop);
        self.navigate(request, Some(&page.response.url), &on).await
    }

    /// Presses a button and follows nothing.
    pub(crate) async fn press_only(
        &mut self,
        page: &Page,
        id: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let request = page.form(id).request(&page.response.url, id, fields);
        self.navigate(request, Some(&page.response.url), &|_| false)
            .await
    }

    /// Sends any request as this browser would send it from `from`, and follows nothing.
    pub(crate) async fn send(&mut self, request: Request, from: Option<&Url>) -> Page {
        self.navigate(request, from, &|_| false).await
    }

    /// The value of its cookie `name`.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let mut cookies = self.cookies.iter();
        let found = cookies.find(|cookie| cookie.name == name);
        let found = found.unwrap_or_else(|| panic!("no {name} in {:#?}", self.cookies));
        found.value.clone()
    }

    /// The values of all its cookies that are long enough to be secrets.
    pub(crate) fn cookie_values(&self) -> Vec<&str> {
        let values = self.cookies.iter().map(|cookie| cookie.value.as_str());
        values.filter(|value| value.len() >= 16).collect()
    }

    async fn navigate(
        &mut self,
        request: Request,
        from: Option<&Url>,
        follow: &(dyn Fn(&Url) -> bool + Sync),
    ) -> Page {
        let mut next = request;
        let mut initiator = from.cloned();
        let mut hops = Vec::new();
        loop {
            assert!(hops.len() < MAX_HOPS, "redirected in a circle: {hops:#?}");
            let response = self.dress(next, initiator.as_ref()).send().await;
            self.keep_cookies(&response);
            hops.push(response.clone());
            let target = response.header("location").map(|location| {
                let target = response.url.join(location);
                target.unwrap_or_else(|error| panic!("Location {location:?}: {error}"))
            });
            match target {
                Some(target) if (300..400).contains(&response.status) && follow(&target) => {
                    next = Request::get(target.as_str());
                    initiator.get_or_insert(response.url);
                }
                _ => return Page { response, hops },
            }
        }
    }

    /// The request with everything that a browser adds to it.
    fn dress(&self, request: Request, initiator: Option<&Url>) -> Request {
        let url = request.url().clone();
        let mut request = request
            .header(
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64) Scripted/1.0 (like a browser)",
            )
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("accept-language", &self.language)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1");
        let site = match initiator {
            None => "none",
            Some(from) if from.origin() == url.origin() => "same-origin",
            Some(from) if from.host_str() == url.host_str() => "same-site",
            Some(_) => "cross-site",
        };
        request = request.header("sec-fetch-site", site);
        if let Some(from) = initiator.filter(|_| request.method() == "POST") {
            request = request.header("origin", from.origin().ascii_serialization());
        }
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.goes_to(&url))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        if cookies.is_empty() {
            request
        } else {
            request.header("cookie", cookies.join("; "))
        }
    }

    /// Keeps the cookies that an answer sets, and drops those that it lets expire.
    fn keep_cookies(&mut self, response: &Response) {
        let set = response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        for (_, text) in set {
            let mut parts = text.split(';').map(str::trim);
            let pair = parts.next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie's name and value");
            let attributes: Vec<(String, &str)> = parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect();
            let attribute = |wanted: &str| {
                attributes
                    .iter()
                    .find(|(name, _)| name == wanted)
                    .map(|(_, value)| *value)
            };
            // RFC 6265bis §5.7: what is called so and is not so is not kept.
            if name.starts_with("__Host-") {
                let guarded = attribute("secure").is_some()
                    && attribute("path") == Some("/")
                    && attribute("domain").is_none()
                    && response.url.scheme() == "https";
                assert!(guarded, "no browser keeps {text} of {}", response.url);
            }
            let cookie = Cookie {
                host: response.url.host_str().unwrap_or_default().to_owned(),
                path: attribute("path").unwrap_or("/").to_owned(),
                name: name.to_owned(),
                value: value.to_owned(),
            };
            self.cookies.retain(|known| {
                (&known.host, &known.path, &known.name)
                    != (&cookie.host, &cookie.path, &cookie.name)
            });
            let gone = attribute("max-age").is_some_and(|age| age.starts_with(['0', '-']));
            if !gone && !value.is_empty() {
                self.cookies.push(cookie);
            }
        }
    }
}

impl Cookie {
    fn goes_to(&self, url: &Url) -> bool {
        let path = url.path();
        let covers = path == self.path
            || path
                .strip_prefix(self.path.as_str())
                .is_some_and(|rest| self.path.ends_with('/') || rest.starts_with('/'));
        url.host_str() == Some(self.host.as_str()) && covers
    }
}

impl Page {
    /// The page's text as a person reads it.
    pub(crate) fn text(&self) -> String {
        html::text(&self.response.text())
    }

    /// Where the last answer leads, when it was not followed.
    pub(crate) fn location(&self) -> Url {
        let location = self.response.header("location").unwrap_or_else(|| {
            panic!(
                "{} answered {} without a Location: {}",
                self.response.url,
                self.response.status,
                self.text()
            )
        });
        self.response.url.join(location).expect("a URL")
    }

    /// Whether there is an element with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        html::tags(&self.response.text())
            .iter()
            .any(|tag| tag.attribute("id") == Some(id))
    }

    /// The element with this id.
    pub(crate) fn element(&self, id: &str) -> Tag {
        let tags = html::tags(&self.response.text());
        tags.into_iter()
            .find(|tag| tag.attribute("id") == Some(id))
            .unwrap_or_else(|| panic!("no #{id} on {}: {}", self.response.url, self.text()))
    }

    /// What its frames load.
    pub(crate) fn frames(&self) -> Vec<String> {
        let tags = html::tags(&self.response.text());
        let frames = tags.iter().filter(|tag| tag.name == "iframe");
        let loaded = frames.filter_map(|tag| tag.attribute("src"));
        loaded.map(str::to_owned).collect()
    }

    /// The values of the boxes of this name that are ticked.
    pub(crate) fn ticked(&self, name: &str) -> Vec<String> {
        html::forms(&self.response.text())
            .into_iter()
            .flat_map(|form| form.fields)
            .filter(|field| field.name == name && !field.unticked)
            .map(|field| field.value)
            .collect()
    }

    /// What pressing the button `id` sends where the box of this value was unticked before.
    pub(crate) fn unticking(&self, value: &str, id: &str) -> Request {
        let mut form = self.form(id);
        form.fields
            .retain(|field| field.button || field.value != value);
        form.request(&self.response.url, id, &[])
    }

    /// The form that has the button `id`.
    pub(crate) fn form(&self, id: &str) -> Form {
        let forms = html::forms(&self.response.text());
        forms
            .into_iter()
            .find(|form| form.fields.iter().any(|field| field.id == id))
            .unwrap_or_else(|| {
                panic!(
                    "no form with #{id} on {} ({}): {}",
                    self.response.url,
                    self.response.status,
                    self.text()
                )
            })
    }
}

impl Form {
    /// What pressing `button` sends, with `fill` in place of what the page says.
    pub(crate) fn request(&self, page: &Url, button: &str, fill: &[(&str, &str)]) -> Request {
        let filled = |name: &str| fill.iter().find(|(known, _)| *known == name);
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for field in &self.fields {
            let sends = !field.name.is_empty()
                && if field.button {
                    field.id == button
                } else {
                    !field.unticked || filled(&field.name).is_some()
                };
            // Of several radio buttons of one name, the one that was chosen is sent.
            let chosen =
                filled(&field.name).is_some() && pairs.iter().any(|(name, _)| *name == field.name);
            if sends && !chosen {
                let value = filled(&field.name).map_or(field.value.as_str(), |(_, value)| value);
                pairs.push((&field.name, value));
            }
        }
        for (name, _) in fill {
            let known = pairs.iter().any(|(known, _)| known == name);
            assert!(known, "the form has no field {name:?}: {:?}", self.fields);
        }
        let mut target = page.join(&self.action).expect("a form's action");
        if self.method == "post" {
            return Request::post(target.as_str(), &pairs);
        }
        target.query_pairs_mut().clear().extend_pairs(pairs);
        Request::get(target.as_str())
    }
}
