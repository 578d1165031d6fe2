//! Values that are stored as JSON in a text column, with defaults for what older programs did not write.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, Stored};

/// The value as it is stored. Every member of what is stored so has a JSON form, so that nothing can fail;
/// were it otherwise, the defaults would be stored.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}

/// The value as it was stored; `column` names it in an error.
///
/// # Errors
/// [`StoreError::Corrupt`] for what this program cannot have written.
pub(crate) fn read<T: DeserializeOwned>(column: &'static str, text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(column, error))
}
