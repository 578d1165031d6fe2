//! A hundred people send their password at once: what others, who ask for tokens meanwhile, notice of it; those who
//! need no database, and those who write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::failure::Failure;
use benches::load::{Crew, Measured, Times};
use benches::visitor::Visitor;
use benches::workload::Workload;

use crate::arguments::Arguments;
use crate::fleet::Running;
use crate::rows::median;

/// How many send their password at once.
const LOGINS: usize = 100;
/// How many others ask for tokens.
const OTHERS: usize = 4;

/// What the others do.
const WORKLOADS: [Workload; 2] = [Workload::ClientCredentials, Workload::Refresh];

/// What the others noticed: medians of the rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logins {
    /// What the others did.
    pub(crate) others: Workload,
    /// Logins at once.
    pub(crate) at_once: usize,
    /// Tokens a second of the others, before and meanwhile.
    pub(crate) per_second: (f64, f64),
    /// The middle of their waiting times, before and meanwhile, in microseconds.
    pub(crate) median_us: (f64, f64),
    /// What 99 of 100 did not exceed, before and meanwhile, in microseconds.
    pub(crate) p99_us: (f64, f64),
    /// How many times slower it went for them: the median of the rounds.
    pub(crate) slower: f64,
    /// Until all logins were answered, in seconds.
    pub(crate) took: f64,
}

/// Measures it, for each of what others do.
///
/// # Errors
/// [`Failure`], also where a login is answered by anything but tokens.
pub(crate) async fn measure(
    arguments: &Arguments,
    ours: Option<&Running>,
) -> Result<Vec<Logins>, Failure> {
    let ours = ours.ok_or(Failure::Kernel("nothing runs"))?;
    let mut all = Vec::new();
    for others in WORKLOADS {
        all.push(beside(arguments, ours, others).await?);
    }
    Ok(all)
}

async fn beside(
    arguments: &Arguments,
    ours: &Running,
    workload: Workload,
) -> Result<Logins, Failure> {
    let logins = if arguments.smoke { 8 } else { LOGINS };
    let mut others = Crew::gather(&ours.target, workload, OTHERS).await?;
    let (mut before, mut meanwhile, mut took) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.rounds() {
        before.push(others.measure(&ours.pids, arguments.times()).await?);
        let begin = Instant::now();
        let visitors = (0..logins).map(|at| {
            let target = Arc::clone(&ours.target);
            tokio::spawn(async move {
                let visitor = Visitor::new(target, Workload::Password);
                let answered = visitor.numbered(at).operate().await;
                answered.map(|_| begin.elapsed().as_secs_f64())
            })
        });
        let visitors: Vec<_> = visitors.collect();
        // The queue of passwords is longer than this: until it ends somebody always waits in it.
        let times = Times {
            warm: Duration::from_millis(50),
            measured: arguments.times().measured.min(Duration::from_millis(800)),
        };
        meanwhile.push(others.measure(&ours.pids, times).await?);
        let measured = begin.elapsed().as_secs_f64();
        let mut longest = 0.0_f64;
        for visitor in visitors {
            let answered = visitor.await;
            let answered = answered.map_err(|error| std::io::Error::other(error.to_string()))?;
            longest = longest.max(answered?);
        }
        if longest < measured && !arguments.smoke {
            return Err(Failure::Bound(format!(
                "all logins were answered after {longest:.2} s, before the others were measured"
            )));
        }
        took.push(longest);
    }
    let of = |rounds: &[Measured], figure: fn(&Measured) -> f64| {
        median(rounds.iter().map(figure).collect()).unwrap_or(f64::NAN)
    };
    let both = |figure| (of(&before, figure), of(&meanwhile, figure));
    let slower = before.iter().zip(&meanwhile);
    let slower = slower.map(|(before, meanwhile)| before.per_second / meanwhile.per_second);
    let logins = Logins {
        others: workload,
        at_once: logins,
        per_second: both(|m| m.per_second),
        median_us: both(|m| m.median_us),
        p99_us: both(|m| m.p99_us),
        slower: median(slower.collect()).unwrap_or(f64::NAN),
        took: median(took).unwrap_or(f64::NAN),
    };
    eprintln!("{logins:?}");
    Ok(logins)
}
