//! Execute: one breaking of a flow, from the asking to the outcome.
//!
//! Where a value of another execution is put in, that execution is made first, for real; both are recorded as flows of
//! their own. Bounded in time; one at a time a realm.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared::flow::{ExchangeId, Side};
use shared::realm::RealmName;

use super::budget::Guess;
use super::demand;
use super::edit::Edit;
use super::job::{Act, Job, Seen, Target};
use super::mutation::Asked;
use super::offer::{Offers, Others, Source, class_of, is_known, offers_of, source_of};
use super::outcome::Outcome;
use super::plan::{Plan, Press, Pressed, Step, StepBody, asked_for_consent, conduct_of, target_of};
use super::robot::{Conduct, Robot};
use super::stand_in::Ended;
use super::{BreakError, Executed, own, stand_in};
use crate::record::view::{ExchangeView, FlowView};
use crate::state::AppState;

/// The most that all executions of one asking may take.
const TIME_OUT: Duration = Duration::from_secs(30);
/// How often the record is asked whether it has everything.
const ATTEMPTS: u32 = 250;
/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A recorded flow that can be broken.
pub(super) struct Breakable<'a> {
    state: &'a AppState,
    realm: &'a RealmName,
    /// The flow.
    pub(super) flow: FlowView,
}

impl<'a> Breakable<'a> {
    /// The flow of this id.
    ///
    /// # Errors
    /// [`BreakError::UnknownFlow`].
    pub(super) fn find(
        state: &'a AppState,
        realm: &'a RealmName,
        id: &ExchangeId,
    ) -> Result<Self, BreakError> {
        let flow = state
            .record
            .flow(realm, id)
            .ok_or(BreakError::UnknownFlow)?;
        Ok(Self { state, realm, flow })
    }

    /// Whether it can be executed again at all.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn can_be_repeated(&self) -> Result<Plan, BreakError> {
        if !self.state.observer.capture.secrets {
            return Err(BreakError::Hidden);
        }
        Plan::of(&self.flow)
    }

    /// What can be done to it, from the exchange after step `after` on.
    pub(super) fn offers(&self, after: usize) -> Offers {
        offers_of(&self.flow, self.others(), after)
    }

    fn others(&self) -> Others<'_> {
        Others {
            clients: &self.state.clients,
            demo: &self.state.demo,
            addresses: &self.state.addresses,
            realm: self.realm,
        }
    }

    /// Executes the flow anew, spoilt as it is asked.
    ///
    /// # Errors
    /// [`BreakError`].
    pub(super) async fn execute(&self, asked: Asked) -> Result<Executed, BreakError> {
        let plan = self.can_be_repeated()?;
        let find = |exchange: &&ExchangeView| exchange.id == asked.exchange;
        let exchange = self.flow.exchanges.iter().find(find);
        let exchange = exchange.ok_or(BreakError::UnknownParameter)?;
        let mut parameters = exchange.parameters.iter();
        let parameter =
            parameters.find(|one| one.name == asked.parameter && one.place == asked.place);
        let parameter = parameter.ok_or(BreakError::UnknownParameter)?;
        if !is_known(exchange, parameter) {
            return Err(BreakError::UnknownParameter);
        }
        let source = source_of(
            &self.flow,
            exchange,
            parameter,
            (asked.mutation, self.others()),
        )
        .map_err(BreakError::NotOffered)?;
        let target = target_of(&self.flow, &asked.exchange, &asked.parameter, asked.place);
        let target = target.ok_or(BreakError::UnknownParameter)?;
        let clock = self.state.observer.clocks.of(self.realm);
        if plan.polls(&self.flow) && clock.is_paused() {
            return Err(BreakError::ClockStopped);
        }
        let _turn = self.state.breaking.turn(self.realm)?;
        self.spend(exchange, &asked)?;
        let spoilt = self.spoil(&plan, (&asked, target), source);
        let (seen, ended) = tokio::time::timeout(TIME_OUT, spoilt)
            .await
            .map_err(|_| BreakError::TimedOut)??;
        let struck = seen.struck.clone().ok_or(BreakError::NotReached)?;
        let flow = self.recorded(&seen).await?;
        let demanded = demand::of(&self.flow, exchange, &asked);
        let outcome = Outcome::of(&flow, &struck, ended);
        let executed = Executed {
            flow: flow.summary.id.clone(),
            good: self.flow.summary.id.clone(),
            as_demanded: demanded.is_met_by(&outcome),
            asked,
            outcome,
            demanded,
        };
        let breaking = &self.state.breaking;
        breaking.remember(self.realm, executed.clone());
        Ok(executed)
    }

    /// Takes what is guessed at off the budget.
    fn spend(&self, exchange: &ExchangeView, asked: &Asked) -> Result<(), BreakError> {
        let class = class_of(&asked.parameter, &exchange.path);
        let proves = exchange.path != "/authorize" && exchange.path != "/callback";
        let Some(guess) = Guess::of(class, asked.mutation, proves) else {
            return Ok(());
        };
        let now = self.state.observer.clocks.of(self.realm).now();
        let budget = &self.state.breaking.budget;
        budget
            .take(self.realm, guess, now)
            .map_err(BreakError::TooManyGuesses)
    }

    /// Gets the value that is needed, and executes the flow with it.
    async fn spoil(
        &self,
        plan: &Plan,
        (asked, target): (&Asked, Target),
        source: Source,
    ) -> Result<(Seen, Ended), BreakError> {
        let conduct = self.conduct();
        let (act, foreign) = match source {
            Source::Known(act) => (act, None),
            Source::Earlier => {
                let plan = aged(plan, &target);
                let notes = self.notes("an earlier execution", None);
                let looked = (target.clone(), Act::Look);
                let (seen, _) = self
                    .run(&plan, looked, (conduct.clone(), None, notes))
                    .await?;
                let value = seen.value.ok_or(BreakError::NotReached)?;
                (Act::Spoil(Edit::Replace(value.clone())), Some(value))
            }
            Source::Anothers(person) => {
                let people = self.state.demo.people.iter();
                let mut found = people.filter(|one| one.username == person);
                let other = found.next().ok_or(BreakError::NoPassword)?;
                let password = other.password.expose().to_owned();
                let conduct = Conduct {
                    person: Some((person, password)),
                    ..conduct.clone()
                };
                let notes = self.notes("the same of another user", None);
                let taken = (target.clone(), Act::Take);
                let (seen, _) = self.run(plan, taken, (conduct, None, notes)).await?;
                let value = seen.value.ok_or(BreakError::NotReached)?;
                (Act::Spoil(Edit::Replace(value.clone())), Some(value))
            }
        };
        let notes = self.notes("executed again", Some(asked));
        self.run(plan, (target, act), (conduct, foreign, notes))
            .await
    }

    /// How the robot behaves: as the person did, and asked for consent where the person was.
    fn conduct(&self) -> Conduct {
        let mut conduct = conduct_of(&self.flow, &self.state.demo);
        if asked_for_consent(&self.flow) {
            // It was given and is remembered; it is asked for again (OpenID Connect Core §3.1.2.1).
            conduct.added.push(("prompt", "consent"));
        }
        conduct
    }

    fn notes(&self, what: &str, asked: Option<&Asked>) -> BTreeMap<String, String> {
        let replay = format!("{what}: {}", self.flow.summary.id);
        let mut notes = BTreeMap::from([("replay".to_owned(), replay)]);
        if let Some(asked) = asked {
            let mutation = format!("{}: {}", asked.parameter, asked.mutation.name());
            notes.insert("mutation".to_owned(), mutation);
        }
        notes
    }

    /// One execution.
    async fn run(
        &self,
        plan: &Plan,
        what: (Target, Act),
        (conduct, foreign, notes): (Conduct, Option<String>, BTreeMap<String, String>),
    ) -> Result<(Seen, Ended), BreakError> {
        let state = self.state;
        let foreign = foreign.iter().map(|value| state.observer.key.hash(value));
        let job = Job::new(&state.record, what, foreign.collect(), notes);
        let job = Arc::new(job);
        let gate = state.breaking.gate();
        let services = (&state.http, &state.addresses);
        let mut robot = Robot::new(services, self.realm, (Arc::clone(&job), &gate), conduct);
        let ended = match plan {
            Plan::Own(presses) => own::run(&mut robot, &state.runs, presses)
                .await
                .map(|()| Ended::There),
            Plan::StandIn(steps) => stand_in::run(&mut robot, steps).await,
        };
        gate.close(&job);
        Ok((job.seen(), ended?))
    }

    /// The new flow, once the record has every exchange of it as its receiver saw it.
    async fn recorded(&self, seen: &Seen) -> Result<FlowView, BreakError> {
        let record = &self.state.record;
        let first = seen.sent.first().ok_or(BreakError::NotReached)?;
        for _ in 0..ATTEMPTS {
            let is_there = |id: &ExchangeId| {
                record.exchange(self.realm, id).is_some_and(|exchange| {
                    let unanswered = exchange.failure.is_some();
                    let mut sides = exchange.observers.iter();
                    unanswered || sides.any(|observer| observer.side == Side::Received)
                })
            };
            if seen.sent.iter().all(is_there)
                && let Some(id) = record.flow_of(self.realm, first)
                && let Some(flow) = record.flow(self.realm, &id)
            {
                return Ok(flow);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(BreakError::NotRecorded)
    }
}

/// A plan after which a refresh token that is looked at is really old: its successor was used as well, so that no grace
/// is left for it (RFC 9700 §4.14.2).
fn aged(plan: &Plan, target: &Target) -> Plan {
    if target.name != "refresh_token" {
        return plan.clone();
    }
    match plan {
        Plan::Own(presses) => {
            let mut presses = presses.clone();
            presses.push(Press {
                target: Pressed::Run("refresh".to_owned()),
                fields: Vec::new(),
            });
            Plan::Own(presses)
        }
        Plan::StandIn(steps) => Plan::StandIn(with_refresh(steps)),
    }
}

/// The steps, and then the last refresh once more with the token that it gave.
fn with_refresh(steps: &[Step]) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let refreshes = steps.iter().rev().find(|step| match &step.body {
        StepBody::Form(pairs) => pairs.iter().any(|(name, _)| name == "refresh_token"),
        StepBody::Text(_) => false,
    });
    if let Some(last) = refreshes
        && let Some((_, given)) = last.given.iter().find(|(name, _)| name == "refresh_token")
    {
        let mut again = last.clone();
        if let StepBody::Form(pairs) = &mut again.body {
            for (name, value) in pairs {
                if name == "refresh_token" {
                    value.clone_from(given);
                }
            }
        }
        again.given.clear();
        steps.push(again);
    }
    steps
}
