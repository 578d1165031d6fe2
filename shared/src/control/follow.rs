//! Controls across processes: the client app decides, the other services follow it.
//!
//! May use the HTTP client and serde. A follower asks the client app again and again (`POST /control`, answered when
//! something has changed, or after a while): it tells what waits with it, and is told breakpoints, clocks and
//! decisions. Both sides prove that they have the record's key. Everything told twice means the same as once.
//!
//! Where the client app is away nobody could decide: everything that waits goes on, and breakpoints are gone until
//! it is back. Clocks stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::decision::Verdict;
use super::waiting::{Owner, Paused};
use super::{Breakpoint, Controls, Decision, Mode, Release, Route};
use crate::flow::{ExchangeId, Party, RecordKey, ValueHash, hex_of};
use crate::oauth::random_id;
use crate::observe::{HttpClient, HttpRequest};
use crate::realm::RealmName;
use crate::replica::ReplicaName;
use crate::time::{Clocks, Hands};

/// Where followers ask, below the client app's address.
pub const PATH: &str = "/control";
/// The response header by which the client app proves that it has the record's key.
pub const PROOF: &str = "control-proof";
/// How long the client app lets a follower wait for news.
pub const LISTEN: Duration = Duration::from_secs(20);
/// How long a follower waits for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(25);
/// How long a follower waits before it asks again after a failure.
const AGAIN: Duration = Duration::from_millis(500);
/// The most bodies that one report tells, so that it stays within the limits of a request.
const AT_A_TIME: usize = 16;

/// A process that follows: a service, and which of its replicas where it has several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// The service.
    pub service: Party,
    /// The replica's name.
    pub replica: Option<ReplicaName>,
}

/// What a follower tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Which service it is.
    pub service: Party,
    /// Which of several processes of that service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<ReplicaName>,
    /// Which run of it, and which of its reports: an older one is not believed.
    pub run: String,
    /// Grows with each report of a run.
    pub sequence: u64,
    /// Random: the answer's proof is for this report only.
    pub nonce: String,
    /// The number of the orders that it has.
    pub after: Option<u64>,
    /// Its observed routes.
    pub routes: Vec<Route>,
    /// What began to wait there and is not known yet.
    pub began: Vec<Paused>,
    /// All that waits there.
    pub waiting: BTreeSet<ExchangeId>,
    /// How many passed there, since it began.
    pub passed: BTreeMap<RealmName, u64>,
}

/// What a follower is told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// The number of these orders.
    pub number: u64,
    /// The realms that have breakpoints, or in which something waits.
    pub realms: Vec<RealmOrders>,
    /// The clocks that were ever moved.
    pub clocks: Vec<(RealmName, Hands)>,
    /// What was decided of what waits there.
    pub decisions: Vec<(ExchangeId, Decision)>,
    /// What was let go there though nobody decided.
    pub released: Vec<(ExchangeId, Release)>,
    /// What is known to wait there.
    pub known: BTreeSet<ExchangeId>,
}

/// The controls of one realm, for a follower.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealmOrders {
    /// The realm.
    pub realm: RealmName,
    /// Run or step.
    pub mode: Mode,
    /// Its breakpoints.
    pub breakpoints: Vec<Breakpoint>,
    /// Whether anything waits in it, wherever: callers are patient then.
    pub paused: bool,
    /// The values by which requests of the flows are recognised on which breakpoints are set.
    pub flows: BTreeMap<ExchangeId, BTreeSet<ValueHash>>,
}

/// The proof of the orders in `body`, given in answer to the report with `nonce`.
#[must_use]
pub fn proof(key: &RecordKey, nonce: &str, body: &[u8]) -> String {
    key.mac(&proof_message(nonce, body))
}

fn proof_message(nonce: &str, body: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    format!("orders:{nonce}:{}", hex_of(digest.as_ref()))
}

/// The `Authorization` header of the report in `body`.
#[must_use]
pub fn authorize(key: &RecordKey, body: &[u8]) -> String {
    format!("Record {}", key.mac(&report_message(body)))
}

/// Whether `authorization` proves that the report in `body` comes from one who has the record's key.
#[must_use]
pub fn verify(key: &RecordKey, body: &[u8], authorization: &str) -> bool {
    let mac = authorization.strip_prefix("Record ");
    mac.is_some_and(|mac| key.verifies(&report_message(body), mac))
}

fn report_message(body: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    format!("report:{}", hex_of(digest.as_ref()))
}

/// A service in a process of its own that follows the client app.
#[derive(Debug)]
pub struct Following {
    /// Which service it is.
    pub service: Party,
    /// Which of several processes of that service.
    pub replica: Option<ReplicaName>,
    /// What it follows with.
    pub controls: Controls,
    /// Its clocks.
    pub clocks: Clocks,
    /// How it asks.
    pub client: HttpClient,
    /// The client app's public URL.
    pub client_app: String,
    /// The key that proves both.
    pub key: RecordKey,
}

/// How far a follower is.
#[derive(Debug)]
struct Progress {
    run: String,
    sequence: u64,
    after: Option<u64>,
    known: BTreeSet<ExchangeId>,
}

impl Report {
    /// Who tells it.
    #[must_use]
    pub fn process(&self) -> Process {
        Process {
            service: self.service.clone(),
            replica: self.replica.clone(),
        }
    }
}

impl Following {
    /// Follows for ever.
    pub async fn run(self) {
        let mut progress = Progress {
            run: random_id().unwrap_or_default(),
            sequence: 0,
            after: None,
            known: BTreeSet::new(),
        };
        let mut failures = 0_u32;
        loop {
            match self.ask(&mut progress).await {
                Asked::Orders(orders) => {
                    failures = 0;
                    progress.after = Some(orders.number);
                    progress.known.clone_from(&orders.known);
                    self.controls.obey(&orders, &self.clocks);
                }
                Asked::Changed => {}
                Asked::Failed => {
                    failures = failures.saturating_add(1);
                    progress.after = None;
                    progress.known.clear();
                    // Once may be chance; twice nobody is there who could decide.
                    if failures == 2 {
                        self.controls.lose();
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Tells what waits here, and hears what is ordered; or is interrupted because something else waits now.
    async fn ask(&self, progress: &mut Progress) -> Asked {
        let mut changes = self.controls.watch();
        changes.borrow_and_update();
        progress.sequence = progress.sequence.saturating_add(1);
        let report = self
            .controls
            .report((&self.service, self.replica.as_ref()), progress);
        let Ok(body) = serde_json::to_vec(&report) else {
            return Asked::Failed;
        };
        let request = HttpRequest {
            method: "POST".to_owned(),
            url: format!("{}{PATH}", self.client_app),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("authorization".to_owned(), authorize(&self.key, &body)),
            ],
            body,
            ..HttpRequest::default()
        };
        let asking = self.client.send_unobserved_within(request, ANSWER_TIME);
        let interrupted = async {
            loop {
                if changes.changed().await.is_err()
                    || self.controls.waiting_here() != report.waiting
                {
                    return;
                }
            }
        };
        tokio::select! {
            answer = asking => {
                let orders = answer.ok().filter(|answer| {
                    let given = answer.header(PROOF).unwrap_or_default();
                    answer.status == 200
                        && self.key.verifies(&proof_message(&report.nonce, &answer.body), given)
                });
                let orders = orders.and_then(|answer| answer.json().ok());
                orders.map_or(Asked::Failed, Asked::Orders)
            }
            () = interrupted => Asked::Changed,
        }
    }
}

/// What came of asking.
enum Asked {
    Orders(Orders),
    /// Something else waits here than was told.
    Changed,
    Failed,
}

impl Controls {
    fn report(
        &self,
        (service, replica): (&Party, Option<&ReplicaName>),
        progress: &Progress,
    ) -> Report {
        let state = self.lock();
        let here = state.realms.values().flat_map(|books| &books.waiting);
        let here = here.filter(|entry| matches!(entry.owner, Owner::Here { .. }));
        let here: Vec<&Paused> = here.map(|entry| &entry.paused).collect();
        let began = here
            .iter()
            .filter(|paused| !progress.known.contains(&paused.id));
        let passed = state
            .realms
            .iter()
            .map(|(realm, books)| (realm.clone(), books.passed));
        Report {
            service: service.clone(),
            replica: replica.cloned(),
            run: progress.run.clone(),
            sequence: progress.sequence,
            nonce: random_id().unwrap_or_default(),
            after: progress.after,
            routes: state.routes.iter().cloned().collect(),
            began: began
                .take(AT_A_TIME)
                .map(|paused| (*paused).clone())
                .collect(),
            waiting: here.iter().map(|paused| paused.id.clone()).collect(),
            passed: passed.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// What waits in this process.
    fn waiting_here(&self) -> BTreeSet<ExchangeId> {
        let state = self.lock();
        let here = state.realms.values().flat_map(|books| &books.waiting);
        let here = here.filter(|entry| matches!(entry.owner, Owner::Here { .. }));
        here.map(|entry| entry.paused.id.clone()).collect()
    }

    /// Does what the client app says.
    fn obey(&self, orders: &Orders, clocks: &Clocks) {
        for (realm, hands) in &orders.clocks {
            clocks.of(realm).follow(*hands);
        }
        self.change(|state| {
            let ordered: BTreeSet<&RealmName> =
                orders.realms.iter().map(|realm| &realm.realm).collect();
            for (realm, books) in &mut state.realms {
                if !ordered.contains(realm) {
                    books.clear();
                    books.paused_elsewhere = false;
                }
            }
            for order in &orders.realms {
                let books = state.realms.entry(order.realm.clone()).or_default();
                books.mode = order.mode;
                books.breakpoints.clone_from(&order.breakpoints);
                books.paused_elsewhere = order.paused;
                books.know_flows(&order.flows);
            }
            for (id, why) in &orders.released {
                for books in state.realms.values_mut() {
                    books.settle(id, Verdict::Released(*why));
                }
            }
            for (id, decision) in &orders.decisions {
                for books in state.realms.values_mut() {
                    books.settle(id, Verdict::Decided(decision.clone()));
                }
            }
        });
    }

    /// Nobody is there who could decide: everything goes on, and no breakpoint stops anything.
    fn lose(&self) {
        self.change(|state| {
            for books in state.realms.values_mut() {
                books.clear();
                books.paused_elsewhere = false;
                books.release(None, Release::Away);
            }
        });
    }
}
