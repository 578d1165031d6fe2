//! The rows of the main table, and their rounds.
//!
//! In each round every entrant of a row is asked in turn, and who begins changes; ratios are taken within the round,
//! and the median of them counts.

use std::collections::BTreeMap;
use std::io::Write;

use benches::failure::Failure;
use benches::load::{Crew, Measured};
use benches::workload::Workload;
use serde_json::json;

use crate::arguments::Arguments;
use crate::fleet::{Entrant, Fleet};

/// What ours must reach.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    /// Most processor time, as a multiple of the floor's.
    pub(crate) floor: Option<f64>,
    /// What is aimed at.
    pub(crate) aim: Option<f64>,
    /// Least throughput, as a multiple of the peer's.
    pub(crate) peer: Option<f64>,
}

/// A row: one operation, and who does it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// How it is called in the table.
    pub(crate) name: &'static str,
    /// The operation.
    workload: Workload,
    /// Which of our clients asks, where it is not the usual one.
    app: Option<&'static str>,
    /// The floor, and what it does where that is not the same.
    floor: (Entrant, Workload),
    /// The peer.
    peer: Option<Entrant>,
    /// What must be reached.
    pub(crate) bounds: Bounds,
}

impl Row {
    const fn new(name: &'static str, workload: Workload, floor: Entrant) -> Self {
        Self {
            name,
            workload,
            app: None,
            floor: (floor, workload),
            peer: None,
            bounds: Bounds {
                floor: None,
                aim: None,
                peer: None,
            },
        }
    }

    const fn within(mut self, floor: f64, aim: f64) -> Self {
        self.bounds.floor = Some(floor);
        self.bounds.aim = Some(aim);
        self
    }

    const fn beside(mut self, peer: Entrant, bound: Option<f64>) -> Self {
        self.peer = Some(peer);
        self.bounds.peer = bound;
        self
    }

    const fn by(mut self, app: &'static str) -> Self {
        self.app = Some(app);
        self
    }
}

/// The rows of issue and table, in their order.
pub(crate) fn all() -> Vec<Row> {
    use Workload as W;
    let mut seen =
        Row::new("API call, JWT seen before", W::ApiSeen, Entrant::Floor).within(2.0, 2.0);
    seen.floor.1 = W::Bare;
    vec![
        Row::new(
            "client credentials, ES256",
            W::ClientCredentials,
            Entrant::Floor,
        )
        .within(2.0, 1.5)
        .beside(Entrant::Peer, Some(4.0)),
        Row::new(
            "authorization code + PKCE",
            W::AuthorizationCode,
            Entrant::FloorSqlite,
        )
        .within(2.0, 1.5)
        .beside(Entrant::PeerSqlite, Some(4.0)),
        Row::new("refresh with rotation", W::Refresh, Entrant::FloorSqlite)
            .within(2.0, 1.5)
            .beside(Entrant::PeerSqlite, Some(4.0)),
        Row::new("introspection of a JWT", W::Introspection, Entrant::Floor).within(2.0, 1.3),
        Row::new(
            "introspection of an opaque token",
            W::Introspection,
            Entrant::FloorOpaque,
        )
        .within(2.0, 1.3)
        .beside(Entrant::PeerSqlite, None)
        .by("web-opaque"),
        Row::new("JWKS", W::Jwks, Entrant::Floor)
            .within(2.0, 1.3)
            .beside(Entrant::Peer, None),
        Row::new("discovery", W::Discovery, Entrant::Floor)
            .within(2.0, 1.3)
            .beside(Entrant::Peer, None),
        Row::new(
            "API call, JWT not seen before",
            W::ApiUnseen,
            Entrant::Floor,
        )
        .within(1.5, 1.5),
        seen,
        Row::new("password grant", W::Password, Entrant::Floor),
    ]
}

/// What tells RSA from elliptic curves: ours signs ID tokens by either, the floor everything.
pub(crate) fn algorithms() -> Vec<Row> {
    use Workload as W;
    vec![
        Row::new("refresh, ID token by ES256", W::Refresh, Entrant::Floor),
        Row::new("refresh, ID token by RS256", W::Refresh, Entrant::FloorRsa).by("web-rs256"),
        Row::new(
            "client credentials by ES256",
            W::ClientCredentials,
            Entrant::Floor,
        ),
        Row::new(
            "client credentials by RS256",
            W::ClientCredentials,
            Entrant::FloorRsa,
        ),
        Row::new("API call, JWT by ES256", W::ApiUnseen, Entrant::Floor),
        Row::new("API call, JWT by RS256", W::ApiUnseen, Entrant::FloorRsa),
    ]
}

/// In the tables, whoever plays a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Ours, as it comes.
    Ours,
    /// Ours without the record.
    Unrecorded,
    /// What the operation cannot avoid.
    Floor,
    /// What people would use instead.
    Peer,
}

/// The rounds of a row.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Which row.
    pub(crate) row: Row,
    /// Each part's rounds.
    pub(crate) rounds: BTreeMap<Part, Vec<Measured>>,
}

impl Outcome {
    /// The median of a figure of this part.
    pub(crate) fn median(&self, part: Part, figure: fn(&Measured) -> f64) -> Option<f64> {
        let rounds = self.rounds.get(&part)?;
        median(rounds.iter().map(figure).collect())
    }

    /// A figure of one part as a multiple of another's: median, least and most of the rounds' ratios.
    pub(crate) fn ratio(
        &self,
        (part, of): (Part, Part),
        figure: fn(&Measured) -> f64,
    ) -> Option<[f64; 3]> {
        let pairs = self.rounds.get(&part)?.iter().zip(self.rounds.get(&of)?);
        let ratios: Vec<f64> = pairs.map(|(part, of)| figure(part) / figure(of)).collect();
        let least = ratios.iter().copied().reduce(f64::min)?;
        let most = ratios.iter().copied().reduce(f64::max)?;
        Some([median(ratios)?, least, most])
    }
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Measures these rows.
///
/// # Errors
/// The first [`Failure`], told with whose it is.
pub(crate) async fn measure(
    arguments: &Arguments,
    fleet: &Fleet,
    rows: Vec<Row>,
) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for row in rows {
        if arguments.wants_workload(row.name) {
            outcomes.push(measure_row(arguments, fleet, row).await?);
        }
    }
    Ok(outcomes)
}

/// One part of a row, ready.
struct Player {
    part: Part,
    pids: Vec<u32>,
    crew: Crew,
}

async fn players(arguments: &Arguments, fleet: &Fleet, row: &Row) -> Result<Vec<Player>, Failure> {
    let parts = [
        (Part::Ours, Some(Entrant::Ours), row.workload, row.app),
        (
            Part::Unrecorded,
            Some(Entrant::Unrecorded),
            row.workload,
            row.app,
        ),
        (Part::Floor, Some(row.floor.0), row.floor.1, None),
        (Part::Peer, row.peer, row.workload, None),
    ];
    let mut players = Vec::new();
    for (part, entrant, workload, app) in parts {
        let Some(running) = entrant.and_then(|entrant| fleet.find(entrant)) else {
            continue;
        };
        let target = running.with_app(app);
        let crew = Crew::gather(&target, workload, arguments.connections()).await;
        players.push(Player {
            part,
            pids: running.pids.clone(),
            crew: crew.map_err(|failure| failure.within(format!("{} ({part:?})", row.name)))?,
        });
    }
    Ok(players)
}

async fn measure_row(arguments: &Arguments, fleet: &Fleet, row: Row) -> Result<Outcome, Failure> {
    let mut players = players(arguments, fleet, &row).await?;
    let mut rounds: BTreeMap<Part, Vec<Measured>> = BTreeMap::new();
    // The first round warms (an interpreter compiles, caches fill) and is thrown away.
    let warming = usize::from(!arguments.smoke);
    for round in 0..arguments.rounds() + warming {
        for player in &mut players {
            let measured = player.crew.measure(&player.pids, arguments.times()).await;
            let named =
                |failure: Failure| failure.within(format!("{} ({:?})", row.name, player.part));
            let measured = measured.map_err(named)?;
            if round >= warming {
                keep(arguments, &row, player.part, &measured)?;
                rounds.entry(player.part).or_default().push(measured);
            }
        }
        // Who begins changes, so that nobody always follows the same one.
        let first = usize::from(!players.is_empty());
        players.rotate_left(first);
    }
    let outcome = Outcome { row, rounds };
    tell(&outcome);
    Ok(outcome)
}

/// Says on standard error how far it is.
fn tell(outcome: &Outcome) {
    let parts = outcome.rounds.keys().map(|part| {
        let figure = |figure| outcome.median(*part, figure).unwrap_or(f64::NAN);
        let (cost, rate) = (figure(|m| m.processor_us), figure(|m| m.per_second));
        let (median, p99) = (figure(|m| m.median_us), figure(|m| m.p99_us));
        format!("{part:?} {cost:.1} µs {rate:.0}/s (p50 {median:.0} µs, p99 {p99:.0} µs)")
    });
    eprintln!(
        "{}: {}",
        outcome.row.name,
        parts.collect::<Vec<_>>().join(", ")
    );
}

fn keep(arguments: &Arguments, row: &Row, part: Part, measured: &Measured) -> Result<(), Failure> {
    let Some(file) = &arguments.json else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)?;
    let line = json!({
        "row": row.name, "part": format!("{part:?}"), "commit": arguments.commit,
        "operations": measured.operations, "per_second": measured.per_second,
        "processor_us": measured.processor_us, "median_us": measured.median_us, "p99_us": measured.p99_us,
    });
    Ok(writeln!(file, "{line}")?)
}
