//! One user of a server: what it needs for a workload, and one operation of it after the other.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::failure::Failure;
use crate::form::{self, PageForm};
use crate::http::{Connection, Request, Response};
use crate::target::{Client, Target};
use crate::workload::Workload;

/// The most redirects, and the most pages, on the way to a code.
const STEPS: usize = 12;

/// A user with a connection of its own.
#[derive(Debug)]
pub struct Visitor {
    target: Arc<Target>,
    workload: Workload,
    auth: Connection,
    api: Connection,
    app: String,
    machine: String,
    inspector: String,
    refresh_token: String,
    access_tokens: Vec<String>,
    number: usize,
}

impl Visitor {
    /// A user who has done nothing yet.
    #[must_use]
    pub fn new(target: Arc<Target>, workload: Workload) -> Self {
        Self {
            workload,
            auth: Connection::to(target.port),
            api: Connection::to(target.api_port),
            app: target.app.basic(),
            machine: target.machine.basic(),
            inspector: target.inspector.basic(),
            refresh_token: String::new(),
            access_tokens: Vec::new(),
            number: 0,
            target,
        }
    }

    /// The visitor of this number: whoever sends a password is another person than the next.
    #[must_use]
    pub fn numbered(mut self, number: usize) -> Self {
        self.number = number;
        self
    }

    /// Gets what the workload begins with: a session, a refresh token, an access token.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn prepare(&mut self) -> Result<(), Failure> {
        match self.workload {
            Workload::AuthorizationCode => {
                self.code().await?;
            }
            Workload::Refresh if self.refresh_token.is_empty() => {
                let answer = self.code().await?;
                self.refresh_token = owned(&answer, "refresh_token")?;
            }
            Workload::Introspection => {
                let answer = self.code().await?;
                self.access_tokens = vec![owned(&answer, "access_token")?];
            }
            Workload::ApiSeen => {
                let answer = self.client_credentials().await?;
                self.access_tokens = vec![owned(&answer, "access_token")?];
            }
            _ => {}
        }
        Ok(())
    }

    /// Begins with this refresh token instead of one of its own.
    #[must_use]
    pub fn with_refresh_token(mut self, token: String) -> Self {
        self.refresh_token = token;
        self
    }

    /// Gets access tokens that nobody has seen, until it has so many.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn gather(&mut self, tokens: usize) -> Result<(), Failure> {
        while self.access_tokens.len() < tokens {
            let answer = self.client_credentials().await?;
            self.access_tokens.push(owned(&answer, "access_token")?);
        }
        Ok(())
    }

    /// Hangs up between two rounds.
    pub fn rest(&mut self) {
        self.auth.close();
        self.api.close();
    }

    /// One operation; `false` where nothing is left to do it with.
    ///
    /// # Errors
    /// [`Failure`], for every answer that is not the one to come.
    pub async fn operate(&mut self) -> Result<bool, Failure> {
        match self.workload {
            Workload::ClientCredentials => {
                self.client_credentials().await?;
            }
            Workload::AuthorizationCode => {
                self.code().await?;
            }
            Workload::Refresh => self.refresh().await?,
            Workload::Introspection => self.introspect().await?,
            Workload::Jwks => self.document(self.target.jwks, "\"keys\"").await?,
            Workload::Discovery => self.document(self.target.discovery, "\"issuer\"").await?,
            Workload::Bare => self.document("/hello", "\"photos\"").await?,
            Workload::ApiSeen => {
                let token = self.access_tokens.first().cloned().unwrap_or_default();
                self.call(&token).await?;
            }
            Workload::ApiUnseen => match self.access_tokens.pop() {
                Some(token) => self.call(&token).await?,
                None => return Ok(false),
            },
            Workload::Password => self.password().await?,
        }
        Ok(true)
    }

    async fn document(&mut self, path: &'static str, marker: &str) -> Result<(), Failure> {
        let request = Request {
            path,
            ..Request::default()
        };
        let answer = self.auth.send(request).await?;
        let whole = std::str::from_utf8(&answer.body).is_ok_and(|body| body.contains(marker));
        if answer.status == 200 && whole {
            Ok(())
        } else {
            Err(answer.unexpected(path))
        }
    }

    async fn call(&mut self, token: &str) -> Result<(), Failure> {
        let bearer = format!("Bearer {token}");
        let request = Request {
            path: self.target.api,
            authorization: Some(&bearer),
            ..Request::default()
        };
        let answer = self.api.send(request).await?;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(answer.unexpected("the API call"))
        }
    }

    async fn client_credentials(&mut self) -> Result<Response, Failure> {
        let request = Request {
            path: self.target.token,
            authorization: Some(&self.machine),
            form: Some(self.target.machine_form),
            ..Request::default()
        };
        tokens(self.auth.send(request).await?, "client credentials")
    }

    async fn password(&mut self) -> Result<(), Failure> {
        let Client { id, secret } = self.target.owner;
        let owner = Client::new(id, secret).basic();
        let (username, password) = self.target.person;
        let reader = self.number.checked_rem(self.target.readers);
        let reader = reader.map(|reader| format!("reader-{reader}"));
        let body = form::body(&[
            ("grant_type", "password"),
            ("username", reader.as_deref().unwrap_or(username)),
            ("password", password),
        ]);
        let request = Request {
            path: self.target.token,
            authorization: Some(&owner),
            form: Some(&body),
            ..Request::default()
        };
        tokens(self.auth.send(request).await?, "the password grant").map(drop)
    }

    async fn refresh(&mut self) -> Result<(), Failure> {
        let body = form::body(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &self.refresh_token),
        ]);
        let request = Request {
            path: self.target.token,
            authorization: Some(&self.app),
            form: Some(&body),
            ..Request::default()
        };
        let answer = tokens(self.auth.send(request).await?, "the refresh")?;
        let successor = owned(&answer, "refresh_token")?;
        if successor == self.refresh_token {
            return Err(Failure::Answer(
                "the refresh token was not rotated".to_owned(),
            ));
        }
        self.refresh_token = successor;
        Ok(())
    }

    async fn introspect(&mut self) -> Result<(), Failure> {
        let token = self.access_tokens.first().map(String::as_str);
        let body = form::body(&[("token", token.unwrap_or_default())]);
        let request = Request {
            path: self.target.introspect,
            authorization: Some(&self.inspector),
            form: Some(&body),
            ..Request::default()
        };
        let answer = self.auth.send(request).await?;
        let body = std::str::from_utf8(&answer.body).unwrap_or_default();
        if answer.status == 200 && body.contains(r#""active":true"#) {
            Ok(())
        } else {
            Err(answer.unexpected("introspection"))
        }
    }

    /// The code flow with PKCE (RFC 6749 §4.1, RFC 7636): `GET /authorize` with its redirects and `POST /token`.
    /// Whoever is not signed in signs in, and consents, on the pages that come.
    async fn code(&mut self) -> Result<Response, Failure> {
        let (verifier, state) = (random(), random());
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let target = Arc::clone(&self.target);
        let query = form::body(&[
            ("response_type", "code"),
            ("client_id", target.app.id),
            ("redirect_uri", &target.redirect_uri),
            ("scope", target.scope),
            ("state", &state),
            ("nonce", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let location = self.agree(format!("{}?{query}", target.authorize)).await?;
        let answer = location.split_once('?').map_or("", |(_, query)| query);
        let answer = form::read(answer);
        let code = answer
            .get("code")
            .filter(|_| answer.get("state") == Some(&state));
        let code = code.ok_or_else(|| Failure::Answer(format!("the code request: {location}")))?;
        let body = form::body(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &target.redirect_uri),
            ("code_verifier", &verifier),
        ]);
        let request = Request {
            path: target.token,
            authorization: Some(&self.app),
            form: Some(&body),
            ..Request::default()
        };
        tokens(self.auth.send(request).await?, "the code's redemption")
    }

    /// Follows redirects, and fills in pages, until the client's door: the location there.
    async fn agree(&mut self, begin: String) -> Result<String, Failure> {
        let origin = format!("http://{}", self.auth.authority());
        let (mut path, mut form) = (begin, None);
        for _ in 0..STEPS {
            let request = Request {
                path: &path,
                origin: form.as_ref().map(|_| origin.as_str()),
                form: form.as_deref(),
                authorization: None,
            };
            let answer = self.auth.send(request).await?;
            match answer.location {
                Some(location) if location.starts_with(&self.target.redirect_uri) => {
                    return Ok(location);
                }
                Some(location) if (300..400).contains(&answer.status) => {
                    let local = location.strip_prefix(&origin).unwrap_or(&location);
                    local.clone_into(&mut path);
                    form = None;
                }
                _ => {
                    let filled = self.fill_in(&answer);
                    let filled = filled.ok_or_else(|| answer.unexpected("the code request"))?;
                    path = filled.0;
                    form = Some(filled.1);
                }
            }
        }
        Err(Failure::Answer(format!(
            "the code request never ends: {path}"
        )))
    }

    /// What a person would press on this page.
    fn fill_in(&self, page: &Response) -> Option<(String, String)> {
        let text = page.text();
        let (username, password) = self.target.person;
        if let Some(form) = PageForm::find(&text, "login-submit") {
            let typed = [("username", username), ("password", password)];
            return Some((form.action.clone(), form.body(&typed)));
        }
        let form = PageForm::find(&text, "consent-allow")?;
        Some((form.action.clone(), form.body(&[("decision", "allow")])))
    }
}

/// 256 random bits as text.
fn random() -> String {
    let mut bytes = [0; 32];
    // Without randomness every challenge would be the same, and still each flow one of its own.
    let _ = rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An answer with an access token in it.
fn tokens(answer: Response, what: &str) -> Result<Response, Failure> {
    if answer.status == 200 && answer.member("access_token").is_some() {
        Ok(answer)
    } else {
        Err(answer.unexpected(what))
    }
}

fn owned(answer: &Response, member: &str) -> Result<String, Failure> {
    let value = answer.member(member).map(str::to_owned);
    value.ok_or_else(|| answer.unexpected(member))
}
