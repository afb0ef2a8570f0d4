//! The JSON of old rows.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contract::legacy::types::{Cluster, Data};
use crate::service::legacy::report::{self, Kept};

/// What a cluster reported.
///
/// # Errors
/// Why it cannot be kept.
pub(super) fn cluster(json: Option<&str>) -> Result<Kept, &'static str> {
    let cluster: Cluster = object(json, "data is no report of a cluster")?;
    let cluster = report::normalise(cluster).map_err(|_| "data is no report of a cluster")?;
    report::keep(&cluster).map_err(|_| "data is no report of a cluster")
}

/// What is said of a release.
///
/// # Errors
/// Why it cannot be kept.
pub(super) fn release(json: Option<&str>) -> Result<Data, &'static str> {
    object(json, "data is not what is said of a release")
}

/// A doctor report.
///
/// # Errors
/// Why it cannot be kept.
pub(super) fn doctor_report(json: Option<&str>) -> Result<Value, &'static str> {
    object(json, "data is no object")
}

fn object<T: DeserializeOwned>(json: Option<&str>, otherwise: &'static str) -> Result<T, &'static str> {
    let value: Value = serde_json::from_str(json.unwrap_or("null")).map_err(|_| otherwise)?;
    match value {
        Value::Null => Err("data is null"),
        Value::Object(_) => serde_json::from_value(value).map_err(|_| otherwise),
        _ => Err("data is no object"),
    }
}
