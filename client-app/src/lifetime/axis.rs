//! The realm's time as a line. A code lives a minute and a refresh token a month: to scale, the one would be
//! thinner than a hair. So the line is broken at everything that happens, and each stretch is as wide as the
//! logarithm of its length; within a stretch time runs evenly. The marks name the true times.

/// Stretches shorter than this are drawn nearly to scale, in seconds.
const KNEE: f64 = 20.0;
/// Marks are at least so far apart, in percent of the line.
const APART: f64 = 20.0;

/// A line of time.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Moments in order, each with its place in percent.
    knots: Vec<(i64, f64)>,
}

/// A moment that is named under the line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// Its place in percent.
    pub(super) at: f64,
    /// Seconds since the line's beginning.
    pub(super) elapsed: i64,
}

impl Axis {
    /// The line on which all `moments` (seconds since the epoch) have a place.
    pub(super) fn of(mut moments: Vec<i64>) -> Self {
        moments.sort_unstable();
        moments.dedup();
        let width = |from: i64, to: i64| {
            let seconds = u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX);
            (f64::from(seconds) / KNEE).ln_1p()
        };
        let pairs = moments.iter().zip(moments.iter().skip(1));
        let total: f64 = pairs.map(|(from, to)| width(*from, *to)).sum();
        let mut place = 0.0;
        let mut before = None;
        let knots = moments.into_iter().map(|moment| {
            if let Some(before) = before {
                place += 100.0 * width(before, moment) / total.max(f64::EPSILON);
            }
            before = Some(moment);
            (moment, place)
        });
        Self {
            knots: knots.collect(),
        }
    }

    /// The place of a moment in percent, between 0 and 100.
    pub(super) fn place(&self, moment: i64) -> f64 {
        let after = self.knots.partition_point(|(known, _)| *known <= moment);
        let before = after.checked_sub(1).and_then(|at| self.knots.get(at));
        match (before, self.knots.get(after)) {
            (None, _) => 0.0,
            (Some((_, place)), None) => *place,
            (Some((from, left)), Some((to, right))) => {
                let seconds = |span: i64| f64::from(u32::try_from(span).unwrap_or(u32::MAX));
                let gone = seconds(moment.saturating_sub(*from));
                let whole = seconds(to.saturating_sub(*from));
                left + (right - left) * gone / whole.max(1.0)
            }
        }
    }

    /// The moments with their places, for the script: `seconds:percent seconds:percent …`.
    pub(super) fn as_text(&self) -> String {
        let knots = self.knots.iter();
        let knots: Vec<_> = knots
            .map(|(moment, place)| format!("{moment}:{place:.3}"))
            .collect();
        knots.join(" ")
    }

    /// As many moments as can be named without touching, the first and the last among them.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let Some((begin, _)) = self.knots.first().copied() else {
            return Vec::new();
        };
        let mark = |(moment, at): (i64, f64)| Mark {
            at,
            elapsed: moment.saturating_sub(begin),
        };
        let Some(last) = self.knots.last().copied().map(mark) else {
            return Vec::new();
        };
        let mut marks: Vec<Mark> = Vec::new();
        for knot in self.knots.iter().copied().map(mark) {
            let clear = marks.last().is_none_or(|left| knot.at - left.at >= APART);
            if clear && (last.at - knot.at >= APART || knot == last) {
                marks.push(knot);
            }
        }
        if marks.last() != Some(&last) && last.elapsed > 0 {
            marks.push(last);
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_and_a_month_are_both_seen_in_order() {
        let (minute, month) = (60, 30 * 86_400);
        let axis = Axis::of(vec![1000 + month, 1000, 1000 + minute, 1000]);
        assert_eq!(axis.place(1000).to_string(), "0");
        assert!((axis.place(1000 + month) - 100.0).abs() < 1e-9);
        let minute_at = axis.place(1000 + minute);
        assert!((5.0..40.0).contains(&minute_at), "{minute_at}");
        let mut before = -1.0;
        for moment in (900..2_000).chain([50_000, 1_000_000, 9_000_000]) {
            let place = axis.place(moment);
            assert!(place >= before && (0.0..=100.0).contains(&place));
            before = place;
        }
        let half = axis.place(1030);
        assert!(
            (half - minute_at / 2.0).abs() < 1e-9,
            "even within a stretch"
        );
    }

    #[test]
    fn marks_never_touch_and_both_ends_are_named() {
        let moments = (0..40).map(|n| n * n * 50).collect();
        let marks = Axis::of(moments).marks();
        assert_eq!(marks.first().map(|mark| mark.elapsed), Some(0));
        assert_eq!(marks.last().map(|mark| mark.elapsed), Some(39 * 39 * 50));
        for pair in marks.windows(2) {
            assert!(pair[1].at - pair[0].at >= APART - 1e-9, "{marks:?}");
        }
    }

    #[test]
    fn one_moment_alone_is_a_line_too() {
        let axis = Axis::of(vec![7]);
        assert_eq!(axis.marks().len(), 1);
        assert!(axis.place(9).abs() < 1e-9);
        assert!(Axis::of(Vec::new()).marks().is_empty());
    }
}
