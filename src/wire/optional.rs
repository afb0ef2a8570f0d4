//! The difference between a property that is absent and one that is null.

use serde::{Deserialize, Deserializer};

/// Reads a property that may be absent but not null.
///
/// # Errors
/// What is wrong with the value, null included.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a property that may be absent (`None`), null (`Some(None)`) or a value.
///
/// # Errors
/// What is wrong with the value.
pub fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
