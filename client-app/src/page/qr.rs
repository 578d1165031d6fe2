//! A QR code as SVG: one path of squares, dark on light in every theme, so that cameras read it.
//!
//! May use the qrcode crate, for the modules alone.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// The quiet zone around a code, in modules (ISO/IEC 18004 §9.1).
const QUIET: usize = 4;

/// A drawing, in units of one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Qr {
    /// Its width and height with the quiet zone.
    pub(crate) size: usize,
    /// The path of all dark modules: digits and the letters `M`, `h`, `v`, `z`, `-`.
    pub(crate) path: String,
}

impl Qr {
    /// The code that says `text`; none where it is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width.max(1)).enumerate() {
            let mut x = 0;
            while x < row.len() {
                let dark = |color: &&Color| **color == Color::Dark;
                let run = row.iter().skip(x).take_while(dark).count();
                if run > 0 {
                    let (left, top) = (x.saturating_add(QUIET), y.saturating_add(QUIET));
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{left} {top}h{run}v1h-{run}z");
                }
                x = x.saturating_add(run.max(1));
            }
        }
        Some(Self {
            size: width.saturating_add(2 * QUIET),
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules of a path, read back.
    fn dark(qr: &Qr) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for square in qr.path.split('M').skip(1) {
            let (at, rest) = square.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let run: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            found.extend((x..x + run).map(|x| (x, y)));
        }
        found
    }

    #[test]
    fn the_drawing_has_exactly_the_dark_modules_and_a_quiet_zone() {
        let text = "http://localhost:9000/device?user_code=WDJB-MJHT";
        let qr = Qr::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let mut expected = Vec::new();
        for y in 0..code.width() {
            for x in 0..code.width() {
                if code[(x, y)] == Color::Dark {
                    expected.push((x + QUIET, y + QUIET));
                }
            }
        }
        assert_eq!(dark(&qr), expected);
        assert_eq!(qr.size, code.width() + 8);
        assert!(
            qr.path
                .chars()
                .all(|c| c.is_ascii_digit() || "Mhvz- ".contains(c))
        );
    }

    #[test]
    fn what_is_too_long_has_no_code() {
        assert_eq!(Qr::of(&"x".repeat(5000)), None);
    }
}
