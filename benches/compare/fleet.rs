//! What clusters run, and the catalogue that knows it: made up, and always the same.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stationmaster::clock;
use stationmaster::domain::components::{ComponentSet, Installed};
use stationmaster::domain::precedence;
use uuid::Uuid;

use super::database::Database;

/// What a cluster runs.
pub(crate) const COMPONENTS: [&str; 12] = [
    "builder",
    "controller",
    "database",
    "dockerbuilder",
    "fluentd",
    "logger",
    "minio",
    "monitor",
    "nsqd",
    "redis",
    "registry",
    "router",
];

/// How many distinct sets of components there are in a fleet.
pub(crate) const SETS: usize = 200;

/// How long names and versions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// As most are.
    Short,
    /// About as long as the document allows, so that a report of 12 components has 3.5 KB.
    Long,
}

/// The id of a cluster, by its number.
pub(crate) fn cluster(number: u32) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 | u128::from(number))
}

/// The sets of a fleet. Each is behind the catalogue in one component.
pub(crate) fn sets(names: Names) -> Vec<ComponentSet> {
    let set = |number: usize| {
        let component = |at| {
            let behind = if at == number % COMPONENTS.len() { 1 + number / COMPONENTS.len() } else { 0 };
            installed(names, at, behind)
        };
        ComponentSet::new((0..COMPONENTS.len()).map(component).collect())
    };
    (0..SETS).map(set).collect()
}

/// The report of a cluster that runs this set, as JSON on one line.
pub(crate) fn report(set: &ComponentSet) -> String {
    json!({"components": set.components(), "labels": labels()}).to_string()
}

/// What every cluster is labelled as.
pub(crate) fn labels() -> Vec<String> {
    (1..=6).map(|at| format!("label-{at}-of-a-cluster-that-is-counted-apart-from-others")).collect()
}

/// The component, the train and the latest version of each that clusters run.
pub(crate) fn latest(names: Names) -> Vec<Installed> {
    (0..COMPONENTS.len()).map(|at| installed(names, at, 0)).collect()
}

/// Puts the latest version of each component into the catalogue.
pub(crate) fn publish(database: &Database, names: Names) -> anyhow::Result<()> {
    let now = clock::now();
    let version = |Installed { component, train, version }: &Installed| {
        json!({
            "component": component, "train": train, "version": version, "released": now, "published_at": now,
            "precedence": hex(&precedence::sort_key(version, now)),
            "description": "Routes the traffic of a cluster to the services in it.",
            "fixes": "Connections are drained before a reload. Upstreams that speak HTTP/2 are no longer closed early.",
            "image": format!("registry.example/platform/{component}:{version}"),
            "metadata": {"commit": "8c3b5bf", "pipeline": 4711},
        })
    };
    let versions: Value = latest(names).iter().map(version).collect();
    database.connect()?.execute_with(
        "insert into versions (component, train, version, precedence, released, published_at,
             description, fixes, image, metadata)
         select component, train, version, decode(precedence, 'hex'), released, published_at,
             description, fixes, image, metadata
         from jsonb_to_recordset($1::jsonb) as version (component text, train text, version text, precedence text,
             released timestamptz, published_at timestamptz, description text, fixes text, image text, metadata jsonb)",
        &versions,
    )
}

/// Puts as many trains into the catalogue, each with one version.
pub(crate) fn publish_many(database: &Database, trains: u32) -> anyhow::Result<()> {
    let now = clock::now();
    let version = json!({"precedence": hex(&precedence::sort_key("v1.2.3", now)), "now": now});
    database.connect()?.execute_with(
        &format!(
            "insert into versions (component, train, version, precedence, released, published_at,
                 description, image, metadata)
             select 'component-' || lpad(n::text, 6, '0'), 'stable', 'v1.2.3', decode(precedence, 'hex'), now, now,
                 'Routes the traffic of a cluster.', 'registry.example/platform/component-' || n, '{{}}'
             from generate_series(1, {trains}) n,
                 jsonb_to_record($1::jsonb) as version (precedence text, now timestamptz)"
        ),
        &version,
    )
}

/// Puts the sets where check-ins refer to them.
pub(crate) fn store_sets(database: &Database, sets: &[ComponentSet]) -> anyhow::Result<()> {
    let set = |set: &ComponentSet| json!({"hash": hex(&set.hash()), "components": set.components()});
    database.connect()?.execute_with(
        "insert into component_sets (hash, components) select decode(hash, 'hex'), components
         from jsonb_to_recordset($1::jsonb) as set (hash text, components jsonb)",
        &sets.iter().map(set).collect(),
    )
}

/// A component so many versions behind the latest.
fn installed(names: Names, at: usize, behind: usize) -> Installed {
    let (name, minor, patch) = (COMPONENTS[at], 30 - behind, at);
    match names {
        Names::Short => {
            Installed { component: name.into(), train: "stable".into(), version: format!("v2.{minor}.{patch}") }
        }
        Names::Long => {
            // What builds add: a commit and a digest. Neither compresses.
            let digest = hex(&Sha256::digest(format!("{at} {behind}")));
            let commit = &hex(&Sha256::digest(&digest))[..40];
            let name = format!("{name}-with-a-name-that-is-as-long-as-some-makers-like-their-names-to-be");
            Installed {
                component: name.chars().take(63).collect(),
                train: "stable-for-large-installations".into(),
                version: format!("v2.{minor}.{patch}+linux-amd64.{commit}.{digest}"),
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
