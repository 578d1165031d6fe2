//! A person with a browser: cookies, redirects within the provider, and buttons by their ids.

use url::Url;

use super::cast::Client;
use super::page::{Form, has};
use super::provider::{BUSY, Provider, RETRY, Tokens};
use crate::fault::{Ran, unexpected};
use crate::wire::{Answer, Request};

/// The most redirects that are followed to one page.
const MAX_HOPS: usize = 10;

/// A browser at one provider.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    provider: Provider,
    cookies: Vec<(String, String)>,
    /// Whether it asks again where it is told that a server is busy.
    insists: bool,
}

/// Where a browser arrived: at a page, or at the door of another server.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    /// The last answer.
    pub(crate) answer: Answer,
    /// Where the last answer sends the browser, when that is not at the provider.
    pub(crate) away: Option<Url>,
}

impl Arrived {
    /// A parameter of the URL to which the browser was sent away.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.away.as_ref()?.query_pairs();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether the page has an element with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.away.is_none() && has(&self.answer.text(), id)
    }

    /// Whether the server had no time for it: a page, or the word that the client is told (RFC 6749 §4.1.2.1).
    fn is_busy(&self) -> bool {
        let told = self.parameter("error");
        self.answer.status == 503 || told.as_deref() == Some("temporarily_unavailable")
    }

    /// Where it arrived, for people.
    pub(crate) fn shown(&self) -> String {
        match &self.away {
            Some(url) => format!("sent to {url}"),
            None => self.answer.shown(),
        }
    }
}

impl Browser {
    /// A browser that has been nowhere. Where a server says that it is busy (503) it asks again for a while.
    pub(crate) const fn new(provider: Provider) -> Self {
        Self {
            provider,
            cookies: Vec::new(),
            insists: true,
        }
    }

    /// The same, which takes the first answer for what it is, a 503 too.
    pub(crate) const fn that_takes_no(provider: Provider) -> Self {
        Self {
            provider,
            cookies: Vec::new(),
            insists: false,
        }
    }

    /// Signs `person` in.
    pub(crate) async fn sign_in(&mut self, person: (&str, &str)) -> Ran<()> {
        let page = self.open("/login").await?;
        let page = self.press(&page, "login-submit", &fields(person)).await?;
        if page.has("sign-out-everywhere") {
            Ok(())
        } else {
            Err(unexpected(format!("not signed in: {}", page.shown())))
        }
    }

    /// Goes to a path of the provider and follows its redirects.
    pub(crate) async fn open(&mut self, target: &str) -> Ran<Arrived> {
        self.navigate(Request::get(target)).await
    }

    /// A request as this browser would send it, which nobody has sent yet.
    pub(crate) fn dressed(&self, request: Request) -> Request {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = request
            .header("user-agent", "Mozilla/5.0 (rig)")
            .header("accept", "text/html,*/*;q=0.8")
            .header("sec-fetch-site", "same-origin")
            .header("origin", self.provider.issuer().to_owned());
        if cookies.is_empty() {
            request
        } else {
            request.header("cookie", cookies.join("; "))
        }
    }

    /// Presses the button `id` with these fields filled in.
    pub(crate) async fn press(
        &mut self,
        page: &Arrived,
        id: &str,
        fill: &[(&str, &str)],
    ) -> Ran<Arrived> {
        let missing = || unexpected(format!("no #{id}: {}", page.shown()));
        let form = Form::with_button(&page.answer.text(), id).ok_or_else(missing)?;
        let form = fill
            .iter()
            .fold(form, |form, (name, value)| form.filled(name, value));
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        self.navigate(Request::post(self.path_of(&form.action), &fields))
            .await
    }

    /// Asks for a code for `client` and agrees to whatever is asked, as `person`.
    pub(crate) async fn authorize(&mut self, client: Client, person: (&str, &str)) -> Ran<Arrived> {
        let query = self.provider.authorization(client, &[]);
        let mut page = self.open(&format!("/authorize?{query}")).await?;
        if page.has("login-submit") {
            page = self.press(&page, "login-submit", &fields(person)).await?;
        }
        if page.has("consent-allow") {
            page = self.press(&page, "consent-allow", &[]).await?;
        }
        Ok(page)
    }

    /// A code for `client`. Where the server says that it is busy, as on a busy machine, it is asked again later.
    pub(crate) async fn code(&mut self, client: Client, person: (&str, &str)) -> Ran<String> {
        let mut arrived = self.authorize(client, person).await?;
        for _ in 0..BUSY {
            if !arrived.is_busy() {
                break;
            }
            tokio::time::sleep(RETRY).await;
            arrived = self.authorize(client, person).await?;
        }
        let code = arrived.parameter("code");
        code.ok_or_else(|| unexpected(format!("no code: {}", arrived.shown())))
    }

    /// Tokens for `client`.
    pub(crate) async fn tokens(&mut self, client: Client, person: (&str, &str)) -> Ran<Tokens> {
        let code = self.code(client, person).await?;
        let request = self.provider.redeem(client, &code);
        Tokens::required(&self.provider.insist(&request).await?)
    }

    /// What a silent request of `client` is told: nothing where it gets a code, else the error
    /// (OpenID Connect Core §3.1.2.6).
    pub(crate) async fn silently(&mut self, client: Client) -> Ran<Option<String>> {
        let query = self.provider.authorization(client, &[("prompt", "none")]);
        let target = format!("/authorize?{query}");
        let mut arrived = self.open(&target).await?;
        for _ in 0..BUSY {
            if !arrived.is_busy() {
                break;
            }
            tokio::time::sleep(RETRY).await;
            arrived = self.open(&target).await?;
        }
        match arrived.parameter("error") {
            None if arrived.parameter("code").is_none() => Err(unexpected(arrived.shown())),
            told => Ok(told),
        }
    }

    /// Says yes to what a device asks.
    pub(crate) async fn approve(&mut self, user_code: &str, person: (&str, &str)) -> Ran<()> {
        let page = self.open("/device").await?;
        let typed = [("user_code", user_code)];
        let mut page = self.press(&page, "device-submit", &typed).await?;
        if page.has("login-submit") {
            page = self.press(&page, "login-submit", &fields(person)).await?;
        }
        let page = self.press(&page, "device-confirm", &[]).await?;
        if page.has("device-result") {
            Ok(())
        } else {
            Err(unexpected(format!("not approved: {}", page.shown())))
        }
    }

    async fn navigate(&mut self, request: Request) -> Ran<Arrived> {
        let mut next = request;
        for _ in 0..MAX_HOPS {
            let asked = self.dressed(next);
            let answer = if self.insists {
                self.provider.insist(&asked).await?
            } else {
                self.provider.send(&asked).await?
            };
            self.keep_cookies(&answer);
            let Some(location) = answer.header("location") else {
                return Ok(Arrived { answer, away: None });
            };
            let target = Url::parse(self.provider.issuer())?.join(location)?;
            if !target.as_str().starts_with(self.provider.issuer()) {
                let away = Some(target);
                return Ok(Arrived { answer, away });
            }
            next = Request::get(self.path_of(target.as_str()));
        }
        Err(unexpected("redirected in a circle"))
    }

    /// A URL of the provider as path and query.
    fn path_of(&self, url: &str) -> String {
        let path = url.strip_prefix(self.provider.issuer()).unwrap_or(url);
        path.split('#').next().unwrap_or_default().to_owned()
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        let set = answer.headers.iter();
        for (_, text) in set.filter(|(name, _)| name == "set-cookie") {
            let pair = text.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            self.cookies.retain(|(known, _)| known != name);
            let gone = text.to_ascii_lowercase().contains("max-age=0");
            if !gone && !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

const fn fields<'a>((username, password): (&'a str, &'a str)) -> [(&'a str, &'a str); 2] {
    [("username", username), ("password", password)]
}
