//! Values of a configuration that have bounds: whoever sets one beyond them is told so at the start, by its key. For
//! `deserialize_with` of serde.
//! May use `time`; comes from what an operator might write (docs/operations.md).

use serde::de::{Deserialize, Deserializer, Error};

use crate::time::Lifetime;

/// The most threads that answer requests in one service.
const MOST_WORKERS: usize = 512;

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
    }

    impl Default for Config {
        fn default() -> Self {
            Self {
                workers: 2,
                rotate_every: None,
                window: Lifetime::from_minutes(5),
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
    }

    #[test]
    fn what_is_beyond_them_is_refused_by_its_key() {
        for (key, value) in [
            ("WORKERS", "0"),
            ("WORKERS", "100000"),
            ("ROTATE_EVERY", "0s"),
            ("WINDOW", "0s"),
            ("WINDOW", "25h"),
        ] {
            let error = set(key, value).unwrap_err();
            let key = key.to_ascii_lowercase();
            assert!(error.contains(&format!("`{key}`")), "{value}: {error}");
            assert!(error.contains("SERVICE__"), "{value}: {error}");
        }
    }
}
