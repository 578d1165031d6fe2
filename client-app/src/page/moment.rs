//! Times for people: a moment as date and time in UTC, and a span in words.
//!
//! Days to date: the algorithm of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.

use shared::page::Frame;

/// The seconds of a day.
const DAY: i64 = 86_400;
/// The microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// A moment for `<time>`: its `datetime` (RFC 3339) and the time of day that is shown, both UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `2026-11-22T23:40:01.250Z`
    pub(crate) datetime: String,
    /// `2026-11-22 23:40:01 UTC`
    pub(crate) text: String,
}

impl Moment {
    /// The moment `us` microseconds after 1970.
    pub(crate) fn of(us: i64) -> Self {
        let (days, rest) = (us.div_euclid(DAY_US), us.rem_euclid(DAY_US));
        let shifted = days.saturating_add(719_468);
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (ms, seconds) = (rest / 1000 % 1000, rest / 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let date = format!("{year:04}-{month:02}-{day:02}");
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        Self {
            datetime: format!("{date}T{time}.{ms:03}Z"),
            text: format!("{date} {time} UTC"),
        }
    }
}

/// `2026-11-22 23:40:01 UTC`, for seconds since 1970.
pub(crate) fn utc(seconds: i64) -> String {
    Moment::of(seconds.saturating_mul(1_000_000)).text
}

/// How far `then` is from `now`, in the reader's language: "in 9 min 58 s", "12 s ago".
pub(crate) fn distance(frame: &Frame, then: i64, now: i64) -> String {
    let left = then.saturating_sub(now);
    let span = span(frame, left.saturating_abs());
    if left < 0 {
        frame.ta("run-time-ago", [("span", span)])
    } else {
        frame.ta("run-time-in", [("span", span)])
    }
}

/// A span in its two largest units.
pub(crate) fn span(frame: &Frame, seconds: i64) -> String {
    let (days, hours) = (seconds / DAY, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let two = |large: (&'static str, i64), small: (&'static str, i64)| {
        let mut text = frame.ta(large.0, [("n", large.1)]);
        if small.1 > 0 {
            text.push(' ');
            text.push_str(&frame.ta(small.0, [("n", small.1)]));
        }
        text
    };
    let (d, h, m, s) = ("run-days", "run-hours", "run-minutes", "run-seconds");
    match (days, hours, minutes) {
        (0, 0, 0) => frame.ta(s, [("n", seconds)]),
        (0, 0, _) => two((m, minutes), (s, seconds)),
        (0, _, _) => two((h, hours), (m, minutes)),
        _ => two((d, days), (h, hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_civil_dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_767_225_599), "2025-12-31 23:59:59 UTC");
        assert_eq!(utc(-1), "1969-12-31 23:59:59 UTC");
    }
}
