// Whether the group on old versions shrinks, and why.

/** How far back to compare. */
const BACK = { day: 28, week: 12, month: 3 };
const HOLDING = 0.02;

/**
 * The change since some intervals ago, and what it is made of: it is `downgraded − upgraded + netArrived`, unless numbers
 * are rounded.
 * @param {Api.LaggardInterval[]} series the oldest first, at least one
 * @param {Api.Interval} interval
 * @returns {Page.Verdict}
 */
export function verdictOf(series, interval) {
  const back = Math.min(BACK[interval], series.length - 1);
  const recent = back ? series.slice(-back) : [];
  const now = series[series.length - 1].clusters;
  const before = series[series.length - 1 - back].clusters;
  const change = now - before;
  const rate = before ? change / before : change > 0 ? 1 : 0;
  /** @param {'upgraded' | 'downgraded' | 'net_arrived'} key */
  const total = (key) => recent.reduce((sum, item) => sum + item[key], 0);
  return {
    kind: back === 0 ? 'unknown' : Math.abs(rate) < HOLDING ? 'holding' : change < 0 ? 'shrinking' : 'growing',
    now,
    before,
    change,
    rate,
    back,
    upgraded: total('upgraded'),
    downgraded: total('downgraded'),
    netArrived: total('net_arrived'),
  };
}

/**
 * The versions that can be asked for, oldest first, each once.
 * @param {Api.VersionSeries[]} versions
 * @param {string | null} chosen
 */
export function stillChoices(versions, chosen) {
  const names = [...new Set(versions.map(({ version }) => version))];
  return chosen && !names.includes(chosen) ? [chosen, ...names] : names;
}

/**
 * Leaves out what lies before the first cluster.
 * @param {Api.LaggardInterval[]} series
 */
export function trimLaggards(series) {
  const first = series.findIndex((interval) => interval.clusters > 0);
  return first < 0 ? [] : series.slice(first);
}
