//! Configuration: a TOML file, then environment variables over it, then types.
//!
//! `AUTH_SERVER__STORE__URL=sqlite::memory:` sets `url` in `[store]`. A variable's value is read
//! as TOML where it is TOML (numbers, booleans, arrays, quoted strings), else as a string; a key
//! that wants a string takes the value as it stands. An unknown key or a bad value stops the
//! start, and the error names the key and where it came from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use toml::{Table, Value};

/// Between the parts of a variable's name.
const SEPARATOR: &str = "__";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{} is not valid TOML: {source}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A key has a bad value, is unknown, or is missing.
    #[error("configuration key `{key}`: {reason} ({origin})")]
    Key {
        /// The key, as `store.url`; empty for the top level.
        key: String,
        /// What is wrong with it.
        reason: String,
        /// Where it was set.
        origin: String,
    },
    /// The configuration cannot be shown.
    #[error("the configuration cannot be printed: {0}")]
    Print(#[from] toml::ser::Error),
}

/// Reads a configuration: `file` if there is one, then the variables of `env` whose names start
/// with `env_prefix` and two underscores, then `T`'s own defaults for what is left.
///
/// Give every struct in `T` `#[serde(deny_unknown_fields)]`.
///
/// # Errors
/// [`ConfigError`].
pub fn load<T: DeserializeOwned>(
    file: Option<&Path>,
    env_prefix: &str,
    env: impl Iterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let mut table = match file {
        Some(path) => read(path)?,
        None => Table::new(),
    };
    let mut variables = BTreeMap::new();
    for (name, text) in env {
        let Some(path) = name
            .strip_prefix(env_prefix)
            .and_then(|rest| rest.strip_prefix(SEPARATOR))
        else {
            continue;
        };
        let key: Vec<String> = path.split(SEPARATOR).map(str::to_ascii_lowercase).collect();
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(ConfigError::Key {
                key: key.join("."),
                reason: "is not UTF-8".to_owned(),
                origin: format!("from {name}"),
            });
        }
        set(&mut table, &key, typed(&text), &name)?;
        variables.insert(key.join("."), Variable { name, text, key });
    }
    Overlay {
        file,
        table,
        variables,
    }
    .finish()
}

/// The environment as text, for [`load`] and whoever else reads it: what is not UTF-8 in it has U+FFFD in its place,
/// with which [`load`] takes no value. Programs hand over what `std::env::vars_os` gives; a foreign variable of any
/// bytes is nobody's fault.
pub fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (String, String)> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    variables.map(move |(name, value)| (text(name), text(value)))
}

/// The configuration in effect as TOML, secrets hidden.
///
/// # Errors
/// [`ConfigError::Print`] for what TOML has no form for.
pub fn print<T: Serialize>(config: &T) -> Result<String, ConfigError> {
    Ok(toml::to_string_pretty(config)?)
}

/// An environment variable, and the key that it sets.
struct Variable {
    name: String,
    text: String,
    key: Vec<String>,
}

/// A file's table with the environment's values over it.
struct Overlay<'a> {
    file: Option<&'a Path>,
    table: Table,
    variables: BTreeMap<String, Variable>,
}

impl Overlay<'_> {
    fn finish<T: DeserializeOwned>(mut self) -> Result<T, ConfigError> {
        let mut first: Option<ConfigError> = None;
        // Each round turns at least one variable back into its text, so this ends.
        loop {
            let error = match serde_path_to_error::deserialize(self.table.clone()) {
                Ok(config) => return Ok(config),
                Err(error) => error,
            };
            let key = error.path().to_string();
            let key = if key == "." { String::new() } else { key };
            let error = ConfigError::Key {
                reason: reason(error.inner()),
                origin: self.origin(&key),
                key: key.clone(),
            };
            // A number was read where a string is wanted: take the variable as it stands.
            let retried = match self.variables.remove(&key) {
                Some(variable) => self.as_text(&variable),
                None => false,
            };
            if !retried {
                return Err(first.unwrap_or(error));
            }
            first.get_or_insert(error);
        }
    }

    /// Sets a variable's key to its plain text; whether that changed anything.
    fn as_text(&mut self, variable: &Variable) -> bool {
        let text = Value::String(variable.text.clone());
        if typed(&variable.text) == text {
            return false;
        }
        set(&mut self.table, &variable.key, text, &variable.name).is_ok()
    }

    fn origin(&self, key: &str) -> String {
        let below = format!("{key}.");
        // An entry of a list is set with its list.
        let list = key.split('[').next().unwrap_or(key);
        let set_by = self
            .variables
            .iter()
            .find(|(path, _)| *path == key || *path == list || path.starts_with(&below));
        match (set_by, self.file) {
            (Some((_, variable)), _) => format!("from {}", variable.name),
            (None, Some(file)) => format!("from {}", file.display()),
            (None, None) => "not set: there is no configuration file".to_owned(),
        }
    }
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    text.parse().map_err(|source| ConfigError::Syntax {
        path: path.to_path_buf(),
        source: Box::new(source),
    })
}

/// The first line of an error: the key is named apart, and there is no source text to show.
fn reason(error: &toml::de::Error) -> String {
    error.message().to_owned()
}

/// The value of a variable: TOML where it is TOML, else a string.
fn typed(text: &str) -> Value {
    toml::de::ValueDeserializer::parse(text)
        .ok()
        .and_then(|value| Value::deserialize(value).ok())
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Sets `key` in `table`, making the sections on the way.
fn set(table: &mut Table, key: &[String], value: Value, variable: &str) -> Result<(), ConfigError> {
    let bad = |reason: &str| ConfigError::Key {
        key: key.join("."),
        reason: reason.to_owned(),
        origin: format!("from {variable}"),
    };
    let Some((last, sections)) = key.split_last() else {
        return Err(bad("names no key"));
    };
    if key.iter().any(String::is_empty) {
        return Err(bad("has an empty part: write PREFIX__SECTION__KEY"));
    }
    let mut place = table;
    for section in sections {
        let inner = place
            .entry(section.as_str())
            .or_insert_with(|| Value::Table(Table::new()));
        place = match inner {
            Value::Table(inner) => inner,
            _ => return Err(bad("lies below a key that is not a section")),
        };
    }
    place.insert(last.clone(), value);
    Ok(())
}

/// A secret in a configuration: never printed, never serialized, and never empty where it is read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ConfigSecret(String);

/// An empty text is no secret: everybody knows it.
#[derive(Debug, thiserror::Error)]
#[error("is empty: leave it out, or give it a value")]
pub struct EmptySecret;

impl TryFrom<String> for ConfigSecret {
    type Error = EmptySecret;

    fn try_from(secret: String) -> Result<Self, EmptySecret> {
        if secret.is_empty() {
            return Err(EmptySecret);
        }
        Ok(Self(secret))
    }
}

impl ConfigSecret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConfigSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<hidden>")
    }
}

impl Serialize for ConfigSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("<hidden>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        port: u16,
        #[serde(default)]
        extra_hosts: Vec<String>,
        client: Client,
    }

    #[derive(Debug, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Client {
        id: String,
        secret: ConfigSecret,
    }

    const FILE: &str = "port = 9000\n[client]\nid = 'web'\nsecret = 'from the file'\n";

    fn with(file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("service.toml");
        std::fs::write(&path, file).unwrap();
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load(Some(&path), "SERVICE", env)
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = with(
            FILE,
            &[
                ("SERVICE__PORT", "9100"),
                ("SERVICE__CLIENT__SECRET", "sesame"),
                ("SERVICE__EXTRA_HOSTS", "['a:1', 'b:2']"),
                ("OTHER__PORT", "1"),
            ],
        )
        .unwrap();
        assert_eq!(config.port, 9100);
        assert_eq!(config.client.secret.expose(), "sesame");
        assert_eq!(config.extra_hosts, ["a:1", "b:2"]);
    }

    #[test]
    fn a_map_is_set_as_a_whole() {
        #[derive(Deserialize)]
        struct Map {
            connect_to: BTreeMap<String, String>,
        }
        let value = "{ \"localhost:9000\" = \"auth-server:9000\" }";
        let env = [("SERVICE__CONNECT_TO".to_owned(), value.to_owned())];
        let map: Map = load(None, "SERVICE", env.into_iter()).unwrap();
        let target = map.connect_to.get("localhost:9000").unwrap();
        assert_eq!(target, "auth-server:9000");
    }

    #[test]
    fn a_string_may_look_like_a_number() {
        let env = [
            ("SERVICE__CLIENT__ID", "0123"),
            ("SERVICE__CLIENT__SECRET", "12345"),
        ];
        let config = with(FILE, &env).unwrap();
        assert_eq!(config.client.id, "0123");
        assert_eq!(config.client.secret.expose(), "12345");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_utf_8_is_refused_in_our_variables_alone() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = || OsString::from_vec(vec![b'a', 0xff]);
        let read = |name: &str| {
            let env = [(OsString::from(name), bytes()), (bytes(), bytes())];
            let env: Vec<_> = environment(env.into_iter()).collect();
            let env: Vec<_> = env.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            with(FILE, &env)
        };
        assert!(read("FOREIGN").is_ok());
        let error = read("SERVICE__CLIENT__ID").unwrap_err().to_string();
        assert!(error.contains("`client.id`: is not UTF-8"), "{error}");
    }

    #[test]
    fn errors_name_the_key_and_its_origin() {
        let error = |file: &str, env: &[(&str, &str)]| with(file, env).unwrap_err().to_string();
        let bad = error(FILE, &[("SERVICE__PORT", "99999")]);
        assert!(bad.starts_with("configuration key `port`: "), "{bad}");
        assert!(bad.ends_with("(from SERVICE__PORT)"), "{bad}");
        assert!(bad.contains("99999"), "{bad}");
        let unknown = error(FILE, &[("SERVICE__CLIENT__SECRT", "x")]);
        assert!(unknown.contains("client.secrt"), "{unknown}");
        assert!(unknown.contains("SERVICE__CLIENT__SECRT"), "{unknown}");
        let unknown = error(&format!("{FILE}secrt = 'x'\n"), &[]);
        assert!(unknown.contains("client.secrt"), "{unknown}");
        assert!(unknown.contains("service.toml"), "{unknown}");
        let listed = error(FILE, &[("SERVICE__EXTRA_HOSTS", "[1]")]);
        assert!(listed.ends_with("(from SERVICE__EXTRA_HOSTS)"), "{listed}");
        let empty = error(FILE, &[("SERVICE__CLIENT__SECRET", "")]);
        assert!(empty.contains("`client.secret`: is empty"), "{empty}");
        let missing = error("port = 1\n[client]\nid = 'web'\n", &[]);
        assert!(missing.contains("secret"), "{missing}");
        let syntax = error("port = \n", &[]);
        assert!(syntax.contains("line 1"), "{syntax}");
    }

    #[test]
    fn secrets_are_hidden_when_printed() {
        let config = with(FILE, &[]).unwrap();
        let printed = print(&config).unwrap();
        assert!(printed.contains("secret = \"<hidden>\""), "{printed}");
        assert!(!format!("{config:?}").contains("from the file"));
    }
}
