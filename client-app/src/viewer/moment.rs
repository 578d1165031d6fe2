//! Spans as the flow pages show them; moments are shown as on every page.

pub(super) use crate::page::Moment;

/// Milliseconds with as many digits as mean something: `0.4`, `14`.
pub(crate) fn milliseconds(ms: f64) -> String {
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
