//! One million live refresh tokens against a thousand.
//!
//! Two stores of our own server, filled by copying, in SQL, the rows that the server itself wrote for one code flow:
//! every column is as it writes it, but the names and digests. That the copies are good is proven by using some of
//! them: the visitors who refresh begin with copies.

use std::path::Path;
use std::sync::Arc;

use benches::failure::Failure;
use benches::load::Crew;
use benches::server::{Server, free_ports};
use benches::target::Target;
use benches::visitor::Visitor;
use benches::workload::Workload;
use rusqlite::{Connection, params};
use shared::oauth::RefreshToken;

use crate::arguments::Arguments;
use crate::fleet::Programs;
use crate::rows::median;

/// How many tokens the small store has.
const FEW: u32 = 1000;

/// What an operation costs with few tokens and with many.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    /// The operation.
    pub(crate) workload: Workload,
    /// Processor time with few, in microseconds.
    pub(crate) few_us: f64,
    /// Processor time with many, in microseconds.
    pub(crate) many_us: f64,
    /// Many as a multiple of few: the median of the rounds' ratios.
    pub(crate) ratio: f64,
    /// Operations a second, with few and with many.
    pub(crate) per_second: (f64, f64),
}

/// A store of so many tokens, with its server.
struct Filled {
    server: Server,
    target: Arc<Target>,
    tokens: u32,
}

/// Fills both stores and measures what operations cost on them.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn measure(
    arguments: &Arguments,
    programs: &Programs,
) -> Result<Vec<Growth>, Failure> {
    let few = fill(programs, "few", FEW).await?;
    let many = fill(programs, "many", arguments.tokens()).await?;
    let mut growths = Vec::new();
    for workload in [
        Workload::ClientCredentials,
        Workload::AuthorizationCode,
        Workload::Refresh,
        Workload::Introspection,
    ] {
        let growth = compare(arguments, workload, [&few, &many]).await;
        let growth = growth.map_err(|failure| failure.within(workload.name()))?;
        eprintln!("{growth:?}");
        growths.push(growth);
    }
    few.server.stop()?;
    many.server.stop()?;
    Ok(growths)
}

async fn compare(
    arguments: &Arguments,
    workload: Workload,
    stores: [&Filled; 2],
) -> Result<Growth, Failure> {
    let mut crews = Vec::new();
    for store in stores {
        let visitors = (0..arguments.connections()).map(|at| {
            let visitor = Visitor::new(Arc::clone(&store.target), workload);
            // Spread over the whole store.
            let step = store.tokens / u32::try_from(arguments.connections()).unwrap_or(1).max(1);
            let at = u32::try_from(at).unwrap_or_default() * step;
            visitor.with_refresh_token(name(at))
        });
        let crew = Crew::of(visitors.collect(), workload).await?;
        crews.push((store.server.pids(), crew, Vec::new()));
    }
    for round in 0..=arguments.rounds() {
        for (pids, crew, rounds) in &mut crews {
            let measured = crew.measure(pids, arguments.times()).await?;
            if round > 0 {
                rounds.push(measured);
            }
        }
    }
    let [few, many] = [0, 1].map(|at| {
        let rounds = crews.get(at).map(|(_, _, rounds)| rounds.clone());
        rounds.unwrap_or_default()
    });
    let of = |rounds: &[benches::load::Measured], figure: fn(&benches::load::Measured) -> f64| {
        median(rounds.iter().map(figure).collect()).unwrap_or(f64::NAN)
    };
    let ratios = few.iter().zip(&many);
    let ratios = ratios.map(|(few, many)| many.processor_us / few.processor_us);
    Ok(Growth {
        workload,
        few_us: of(&few, |m| m.processor_us),
        many_us: of(&many, |m| m.processor_us),
        ratio: median(ratios.collect()).unwrap_or(f64::NAN),
        per_second: (of(&few, |m| m.per_second), of(&many, |m| m.per_second)),
    })
}

/// The token of this number, as it was seeded.
fn name(number: u32) -> String {
    format!("seeded-by-the-bench-{number:023}")
}

/// A store of so many live refresh tokens, and a server on it.
async fn fill(programs: &Programs, directory: &str, tokens: u32) -> Result<Filled, Failure> {
    let ports = free_ports::<3>()?;
    let target = Arc::new(Target::ours(ports));
    // The server makes its tables, and by one code flow the rows that are copied.
    let server = programs.start_ecosystem(directory, ports, &[])?;
    let mut first = Visitor::new(Arc::clone(&target), Workload::AuthorizationCode);
    first.prepare().await?;
    first.rest();
    server.stop()?;
    let begin = std::time::Instant::now();
    let file = programs.data(directory).join("auth-server.db");
    copy(&file, tokens).map_err(|error| Failure::Store(error.to_string()))?;
    eprintln!(
        "{tokens} tokens seeded in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    let server = programs.start_ecosystem(directory, ports, &[])?;
    Ok(Filled {
        server,
        target,
        tokens,
    })
}

fn copy(file: &Path, tokens: u32) -> Result<(), rusqlite::Error> {
    let mut connection = Connection::open(file)?;
    // A bench's own store: what a power cut would lose can be made again.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -524288;")?;
    let transaction = connection.transaction()?;
    {
        let (digest, grant): (String, String) = transaction.query_row(
            "SELECT digest, grant_id FROM refresh_tokens WHERE rotated_at IS NULL LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut grants = transaction.prepare(&copying(&transaction, "grants", &["grant_id"])?)?;
        let refresh_tokens = copying(&transaction, "refresh_tokens", &["digest", "grant_id"])?;
        let mut refresh_tokens = transaction.prepare(&refresh_tokens)?;
        for number in 0..tokens {
            let copied = RefreshToken::from_text(name(number)).digest();
            // As long as the server's own names, and in no order either.
            let copied_grant: String = copied.as_str().chars().take(grant.len()).collect();
            grants.execute(params![copied_grant, grant])?;
            refresh_tokens.execute(params![copied.as_str(), copied_grant, digest])?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
}

/// The statement that copies a row of `table` with other names: parameters are the new names in the order of
/// `names`, then the first name of the row that is copied, which is found by its whole key.
fn copying(
    connection: &Connection,
    table: &str,
    names: &[&str],
) -> Result<String, rusqlite::Error> {
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?)")?;
    let columns = columns.query_map([table], |row| row.get::<_, String>(0))?;
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let values = columns.iter().map(|column| {
        let at = names.iter().position(|name| name == column);
        at.map_or_else(|| column.clone(), |at| format!("?{}", at + 1))
    });
    let (values, columns) = (values.collect::<Vec<_>>().join(", "), columns.join(", "));
    let (first, last) = (names.first().copied().unwrap_or_default(), names.len() + 1);
    Ok(format!(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE realm = 'default' AND {first} = ?{last}"
    ))
}
