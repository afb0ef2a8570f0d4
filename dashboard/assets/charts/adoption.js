// Shares of one whole over time: old versions at the bottom, so that each edge reads "this or older".
import { count, percent } from '../calc/format.js';
import { h } from '../ui/dom.js';
import { bandLabels, bandValue, releaseMarks, totalsOf } from './adoption-labels.js';
import { tickCount } from './activity.js';
import { AXIS, baseline, draw, responsive, timeAxis } from './base.js';
import { cursor } from './cursor.js';

/**
 * @typedef {{ start: Date, end: Date, name: string, clusters: number }} Moment
 * @typedef {{ version: string, date: Date }} Release
 */

const MARGINS = { marginLeft: 44, marginRight: 14, marginTop: 26, marginBottom: 28 };

/** @param {Page.Band} band */
function colour(band) {
  return band.step == null ? 'var(--other)' : `var(--v${band.step})`;
}

/** @param {Page.Band} band */
function legendName(band) {
  if (band.key === 'other') return `other (${band.size})`;
  return h(
    'span',
    { class: band.isYanked ? 'struck' : null, title: band.size > 1 ? band.versions.join(', ') : null },
    band.short,
  );
}

/**
 * The legend, newest first, in the order of the stack.
 * @param {Moment[]} moments
 * @param {Page.Band[]} bands
 * @param {string} lastName
 */
function legendOf(moments, bands, lastName) {
  const when = h('span', { class: 'when' });
  const rows = [...bands].reverse().map((band) => {
    const share = h('td', { class: 'num strong' });
    const clusters = h('td', { class: 'num' });
    const swatch = h('i', { class: `sw ${band.step == null ? 'c-other' : `v${band.step}`}`, 'aria-hidden': 'true' });
    const row = h('tr', {}, h('th', { scope: 'row' }, swatch, legendName(band)), share, clusters);
    return { band, share, clusters, row };
  });
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, when),
    h('th', { class: 'num', scope: 'col' }, 'share'),
    h('th', { class: 'num', scope: 'col' }, 'clusters'),
  );
  const caption = h('caption', { class: 'vh' }, 'Share and clusters per version');
  const body = h(
    'tbody',
    {},
    rows.map(({ row }) => row),
  );
  return {
    element: h('table', { class: 'legend' }, caption, h('thead', {}, head), body),
    /** @param {number | null} i */
    show(i) {
      const at = i ?? moments.length - 1;
      when.textContent = i == null ? lastName : moments[at].name;
      for (const { band, share, clusters, row } of rows) {
        share.textContent = percent(band.shares[at]);
        clusters.textContent = count(band.clusters[at]);
        row.classList.toggle('nil', !band.clusters[at]);
      }
    },
  };
}

/**
 * Moments to draw: one alone needs two ends.
 * @param {Moment[]} moments
 */
function drawnDates(moments) {
  const ends = moments.map((moment, index) => ({ date: moment.end, index }));
  return moments.length === 1 ? [{ date: moments[0].start, index: 0 }, ...ends] : ends;
}

/**
 * @param {{ moments: Moment[], bands: Page.Band[], releases: Release[], unit: 'share' | 'count', lastName: string }} options
 */
export function adoptionChart({ moments, bands, releases, unit, lastName }) {
  const isShare = unit === 'share';
  const totals = totalsOf(bands, moments.length);
  const dates = drawnDates(moments);
  const legend = legendOf(moments, bands, lastName);
  legend.show(null);
  const box = responsive((width) => {
    const height = width < 480 ? 270 : 520;
    const inner = height - MARGINS.marginTop - MARGINS.marginBottom;
    const most = isShare ? 1 : Math.max(...totals, 1) * 1.02;
    const domain = [dates[0].date, dates[dates.length - 1].date];
    const order = bands.map((band) => band.key);
    const data = bands.flatMap((band) =>
      dates.map(({ date, index }) => ({ date, y: bandValue(band, index, isShare ? totals : null), key: band.key })),
    );
    const frame = { left: MARGINS.marginLeft, right: width - MARGINS.marginRight, inner, most };
    const marked = releaseMarks(releases, domain, frame);
    const svg = draw({
      width,
      height,
      ...MARGINS,
      x: { type: 'utc', domain },
      y: { domain: [0, most] },
      color: { type: 'ordinal', domain: order, range: bands.map(colour) },
      marks: [
        Plot.areaY(
          data,
          Plot.stackY(
            { order },
            { x: 'date', y: 'y', fill: 'key', z: 'key', stroke: 'var(--surface)', strokeWidth: 1 },
          ),
        ),
        Plot.ruleY(isShare ? [0.25, 0.5, 0.75] : [], {
          stroke: 'var(--surface)',
          strokeOpacity: 0.35,
          strokeDasharray: '2 3',
        }),
        Plot.axisY(isShare ? [0, 0.25, 0.5, 0.75, 1] : undefined, {
          ...AXIS,
          ...(isShare ? {} : { ticks: 5 }),
          tickFormat: isShare ? (/** @type {number} */ x) => `${Math.round(x * 100)}%` : tickCount,
        }),
        Plot.tickX(marked.all, { x: 'date', stroke: 'var(--axis)', insetTop: -6, insetBottom: inner + 1 }),
        Plot.text(marked.named, {
          x: 'date',
          frameAnchor: 'top',
          dy: -18,
          text: 'version',
          fill: 'var(--muted)',
          fontSize: 11.5,
        }),
        timeAxis(
          dates.map(({ date }) => date),
          width,
        ),
        baseline(),
        Plot.text(bandLabels(bands, dates, isShare ? totals : null, frame), {
          x: 'date',
          y: 'y',
          text: 'text',
          fill: 'fill',
          fontWeight: 600,
          fontSize: 11.5,
        }),
      ],
    });
    const scale = svg.scale('x');
    return cursor(svg, {
      id: 'adoption',
      label: 'Adoption: step through time',
      positions: moments.map((moment) => scale.apply(moment.end)),
      svg,
      onMove: legend.show,
      text: (i) => {
        const present = [...bands].reverse().filter((band) => band.clusters[i] > 0);
        return `${moments[i].name}: ${present.map((band) => `${band.key} ${percent(band.shares[i])}`).join(', ')}`;
      },
    });
  });
  return h('div', { class: 'adopt' }, box, legend.element);
}
