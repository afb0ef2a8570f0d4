//! Check-ins that nothing can be made of, among others that must not suffer for it.

use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;

use crate::client::{Client, Cluster, Outcome};
use crate::patience::{PATIENCE, until};
use crate::rules::Told;
use crate::stand::Stand;

/// A good report but for its version, which is put in as it is.
fn with_version(version: &str) -> Vec<u8> {
    format!(r#"{{"components": [{{"component": "load", "train": "stable", "version": {version}}}]}}"#).into()
}

/// A good report with this label, which is put in as it is.
fn with_label(label: &str) -> Vec<u8> {
    let component = r#"{"component": "load", "train": "stable", "version": "v0.0"}"#;
    format!(r#"{{"components": [{component}], "labels": [{label}]}}"#).into()
}

/// Bodies to be refused with a status from 400 to 499.
fn bodies() -> Vec<Vec<u8>> {
    let component = r#"{"component": "load", "train": "stable", "version": "v0.0"}"#;
    let mut not_text = with_version(r#""v0.?""#);
    not_text.iter_mut().filter(|byte| **byte == b'?').for_each(|byte| *byte = 0xff);
    vec![
        // Characters that Postgres cannot store, or that are none.
        with_version(r#""v0.\u0000""#),
        with_version("\"v0.\0\""),
        with_version(r#""v0.\ud800""#),
        with_version(r#""v0.\udc00\ud800""#),
        with_version(r#""v0.\ud800\u0041""#),
        with_label(r#""\u0000""#),
        with_label(r#""\udfff""#),
        not_text,
        // Numbers.
        with_version("1e400"),
        with_version("-1e99999999999999999999"),
        with_version("123456789012345678901234567890"),
        with_version("NaN"),
        // Sizes.
        with_version(&format!(r#""{}""#, "9".repeat(100_000))),
        with_version(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        format!(r#"{{"components": [{}]}}"#, vec![component; 201].join(", ")).into(),
        format!(r#"{{"components": [{component}], "labels": ["{}"]}}"#, "x".repeat(1 << 20)).into(),
        // Shapes.
        with_version("null"),
        format!(r#"{{"components": [{component}], "hostname": "a"}}"#).into(),
        format!(r#"{{"components": [{component}], "components": [{component}]}}"#).into(),
        format!(r#"{{"components": [{component}"#).into(),
        Vec::new(),
    ]
}

/// All of them at once, and one that only the database refuses: it alone is answered with 503.
pub(super) fn sent(stand: &mut Stand) -> anyhow::Result<Instant> {
    let client = Client::new(&stand.addresses()[0], false);
    let clusters: Vec<_> = bodies().into_iter().map(|body| (Cluster::new(&mut stand.random), body)).collect();
    let calls = clusters.iter().map(async |(cluster, body)| client.check_in_with(cluster, body.clone()).await);
    for ((_, body), outcome) in clusters.iter().zip(stand.runtime.block_on(join_all(calls))) {
        if !matches!(&outcome, Ok(answer) if (400..500).contains(&answer.status)) {
            let body = String::from_utf8_lossy(&body[..body.len().min(100)]);
            stand.rules.breach(format!("poison {body}: {}; expected a status from 400 to 499", Told(&outcome)));
        }
    }

    let cluster = Arc::new(Cluster::new(&mut stand.random));
    let mut sql = stand.postgres.connect()?;
    sql.execute(&format!("alter table clusters add constraint poison check (id <> '{}') not valid", cluster.id))?;
    let one_by_one = |stand: &Stand| stand.server(0).map_or(0, |server| server.log().matches("one by one").count());
    let before = one_by_one(stand);
    until("it is in a group with others", PATIENCE, || {
        let poison = with_version(r#""v0.0""#);
        let outcome: Outcome = stand.runtime.block_on(client.check_in_with(&cluster, poison));
        if !matches!(&outcome, Ok(answer) if answer.status == 503 && answer.has_retry_after) {
            stand.rules.breach(format!("poison for the database: {}; expected 503", Told(&outcome)));
        }
        one_by_one(stand) > before
    })?;
    sql.execute("alter table clusters drop constraint poison")?;
    Ok(Instant::now())
}
