//! Run: one go at a grant by one browser, and what came of it; and the store that holds the runs.
//!
//! Knows neither HTTP nor actix. Runs live in memory only: at most [`MAX_RUNS`], each for [`LIFETIME`]; a run belongs to
//! the browser session that started it, and nobody else finds it, whatever address he knows.

mod leaving;
mod screen;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::flow::{Check, ExchangeId};
use shared::oauth::{Digest, NoRandomness, SessionToken, TokenResponse};
use shared::observe::HttpResponse;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::{Experiment, Grant, Refusal, Waiting};
use crate::logout::SignedOut;
use crate::proof::ProofKey;
use crate::resource::Call;

/// The most runs that are kept; the oldest gives way.
const MAX_RUNS: usize = 1000;
/// How long a run is kept.
const LIFETIME: Duration = Duration::from_hours(1);
/// The most sets of tokens that one run remembers: its rotation chain.
const MAX_TOKEN_SETS: usize = 20;

/// What a server answered, kept to be shown.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The exchange, under which the record knows it.
    pub(crate) exchange: ExchangeId,
    /// The status code.
    pub(crate) status: u16,
    /// `WWW-Authenticate`, where there is one.
    pub(crate) challenge: Option<String>,
    /// The body as text.
    pub(crate) body: String,
}

impl From<&HttpResponse> for Answer {
    fn from(response: &HttpResponse) -> Self {
        Self {
            exchange: response.exchange.clone(),
            status: response.status,
            challenge: response.header("www-authenticate").map(str::to_owned),
            body: response.text(),
        }
    }
}

/// The tokens of one token response (RFC 6749 §5.1).
#[derive(Clone)]
pub(crate) struct TokenSet {
    /// The access token, a JWT or opaque.
    pub(crate) access_token: String,
    /// `bearer`.
    pub(crate) token_type: String,
    /// The lifetime in seconds.
    pub(crate) expires_in: Option<u64>,
    /// The scope, where the server named it.
    pub(crate) scope: Option<String>,
    /// The refresh token.
    pub(crate) refresh_token: Option<String>,
    /// The ID token.
    pub(crate) id_token: Option<String>,
    /// The whole answer.
    pub(crate) answer: Answer,
    /// When it came, on the realm's clock.
    pub(crate) received: Timestamp,
    /// What the issuer's keys say of the access token: shown, never decisive (it is not meant for the client).
    pub(crate) access_token_checks: Vec<Check>,
    /// The checks of the ID token.
    pub(crate) id_token_checks: Vec<Check>,
}

impl TokenSet {
    /// The tokens of an answer that was read.
    pub(crate) fn of(tokens: TokenResponse, answer: &HttpResponse) -> Self {
        Self {
            access_token: tokens.access_token,
            token_type: format!("{:?}", tokens.token_type).to_ascii_lowercase(),
            expires_in: Some(u64::from(tokens.expires_in)),
            scope: tokens.scope.map(|scope| scope.to_string()),
            refresh_token: tokens.refresh_token,
            id_token: tokens.id_token,
            answer: Answer::from(answer),
            received: Timestamp::from_unix(0),
            access_token_checks: Vec::new(),
            id_token_checks: Vec::new(),
        }
    }
}

impl std::fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSet")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// What the client remembers between the redirect to the auth server and the callback.
#[derive(Clone)]
pub(crate) struct Pending {
    /// The state that the callback must carry.
    pub(crate) state: String,
    /// The nonce that the ID token must carry, where one was asked for.
    pub(crate) nonce: Option<String>,
    /// The PKCE verifier, which has not left this program yet.
    pub(crate) verifier: String,
}

/// A code that has arrived.
#[derive(Clone)]
pub(crate) struct HeldCode {
    /// The code.
    pub(crate) code: String,
    /// When it came, on the realm's clock.
    pub(crate) received: Timestamp,
    /// What belongs to it.
    pub(crate) pending: Pending,
}

/// How far a run has come.
#[derive(Clone)]
pub(crate) enum Stage {
    /// The browser is at the auth server.
    Away(Pending),
    /// The code is here and has not been traded yet: the learner asked to wait.
    CodeHeld,
    /// The TV shows its code and polls (RFC 8628 §3.4).
    Polling(Waiting),
    /// It ended, with tokens or a refusal.
    Ended,
}

/// What the latest step of a run brought.
#[derive(Clone, Debug)]
pub(crate) enum Latest {
    /// Tokens came.
    Tokens,
    /// Somebody said no.
    Refused(Refusal),
    /// The API answered.
    Api(ApiAnswer),
    /// Tokens were taken back (RFC 7009).
    Revoked(Answer),
}

/// An answer of the protected API.
#[derive(Clone, Debug)]
pub(crate) struct ApiAnswer {
    /// What was asked.
    pub(crate) call: Call,
    /// `GET`, `POST` or `DELETE`.
    pub(crate) method: &'static str,
    /// The absolute URL.
    pub(crate) url: String,
    /// The answer.
    pub(crate) answer: Answer,
    /// The photos in it.
    pub(crate) photos: Vec<Photo>,
}

/// One photo, ready to show.
#[derive(Clone, Debug)]
pub(crate) struct Photo {
    /// What is written under it.
    pub(crate) caption: String,
    /// The picture as a `data:` URL; empty where it could not be fetched.
    pub(crate) picture: String,
}

/// The handle of a run: 256 random bits.
pub(crate) type RunId = String;

/// One go at a grant.
#[derive(Clone)]
pub(crate) struct Run {
    /// Its handle.
    pub(crate) id: RunId,
    /// Its realm.
    pub(crate) realm: RealmName,
    /// Whose it is.
    pub(crate) owner: Digest,
    /// Which grant.
    pub(crate) grant: Grant,
    /// As which client.
    pub(crate) client_id: String,
    /// What is done wrong on purpose.
    pub(crate) experiment: Option<Experiment>,
    /// The scope that was asked for.
    pub(crate) scope: String,
    /// The exchange that started it.
    pub(crate) exchange: ExchangeId,
    /// How far it has come.
    pub(crate) stage: Stage,
    /// The code, kept so that a replay can be tried.
    pub(crate) code: Option<HeldCode>,
    /// All tokens, the newest last.
    pub(crate) tokens: Vec<TokenSet>,
    /// What the latest step brought.
    pub(crate) latest: Option<Latest>,
    /// That its session was ended, and by what.
    pub(crate) signed_out: Option<SignedOut>,
    /// The key that its tokens are bound to (RFC 9449), where the person chose so.
    pub(crate) key: Option<ProofKey>,
    /// What is to be done with the tokens as soon as they are there: what a stronger sign-in was for (RFC 9470).
    pub(crate) then: Option<Call>,
}

impl Run {
    /// The newest tokens.
    pub(crate) fn current(&self) -> Option<&TokenSet> {
        self.tokens.last()
    }

    /// Takes in what a step brought.
    pub(crate) fn conclude(&mut self, outcome: Result<TokenSet, Refusal>) {
        self.stage = Stage::Ended;
        self.latest = Some(match outcome {
            Ok(tokens) => {
                if self.tokens.len() == MAX_TOKEN_SETS {
                    self.tokens.remove(0);
                }
                self.tokens.push(tokens);
                Latest::Tokens
            }
            Err(refusal) => Latest::Refused(refusal),
        });
    }
}

/// The runs of all browsers, in memory.
#[derive(Default)]
pub(crate) struct RunStore(Mutex<Runs>);

#[derive(Default)]
struct Runs {
    runs: HashMap<RunId, (Instant, Run)>,
    order: VecDeque<RunId>,
}

impl std::fmt::Debug for RunStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunStore({} runs)", self.lock().runs.len())
    }
}

impl RunStore {
    /// A new handle.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub(crate) fn new_id() -> Result<RunId, NoRandomness> {
        Ok(SessionToken::generate()?.expose().to_owned())
    }

    /// Keeps a run; the oldest gives way when there are too many.
    pub(crate) fn insert(&self, run: Run) {
        let mut runs = self.lock();
        runs.forget_old();
        while runs.order.len() >= MAX_RUNS {
            if let Some(oldest) = runs.order.pop_front() {
                runs.runs.remove(&oldest);
            }
        }
        runs.order.push_back(run.id.clone());
        runs.runs.insert(run.id.clone(), (Instant::now(), run));
    }

    /// A copy of the run `id`, if it is this owner's.
    pub(crate) fn find(&self, owner: &Digest, realm: &RealmName, id: &str) -> Option<Run> {
        let mut runs = self.lock();
        runs.forget_old();
        let (_, run) = runs.runs.get(id)?;
        (run.owner.matches(owner) && run.realm == *realm).then(|| run.clone())
    }

    /// Changes the run `id`, if it is still there.
    pub(crate) fn update(&self, id: &str, change: impl FnOnce(&mut Run)) {
        if let Some((_, run)) = self.lock().runs.get_mut(id) {
            change(run);
        }
    }

    /// Whether this owner has a run at all: a session that we did not start has none.
    pub(crate) fn knows(&self, owner: &Digest, realm: &RealmName) -> bool {
        let runs = self.lock();
        runs.runs
            .values()
            .any(|(_, run)| run.owner.matches(owner) && run.realm == *realm)
    }

    /// The newest run of this owner that is still useful to start from: one with a refresh token.
    pub(crate) fn newest_with_refresh_token(
        &self,
        owner: &Digest,
        realm: &RealmName,
    ) -> Option<RunId> {
        let runs = self.lock();
        let ids = runs.order.iter().rev();
        ids.filter_map(|id| runs.runs.get(id))
            .map(|(_, run)| run)
            .find(|run| {
                let can = run.current().is_some_and(|set| set.refresh_token.is_some());
                can && run.owner.matches(owner) && run.realm == *realm
            })
            .map(|run| run.id.clone())
    }

    /// The exchange that started this owner's newest run of `grant`.
    pub(crate) fn newest_of(
        &self,
        owner: &Digest,
        realm: &RealmName,
        grant: Grant,
    ) -> Option<ExchangeId> {
        let runs = self.lock();
        let mut runs = runs.order.iter().rev().filter_map(|id| runs.runs.get(id));
        let newest = runs
            .find(|(_, run)| run.grant == grant && run.owner.matches(owner) && run.realm == *realm);
        newest.map(|(_, run)| run.exchange.clone())
    }

    /// The exchanges that started this owner's runs, the newest first.
    pub(crate) fn exchanges_of(&self, owner: &Digest, realm: &RealmName) -> Vec<ExchangeId> {
        let runs = self.lock();
        let runs = runs.order.iter().rev().filter_map(|id| runs.runs.get(id));
        runs.map(|(_, run)| run)
            .filter(|run| run.owner.matches(owner) && run.realm == *realm)
            .map(|run| run.exchange.clone())
            .collect()
    }

    /// The run of this owner that waits for `state`, and what it remembered: once, and never again.
    ///
    /// RFC 6749 §10.12: the state is bound to the browser that was sent away with it.
    pub(crate) fn return_with(
        &self,
        owner: &Digest,
        realm: &RealmName,
        state: &str,
    ) -> Option<(Run, Pending)> {
        let mut runs = self.lock();
        runs.forget_old();
        let given = SessionToken::from_text(state).digest();
        let (_, run) = runs.runs.values_mut().find(|(_, run)| match &run.stage {
            Stage::Away(pending) => {
                let sent = SessionToken::from_text(pending.state.as_str()).digest();
                run.owner.matches(owner) && run.realm == *realm && sent.matches(&given)
            }
            _ => false,
        })?;
        match std::mem::replace(&mut run.stage, Stage::Ended) {
            Stage::Away(pending) => Some((run.clone(), pending)),
            other => {
                run.stage = other;
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runs {
    fn forget_old(&mut self) {
        while let Some(oldest) = self.order.front() {
            match self.runs.get(oldest) {
                Some((started, _)) if started.elapsed() < LIFETIME => break,
                _ => {
                    self.runs.remove(oldest);
                    self.order.pop_front();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(owner: &Digest, state: &str) -> Run {
        Run {
            id: RunStore::new_id().unwrap(),
            realm: RealmName::default_realm(),
            owner: owner.clone(),
            grant: Grant::AuthorizationCode,
            client_id: "web".to_owned(),
            experiment: None,
            scope: String::new(),
            exchange: ExchangeId::new(0),
            stage: Stage::Away(Pending {
                state: state.to_owned(),
                nonce: None,
                verifier: String::new(),
            }),
            code: None,
            tokens: Vec::new(),
            latest: None,
            signed_out: None,
            key: None,
            then: None,
        }
    }

    fn owner() -> Digest {
        SessionToken::generate().unwrap().digest()
    }

    #[test]
    fn a_state_is_good_once_and_only_for_the_browser_that_was_sent_away_with_it() {
        let (store, home) = (RunStore::default(), RealmName::default_realm());
        let (alice, mallory) = (owner(), owner());
        store.insert(run(&alice, "s1"));
        assert!(store.return_with(&mallory, &home, "s1").is_none());
        assert!(store.return_with(&alice, &home, "s2").is_none());
        let blue = "blue".parse().unwrap();
        assert!(store.return_with(&alice, &blue, "s1").is_none());
        assert!(store.return_with(&alice, &home, "s1").is_some());
        assert!(store.return_with(&alice, &home, "s1").is_none());
    }

    #[test]
    fn nobody_else_finds_a_run() {
        let (store, home, alice) = (RunStore::default(), RealmName::default_realm(), owner());
        let made = run(&alice, "s");
        store.insert(made.clone());
        assert!(store.find(&alice, &home, &made.id).is_some());
        assert!(store.find(&owner(), &home, &made.id).is_none());
        assert!(
            store
                .find(&alice, &"x".parse().unwrap(), &made.id)
                .is_none()
        );
    }

    #[test]
    fn the_oldest_run_gives_way() {
        let (store, home, alice) = (RunStore::default(), RealmName::default_realm(), owner());
        let first = run(&alice, "first");
        store.insert(first.clone());
        for number in 0..MAX_RUNS {
            store.insert(run(&alice, &number.to_string()));
        }
        assert!(store.find(&alice, &home, &first.id).is_none());
        assert_eq!(store.lock().runs.len(), MAX_RUNS);
    }
}
