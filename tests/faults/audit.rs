//! What was acknowledged beside what is stored, as the database itself has it.
//!
//! The load need not stop for it. What is acknowledged before the database is read must be in it; what is in it must have
//! been sent before it was read. In between, anything goes.

use std::collections::HashMap;
use std::ops::AddAssign;

use anyhow::Context;
use uuid::Uuid;

use crate::database::{Database, Sql};
use crate::ledger::{Entries, Ledger};

/// What is in the database.
#[derive(Debug)]
struct Stored {
    /// By cluster and reported version.
    history: HashMap<(Uuid, String), u64>,
    /// How often each cluster is said to have checked in.
    clusters: HashMap<Uuid, u64>,
    /// The descriptions, by component and version.
    versions: HashMap<(String, String), String>,
    /// How often what is published is said to have changed.
    revision: u64,
}

/// How it compares.
#[derive(Debug, Default, Clone)]
pub(crate) struct Verdict {
    /// Acknowledged and not stored.
    pub(crate) lost: u64,
    /// Stored more often than sent, or otherwise than sent.
    pub(crate) doubled: u64,
    /// What is wrong, in words.
    pub(crate) findings: Vec<String>,
}

/// Compares the ledger with the database.
pub(crate) fn compare(ledger: &Ledger, database: &Database) -> anyhow::Result<Verdict> {
    let before = ledger.entries();
    let stored = read(&mut database.connect()?).context("cannot read what is stored")?;
    Ok(judge(&before, &stored, &ledger.entries()))
}

fn read(sql: &mut Sql) -> anyhow::Result<Stored> {
    // All of it as of one moment.
    sql.execute("begin isolation level repeatable read read only")?;
    let history = sql.texts(
        "select concat_ws(' ', cluster_id, count(*), components -> 0 ->> 'version')
         from checkins left join component_sets on hash = checkins.set_hash group by cluster_id, components",
    )?;
    let clusters = sql.texts("select concat_ws(' ', id, checkins) from clusters")?;
    let versions = sql.texts("select concat_ws(' ', component, version, description) from versions")?;
    let revision = sql.text("select revision from catalog_revisions")?.parse()?;
    sql.execute("commit")?;
    Ok(Stored {
        history: history.iter().map(|row| check_in(row)).collect::<anyhow::Result<_>>()?,
        clusters: clusters.iter().map(|row| cluster(row)).collect::<anyhow::Result<_>>()?,
        versions: versions.iter().map(|row| version(row)).collect::<anyhow::Result<_>>()?,
        revision,
    })
}

fn check_in(row: &str) -> anyhow::Result<((Uuid, String), u64)> {
    let mut words = row.splitn(3, ' ');
    let (id, count) = (words.next().context("no cluster")?, words.next().context("no count")?);
    let version = words.next().with_context(|| format!("check-ins without their components: {row}"))?;
    Ok(((id.parse()?, version.into()), count.parse()?))
}

fn cluster(row: &str) -> anyhow::Result<(Uuid, u64)> {
    let (id, count) = row.split_once(' ').context("a cluster without a count")?;
    Ok((id.parse()?, count.parse()?))
}

fn version(row: &str) -> anyhow::Result<((String, String), String)> {
    let mut words = row.splitn(3, ' ').map(str::to_owned);
    let name = (words.next().context("no component")?, words.next().context("no version")?);
    Ok((name, words.next().unwrap_or_default()))
}

fn judge(before: &Entries, stored: &Stored, after: &Entries) -> Verdict {
    let mut verdict = Verdict::default();
    for (check_in, count) in &before.check_ins {
        let there = stored.history.get(check_in).copied().unwrap_or_default();
        let (id, version) = check_in;
        if let Some(lost) = count.acknowledged.checked_sub(there).filter(|lost| *lost > 0) {
            let text = format!("{id} with {version}: {} acknowledged, {there} stored", count.acknowledged);
            verdict += Verdict { lost, findings: vec![text], ..Verdict::default() };
        }
    }
    let mut rows: HashMap<Uuid, u64> = HashMap::new();
    for (check_in, &there) in &stored.history {
        let sent = after.check_ins.get(check_in).map_or(0, |count| count.sent);
        let (id, version) = check_in;
        *rows.entry(*id).or_default() += there;
        if let Some(doubled) = there.checked_sub(sent).filter(|doubled| *doubled > 0) {
            let text = format!("{id} with {version}: {sent} sent, {there} stored");
            verdict += Verdict { doubled, findings: vec![text], ..Verdict::default() };
        }
    }
    for (id, &count) in &stored.clusters {
        let rows = rows.remove(id).unwrap_or_default();
        let receipt = before.receipts.get(id).and_then(|receipts| receipts.last()).copied().unwrap_or_default();
        if count != rows || receipt > count {
            let text = format!("{id}: counted {count}, {rows} in the history, receipt number {receipt}");
            verdict.findings.push(text);
        }
    }
    verdict.findings.extend(rows.keys().map(|id| format!("{id}: history without a cluster")));
    for (name, publication) in &before.versions {
        if publication.is_acknowledged && !stored.versions.contains_key(name) {
            verdict += Verdict { lost: 1, findings: vec![format!("{name:?}: not stored")], ..Verdict::default() };
        }
    }
    for (name, description) in &stored.versions {
        let sent = after.versions.get(name).map(|publication| &publication.description);
        if sent != Some(description) {
            let text = format!("{name:?}: stored {description:?}, sent {sent:?}");
            verdict += Verdict { doubled: 1, findings: vec![text], ..Verdict::default() };
        }
    }
    if stored.revision != stored.versions.len() as u64 {
        let text = format!("{} versions, revision {}", stored.versions.len(), stored.revision);
        verdict.findings.push(text);
    }
    verdict
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.findings.extend(other.findings);
    }
}
