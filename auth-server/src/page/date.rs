//! Moments as people read them, in UTC: the server does not know the reader's time zone.

use shared::time::Timestamp;

/// `2026-11-22 23:05 UTC`. The calendar is the Gregorian one (ISO 8601).
pub(crate) fn date_and_time(moment: Timestamp) -> String {
    let seconds = moment.as_unix();
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute) = (of_day / 3600, of_day % 3600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Year, month and day of the day that is `days` after 1970-01-01, counted in years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_a_date() {
        let read = |seconds| date_and_time(Timestamp::from_unix(seconds));
        assert_eq!(read(0), "1970-01-01 00:00 UTC");
        assert_eq!(read(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(read(1_795_388_700), "2026-11-22 23:05 UTC");
    }
}
