// A line of those that are there, over mirrored bars of those that come and go, on one axis of time.
import { count } from '../calc/format.js';
import { h } from '../ui/dom.js';
import { AXIS, baseline, draw, gridY, lineRows, responsive, timeAxis } from './base.js';
import { cursor } from './cursor.js';
import { readout } from './readout.js';

/** @typedef {Api.ActivityCounts & { start: Date, end: Date, name: string }} Row */

const LEFT = 44;
const RIGHT = 14;

/** @param {Row} row */
function middle(row) {
  return new Date((row.start.getTime() + row.end.getTime()) / 2);
}

/** @param {Row[]} rows @param {number} width */
function stock(rows, width) {
  const most = Math.max(...rows.map((row) => row.active), 1);
  const points = lineRows(rows).map((row) => ({ ...row, date: rows.length === 1 ? row.date : middle(row) }));
  return draw({
    width,
    height: 230,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 8,
    marginBottom: 10,
    x: { type: 'utc', domain: [rows[0].start, rows[rows.length - 1].end], axis: null },
    y: { domain: [0, most * 1.04], nice: true },
    marks: [
      gridY(4),
      Plot.axisY({ ...AXIS, ticks: 4, tickFormat: tickCount }),
      Plot.areaY(points, { x: 'date', y: 'active', fill: 'var(--accent)', fillOpacity: 0.1 }),
      Plot.lineY(points, { x: 'date', y: 'active', stroke: 'var(--accent)', strokeWidth: 2 }),
      baseline(),
    ],
  });
}

/** Numbers of clusters are whole. @param {number} x */
export function tickCount(x) {
  return Number.isInteger(x) ? count(Math.abs(x)) : '';
}

/** The largest of 1, 2, 5, 10, 20 … that is not above. @param {number} most */
function roundStep(most) {
  const unit = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((factor) => factor * unit).find((step) => step <= most) ?? most;
}

/** @param {Row[]} rows @param {number} width */
function flow(rows, width) {
  const most = Math.max(1, ...rows.map((row) => Math.max(row.appeared + row.returned, row.disappeared)));
  const ticks = [-roundStep(most), 0, roundStep(most)];
  const inset = rows.length > 200 ? 0 : 0.5;
  const bar = { x1: 'start', x2: 'end', insetLeft: inset, insetRight: inset };
  return draw({
    width,
    height: 136,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 6,
    marginBottom: 26,
    x: { type: 'utc', domain: [rows[0].start, rows[rows.length - 1].end] },
    y: { domain: [-most * 1.05, most * 1.05] },
    marks: [
      gridY(ticks),
      Plot.axisY(ticks, { ...AXIS, tickFormat: tickCount }),
      Plot.rectY(rows, { ...bar, y1: 0, y2: 'appeared', fill: 'var(--in)' }),
      Plot.rectY(rows, {
        ...bar,
        y1: 'appeared',
        y2: (/** @type {Row} */ row) => row.appeared + row.returned,
        fill: 'var(--back)',
      }),
      Plot.rectY(rows, { ...bar, y1: 0, y2: (/** @type {Row} */ row) => -row.disappeared, fill: 'var(--out)' }),
      baseline(),
      timeAxis(
        rows.map((row) => row.start),
        width,
      ),
    ],
  });
}

/** @param {Row} row */
function valuesOf(row) {
  return [count(row.active), count(row.appeared), count(row.returned), count(row.disappeared)];
}

/**
 * @param {Row[]} rows
 * @param {string} lastName
 */
export function activityChart(rows, lastName) {
  const legend = readout([
    { name: 'active', swatch: 'c-accent ln' },
    { name: 'appeared', swatch: 'c-in' },
    { name: 'returned', swatch: 'c-back' },
    { name: 'disappeared', swatch: 'c-out' },
  ]);
  /** @param {number | null} i */
  const show = (i) => {
    const row = rows[i ?? rows.length - 1];
    legend.set(i == null ? lastName : row.name, valuesOf(row));
  };
  show(null);
  const box = responsive((width) => {
    const top = stock(rows, width);
    const scale = top.scale('x');
    return cursor(h('div', {}, top, flow(rows, width)), {
      id: 'activity',
      label: 'Activity: step through time',
      positions: rows.map((row) => scale.apply(middle(row))),
      svg: top,
      onMove: show,
      text: (i) => {
        const [active, appeared, returned, disappeared] = valuesOf(rows[i]);
        return `${rows[i].name}: ${active} active, ${appeared} appeared, ${returned} returned, ${disappeared} disappeared`;
      },
    });
  });
  return h('div', {}, legend.element, box);
}
