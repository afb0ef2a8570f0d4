//! Clusters: those that check in, and those that have been there for long.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz};
use stationmaster_client::types::{CheckIn, CheckInReceipt, InstalledComponent, Problem};
use stationmaster_client::{Client, Error, ResponseValue};
use uuid::Uuid;

use super::{Database, cluster_token};

/// What the client makes of an answer.
pub(crate) type Answered<T> = Result<ResponseValue<T>, Error<Problem>>;

/// A component on the train `stable`.
pub(crate) fn installed(component: &str, version: &str) -> InstalledComponent {
    InstalledComponent {
        component: component.parse().expect("a component"),
        train: "stable".parse().expect("a train"),
        version: version.parse().expect("a version"),
    }
}

/// A report of components on the train `stable`, without labels.
pub(crate) fn report(components: &[(&str, &str)]) -> CheckIn {
    let components = components.iter().map(|(component, version)| installed(component, version));
    CheckIn { components: components.collect(), labels: Vec::new() }
}

/// A report of one component, with these labels.
pub(crate) fn labelled(labels: &[&str]) -> CheckIn {
    CheckIn {
        labels: labels.iter().map(|label| label.parse().expect("a label")).collect(),
        ..report(&[("deis-router", "v2.3.0")])
    }
}

/// Checks in with the cluster's token, which it has from the beginning.
pub(crate) async fn check_in(client: &Client, id: Uuid, report: CheckIn) -> Answered<CheckInReceipt> {
    client.check_in().id(id).authorization(format!("Bearer {}", cluster_token(id))).body(report).send().await
}

/// A cluster that is put into the database without a check-in.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) id: Uuid,
    pub(crate) first_seen: DateTime<Utc>,
    pub(crate) last_seen: DateTime<Utc>,
    pub(crate) labels: Vec<String>,
}

impl Seed {
    /// A cluster that was seen once.
    pub(crate) fn seen(at: DateTime<Utc>) -> Self {
        Self { id: Uuid::new_v4(), first_seen: at, last_seen: at, labels: Vec::new() }
    }
}

impl Database {
    /// Puts clusters into the tables. All run the same component.
    pub(crate) fn seed(&self, clusters: &[Seed]) {
        let mut connection = self.connect();
        connection
            .transaction(|connection| {
                diesel::sql_query(
                    r#"insert into component_sets values (decode(md5('seeds'), 'hex'),
                       '[{"component": "deis-router", "train": "stable", "version": "v2.3.0"}]')"#,
                )
                .execute(connection)?;
                for cluster in clusters {
                    diesel::sql_query(
                        "insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels)
                         values ($1, $2, $3, 1, decode(md5('seeds'), 'hex'), $4)",
                    )
                    .bind::<diesel::sql_types::Uuid, _>(cluster.id)
                    .bind::<Timestamptz, _>(cluster.first_seen)
                    .bind::<Timestamptz, _>(cluster.last_seen)
                    .bind::<Array<Text>, _>(&cluster.labels)
                    .execute(connection)?;
                }
                QueryResult::Ok(())
            })
            .expect("insert the clusters");
    }
}
