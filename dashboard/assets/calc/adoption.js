// From up to a hundred versions to at most nine bands that can be told apart.

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);

/**
 * Joins the two neighbours that matter least, until few enough are left. The newest two always stay by themselves.
 * @param {Page.Span[]} spans
 * @param {number} most
 */
export function joinNeighbours(spans, most) {
  const joined = [...spans];
  while (joined.length > most) {
    let least = 0;
    for (let i = 0; i + 1 < joined.length - 2; i++) {
      const weight = joined[i].weight + joined[i + 1].weight;
      if (weight < joined[least].weight + joined[least + 1].weight) least = i;
    }
    const [a, b] = [joined[least], joined[least + 1]];
    joined.splice(least, 2, { first: a.first, last: b.last, weight: a.weight + b.weight });
  }
  return joined;
}

/**
 * Adds series up, interval by interval.
 * @param {number[][]} series
 * @param {number} length
 */
function addUp(series, length) {
  return Array.from({ length }, (_, i) => sum(series.map((numbers) => numbers[i] ?? 0)));
}

/**
 * @param {Api.VersionSeries[]} versions
 * @param {Page.Span} span
 * @param {number} step
 * @param {number} length
 * @returns {Page.Band}
 */
function bandOf(versions, span, step, length) {
  const members = versions.slice(span.first, span.last + 1);
  const [oldest, newest] = [members[0].version, members[members.length - 1].version];
  const isRange = members.length > 1;
  return {
    key: isRange ? `${oldest} – ${newest}` : oldest,
    short: isRange ? `${oldest}–${newest.replace(/^v/, '')}` : oldest,
    versions: members.map(({ version }) => version),
    size: members.length,
    isYanked: !isRange && members[0].is_yanked,
    clusters: addUp(
      members.map((member) => member.clusters),
      length,
    ),
    shares: addUp(
      members.map((member) => member.shares),
      length,
    ),
    step,
  };
}

/**
 * Bands for the picture, the oldest first. A version that never had `least` of the clusters is small: it joins the range
 * that it lies in, else "other", which also has what the API did not list.
 * @param {Api.Adoption} adoption
 * @param {{ most?: number, least?: number }} options
 * @returns {Page.Band[]}
 */
export function foldVersions(adoption, { most = 9, least = 0.04 } = {}) {
  const { versions, other } = adoption;
  const length = adoption.intervals.length;
  /** @type {Page.Span[]} */
  const spans = [];
  versions.forEach((series, i) => {
    if (Math.max(0, ...series.shares) >= least) spans.push({ first: i, last: i, weight: sum(series.shares) });
  });
  const joined = joinNeighbours(spans, most);
  const bands = joined.map((span, i) => {
    const step = joined.length === 1 ? 8 : Math.round((i * 8) / (joined.length - 1));
    return bandOf(versions, span, step, length);
  });
  const rest = versions.filter(
    (series, i) => !joined.some(({ first, last }) => first <= i && i <= last) && sum(series.clusters) > 0,
  );
  const clusters = addUp([...rest.map((series) => series.clusters), other.clusters], length);
  if (sum(clusters) === 0) return bands;
  return [
    {
      key: 'other',
      short: 'other',
      versions: rest.map(({ version }) => version),
      size: rest.length + other.versions,
      isYanked: false,
      clusters,
      shares: addUp([...rest.map((series) => series.shares), other.shares], length),
      step: null,
    },
    ...bands,
  ];
}

/**
 * Leaves out what lies before the first cluster.
 * @param {Api.Adoption} adoption
 * @returns {Api.Adoption}
 */
export function trimAdoption(adoption) {
  const found = adoption.intervals.findIndex((interval) => interval.clusters > 0);
  const start = found < 0 ? adoption.intervals.length : found;
  /** @template {{ clusters: number[], shares: number[] }} T @param {T} series */
  const cut = (series) => ({ ...series, clusters: series.clusters.slice(start), shares: series.shares.slice(start) });
  return {
    ...adoption,
    intervals: adoption.intervals.slice(start),
    versions: adoption.versions.map(cut),
    other: cut(adoption.other),
  };
}
