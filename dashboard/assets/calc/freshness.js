// How far behind each component is, over all the trains that were asked for.

/**
 * A row per component, the least fresh first. Components that no cluster runs are left out.
 * @param {Api.ComponentFreshness[]} data
 * @returns {Page.FreshnessRow[]}
 */
export function freshnessRows(data) {
  /** @type {Map<string, Page.FreshnessRow>} */
  const rows = new Map();
  for (const entry of data) {
    const row = rows.get(entry.component) ?? { component: entry.component, clusters: 0, behind: [0, 0, 0], latest: [] };
    const [none = 0, one = 0, ...more] = entry.behind;
    row.behind = [
      row.behind[0] + none,
      row.behind[1] + one,
      row.behind[2] + more.reduce((total, clusters) => total + clusters, 0),
    ];
    row.clusters += entry.clusters;
    row.latest.push({ train: entry.train, version: entry.latest });
    rows.set(entry.component, row);
  }
  return [...rows.values()]
    .filter((row) => row.clusters > 0)
    .sort((a, b) => shareOf(a, 0) - shareOf(b, 0) || a.component.localeCompare(b.component));
}

/**
 * @param {Page.FreshnessRow} row
 * @param {0 | 1 | 2} behind
 */
export function shareOf(row, behind) {
  const total = row.behind[0] + row.behind[1] + row.behind[2];
  return total ? row.behind[behind] / total : 0;
}
