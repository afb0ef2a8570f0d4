// Where names fit into the picture of adoption: inside the bands, and along the top.

/**
 * @typedef {{ left: number, right: number, inner: number, most: number }} Frame pixels, and the value at the top
 * @typedef {{ date: Date, index: number }} Point
 */

const LETTER = 6.6;
const THICK_ENOUGH = 15;

/**
 * @param {Page.Band[]} bands
 * @param {number} length
 */
export function totalsOf(bands, length) {
  return Array.from({ length }, (_, i) => bands.reduce((total, band) => total + band.clusters[i], 0));
}

/**
 * @param {Page.Band} band
 * @param {number} i
 * @param {number[] | null} totals for a share of them
 */
export function bandValue(band, i, totals) {
  if (!totals) return band.clusters[i];
  return totals[i] ? band.clusters[i] / totals[i] : 0;
}

/**
 * The place where a band is thickest over the whole width of its name.
 * @param {{ low: number, high: number }[]} edges
 * @param {number} reach in points, to each side
 */
function thickest(edges, reach) {
  let best = { at: -1, thickness: 0, middle: 0 };
  for (let i = reach; i < edges.length - reach; i++) {
    const around = [edges[i - reach], edges[i], edges[i + reach]];
    const low = Math.max(...around.map((edge) => edge.low));
    const high = Math.min(...around.map((edge) => edge.high));
    if (high - low > best.thickness) best = { at: i, thickness: high - low, middle: (high + low) / 2 };
  }
  return best;
}

/**
 * @param {Page.Band[]} bands
 * @param {Point[]} points
 * @param {number[] | null} totals
 * @param {Frame} frame
 */
export function bandLabels(bands, points, totals, { left, right, inner, most }) {
  const pitch = (right - left) / Math.max(1, points.length - 1);
  let base = points.map(() => 0);
  const labels = [];
  for (const band of bands) {
    const edges = points.map(({ index }, i) => ({ low: base[i], high: base[i] + bandValue(band, index, totals) }));
    const best = thickest(edges, Math.ceil((band.short.length * 3.4 + 3) / pitch));
    if ((best.thickness / most) * inner >= THICK_ENOUGH) {
      const fill = band.step == null ? 'var(--other-ink)' : `var(--v${band.step}-ink)`;
      labels.push({ date: points[best.at].date, y: best.middle, text: band.short, fill });
    }
    base = edges.map((edge) => edge.high);
  }
  return labels;
}

/**
 * Releases stand on the upper edge, where their wave enters; x.y.0 and then the others are named from the newest back,
 * while there is room.
 * @template {{ version: string, date: Date }} T
 * @param {T[]} releases
 * @param {Date[]} domain
 * @param {Frame} frame
 */
export function releaseMarks(releases, [first, last], { left, right }) {
  const all = releases.filter(({ date }) => date > first && date < last);
  const newestFirst = [...all].sort((a, b) => b.date.getTime() - a.date.getTime());
  /** @param {Date} date */
  const place = (date) =>
    left + ((date.getTime() - first.getTime()) / (last.getTime() - first.getTime())) * (right - left);
  /** @param {T} release */
  const width = (release) => release.version.length * LETTER + 6;
  /** @type {T[]} */
  const named = [];
  for (const wanted of [/\.0$/, /./]) {
    for (const release of newestFirst) {
      const x = place(release.date);
      const isInside = x + width(release) / 2 < right + 14;
      const isFree = named.every((other) => Math.abs(place(other.date) - x) > (width(other) + width(release)) / 2);
      if (wanted.test(release.version) && isInside && isFree) named.push(release);
    }
  }
  return { all, named };
}
