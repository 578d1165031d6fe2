//! Time as a parameter: timestamps and lifetimes; the realms' clocks are in `clock`.
//!
//! The only place that reads the wall clock. May use nothing but the standard library and serde.
//! Integer seconds because RFC 6749 §5.1 (`expires_in`) and RFC 7519 §2 (`NumericDate`) count in them.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::clock::{Clock, ClockHold, Clocks, Hands, Reading, TooFarAhead};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
///
/// Reads as a `NumericDate` (RFC 7519 §2): any JSON number, of which "non-integer values can be represented"; one with a
/// fraction is the second that it lies in. What is no number, and one that is no moment, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The farthest moment that is read of a number with a fraction or an exponent, in seconds from 1970: up to 2^53 every
/// second has a number of its own.
const FARTHEST: f64 = 9_007_199_254_740_992.0;

impl Timestamp {
    /// The moment that lies `seconds` after the Unix epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// A `NumericDate` (RFC 7519 §2) of JSON that was read already: `None` for what is none.
    pub fn of_numeric_date<'de>(value: impl Deserializer<'de>) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` until this moment; negative when `earlier` is the later one.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumericDate;
        impl serde::de::Visitor<'_> for NumericDate {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds since 1970")
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(seconds))
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
                i64::try_from(seconds).map(Timestamp).map_err(E::custom)
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
                if !(-FARTHEST..=FARTHEST).contains(&seconds) {
                    return Err(E::custom("no moment is so far away"));
                }
                // Without a fraction and within 2^53: written without an exponent, so that it reads as an integer.
                let whole = format!("{:.0}", seconds.floor());
                whole.parse().map(Timestamp).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(NumericDate)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A span of time in whole seconds, from 0 to 2^32 - 1 (about 136 years).
///
/// In configuration it reads as a number of seconds or as text with a unit: `"90s"`, `"10m"`, `"8h"`, `"30d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(u32);

impl Lifetime {
    /// A span of `seconds`.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// A span of `minutes` (at most 71 582 788; more saturates).
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// The span in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }
}

impl Add<Lifetime> for Timestamp {
    type Output = Self;

    fn add(self, lifetime: Lifetime) -> Self {
        Self(self.0.saturating_add(i64::from(lifetime.0)))
    }
}

impl Sub<Lifetime> for Timestamp {
    type Output = Self;

    fn sub(self, lifetime: Lifetime) -> Self {
        Self(self.0.saturating_sub(i64::from(lifetime.0)))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// Text that is not a lifetime.
#[derive(Debug, thiserror::Error)]
#[error(
    "a lifetime is a whole number of seconds, or a number with s, m, h or d (\"10m\"), not {0:?}"
)]
pub struct InvalidLifetime(String);

impl std::str::FromStr for Lifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, InvalidLifetime> {
        let invalid = || InvalidLifetime(text.to_owned());
        let split = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, unit) = text.split_at_checked(split).ok_or_else(invalid)?;
        let factor = match unit.trim() {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(invalid()),
        };
        let count: u32 = digits.parse().map_err(|_| invalid())?;
        count.checked_mul(factor).map(Self).ok_or_else(invalid)
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Lifetime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds or text such as \"10m\"")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Lifetime, E> {
                u32::try_from(seconds).map(Lifetime).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Lifetime, E> {
                u32::try_from(seconds).map(Lifetime).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Lifetime, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Microseconds since the epoch on the wall clock, for the record's order of exchanges and for how long a process may
/// be silent before another takes it for dead (never for the expiry of what is issued).
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one reader of the wall clock"
)]
pub fn wall_clock_us() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_date_is_any_number_that_is_a_moment_and_nothing_else() {
        for (json, second) in [
            ("1800000000", Some(1_800_000_000)),
            ("1800000000.999", Some(1_800_000_000)),
            ("1.8e9", Some(1_800_000_000)),
            ("1800000000.0", Some(1_800_000_000)),
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("-0.5", Some(-1)),
            ("-7", Some(-7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9007199254740992.0", Some(9_007_199_254_740_992)),
            ("9223372036854775808", None),
            ("18446744073709551615", None),
            ("1e16", None),
            ("-1e300", None),
            ("null", None),
            ("true", None),
            ("\"1800000000\"", None),
            ("[1800000000]", None),
            ("{}", None),
        ] {
            let read = serde_json::from_str::<Timestamp>(json).ok();
            assert_eq!(read.map(Timestamp::as_unix), second, "{json}");
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(Timestamp::of_numeric_date(&value), read, "{json}");
        }
    }

    #[test]
    fn a_lifetime_reads_with_a_unit() {
        assert_eq!("10m".parse::<Lifetime>().unwrap().as_seconds(), 600);
        assert_eq!("45".parse::<Lifetime>().unwrap().as_seconds(), 45);
        assert!("ten".parse::<Lifetime>().is_err());
        assert!("9999999999d".parse::<Lifetime>().is_err());
    }
}
