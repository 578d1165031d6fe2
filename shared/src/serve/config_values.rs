//! Values of a configuration that have bounds: whoever sets one beyond them is told so at the start, by its key. For
//! `deserialize_with` of serde.
//! May use `time`; comes from what an operator might write (docs/operations.md).

use serde::de::{Deserialize, Deserializer, Error};

use crate::time::Lifetime;

/// The most threads that answer requests in one service.
const MOST_WORKERS: usize = 512;

/// The least room that can be meant, in bytes: a token request alone may take as much.
const LEAST_ROOM: u16 = 1024;

/// The longest window in which failures are counted: what is older is swept.
const LONGEST_WINDOW: Lifetime = Lifetime::from_minutes(24 * 60);

/// How many threads answer: 1 to 512.
///
/// # Errors
/// For any other number.
pub fn workers<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let workers = usize::deserialize(value)?;
    if (1..=MOST_WORKERS).contains(&workers) {
        Ok(workers)
    } else {
        Err(Error::custom(format!(
            "{workers} is not a number of threads from 1 to {MOST_WORKERS}"
        )))
    }
}

/// How long between two rounds of something that goes on for ever: a second at least.
///
/// # Errors
/// For no time at all.
pub fn pause<'de, D: Deserializer<'de>>(value: D) -> Result<Lifetime, D::Error> {
    let pause = Lifetime::deserialize(value)?;
    if pause.as_seconds() == 0 {
        return Err(Error::custom("0 s is no pause: a second at least"));
    }
    Ok(pause)
}

/// How long something may take, or is kept: a second at least.
///
/// # Errors
/// For no time at all.
pub fn span<'de, D: Deserializer<'de>>(value: D) -> Result<Lifetime, D::Error> {
    let span = Lifetime::deserialize(value)?;
    if span.as_seconds() == 0 {
        return Err(Error::custom("0 s is no time: a second at least"));
    }
    Ok(span)
}

/// How many of something without which nothing goes on: one at least.
///
/// # Errors
/// For none.
pub fn some<'de, D, N>(value: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de> + PartialOrd + From<u8>,
{
    let number = N::deserialize(value)?;
    if number < N::from(1) {
        return Err(Error::custom("0 is too few: one at least"));
    }
    Ok(number)
}

/// As [`some`], where there may be no number.
///
/// # Errors
/// For none.
pub fn some_or_default<'de, D, N>(value: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de> + PartialOrd + From<u8>,
{
    some(value).map(Some)
}

/// Room for requests, or for what they make a service keep, in bytes: as much as one needs.
///
/// # Errors
/// For less than [`LEAST_ROOM`].
pub fn room<'de, D, N>(value: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de> + PartialOrd + From<u16> + std::fmt::Display,
{
    let bytes = N::deserialize(value)?;
    if bytes < N::from(LEAST_ROOM) {
        return Err(Error::custom(format!(
            "{bytes} bytes are less than one request needs: {LEAST_ROOM} at least"
        )));
    }
    Ok(bytes)
}

/// As [`pause`], where there may be none.
///
/// # Errors
/// For no time at all.
pub fn some_pause<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Lifetime>, D::Error> {
    pause(value).map(Some)
}

/// How long a failure counts: a second to a day.
///
/// # Errors
/// For less and more.
pub fn window<'de, D: Deserializer<'de>>(value: D) -> Result<Lifetime, D::Error> {
    let window = pause(value)?;
    if window > LONGEST_WINDOW {
        return Err(Error::custom(format!(
            "{window} is longer than failures are remembered: a day at most"
        )));
    }
    Ok(window)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::config::load;
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Config {
        #[serde(deserialize_with = "workers")]
        workers: usize,
        #[serde(deserialize_with = "some_pause")]
        rotate_every: Option<Lifetime>,
        #[serde(deserialize_with = "window")]
        window: Lifetime,
        #[serde(deserialize_with = "span")]
        body_time: Lifetime,
        #[serde(deserialize_with = "room")]
        body_bytes: usize,
        #[serde(deserialize_with = "room")]
        kept: u32,
        #[serde(deserialize_with = "some")]
        attempts: u32,
        #[serde(deserialize_with = "some_or_default")]
        most: Option<usize>,
    }

    impl Default for Config {
        fn default() -> Self {
            Self {
                workers: 2,
                rotate_every: None,
                window: Lifetime::from_minutes(5),
                body_time: Lifetime::from_seconds(10),
                body_bytes: 64 * 1024,
                kept: 1024,
                attempts: 10,
                most: None,
            }
        }
    }

    fn set(key: &str, value: &str) -> Result<Config, String> {
        let env = [(format!("SERVICE__{key}"), value.to_owned())];
        load(None, "SERVICE", env.into_iter()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_within_its_bounds_is_taken() {
        assert_eq!(set("WORKERS", "512").unwrap().workers, 512);
        let second = Some(Lifetime::from_seconds(1));
        assert_eq!(set("ROTATE_EVERY", "1s").unwrap().rotate_every, second);
        assert_eq!(set("WINDOW", "24h").unwrap().window, LONGEST_WINDOW);
        assert_eq!(set("BODY_TIME", "1s").unwrap().body_time.as_seconds(), 1);
        assert_eq!(set("BODY_BYTES", "1024").unwrap().body_bytes, 1024);
        assert_eq!(set("KEPT", "4294967295").unwrap().kept, u32::MAX);
        assert_eq!(set("ATTEMPTS", "1").unwrap().attempts, 1);
        assert_eq!(set("MOST", "1").unwrap().most, Some(1));
    }

    #[test]
    fn what_is_beyond_them_is_refused_by_its_key() {
        for (key, value) in [
            ("WORKERS", "0"),
            ("WORKERS", "100000"),
            ("ROTATE_EVERY", "0s"),
            ("WINDOW", "0s"),
            ("WINDOW", "25h"),
            ("BODY_TIME", "0s"),
            ("BODY_BYTES", "0"),
            ("BODY_BYTES", "1023"),
            ("KEPT", "0"),
            ("ATTEMPTS", "0"),
            ("MOST", "0"),
        ] {
            let error = set(key, value).unwrap_err();
            let key = key.to_ascii_lowercase();
            assert!(error.contains(&format!("`{key}`")), "{value}: {error}");
            assert!(error.contains("SERVICE__"), "{value}: {error}");
        }
    }
}
