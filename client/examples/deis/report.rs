//! What was seen, as plain tables: aligned for eyes, a line each and no blanks inside cells for `awk`.

use std::fmt::{self, Display, Formatter};

use stationmaster_client::types::{Cluster, LatestEntry};

use crate::calls::{CheckedIn, Published};

/// What the calls came to.
pub(crate) struct Report {
    pub(crate) published: Vec<Published>,
    pub(crate) checked_in: Vec<CheckedIn>,
    pub(crate) counts: Vec<(&'static str, i64)>,
    pub(crate) latest: Vec<LatestEntry>,
    pub(crate) oldest: Vec<Cluster>,
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.write_totals(out)?;
        writeln!(out)?;
        self.write_latest(out)?;
        writeln!(out)?;
        self.write_oldest(out)
    }
}

impl Report {
    fn write_totals(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let published = |what| self.published.iter().filter(|&&became| became == what).count();
        let checked_in = |is: fn(&CheckedIn) -> bool| self.checked_in.iter().filter(|&it| is(it)).count();
        for (count, what) in [
            (published(Published::Now), "releases published"),
            (published(Published::Before), "releases already there"),
            (published(Published::Otherwise), "releases there with other content"),
            (checked_in(|_| true), "clusters checked in"),
            (checked_in(|it| it.is_first), "clusters for the first time"),
            (checked_in(|it| it.updates > 0), "clusters told of something newer"),
        ] {
            writeln!(out, "{count:>6}  {what}")?;
        }
        for (filter, count) in &self.counts {
            writeln!(out, "{count:>6}  clusters {filter}")?;
        }
        Ok(())
    }

    fn write_latest(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let rows = self.latest.iter().filter_map(|entry| {
            let latest = entry.latest.as_ref()?;
            let released = latest.released.format("%Y-%m-%d").to_string();
            Some([&entry.component, &entry.train, &latest.version, &released].map(String::clone))
        });
        write_table(out, ["component", "train", "latest", "released"], rows)
    }

    fn write_oldest(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let rows = self.oldest.iter().map(|cluster| {
            [
                cluster.id.to_string(),
                cluster.first_seen.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                cluster.checkins.to_string(),
                cluster.components.len().to_string(),
            ]
        });
        write_table(out, ["oldest-clusters", "first-seen", "checkins", "components"], rows)
    }
}

fn write_table<const N: usize>(
    out: &mut Formatter<'_>,
    titles: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> fmt::Result {
    let mut table = vec![titles.map(str::to_owned)];
    table.extend(rows);
    let widths: [usize; N] = std::array::from_fn(|column| table.iter().map(|row| row[column].len()).max().unwrap_or(0));
    for row in &table {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}
