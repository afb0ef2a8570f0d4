//! What is absent, and what is null.

use serde::{Deserialize, Deserializer};
use validator::{Validate, ValidationError};

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

/// Validates the items of an array that may be null.
///
/// # Errors
/// If one of them breaks its rules.
pub fn items_hold<T: Validate>(items: &[Option<T>]) -> Result<(), ValidationError> {
    match items.iter().flatten().all(|item| item.validate().is_ok()) {
        true => Ok(()),
        false => Err(ValidationError::new("items")),
    }
}
