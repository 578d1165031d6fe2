//! Clocks that are moved, paused and held; and how many are kept.

use super::set::KEPT;
use super::{Clock, Clocks, TooFarAhead};
use crate::time::Lifetime;

#[test]
fn a_paused_clock_stands_and_an_advanced_one_is_ahead() {
    let clock = Clock::default();
    clock.pause();
    let at = clock.now();
    clock.advance(Lifetime::from_minutes(2));
    assert_eq!(clock.now().seconds_since(at), 120);
    clock.resume();
    assert!(clock.now().seconds_since(at) >= 120);
}

#[test]
fn a_clock_reads_how_far_it_is_ahead_and_goes_no_further_than_it_may() {
    let (clock, most) = (Clock::default(), Lifetime::from_minutes(10));
    let nine = Lifetime::from_minutes(9);
    clock.advance_within(nine, most).unwrap();
    let reading = clock.reading();
    assert_eq!((reading.ahead_ms, reading.stands_still()), (540_000, false));
    for seconds in [61, u32::MAX] {
        let refused = clock.advance_within(Lifetime::from_seconds(seconds), most);
        assert_eq!(refused, Err(TooFarAhead { most }));
    }
    assert_eq!(clock.reading().ahead_ms, 540_000, "and stayed as it was");
    let hold = clock.hold();
    let still = clock.reading();
    assert!(still.held && !still.paused && still.ahead_ms <= 540_000);
    drop(hold);
    clock.pause();
    let paused = clock.reading();
    assert!(paused.paused && !paused.held);
    assert_eq!(paused.now(), clock.now());
    let minute = Lifetime::from_minutes(1);
    clock.advance_within(minute, most).unwrap();
    assert_eq!(clock.reading().now_ms - paused.now_ms, 60_000);
}

#[test]
fn holds_nest_and_time_goes_on_where_it_stood() {
    let clock = Clock::default();
    let first = clock.hold();
    let at_ms = clock.now_ms();
    let second = clock.hold();
    drop(first);
    std::thread::sleep(std::time::Duration::from_millis(30));
    assert_eq!(clock.now_ms(), at_ms);
    clock.advance(Lifetime::from_seconds(60));
    assert_eq!(clock.now_ms(), at_ms + 60_000);
    let released = std::time::Instant::now();
    drop(second);
    std::thread::sleep(std::time::Duration::from_millis(5));
    let gone_ms = clock.now_ms() - at_ms - 60_000;
    let since_ms = i64::try_from(released.elapsed().as_millis()).unwrap();
    assert!(
        (1..=since_ms + 1).contains(&gone_ms),
        "{gone_ms} of {since_ms}"
    );
}

#[test]
fn a_clock_that_a_person_paused_stays_paused_after_a_hold() {
    let clock = Clock::default();
    clock.pause();
    let at_ms = clock.now_ms();
    drop(clock.hold());
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert_eq!(clock.now_ms(), at_ms);
    assert!(clock.is_paused() && !clock.is_held());
    let hold = clock.hold();
    clock.resume();
    assert_eq!(clock.now_ms(), at_ms);
    drop(hold);
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert!(clock.now_ms() > at_ms);
}

#[test]
fn changes_are_told_and_strangers_names_are_not_kept() {
    let clocks = Clocks::default();
    let kept = clocks.of(&"kept".parse().unwrap());
    let mut changes = clocks.watch();
    changes.borrow_and_update();
    kept.advance(Lifetime::from_seconds(1));
    assert!(changes.has_changed().unwrap());
    for number in 0..3 * KEPT {
        let _ = clocks.of(&format!("stranger-{number}").parse().unwrap());
    }
    let count = clocks.count();
    assert!(count <= KEPT, "{count}");
    assert_eq!(clocks.of(&"kept".parse().unwrap()).hands(), kept.hands());
    assert_eq!(clocks.moved().len(), 1);
}
