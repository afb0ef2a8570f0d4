// How many are left on old versions, from zero.
import { count, percent } from '../calc/format.js';
import { h } from '../ui/dom.js';
import { tickCount } from './activity.js';
import { AXIS, baseline, draw, gridY, lineRows, responsive, timeAxis } from './base.js';
import { cursor } from './cursor.js';
import { readout } from './readout.js';

/** @typedef {{ start: Date, end: Date, name: string, clusters: number, share: number }} Row */

/**
 * @param {Row[]} rows
 * @param {string} lastName
 * @param {string} label
 */
export function laggardsChart(rows, lastName, label) {
  const legend = readout([{ name: '', swatch: 'c-warm' }], 'one');
  /** @param {number | null} i */
  const show = (i) => {
    const row = rows[i ?? rows.length - 1];
    legend.set(i == null ? lastName : row.name, [`${count(row.clusters)} · ${percent(row.share)}`]);
  };
  show(null);
  const points = lineRows(rows);
  const box = responsive((width) => {
    const svg = draw({
      width,
      height: 132,
      marginLeft: 40,
      marginRight: 10,
      marginTop: 8,
      marginBottom: 26,
      x: { type: 'utc', domain: [points[0].date, points[points.length - 1].date] },
      y: { domain: [0, Math.max(...rows.map((row) => row.clusters), 1) * 1.05], nice: true },
      marks: [
        gridY(3),
        Plot.axisY({ ...AXIS, ticks: 3, tickFormat: tickCount }),
        Plot.areaY(points, { x: 'date', y: 'clusters', fill: 'var(--warm)', fillOpacity: 0.12 }),
        Plot.lineY(points, { x: 'date', y: 'clusters', stroke: 'var(--warm)', strokeWidth: 2 }),
        baseline(),
        timeAxis(
          points.map((point) => point.date),
          width,
        ),
      ],
    });
    const scale = svg.scale('x');
    return cursor(svg, {
      id: 'still',
      label,
      positions: rows.map((row) => scale.apply(row.end)),
      svg,
      onMove: show,
      text: (i) => `${rows[i].name}: ${count(rows[i].clusters)} clusters, ${percent(rows[i].share)}`,
    });
  });
  return h('div', {}, legend.element, box);
}
