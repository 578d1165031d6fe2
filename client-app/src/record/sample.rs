//! Hand-made exchanges for this room's tests.

use std::collections::BTreeMap;

use shared::flow::{
    Body, Channel, Check, CheckDef, Exchange, ExchangeId, Header, Kind, Observer, Outcome, Party,
    RecordKey, Side, Value, ValueKind, ValuePlace,
};
use shared::realm::RealmName;

/// A moment in the year 2026, in microseconds.
pub(crate) const NOW: i64 = 1_790_000_000_000_000;

/// An exchange that the receiver saw, begun `ms` milliseconds after [`NOW`].
pub(crate) struct Sample(pub(crate) Exchange);

pub(crate) fn received(ms: i64, from: Party, to: Party, method: &str, path: &str) -> Sample {
    let base = match &to {
        Party::AuthServer => "http://localhost:9000",
        Party::ResourceServer => "http://localhost:9001",
        _ => "http://localhost:8080",
    };
    let channel = if from == Party::Browser {
        Channel::Front
    } else {
        Channel::Back
    };
    Sample(Exchange {
        id: ExchangeId::new(NOW + ms * 1000),
        realm: RealmName::default_realm(),
        kind: Kind::Http,
        observer: Observer {
            party: to.clone(),
            side: Side::Received,
        },
        from,
        to,
        channel,
        caused_by: None,
        started_us: NOW + ms * 1000,
        duration_us: 2_000,
        realm_time: NOW / 1_000_000,
        method: method.to_owned(),
        url: format!("{base}{path}"),
        path: path.split('?').next().unwrap().to_owned(),
        request_headers: Vec::new(),
        request_body: Body::default(),
        status: Some(200),
        response_headers: Vec::new(),
        response_body: Body::default(),
        failure: None,
        checks: Vec::new(),
        values: Vec::new(),
        kept_back: Vec::new(),
        notes: BTreeMap::new(),
    })
}

impl Sample {
    pub(crate) fn value(mut self, kind: ValueKind, value: &str, place: ValuePlace) -> Self {
        let hash = RecordKey::from_text("test").hash(value);
        self.0.values.push(Value { kind, hash, place });
        self
    }

    pub(crate) fn form(mut self, body: &str) -> Self {
        let kind = "application/x-www-form-urlencoded";
        self.0.request_headers.push(header("content-type", kind));
        self.0.request_body.text = body.to_owned();
        self
    }

    pub(crate) fn json(mut self, body: &str) -> Self {
        self.0
            .response_headers
            .push(header("content-type", "application/json"));
        self.0.response_body.text = body.to_owned();
        self
    }

    pub(crate) fn redirect(mut self, location: &str) -> Self {
        self.0.status = Some(302);
        self.0.response_headers.push(header("location", location));
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn check(mut self, check: &CheckDef, outcome: Outcome) -> Self {
        self.0.checks.push(Check {
            outcome,
            ..Check::not_reached(check)
        });
        self
    }

    pub(crate) fn in_realm(mut self, realm: &str) -> Self {
        self.0.realm = realm.parse().unwrap();
        self
    }

    /// The same hop as its sender saw it.
    pub(crate) fn as_sent(&self, caused_by: Option<&Sample>) -> Exchange {
        Exchange {
            observer: Observer {
                party: self.0.from.clone(),
                side: Side::Sent,
            },
            caused_by: caused_by.map(|cause| cause.0.id.clone()),
            started_us: self.0.started_us - 300,
            duration_us: self.0.duration_us + 900,
            checks: Vec::new(),
            ..self.0.clone()
        }
    }
}

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// The authorization code grant of our client, in the order in which it happens.
pub(crate) fn authorization_code() -> Vec<Sample> {
    use Party::{AuthServer, Browser, ClientApp, ResourceServer};
    use ValueKind::{AccessToken, Code, CodeChallenge, CodeVerifier, Interaction, Password, State};
    use ValuePlace::{RedirectQuery, RequestBody, RequestHeader, RequestQuery, ResponseBody};
    use shared::flow::catalog;
    let query =
        "response_type=code&client_id=web&state=s1&code_challenge=c1&code_challenge_method=S256";
    let callback = "http://localhost:8080/callback?code=k1&state=s1";
    vec![
        received(0, Browser, ClientApp, "POST", "/grants/authorization-code/run")
            .redirect(&format!("http://localhost:9000/authorize?{query}"))
            .value(State, "s1", RedirectQuery)
            .value(CodeChallenge, "c1", RedirectQuery),
        received(10, Browser, AuthServer, "GET", &format!("/authorize?{query}"))
            .redirect("http://localhost:9000/login?interaction=i1")
            .value(State, "s1", RequestQuery)
            .value(CodeChallenge, "c1", RequestQuery)
            .value(Interaction, "i1", RedirectQuery)
            .check(&catalog::LOGIN_SESSION, Outcome::Failed),
        received(20, Browser, AuthServer, "POST", "/login")
            .form("username=alice&password=alice-password&interaction=i1")
            .redirect(callback)
            .value(Interaction, "i1", RequestBody)
            .value(Password, "alice-password", RequestBody)
            .value(Code, "k1", RedirectQuery)
            .value(State, "s1", RedirectQuery),
        received(30, Browser, ClientApp, "GET", "/callback?code=k1&state=s1")
            .value(Code, "k1", RequestQuery)
            .value(State, "s1", RequestQuery)
            .check(&catalog::STATE_MATCHES, Outcome::Passed),
        received(32, ClientApp, AuthServer, "POST", "/token")
            .form("grant_type=authorization_code&code=k1&code_verifier=v1&client_id=web&client_secret=x")
            .json(r#"{"access_token":"t1","token_type":"Bearer"}"#)
            .value(Code, "k1", RequestBody)
            .value(CodeVerifier, "v1", RequestBody)
            .value(AccessToken, "t1", ResponseBody)
            .check(&catalog::CLIENT_AUTHENTICATED, Outcome::Passed),
        received(50, ClientApp, ResourceServer, "GET", "/photos")
            .value(AccessToken, "t1", RequestHeader),
    ]
}
