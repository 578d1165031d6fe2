//! How this client runs each grant (RFC 6749 §4): one file a grant, and the run that each of them makes.
//!
//! May use oauth2 (through `oauth.rs`), not actix: an endpoint hands over what it read and shows what came.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
mod delivery;
pub(crate) mod device;
mod experiment;
mod grant;
mod identity;
pub(crate) mod implicit;
mod in_browser;
pub(crate) mod jwt_bearer;
pub(crate) mod password;
pub(crate) mod refresh_token;
mod refusal;
mod run;
mod settings;
mod step_up;
pub(crate) mod token_exchange;

#[cfg(test)]
mod callback_tests;

use shared::flow::ExchangeId;
use shared::oauth::Digest;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Timestamp;

pub(crate) use delivery::Delivery;
pub(crate) use device::Waiting;
pub(crate) use experiment::Experiment;
pub(crate) use grant::Grant;
pub(crate) use identity::ByKey;
pub(crate) use in_browser::RunsInBrowser;
pub(crate) use refusal::{Asked, Refusal, RefusalKind};
pub(crate) use run::{
    Answer, ApiAnswer, HeldCode, Latest, Pending, Photo, Run, RunStore, Stage, TokenSet,
};

pub(crate) use settings::Settings;
pub(crate) use step_up::Demand;

use crate::clients::ClientConfig;
use crate::oauth::{self, InvalidAddress, OauthClient, Transport};
use crate::proof::ProofKey;
use crate::resource::Call;
use crate::state::AppState;

/// What a step of a flow works with: the program, the realm, and the exchange that is being answered.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    /// The program.
    pub(crate) state: &'a AppState,
    /// The realm.
    pub(crate) realm: &'a RealmName,
    /// The exchange that is being answered: it causes every request that the step sends.
    pub(crate) observation: &'a Observation,
}

impl<'a> Step<'a> {
    /// The realm's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.state.observer.clocks.of(self.realm).now()
    }

    /// The issuer of the realm (RFC 8414 §2).
    pub(crate) fn issuer(&self) -> String {
        self.state.addresses.issuer(self.realm)
    }

    /// The redirection URI of the client with a back end.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.state.addresses.client(self.realm))
    }

    /// The `oauth2` crate's client for `client`; `wrong_secret` is the experiment of that name.
    pub(crate) fn oauth(
        &self,
        client: &ClientConfig,
        experiment: Option<Experiment>,
    ) -> Result<OauthClient, InvalidAddress> {
        let secret = client.client_secret.as_ref().map(|secret| {
            if experiment == Some(Experiment::WrongSecret) {
                "not-the-secret"
            } else {
                secret.expose()
            }
        });
        oauth::client(
            &client.client_id,
            secret,
            &self.issuer(),
            &self.redirect_uri(),
        )
    }

    /// HTTP for one token request of a client that proves nothing by a key.
    pub(crate) const fn plain_transport(&self) -> Transport<'a> {
        Transport::new(&self.state.http, self.realm, self.observation)
    }

    /// HTTP for one token request of `client`, with proofs of `key` where there is one.
    pub(crate) fn transport<'t>(
        &self,
        client: &'t ClientConfig,
        key: Option<&'t ProofKey>,
    ) -> Transport<'t>
    where
        'a: 't,
    {
        self.plain_transport()
            .proving(key, self.now())
            .identified(self.by_key(client))
    }

    /// A new run, which this exchange starts.
    pub(crate) fn new_run(&self, id: String, owner: Digest, grant: Grant, start: &Start) -> Run {
        self.observation.note("grant", grant.slug());
        Run {
            id,
            realm: self.realm.clone(),
            owner,
            grant,
            client_id: self.state.clients.of(grant).client_id.clone(),
            experiment: start.experiment,
            scope: start.scope.clone(),
            exchange: self.exchange(),
            stage: Stage::Ended,
            code: None,
            tokens: Vec::new(),
            latest: None,
            signed_out: None,
            key: None,
            then: start.then,
        }
    }

    /// The exchange that is being answered.
    pub(crate) fn exchange(&self) -> ExchangeId {
        self.observation.id().clone()
    }
}

/// What a person chose before a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// The scope, names separated by spaces.
    pub(crate) scope: String,
    /// What is to go wrong on purpose.
    pub(crate) experiment: Option<Experiment>,
    /// How the authorization request travels.
    pub(crate) delivery: Delivery,
    /// Whether the tokens are to be bound to a key (RFC 9449).
    pub(crate) bound: bool,
    /// How long ago the person may have signed in, in seconds, and how, as an API demanded (RFC 9470 §4).
    pub(crate) max_age: Option<u32>,
    /// `acr_values`, separated by spaces.
    pub(crate) acr_values: Option<String>,
    /// What is to be done as soon as the tokens are there.
    pub(crate) then: Option<Call>,
}

/// Splits a scope for the `oauth2` crate.
fn scopes(scope: &str) -> impl Iterator<Item = oauth2::Scope> {
    scope
        .split_ascii_whitespace()
        .map(|name| oauth2::Scope::new(name.to_owned()))
}
