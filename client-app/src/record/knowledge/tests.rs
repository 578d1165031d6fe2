//! The matrix's promises: nobody knows what no exchange carried to it or from it, and every rule can be broken.

use shared::flow::{ExchangeId, Header, Kind, Party, ValueKind, ValuePlace};

use super::danger::{Exposure, RULES, rule_for};
use super::{How, KINDS, Knower, Knowledge};
use crate::record::hop::Hop;
use crate::record::sample::{Sample, authorization_code, received};
use crate::record::view::FlowView;

fn flow_of(samples: &[Sample]) -> FlowView {
    let hops: Vec<_> = samples
        .iter()
        .map(|sample| Hop::new(sample.0.clone(), 0))
        .collect();
    let hops: Vec<_> = hops.iter().collect();
    FlowView::of(hops[0].id(), &hops, 0, 0)
}

/// How `knower` came to the only value of `kind`, and in which step.
fn learned(samples: &[Sample], kind: ValueKind, knower: &Knower) -> Option<(How, usize)> {
    let knowledge = Knowledge::of(&flow_of(samples));
    let row = knowledge.values.iter().find(|row| row.kind == kind)?;
    let cell = row.cells.iter().find(|cell| cell.knower == *knower)?;
    let learned = cell.learned.as_ref()?;
    Some((learned.how, learned.step))
}

fn exposure(samples: &[Sample], kind: ValueKind, knower: &Knower) -> Option<Exposure> {
    let knowledge = Knowledge::of(&flow_of(samples));
    let row = knowledge.values.iter().find(|row| row.kind == kind)?;
    let mut cells = row.cells.iter();
    cells.find(|cell| cell.knower == *knower)?.exposure
}

const BROWSER: Knower = Knower::Party(Party::Browser);
const CLIENT: Knower = Knower::Party(Party::ClientApp);
const SERVER: Knower = Knower::Party(Party::AuthServer);
const API: Knower = Knower::Party(Party::ResourceServer);
const BAR: Knower = Knower::AddressBar;

#[test]
fn each_party_learns_a_value_when_it_first_meets_it() {
    let flow = authorization_code();
    let code = |knower| learned(&flow, ValueKind::Code, &knower);
    assert_eq!(code(SERVER), Some((How::Had, 3)));
    assert_eq!(code(BROWSER), Some((How::PassedThrough, 3)));
    assert_eq!(code(BAR), Some((How::InAddress, 3)));
    assert_eq!(code(CLIENT), Some((How::InRequest, 4)));
    assert_eq!(code(API), None);
    let verifier = |knower| learned(&flow, ValueKind::CodeVerifier, &knower);
    assert_eq!(verifier(CLIENT), Some((How::Had, 5)));
    assert_eq!(verifier(SERVER), Some((How::InRequest, 5)));
    assert_eq!(verifier(BROWSER), None);
    assert_eq!(verifier(BAR), None);
    let token = |knower| learned(&flow, ValueKind::AccessToken, &knower);
    assert_eq!(token(SERVER), Some((How::Had, 5)));
    assert_eq!(token(CLIENT), Some((How::InAnswer, 5)));
    assert_eq!(token(API), Some((How::InRequest, 6)));
    assert_eq!(token(BROWSER), None);
    let password = |knower| exposure(&flow, ValueKind::Password, &knower);
    assert_eq!(password(SERVER), Some(Exposure::Expected));
    assert_eq!(password(CLIENT), None);
    assert_eq!(
        exposure(&flow, ValueKind::Code, &BAR),
        Some(Exposure::Noted)
    );
}

#[test]
fn a_password_at_the_client_app_is_exposed() {
    use Party::{AuthServer, Browser, ClientApp};
    let flow = [
        received(0, Browser, ClientApp, "POST", "/grants/password/run").value(
            ValueKind::Password,
            "p",
            ValuePlace::RequestBody,
        ),
        received(1, ClientApp, AuthServer, "POST", "/token").value(
            ValueKind::Password,
            "p",
            ValuePlace::RequestBody,
        ),
    ];
    let password = |knower| exposure(&flow, ValueKind::Password, &knower);
    assert_eq!(password(BROWSER), Some(Exposure::Expected));
    assert_eq!(password(CLIENT), Some(Exposure::Exposed));
    assert_eq!(password(SERVER), Some(Exposure::Expected));
}

#[test]
fn a_token_in_the_fragment_stands_in_the_address_bar_and_reaches_no_server() {
    use Party::{AuthServer, Browser, ClientApp};
    let token = ValueKind::AccessToken;
    let mut seen = received(2, Browser, Browser, "", "/callback/implicit").value(
        token,
        "t",
        ValuePlace::BrowserFragment,
    );
    seen.0.kind = Kind::InBrowser;
    let flow = [
        received(0, Browser, AuthServer, "POST", "/consent")
            .redirect("http://localhost:8080/callback/implicit#access_token=t")
            .value(token, "t", ValuePlace::RedirectFragment),
        received(1, Browser, ClientApp, "GET", "/callback/implicit"),
        seen,
    ];
    assert_eq!(exposure(&flow, token, &BAR), Some(Exposure::Exposed));
    assert_eq!(learned(&flow, token, &BAR), Some((How::InAddress, 1)));
    assert_eq!(learned(&flow, token, &CLIENT), None);
    // Where the redirect itself was not observed, the script's word is the first.
    let told = &flow[2..];
    assert_eq!(learned(told, token, &BROWSER), Some((How::ReadByScript, 1)));
    assert_eq!(learned(told, token, &BAR), Some((How::InAddress, 1)));
}

#[test]
fn what_a_script_fetches_does_not_stand_in_the_address_bar() {
    let fetched = |mode: Option<&str>| {
        let mut sample = received(0, Party::Browser, Party::ResourceServer, "GET", "/photos")
            .value(ValueKind::AccessToken, "t", ValuePlace::RequestQuery);
        sample.0.request_headers.extend(mode.map(|mode| Header {
            name: "sec-fetch-mode".to_owned(),
            value: mode.to_owned(),
        }));
        learned(&[sample], ValueKind::AccessToken, &BAR)
    };
    assert_eq!(fetched(Some("cors")), None);
    assert_eq!(fetched(Some("navigate")), Some((How::InAddress, 1)));
    assert_eq!(fetched(None), Some((How::InAddress, 1)));
}

#[test]
fn what_did_not_arrive_taught_nobody() {
    let mut sample = received(0, Party::ClientApp, Party::AuthServer, "POST", "/token").value(
        ValueKind::ClientSecret,
        "s",
        ValuePlace::RequestBody,
    );
    let sent = sample.as_sent(None);
    sample.0 = sent;
    sample.0.status = None;
    sample.0.failure = Some("connection refused".to_owned());
    let flow = [sample];
    let secret = |knower| learned(&flow, ValueKind::ClientSecret, &knower);
    assert_eq!(secret(CLIENT), Some((How::Had, 1)));
    assert_eq!(secret(SERVER), None);
}

/// What a breakpoint changed was never sent by the one, nor what it had sent received by the other.
#[test]
fn a_request_that_was_changed_teaches_each_side_its_own() {
    let verifier = ValueKind::CodeVerifier;
    let asked = |value: &str| {
        received(0, Party::ClientApp, Party::AuthServer, "POST", "/token").value(
            verifier,
            value,
            ValuePlace::RequestBody,
        )
    };
    let sent = asked("mine").as_sent(None);
    let mut got = asked("other");
    got.0.id = sent.id.clone();
    got.0
        .notes
        .insert("changed".to_owned(), "code_verifier".to_owned());
    let mut hop = Hop::new(got.0.clone(), 0);
    hop.merge(sent);
    let knowledge = Knowledge::of(&FlowView::of(hop.id(), &[&hop], 0, 0));
    let known = |row: usize, knower: &Knower| {
        let cells = knowledge.values[row].cells.iter();
        let mut cells = cells.filter(|cell| cell.knower == *knower);
        cells.next().unwrap().learned.is_some()
    };
    assert_eq!(knowledge.values.len(), 2);
    // The receiver's word comes first.
    assert!(!known(0, &CLIENT) && known(0, &SERVER));
    assert!(known(1, &CLIENT) && !known(1, &SERVER));
    // From a browser nobody else tells: what was changed is not laid to it.
    got.0.from = Party::Browser;
    assert_eq!(learned(&[got], verifier, &BROWSER), None);
}

#[test]
fn what_was_answered_at_a_breakpoint_did_not_arrive() {
    let mut sample = received(0, Party::ClientApp, Party::AuthServer, "POST", "/token").value(
        ValueKind::Code,
        "k",
        ValuePlace::RequestBody,
    );
    sample
        .0
        .notes
        .insert("answered_by".to_owned(), "breakpoint".to_owned());
    let flow = [sample];
    assert_eq!(learned(&flow, ValueKind::Code, &SERVER), None);
    assert_eq!(
        learned(&flow, ValueKind::Code, &CLIENT),
        Some((How::Had, 1))
    );
}

#[test]
fn who_knows_a_plain_challenge_knows_the_verifier() {
    use Party::{AuthServer, Browser, ClientApp};
    let flow = [
        received(0, Browser, AuthServer, "GET", "/authorize").value(
            ValueKind::CodeChallenge,
            "v",
            ValuePlace::RequestQuery,
        ),
        received(1, ClientApp, AuthServer, "POST", "/token").value(
            ValueKind::CodeVerifier,
            "v",
            ValuePlace::RequestBody,
        ),
    ];
    let verifier = ValueKind::CodeVerifier;
    assert_eq!(exposure(&flow, verifier, &BAR), Some(Exposure::Exposed));
    assert_eq!(learned(&flow, verifier, &BROWSER), Some((How::Had, 1)));
}

#[test]
fn what_is_asked_meanwhile_is_heard_before_the_answer() {
    use Party::{AuthServer, ClientApp};
    let curl = Party::Stranger("curl".to_owned());
    let token = ValueKind::AccessToken;
    let outer = received(0, curl.clone(), ClientApp, "GET", "/token-for-me").value(
        token,
        "t",
        ValuePlace::ResponseBody,
    );
    let mut inner = received(1, ClientApp, AuthServer, "POST", "/token").value(
        token,
        "t",
        ValuePlace::ResponseBody,
    );
    inner.0.caused_by = Some(outer.0.id.clone());
    let flow = [outer, inner];
    assert_eq!(learned(&flow, token, &CLIENT), Some((How::InAnswer, 2)));
    assert_eq!(
        learned(&flow, token, &Knower::Party(curl)),
        Some((How::InAnswer, 1))
    );
}

#[test]
fn columns_go_from_the_person_to_the_provider() {
    let knowledge = Knowledge::of(&flow_of(&authorization_code()));
    assert_eq!(knowledge.knowers, [BROWSER, BAR, CLIENT, SERVER, API]);
    let json = serde_json::to_value(&knowledge).unwrap();
    assert_eq!(json["knowers"][1], "address-bar");
    assert_eq!(
        serde_json::from_value::<Knowledge>(json).unwrap(),
        knowledge
    );
}

#[test]
fn every_rule_can_be_broken_and_none_hides_another() {
    let knowers = [BROWSER, BAR, CLIENT, SERVER, API];
    for rule in RULES {
        let broken = KINDS.iter().any(|kind| {
            knowers.iter().any(|knower| {
                let mut ways = How::ALL.into_iter();
                ways.any(|how| {
                    rule_for(*kind, knower, how).is_some_and(|found| found.id == rule.id)
                })
            })
        });
        assert!(broken, "{} never applies", rule.id);
        assert_ne!(rule.exposure, Exposure::Expected, "{}", rule.id);
    }
}

#[test]
fn a_flood_of_values_is_bounded() {
    let mut sample = received(0, Party::Browser, Party::AuthServer, "GET", "/authorize");
    for number in 0..2 * super::MOST {
        let state = format!("s{number}");
        sample = sample.value(ValueKind::State, &state, ValuePlace::RequestQuery);
    }
    let knowledge = Knowledge::of(&flow_of(&[sample]));
    assert!(knowledge.more);
    assert_eq!(knowledge.values.len(), super::MOST);
}

/// Pseudo-random numbers (xorshift64*), so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % sides
    }

    fn one_of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.throw(things.len())]
    }
}

const PLACES: [ValuePlace; 7] = [
    ValuePlace::RequestQuery,
    ValuePlace::RequestHeader,
    ValuePlace::RequestBody,
    ValuePlace::RedirectQuery,
    ValuePlace::RedirectFragment,
    ValuePlace::ResponseBody,
    ValuePlace::BrowserFragment,
];

/// A flow that nobody would design: any value anywhere, lost answers, causes that run in a ring.
fn some_flow(dice: &mut Dice) -> Vec<Sample> {
    let parties = [
        Party::Browser,
        Party::ClientApp,
        Party::AuthServer,
        Party::ResourceServer,
        Party::Stranger("curl".to_owned()),
    ];
    let mut flow: Vec<Sample> = Vec::new();
    for at in 0..=i64::try_from(dice.throw(14)).unwrap() {
        let (from, to) = (dice.one_of(&parties), dice.one_of(&parties));
        let mut sample = received(at, from.clone(), to.clone(), "GET", "/any");
        for _ in 0..dice.throw(5) {
            let name = ["a", "b", "c", "d"][dice.throw(4)];
            sample = sample.value(*dice.one_of(&KINDS), name, *dice.one_of(&PLACES));
        }
        let status = [Some(200), Some(302), Some(400), None][dice.throw(4)];
        sample.0.status = status;
        if dice.throw(4) == 0 {
            sample.0 = sample.as_sent(None);
            sample.0.failure = (status.is_none()).then(|| "gone".to_owned());
        }
        flow.push(sample);
    }
    let ids: Vec<ExchangeId> = flow.iter().map(|sample| sample.0.id.clone()).collect();
    for sample in &mut flow {
        if dice.throw(2) == 0 {
            sample.0.caused_by = Some(dice.one_of(&ids).clone());
        }
    }
    flow
}

#[test]
fn nobody_knows_what_no_exchange_carried() {
    for seed in 1..=3000 {
        let view = flow_of(&some_flow(&mut Dice(seed)));
        let knowledge = Knowledge::of(&view);
        for row in &knowledge.values {
            for cell in &row.cells {
                let party = match &cell.knower {
                    Knower::Party(party) => party,
                    Knower::AddressBar => &Party::Browser,
                };
                // Said again from the exchanges alone, whatever their order.
                let carriers = view.exchanges.iter().filter(|exchange| {
                    let mut values = exchange.values.iter();
                    let carries = values.any(|value| value.hash == row.hash);
                    carries && (exchange.from == *party || exchange.to == *party)
                });
                let carriers: Vec<_> = carriers.map(|exchange| &exchange.id).collect();
                if let Some(learned) = &cell.learned {
                    assert!(
                        carriers.contains(&&learned.exchange),
                        "seed {seed}: {cell:?}"
                    );
                    let told = &view.exchanges[learned.step - 1];
                    assert_eq!(told.id, learned.exchange, "seed {seed}");
                }
                // Whoever sent it knows it.
                let sent = view.exchanges.iter().any(|exchange| {
                    exchange.from == *party
                        && exchange.values.iter().any(|value| {
                            value.hash == row.hash && value.place == ValuePlace::RequestBody
                        })
                });
                if sent && cell.knower != Knower::AddressBar {
                    assert!(cell.learned.is_some(), "seed {seed}: {cell:?}");
                }
            }
        }
    }
}
