//! Which trace and which span: what the header `traceparent` carries (W3C Trace Context §3.2).

use std::fmt;

use aws_lc_rs::rand;

/// The header's name.
pub(super) const TRACEPARENT: &str = "traceparent";
/// The flag that says that the trace is kept.
const SAMPLED: u8 = 1;

/// One span of one trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    /// Whether the trace is kept.
    pub(super) sampled: bool,
}

/// The id of a trace: not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceId([u8; 16]);

/// The id of a span: not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanId([u8; 8]);

impl TraceId {
    /// A new one; `None` where the system gives no randomness.
    pub(super) fn random() -> Option<Self> {
        random().map(Self)
    }

    /// Where the trace stands among all, from 0 to 1: by its last 56 bits, which are random (Trace Context §3.2.2.3).
    pub(super) fn place(self) -> f64 {
        let last = self.0.iter().skip(9);
        last.rev()
            .fold(0.0, |place, byte| (place + f64::from(*byte)) / 256.0)
    }
}

impl SpanId {
    /// A new one; `None` where the system gives no randomness.
    pub(super) fn random() -> Option<Self> {
        random().map(Self)
    }
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).ok()?;
    bytes.iter().any(|byte| *byte != 0).then_some(bytes)
}

impl Context {
    /// Reads a header; `None` for what is none (§3.2.2), which begins a new trace.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version: [u8; 1] = hex(parts.next()?)?;
        let (trace, span) = (hex(parts.next()?)?, hex(parts.next()?)?);
        let [flags]: [u8; 1] = hex(parts.next()?)?;
        // A later version may say more; this one may not, and 255 is none.
        if version == [0xff] || (version == [0] && parts.next().is_some()) {
            return None;
        }
        if trace == [0; 16] || span == [0; 8] {
            return None;
        }
        Some(Self {
            trace: TraceId(trace),
            span: SpanId(span),
            sampled: flags & SAMPLED == SAMPLED,
        })
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = if self.sampled { SAMPLED } else { 0 };
        write!(f, "00-{}-{}-{flags:02x}", self.trace, self.span)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Lower-case hex of exactly `N` bytes.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = (*byte << 4) | value;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_strictly_and_written_as_it_was() {
        let context = Context::parse(GOOD).unwrap();
        assert!(context.sampled);
        assert_eq!(context.to_string(), GOOD);
        let unsampled = GOOD.replace("-01", "-00");
        assert_eq!(Context::parse(&unsampled).unwrap().to_string(), unsampled);
        let later = format!("{}-more", GOOD.replacen("00", "01", 1));
        assert!(
            Context::parse(&later).is_some(),
            "a later version may say more"
        );
        for bad in [
            String::new(),
            GOOD.to_uppercase(),
            format!("{GOOD}-more"),
            GOOD.replacen("00", "ff", 1),
            GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            GOOD.replace("b7ad6b7169203331", &"0".repeat(16)),
            GOOD.replace("b7ad", "b7a"),
            GOOD.replace("0af7", "éa"),
        ] {
            assert_eq!(Context::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn traces_are_spread_over_all_places() {
        let at = |last: &str| {
            let text = format!("00-0af7651916cd43dd84{last}-b7ad6b7169203331-01");
            Context::parse(&text).unwrap().trace.place()
        };
        assert!(at("00000000000001") < 0.001);
        assert!((at("80000000000000") - 0.5).abs() < 0.001);
        assert!(at("ffffffffffffff") > 0.999);
    }
}
