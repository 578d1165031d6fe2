//! Back-channel logout: every client of a session that has ended is sent a logout token
//! (OpenID Connect Back-Channel Logout 1.0 §2.3 to §2.5).
//!
//! All at once, through the one guarded client. The person waits for a moment and no longer: whoever is slower is
//! told all the same, and the log and the record say what came of it.

use std::sync::Arc;
use std::time::Duration;

use shared::observe::Observation;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Ended;
use crate::client::Client;
use crate::issue::{Issue, IssueError, logout_token, subject};
use crate::outbound::{FetchError, Outbound};
use crate::realms::{Realm, RealmError};
use crate::state::AppState;

/// How long the person's answer waits for the clients.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of telling a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It answered 200 to 299: its session is over.
    Told,
    /// It answered otherwise: the status.
    Refused(u16),
    /// It could not be reached, or no token could be made.
    Failed,
    /// It has not answered yet.
    Waiting,
}

impl Outcome {
    /// The name in language keys: `logout-told-{name}`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Refused(_) => "refused",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

/// A client that was told, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The client's name.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

/// Why a client cannot be sent a logout token.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error(transparent)]
    Realm(#[from] RealmError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// A client that is being told. It is told to the end, whether anybody waits for that or not.
#[derive(Debug)]
pub(crate) struct Telling {
    name: String,
    call: JoinHandle<Outcome>,
}

/// Begins to tell `clients` (those that registered an address for it) that a session has ended; `cause` is the
/// exchange that ended it. Never fails: a client that cannot be told keeps nobody signed in here.
pub(crate) fn begin(
    state: &AppState,
    realm: &Arc<Realm>,
    (ended, clients): (&Ended, &[Arc<Client>]),
    cause: &Observation,
) -> Vec<Telling> {
    let mut calls = Vec::new();
    for client in clients {
        let Some(uri) = client.metadata.backchannel_logout_uri.clone() else {
            continue;
        };
        let call = Call {
            state: state.clone(),
            realm: Arc::clone(realm),
            client: Arc::clone(client),
            ended: ended.clone(),
            cause: cause.clone(),
            uri,
        };
        calls.push(Telling {
            name: client.name.clone(),
            call: tokio::spawn(call.make()),
        });
    }
    calls
}

/// What has become of it, after a moment at most.
pub(crate) async fn wait(calls: Vec<Telling>) -> Vec<Told> {
    let deadline = Instant::now() + PATIENCE;
    let mut told = Vec::new();
    for Telling { name, call } in calls {
        let outcome = outcome_by(deadline, call).await;
        told.push(Told { name, outcome });
    }
    told
}

/// What a call has come to by `deadline`.
async fn outcome_by(deadline: Instant, call: JoinHandle<Outcome>) -> Outcome {
    match tokio::time::timeout_at(deadline, call).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Outcome::Failed,
        Err(_) => Outcome::Waiting,
    }
}

/// One logout token on its way.
struct Call {
    state: AppState,
    realm: Arc<Realm>,
    client: Arc<Client>,
    ended: Ended,
    cause: Observation,
    uri: String,
}

impl Call {
    async fn make(self) -> Outcome {
        let (realm, client_id) = (&self.realm.name, &self.client.id);
        match self.post().await {
            Ok(status) if (200..300).contains(&status) => {
                tracing::info!(%realm, %client_id, status, "a client was told that a session ended");
                Outcome::Told
            }
            Ok(status) => {
                tracing::warn!(%realm, %client_id, status, "a client refused a logout token");
                Outcome::Refused(status)
            }
            Err(error) => {
                tracing::warn!(%realm, %client_id, %error, "a client could not be told that a session ended");
                Outcome::Failed
            }
        }
    }

    async fn post(&self) -> Result<u16, Untold> {
        let algorithm = self.client.policy.id_token_algorithm;
        let realms = &self.state.realms;
        let realm = realms.find_signing(&self.realm, algorithm).await?;
        let issue = Issue {
            realm: &realm,
            client: &self.client,
            key: None,
            now: realm.now(),
        };
        // The person, as this client knows them.
        let sub = subject::seen_by(&self.client, &realm, &self.ended.sub);
        let sub = sub.parse().map_err(IssueError::from)?;
        let sid = subject::session_seen_by(&self.client, &realm, &self.ended.sid);
        let sid = sid.parse().map_err(IssueError::from)?;
        let token = logout_token::issue(issue, &sub, &sid)?;
        let outbound: &Outbound = &self.state.outbound;
        let parameters = [("logout_token", token.as_str())];
        let answer = outbound
            .post_form(&realm, &self.uri, &parameters, Some(&self.cause))
            .await?;
        Ok(answer.status)
    }
}
