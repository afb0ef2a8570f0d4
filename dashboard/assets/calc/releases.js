// What the releases view makes of versions. The order of versions is the server's, never computed here.

const DAY = 86_400_000;

/** @param {string} version */
export function kindOf(version) {
  if (version.includes('-')) return 'pre';
  return /\.0$/.test(version) ? 'minor' : 'patch';
}

/**
 * The trains of all components: those that most components have first.
 * @param {Api.ComponentSummary[]} components
 */
export function orderTrains(components) {
  /** @type {Map<string, { components: number, versions: number }>} */
  const found = new Map();
  for (const { trains } of components) {
    for (const { train, versions } of trains) {
      const entry = found.get(train) ?? { components: 0, versions: 0 };
      found.set(train, { components: entry.components + 1, versions: entry.versions + versions });
    }
  }
  return [...found]
    .sort(
      ([nameA, a], [nameB, b]) => b.components - a.components || b.versions - a.versions || nameA.localeCompare(nameB),
    )
    .map(([train]) => train);
}

/**
 * All releases of a component, the latest release date first.
 * @param {Api.Version[]} versions
 */
export function byRelease(versions) {
  return [...versions].sort((a, b) => Date.parse(b.released) - Date.parse(a.released));
}

/**
 * The version to show first: the latest of the trains, a pre-release only where there is nothing else.
 * @param {Api.TrainSummary[]} trains
 * @returns {Api.Version | null}
 */
export function newestOf(trains) {
  const latest = byRelease(trains.flatMap((train) => train.latest ?? []));
  return latest.find(({ version }) => kindOf(version) !== 'pre') ?? latest[0] ?? null;
}

/**
 * The median of the days between a release and the one before it on its train.
 * @param {Api.Version[]} versions
 * @returns {number | null}
 */
export function medianGap(versions) {
  /** @type {number[]} */
  const gaps = [];
  for (const train of new Set(versions.map((version) => version.train))) {
    const times = byRelease(versions.filter((version) => version.train === train)).map(({ released }) =>
      Date.parse(released),
    );
    for (let i = 1; i < times.length; i++) gaps.push((times[i - 1] - times[i]) / DAY);
  }
  gaps.sort((a, b) => a - b);
  return gaps.length ? gaps[gaps.length >> 1] : null;
}

/** Names a version on its train, as the URL does. @param {Api.Version} version */
export function releaseKey({ train, version }) {
  return `${train}/${version}`;
}

/**
 * How many clusters run each version of a component.
 * @param {Api.InstalledVersion[]} installed
 * @param {string} component
 * @returns {Map<string, Api.InstalledVersion>}
 */
export function clustersByRelease(installed, component) {
  const rows = installed.filter((row) => row.component === component);
  return new Map(rows.map((row) => [`${row.train}/${row.version}`, row]));
}
