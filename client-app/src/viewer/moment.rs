//! Moments and spans as pages show them.
//!
//! Days to date: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.

/// The microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// A moment for `<time>`: its `datetime` (RFC 3339) and the time of day that is shown, both UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// `2026-11-22T23:40:01.250Z`
    pub(super) datetime: String,
    /// `2026-11-22 23:40:01 UTC`
    pub(super) text: String,
}

impl Moment {
    /// The moment `us` microseconds after 1970.
    pub(super) fn of(us: i64) -> Self {
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

/// Milliseconds with as many digits as mean something: `0.4`, `14`.
pub(super) fn milliseconds(ms: f64) -> String {
    if ms < 9.95 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.0}")
    }
}

/// A span in microseconds as `0.4 ms`, `14 ms` or `2.5 s`.
pub(super) fn span(us: i64) -> String {
    let ms = f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1000.0;
    if ms < 1000.0 {
        format!("{} ms", milliseconds(ms))
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_civil_dates() {
        assert_eq!(Moment::of(0).text, "1970-01-01 00:00:00 UTC");
        assert_eq!(
            Moment::of(951_782_400_250_000).datetime,
            "2000-02-29T00:00:00.250Z"
        );
    }
}
