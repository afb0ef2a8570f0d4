// A line without axes, for the shape of a trend.
import { draw } from './base.js';

/** @param {number[]} values */
export function spark(values) {
  const data = values.map((y, x) => ({ x, y }));
  return draw({
    width: 120,
    height: 30,
    margin: 3,
    marginLeft: 1,
    marginRight: 4,
    axis: null,
    y: { domain: [0, Math.max(...values, 1e-9)] },
    marks: [
      Plot.lineY(data, { x: 'x', y: 'y', stroke: 'var(--muted)', strokeWidth: 1.25 }),
      Plot.dot(data.slice(-1), { x: 'x', y: 'y', r: 2.5, fill: 'var(--accent)' }),
    ],
  });
}
