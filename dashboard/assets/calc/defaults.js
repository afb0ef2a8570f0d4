// What the page chooses while nobody has chosen.

/** Labels that most people do not want to count, left out where clusters have them. */
const LEFT_OUT = ['ci', 'test', 'staff'];
const OLD_ENOUGH = 8 * 30.44 * 86_400_000;

/**
 * @param {Api.LabelCount[]} labels
 * @returns {string[]}
 */
export function defaultExclude(labels) {
  return LEFT_OUT.filter((name) => labels.some(({ label }) => label === name));
}

/**
 * Installed components, those that most clusters run first.
 * @param {Api.InstalledVersion[]} installed
 */
export function rankComponents(installed) {
  /** @type {Map<string, number>} */
  const clusters = new Map();
  for (const row of installed) clusters.set(row.component, (clusters.get(row.component) ?? 0) + row.clusters);
  return [...clusters].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([component]) => component);
}

/**
 * The trains from which clusters run a component, by name.
 * @param {Api.InstalledVersion[]} installed
 * @param {string | null} component
 */
export function trainsOf(installed, component) {
  const rows = installed.filter((row) => row.component === component);
  return [...new Set(rows.map((row) => row.train))].sort();
}

/**
 * The version to ask "who is still on it": the last x.y.0 that has been out for long, else the oldest in use.
 * @param {Api.VersionSeries[]} versions oldest first
 * @param {Date} at
 */
export function defaultStill(versions, at) {
  const inUse = versions.filter((series) => series.clusters.some((clusters) => clusters > 0));
  const old = inUse.filter(
    ({ version, released, is_yanked }) =>
      /\.0$/.test(version) && !is_yanked && released && at.getTime() - Date.parse(released) > OLD_ENOUGH,
  );
  const stillRun = inUse.find((series) => (series.clusters.at(-1) ?? 0) > 0);
  return (old.at(-1) ?? stillRun ?? inUse[0])?.version ?? null;
}
