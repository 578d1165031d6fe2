//! What a callback must hold before the code is touched: state, then issuer, then outcome, each a named check.

use shared::flow::Check;
use shared::oauth::{Digest, SessionToken};
use shared::observe::Observation;
use shared::realm::RealmName;
use url::Url;

use super::authorization_code::{finish, start};
use super::{Experiment, RefusalKind, Start, Step};
use crate::server::test_state;
use crate::state::AppState;

const ISSUER: &str = "http://localhost:9000";

struct World {
    state: actix_web::web::Data<AppState>,
    realm: RealmName,
    owner: Digest,
}

/// What came of a callback: the kind of refusal if any, and the check that failed.
type Outcome = (Option<RefusalKind>, Option<String>);

impl World {
    async fn new() -> Self {
        Self {
            state: test_state().await,
            realm: RealmName::default_realm(),
            owner: SessionToken::generate().unwrap().digest(),
        }
    }

    /// Sends the browser away; gives the authorization request's parameter `name`.
    fn leave(&self, experiment: Option<Experiment>) -> Url {
        let observation = Observation::nowhere();
        let choice = Start {
            scope: "openid photos:read".to_owned(),
            experiment,
            ..Start::default()
        };
        let step = self.step(&observation);
        let (run, url) = start(&step, self.owner.clone(), &choice).unwrap();
        self.state.runs.insert(run);
        Url::parse(&url).unwrap()
    }

    fn step<'a>(&'a self, observation: &'a Observation) -> Step<'a> {
        Step {
            state: &self.state,
            realm: &self.realm,
            observation,
        }
    }

    fn callback(&self, owner: Option<&Digest>, query: &str) -> Outcome {
        let observation = Observation::nowhere();
        let kind = match finish(&self.step(&observation), owner, query) {
            Ok(returned) => returned.code.err().map(|refusal| refusal.kind),
            Err(refusal) => Some(refusal.kind),
        };
        let id = |check: Check| check.id;
        (kind, observation.failed_check().map(id))
    }
}

fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.unwrap().1.into_owned()
}

fn refused(kind: RefusalKind, check: &str) -> Outcome {
    (Some(kind), Some(check.to_owned()))
}

#[actix_web::test]
async fn the_request_carries_state_nonce_and_a_challenge_and_no_verifier() {
    let url = World::new().await.leave(None);
    assert_eq!(parameter(&url, "response_type"), "code");
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    assert_eq!(parameter(&url, "code_challenge").len(), 43);
    assert!(parameter(&url, "state").len() >= 43);
    assert!(parameter(&url, "nonce").len() >= 43);
    assert!(!url.as_str().contains("verifier"));
}

#[actix_web::test]
async fn a_state_is_accepted_once_and_only_from_the_browser_that_left_with_it() {
    let world = World::new().await;
    let state = parameter(&world.leave(None), "state");
    let query = format!("code=c&state={state}&iss={ISSUER}");
    let stranger = SessionToken::generate().unwrap().digest();
    let wrong = || refused(RefusalKind::WrongState, "state.matches");
    assert_eq!(world.callback(None, &query), wrong());
    assert_eq!(world.callback(Some(&stranger), &query), wrong());
    assert_eq!(world.callback(Some(&world.owner), "code=c"), wrong());
    assert_eq!(world.callback(Some(&world.owner), &query), (None, None));
    assert_eq!(world.callback(Some(&world.owner), &query), wrong());
}

#[actix_web::test]
async fn another_issuer_or_none_is_refused_before_the_code_is_touched() {
    let world = World::new().await;
    for iss in [
        "&iss=http://localhost:9000/",
        "&iss=http://evil.example",
        "",
    ] {
        let state = parameter(&world.leave(None), "state");
        let query = format!("code=c&state={state}{iss}");
        assert_eq!(
            world.callback(Some(&world.owner), &query),
            refused(RefusalKind::WrongIssuer, "iss.matches"),
            "{iss}"
        );
    }
}

#[actix_web::test]
async fn an_error_in_the_callback_is_told_by_its_kind() {
    let world = World::new().await;
    for (error, kind) in [
        ("error=access_denied", RefusalKind::AccessDenied),
        ("error=invalid_scope", RefusalKind::InvalidScope),
        ("error=server_error", RefusalKind::AuthorizationRefused),
        ("error=access_denied&code=c", RefusalKind::AccessDenied),
        ("x=y", RefusalKind::BadCallback),
    ] {
        let state = parameter(&world.leave(None), "state");
        let query = format!("{error}&state={state}&iss={ISSUER}");
        let expected = refused(kind, "authorization.succeeded");
        assert_eq!(
            world.callback(Some(&world.owner), &query),
            expected,
            "{error}"
        );
    }
}

#[actix_web::test]
async fn a_repeated_or_unreadable_parameter_is_not_guessed() {
    let world = World::new().await;
    let state = parameter(&world.leave(None), "state");
    let twice = format!("code=a&code=b&state={state}&iss={ISSUER}");
    let outcome = world.callback(Some(&world.owner), &twice);
    assert_eq!(
        outcome,
        refused(RefusalKind::BadCallback, "request.no_repeats")
    );
    let outcome = world.callback(Some(&world.owner), "code=%ff&state=x");
    assert_eq!(
        outcome,
        refused(RefusalKind::BadCallback, "request.encoding")
    );
}

#[actix_web::test]
async fn the_experiment_with_the_wrong_state_is_refused_for_real() {
    let world = World::new().await;
    let state = parameter(&world.leave(Some(Experiment::WrongState)), "state");
    let query = format!("code=c&state={state}&iss={ISSUER}");
    let outcome = world.callback(Some(&world.owner), &query);
    assert_eq!(outcome, refused(RefusalKind::WrongState, "state.matches"));
}
