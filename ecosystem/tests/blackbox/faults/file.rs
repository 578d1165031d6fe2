//! The SQLite files: locked by another program, moved away, replaced by a copy.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use ecosystem::Store;
use ecosystem::record::ExchangeView;

use super::{
    Before, LONGEST, a_crowd_is_refused, device, is_live_but_not_ready, is_ready,
    signatures_still_verify, world,
};
use crate::support::{WEB, World};

/// The files of both services.
pub(super) fn files(world: &World) -> Vec<PathBuf> {
    let directory = world.ecosystem.directory().expect("a file");
    Store::FILES
        .iter()
        .map(|name| directory.join(name))
        .collect()
}

/// Another program holds the write lock of every file.
struct Locked(Vec<SqliteConnection>);

impl Locked {
    fn hold(world: &World) -> Self {
        let lock = |file: PathBuf| {
            let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
            let begin = "PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE";
            connection.batch_execute(begin).unwrap();
            connection
        };
        Self(files(world).into_iter().map(lock).collect())
    }

    fn release(mut self) {
        for connection in &mut self.0 {
            connection.batch_execute("ROLLBACK").unwrap();
        }
    }
}

#[tokio::test]
async fn a_lock_of_two_seconds_is_waited_for() {
    let world = world(Store::Temporary).await;
    let before = Before::of(&world).await;
    let locked = Locked::hold(&world);
    let release = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        locked.release();
    };
    let begun = Instant::now();
    let (redeemed, ()) = tokio::join!(world.send(world.redeem(&before.code)), release);
    redeemed.tokens();
    assert!(
        begun.elapsed() > Duration::from_secs(2),
        "nothing was locked"
    );
}

/// As long as it is locked every answer is 503; `GRANTSCOPE_LOCKED` says for how many seconds (default: until
/// everybody was refused once).
#[tokio::test]
async fn a_file_that_stays_locked_is_told_and_comes_back() {
    let world = world(Store::Temporary).await;
    let mut before = Before::of(&world).await;
    let seconds = std::env::var("GRANTSCOPE_LOCKED").map_or(0, |text| text.parse().unwrap());
    let locked = Locked::hold(&world);
    // What waits must not expire: half a minute is most of the life of a code.
    world.realm.clock().pause();
    let begun = Instant::now();
    loop {
        before.nothing_is_done(&world, true).await;
        if begun.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    a_crowd_is_refused(&world, 100).await;
    locked.release();
    let back = before.goes_on(&world).await;
    world.realm.clock().resume();
    println!("locked for {:?}, back after {back:?}", begun.elapsed());
}

/// A read looks at the file's name when nobody has looked for 25 ms; a write always does.
pub(super) async fn whoever_reads_looks_again() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_gone_until_it_is_back() {
    let world = world(Store::Temporary).await;
    let mut before = Before::of(&world).await;
    let away = |file: &PathBuf| file.with_extension("away");
    for file in files(&world) {
        std::fs::rename(&file, away(&file)).unwrap();
    }
    whoever_reads_looks_again().await;
    before.nothing_is_done(&world, false).await;
    signatures_still_verify(&world, &before.tokens).await;
    for file in files(&world) {
        assert!(!file.exists(), "an empty database was made in its place");
        std::fs::rename(away(&file), &file).unwrap();
    }
    let back = before.goes_on(&world).await;
    println!("moved back, and back after {back:?}");
}

/// The file is deleted, and an operator puts a copy in its place: what was committed is in the log beside it.
#[tokio::test]
async fn a_copy_that_takes_the_place_of_a_deleted_file_is_opened() {
    let world = world(Store::Temporary).await;
    let mut before = Before::of(&world).await;
    let copy = |file: &PathBuf| file.with_extension("copy");
    for file in files(&world) {
        std::fs::copy(&file, copy(&file)).unwrap();
        std::fs::remove_file(&file).unwrap();
    }
    whoever_reads_looks_again().await;
    before.nothing_is_done(&world, false).await;
    for file in files(&world) {
        std::fs::rename(copy(&file), &file).unwrap();
    }
    let back = before.goes_on(&world).await;
    println!("replaced by a copy, and back after {back:?}");
    world.send(device(&world)).await.is(200);
}

/// A file of which the header alone is whole answers no request: readiness says so.
#[tokio::test]
async fn a_file_that_is_damaged_is_not_ready() {
    let world = world(Store::Temporary).await;
    assert!(is_ready(&world).await);
    for file in files(&world) {
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        let checkpoint = "PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)";
        connection.batch_execute(checkpoint).unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.iter_mut().skip(4096).for_each(|byte| *byte ^= 0x5A);
        std::fs::write(&file, bytes).unwrap();
    }
    is_live_but_not_ready(&world).await;
}

/// Who hangs up while the database is locked may have done what they asked for: the record says that they were there.
#[tokio::test]
async fn a_caller_that_hangs_up_is_on_record() {
    let world = world(Store::Temporary).await;
    let tokens = world.tokens(WEB, "photos:read").await;
    let locked = Locked::hold(&world);
    let asked = crate::program::left_open(&world.revoke(WEB, &tokens.access)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(asked);
    tokio::time::sleep(Duration::from_millis(300)).await;
    locked.release();
    let begun = Instant::now();
    let left = loop {
        if let Some(exchange) = seen_at(&world, "/revoke").await {
            break exchange;
        }
        assert!(begun.elapsed() < LONGEST, "nobody was seen at /revoke");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(left.status, None, "{left:#?}");
    let why = left.failure.as_deref().unwrap_or_default();
    assert!(why.contains("hung up"), "{left:#?}");
}

async fn seen_at(world: &World, path: &str) -> Option<ExchangeView> {
    for flow in world.realm.flows().await.unwrap() {
        let flow = world.realm.flow(&flow.id).await.unwrap();
        let found = flow.exchanges.into_iter().find(|one| one.path == path);
        if found.is_some() {
            return found;
        }
    }
    None
}
