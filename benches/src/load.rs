//! A closed loop: so many visitors, each of which asks again as soon as it is answered.
//!
//! All of them share one thread, so that the driver takes one core at most. The first failure ends the round.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::process;
use crate::target::Target;
use crate::visitor::Visitor;
use crate::workload::Workload;

/// How much longer than it should a round may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a round that has seen nothing is looked at.
const PULSE: Duration = Duration::from_millis(10);
/// How many operations with tokens never seen a round may take, per second and visitor.
const UNSEEN_A_SECOND: f64 = 1200.0;

/// How long a round is.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Not measured.
    pub warm: Duration,
    /// Measured.
    pub measured: Duration,
}

/// What one round gave.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Operations.
    pub operations: f64,
    /// Operations a second.
    pub per_second: f64,
    /// Processor time of the server for one operation, in microseconds.
    pub processor_us: f64,
    /// The middle of the times that an operation took, in microseconds.
    pub median_us: f64,
    /// 99 of 100 took no longer, in microseconds.
    pub p99_us: f64,
}

/// The visitors of one server for one workload; they keep their sessions and tokens between rounds.
#[derive(Debug)]
pub struct Crew {
    visitors: Vec<Visitor>,
    workload: Workload,
}

/// What the visitors of a round look at.
#[derive(Default)]
struct Round {
    measures: AtomicBool,
    over: AtomicBool,
    /// Whether anything was measured yet.
    some: AtomicBool,
    /// Somebody failed, or has nothing left.
    ended: Notify,
}

type Worked = Result<(Visitor, Vec<u32>), Failure>;

impl Crew {
    /// Visitors that are ready.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn gather(
        target: &Arc<Target>,
        workload: Workload,
        count: usize,
    ) -> Result<Self, Failure> {
        let visitors = (0..count).map(|at| Visitor::new(Arc::clone(target), workload).numbered(at));
        Self::of(visitors.collect(), workload).await
    }

    /// These visitors, once they are ready.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn of(mut visitors: Vec<Visitor>, workload: Workload) -> Result<Self, Failure> {
        for visitor in &mut visitors {
            visitor.prepare().await?;
            visitor.rest();
        }
        Ok(Self { visitors, workload })
    }

    /// One round, and what it cost these processes.
    ///
    /// # Errors
    /// The first [`Failure`] of any visitor.
    pub async fn measure(&mut self, pids: &[u32], times: Times) -> Result<Measured, Failure> {
        self.prepare_round(times).await?;
        let round = Arc::new(Round::default());
        let visitors = std::mem::take(&mut self.visitors);
        let workers: Vec<JoinHandle<Worked>> = visitors
            .into_iter()
            .map(|visitor| tokio::spawn(work(visitor, Arc::clone(&round))))
            .collect();
        pause(&round, times.warm).await;
        let (before, begin) = (process::processor_us(pids)?, Instant::now());
        round.measures.store(true, Ordering::Relaxed);
        pause(&round, times.measured).await;
        // On a machine that is busy with other things a short round may see nothing at all.
        while !round.some.load(Ordering::Relaxed)
            && !round.over.load(Ordering::Relaxed)
            && begin.elapsed() < PATIENCE
        {
            pause(&round, PULSE).await;
        }
        round.measures.store(false, Ordering::Relaxed);
        let (after, seconds) = (process::processor_us(pids)?, begin.elapsed().as_secs_f64());
        round.over.store(true, Ordering::Relaxed);
        let mut taken = Vec::new();
        for worker in workers {
            let late = |_| Failure::TooLong(self.workload.name().to_owned());
            let worked = tokio::time::timeout(PATIENCE, worker).await.map_err(late)?;
            let worked = worked.map_err(|error| std::io::Error::other(error.to_string()))?;
            let (mut visitor, times) = worked?;
            visitor.rest();
            self.visitors.push(visitor);
            taken.extend(times);
        }
        summed(taken, after - before, seconds)
    }

    /// Tokens that nobody has seen, enough for the round: got before it, by the same connections.
    async fn prepare_round(&mut self, times: Times) -> Result<(), Failure> {
        if self.workload != Workload::ApiUnseen {
            return Ok(());
        }
        let seconds = (times.warm + times.measured).as_secs_f64();
        let tokens = whole(seconds * UNSEEN_A_SECOND);
        let visitors = std::mem::take(&mut self.visitors);
        let gathering = visitors.into_iter().map(|mut visitor| {
            tokio::spawn(async move {
                visitor.gather(tokens).await?;
                Ok::<_, Failure>(visitor)
            })
        });
        let gathering: Vec<_> = gathering.collect();
        for gathered in gathering {
            let gathered = gathered.await;
            let visitor = gathered.map_err(|error| std::io::Error::other(error.to_string()))?;
            self.visitors.push(visitor?);
        }
        Ok(())
    }
}

/// A number of things, from an estimate.
fn whole(estimate: f64) -> usize {
    let text = format!("{:.0}", estimate.clamp(1.0, 1e6));
    text.parse().unwrap_or(1)
}

async fn pause(round: &Round, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = round.ended.notified() => {}
    }
}

async fn work(mut visitor: Visitor, round: Arc<Round>) -> Worked {
    let mut taken = Vec::with_capacity(1 << 12);
    while !round.over.load(Ordering::Relaxed) {
        let begin = Instant::now();
        match visitor.operate().await {
            Ok(true) if round.measures.load(Ordering::Relaxed) => {
                taken.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
                round.some.store(true, Ordering::Relaxed);
            }
            Ok(true) => {}
            Ok(false) => {
                round.ended.notify_one();
                break;
            }
            Err(failure) => {
                round.over.store(true, Ordering::Relaxed);
                round.ended.notify_waiters();
                round.ended.notify_one();
                return Err(failure);
            }
        }
    }
    Ok((visitor, taken))
}

fn summed(mut taken: Vec<u32>, processor_us: f64, seconds: f64) -> Result<Measured, Failure> {
    taken.sort_unstable();
    let at = |part: usize| {
        let at = taken.len().saturating_sub(1) * part / 100;
        taken.get(at).copied().map_or(0.0, f64::from)
    };
    let operations = u32::try_from(taken.len()).map_or(f64::MAX, f64::from);
    if operations < 1.0 {
        return Err(Failure::TooLong(
            "not one operation was done: a round".to_owned(),
        ));
    }
    Ok(Measured {
        operations,
        per_second: operations / seconds,
        processor_us: processor_us / operations,
        median_us: at(50),
        p99_us: at(99),
    })
}
