// The house style of every chart. Colours are CSS variables: a change of theme, or printing, needs no redraw.
import { month } from '../calc/format.js';
import { h } from '../ui/dom.js';

const DAY = 86_400_000;
const STYLE = {
  fontFamily: 'inherit',
  fontSize: '12px',
  background: 'none',
  overflow: 'visible',
  fontVariantNumeric: 'tabular-nums',
};

/** Options of every axis. */
export const AXIS = { tickSize: 0, tickPadding: 8, color: 'var(--muted)', label: null };

/** @param {number | number[]} ticks */
export function gridY(ticks) {
  return Plot.gridY({ ticks, stroke: 'var(--grid)', strokeOpacity: 1 });
}

/** The line that everything stands on. */
export function baseline() {
  return Plot.ruleY([0], { stroke: 'var(--axis)' });
}

/**
 * A picture without a voice: the slider around it speaks.
 * @param {Record<string, unknown>} options
 * @returns {SVGSVGElement & { scale(name: string): any }}
 */
export function draw(options) {
  const svg = Plot.plot({ style: STYLE, ...options });
  // Plot's own three rules are in charts.css: so the CSP needs no exception for styles.
  svg.querySelector('style')?.remove();
  svg.removeAttribute('role');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  return svg;
}

/**
 * Drawn again at each width, so that type is never scaled.
 * @param {(width: number) => Node} render
 */
export function responsive(render) {
  const box = h('div', { class: 'plotbox' });
  let last = 0;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (!width || width === last) return;
    last = width;
    box.replaceChildren(render(width));
  });
  observer.observe(box);
  return box;
}

/**
 * Firsts of months, as many as there is room for; the dates themselves where they are few.
 * @param {Date[]} dates
 * @param {number} width
 */
function timeTicks(dates, width) {
  const [first, last] = [dates[0], dates[dates.length - 1]];
  const months = (last.getTime() - first.getTime()) / DAY / 30.44;
  const room = Math.max(3, Math.floor(width / 78));
  if (months < 2) {
    const every = Math.ceil(dates.length / room);
    return dates.filter((_, i) => (dates.length - 1 - i) % every === 0);
  }
  const step = [1, 2, 3, 6, 12].find((candidate) => candidate >= months / room) ?? 12;
  const ticks = [];
  for (let i = 0; ; i += step) {
    const tick = new Date(Date.UTC(first.getUTCFullYear(), i, 1));
    if (tick > last) return ticks;
    if (tick >= first) ticks.push(tick);
  }
}

/**
 * @param {Date[]} dates
 * @param {number} width
 */
export function timeAxis(dates, width) {
  const ticks = timeTicks(dates, width);
  const hasDays = ticks.some((tick) => tick.getUTCDate() !== 1);
  /** @param {Date} date @param {number} i */
  const tickFormat = (date, i) => {
    if (hasDays) return `${date.getUTCDate()} ${month(date)}`;
    return date.getUTCMonth() === 0 || i === 0 ? `${month(date)} ${date.getUTCFullYear()}` : month(date);
  };
  return Plot.axisX(ticks, { ...AXIS, tickPadding: 6, tickFormat });
}

/**
 * What one interval has to be drawn with: a line needs two ends.
 * @template {{ start: Date, end: Date }} T
 * @param {T[]} rows
 * @returns {(T & { date: Date })[]}
 */
export function lineRows(rows) {
  const drawn = rows.map((row) => ({ ...row, date: row.end }));
  return rows.length === 1 ? [{ ...rows[0], date: rows[0].start }, ...drawn] : drawn;
}
