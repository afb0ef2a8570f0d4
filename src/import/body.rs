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
    object(json, "data cannot be read")
}

fn object<T: DeserializeOwned>(json: Option<&str>, otherwise: &'static str) -> Result<T, &'static str> {
    let json = json.unwrap_or("null").trim_start();
    // The old database has made sure that it is JSON, so that its first character tells what kind.
    match json.as_bytes().first() {
        Some(b'n') => Err("data is null"),
        Some(b'{') => read(json).map_err(|_| otherwise),
        _ => Err("data is no object"),
    }
}

/// The long way is for objects that name a property twice: the last one counts, as it did in the old service.
fn read<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str(json).or_else(|_| serde_json::from_value(serde_json::from_str(json)?))
}
