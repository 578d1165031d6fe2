//! A small realm on every store that tests run on, and token requests as a client would make them.

use std::sync::Arc;

use shared::oauth::{CodeChallenge, Params, ResponseType, TokenResponse};
use shared::observe::Observation;
use shared::realm::{Addresses, RealmName};
use shared::seed::{ClientSeed, PersonSeed, RealmSeed};
use shared::store::Store;
use shared::time::{Clock, Clocks, Lifetime};

use super::{TokenError, TokenRequest, find};
use crate::issue::Issue;
use crate::issue::authorization_code::{self, Binding, Granted};
use crate::issue::verification::Presented;
use crate::password::Passwords;
use crate::realms::{Foundation, Realms};
use crate::store::testing::{TestStore, stores};

/// Where the demo's codes go.
pub(super) const CALLBACK: &str = "http://localhost:8080/callback";

/// A realm with the clients `web` and `other` and the person `alice`.
#[derive(Clone)]
pub(super) struct World {
    pub(super) store: Store,
    pub(super) realms: Realms,
    pub(super) clock: Clock,
    _keep: Arc<TestStore>,
}

impl World {
    /// One world on each kind of store.
    pub(super) async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for store in stores() {
            all.push(Self::on(store).await);
        }
        all
    }

    async fn on(store: TestStore) -> Self {
        let clocks = Clocks::default();
        let clock = clocks.of(&RealmName::default_realm());
        clock.pause();
        let realms = Realms::new(Foundation {
            store: store.store.clone(),
            addresses: Addresses::default(),
            clocks,
            announcement: Lifetime::from_seconds(10),
            passwords: Passwords::new(2),
        });
        let mut strict = ClientSeed::confidential("strict", "strict-secret", CALLBACK);
        strict.policy.refresh_token_grace = Some(Lifetime::from_seconds(0));
        let seed = RealmSeed::new(RealmName::default_realm())
            .with_person(PersonSeed::new("alice"))
            .with_client(ClientSeed::confidential("web", "web-secret", CALLBACK))
            .with_client(ClientSeed::confidential("other", "other-secret", CALLBACK))
            .with_client(strict);
        realms.create(&seed).await.unwrap();
        Self {
            store: store.store.clone(),
            realms,
            clock,
            _keep: Arc::new(store),
        }
    }

    async fn request(&self, client: &str, pairs: &[(&str, &str)]) -> TokenRequest {
        let realm = self.realms.find(&RealmName::default_realm()).await.unwrap();
        let place = (&realm.name, &realm.policy);
        let client = self.realms.clients().find(&self.store, place, client).await;
        TokenRequest {
            now: realm.now(),
            client: client.unwrap().unwrap(),
            realm,
            params: Params::from_pairs(pairs),
            observation: Observation::nowhere(),
            proof: None,
            assertion: None,
            person: None,
        }
    }

    /// A code that alice got for `client`.
    pub(super) async fn code(&self, client: &str, challenge: Option<CodeChallenge>) -> String {
        let request = self.request(client, &[]).await;
        let granted = Granted {
            grant_type: shared::oauth::GrantType::AuthorizationCode,
            sub: "alice-sub".to_owned(),
            scope: "openid profile".parse().unwrap(),
            sid: Some("sid".to_owned()),
            auth_time: request.now,
            nonce: Some("nonce".to_owned()),
            details: crate::issue::GrantDetails::default(),
        };
        let binding = Binding {
            redirect_uri: Some(CALLBACK.to_owned()),
            code_challenge: challenge,
        };
        let issue = move |tx: &mut crate::store::DbConnection| {
            let issue = Issue {
                realm: &request.realm,
                client: &request.client,
                now: request.now,
                key: None,
            };
            let wanted = (ResponseType::Code, binding);
            let answered = authorization_code::answer(tx, issue, &granted, wanted);
            answered
                .map(|answered| answered.code.unwrap())
                .map_err(TokenError::from)
        };
        let code = self.store.write(issue).await.unwrap();
        code.expose().to_owned()
    }

    /// What the grant answers to these parameters.
    pub(super) async fn redeem(
        &self,
        client: &str,
        pairs: &[(&str, &str)],
    ) -> Result<TokenResponse, TokenError> {
        let request = self.request(client, pairs).await;
        let grant = find(request.params.get("grant_type").unwrap()).unwrap();
        self.store.write(move |tx| grant.redeem(&request, tx)).await
    }

    /// Redeems a code without PKCE.
    pub(super) async fn redeem_code(
        &self,
        client: &str,
        code: &str,
    ) -> Result<TokenResponse, TokenError> {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        self.redeem(client, &pairs).await
    }

    /// Uses a refresh token.
    pub(super) async fn refresh(
        &self,
        client: &str,
        token: &str,
    ) -> Result<TokenResponse, TokenError> {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.redeem(client, &pairs).await
    }

    /// The refresh token of a new grant.
    pub(super) async fn refresh_token(&self, client: &str) -> String {
        let code = self.code(client, None).await;
        let tokens = self.redeem_code(client, &code).await.unwrap();
        tokens.refresh_token.unwrap()
    }

    /// Whether an access token may still be used.
    pub(super) async fn is_alive(&self, access_token: &str) -> bool {
        let request = self.request("web", &[]).await;
        let nowhere = Observation::nowhere();
        let token = Presented::read(access_token, &request.realm, request.now, &nowhere).unwrap();
        let alive = move |tx: &mut crate::store::DbConnection| {
            let nowhere = Observation::nowhere();
            let mut known = token.claims(tx, &request.realm, &nowhere)?.unwrap();
            known.is_alive(tx, &request.realm, request.now, &nowhere)
        };
        self.store
            .read::<_, crate::store::StoreError>(alive)
            .await
            .unwrap()
    }
}
