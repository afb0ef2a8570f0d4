// The releases of a component: dots on a lane per train.
import { day } from '../calc/format.js';
import { kindOf, releaseKey } from '../calc/releases.js';
import { h } from '../ui/dom.js';
import { AXIS, draw, responsive, timeAxis } from './base.js';
import { cursor } from './cursor.js';

/** @typedef {Api.Version & { date: Date, kind: string }} Dot */

const DAY = 86_400_000;
const LANE = 66;
const SVG = 'http://www.w3.org/2000/svg';

/** @param {Dot[]} dots */
function key(dots) {
  /** @param {string} className @param {string} text */
  const entry = (className, text) => h('span', {}, h('i', { class: `dot ${className}` }), text);
  return h(
    'p',
    { class: 'tlkey', 'aria-hidden': 'true' },
    entry('big', 'minor'),
    entry('', 'patch'),
    dots.some(({ kind }) => kind === 'pre') && entry('pre', 'pre-release'),
    dots.some(({ yanked }) => yanked) && h('span', {}, h('i', { class: 'cross' }, '×'), 'yanked'),
  );
}

/** @param {Dot[]} dots @param {Dot | undefined} selected */
function dotMarks(dots, selected) {
  const at = { x: 'date', y: 'train' };
  /** @param {string} kind */
  const of = (kind) => dots.filter((dot) => !dot.yanked && dot.kind === kind);
  const surface = 'var(--surface)';
  const accent = 'var(--accent)';
  return [
    Plot.dot(of('minor'), { ...at, r: 5.5, fill: accent, stroke: surface, strokeWidth: 1.5 }),
    Plot.dot(of('patch'), { ...at, r: 3.5, fill: accent, stroke: surface, strokeWidth: 1 }),
    Plot.dot(of('pre'), { ...at, r: 4.5, fill: surface, stroke: accent, strokeWidth: 1.75 }),
    Plot.dot(
      dots.filter((dot) => dot.yanked),
      { ...at, r: 5.5, symbol: 'times', stroke: 'var(--warm)', strokeWidth: 2.25 },
    ),
    selected && Plot.dot([selected], { ...at, r: 10, stroke: 'var(--ink)', strokeWidth: 1.5, fill: 'none' }),
  ];
}

/**
 * Which names of a lane fit: the selected, the yanked, then the others from the newest back. Yanked ones stand below.
 * @param {Dot[]} dots
 * @param {Dot | undefined} selected
 * @param {(date: Date) => number} place
 */
function namesThatFit(dots, selected, place) {
  /** @param {Dot} dot */
  const rank = (dot) => (dot === selected ? 0 : dot.yanked ? 1 : 2);
  const wanted = dots.filter((dot) => dot.yanked || dot === selected || dot.kind !== 'patch');
  wanted.sort((a, b) => rank(a) - rank(b) || b.date.getTime() - a.date.getTime());
  /** @type {{ dot: Dot, x: number, width: number }[]} */
  const placed = [];
  for (const dot of wanted) {
    const [x, width] = [place(dot.date), dot.version.length * 6.2 + 10];
    const isFree = placed.every(
      (other) => !!other.dot.yanked !== !!dot.yanked || Math.abs(other.x - x) >= (other.width + width) / 2,
    );
    if (isFree) placed.push({ dot, x, width });
  }
  return placed;
}

/** @param {Dot} dot @param {boolean} isSelected @param {number} x @param {number} y */
function nameOf(dot, isSelected, x, y) {
  const text = document.createElementNS(SVG, 'text');
  text.textContent = dot.version;
  text.setAttribute('x', String(x));
  text.setAttribute('y', String(y + (dot.yanked ? 22 : -14)));
  text.setAttribute('class', `tl${dot.yanked ? ' yanked' : ''}${isSelected ? ' sel' : ''}`);
  return text;
}

/**
 * @param {Api.Version[]} versions
 * @param {{ trains: string[], selected: string | null, now: Date, onPick: (version: Api.Version) => void }} options
 */
export function timeline(versions, { trains, selected, now, onPick }) {
  const dots = versions
    .map((version) => ({ ...version, date: new Date(version.released), kind: kindOf(version.version) }))
    .sort((a, b) => a.date.getTime() - b.date.getTime());
  const chosen = dots.find((dot) => releaseKey(dot) === selected);
  const lanes = trains.filter((train) => dots.some((dot) => dot.train === train));
  const when = h('span', { class: 'when' });
  /** @param {Dot} dot */
  const words = (dot) => `${dot.version} · ${dot.train} · ${day(dot.date)}${dot.yanked ? ' · yanked' : ''}`;
  /** @param {number | null} i */
  const show = (i) => {
    const dot = i == null ? chosen : dots[i];
    when.textContent = dot ? words(dot) : '';
  };
  show(null);
  const start = new Date(dots[0].date.getTime() - 20 * DAY);
  const left = Math.min(110, Math.max(58, ...lanes.map((lane) => lane.length * 7 + 14)));
  const box = responsive((width) => {
    const svg = draw({
      width,
      height: lanes.length * LANE + 34,
      marginLeft: left,
      marginRight: 18,
      marginTop: 4,
      marginBottom: 28,
      x: { type: 'utc', domain: [start, now] },
      y: { type: 'point', domain: lanes, padding: 0.5 },
      marks: [
        Plot.ruleY(lanes, { y: (/** @type {string} */ lane) => lane, stroke: 'var(--line)' }),
        Plot.axisY(lanes, { ...AXIS, color: 'var(--ink)', fontWeight: 500 }),
        timeAxis([start, now], width),
        dotMarks(dots, chosen),
      ],
    });
    const [x, y] = [svg.scale('x'), svg.scale('y')];
    for (const lane of lanes) {
      const placed = namesThatFit(
        dots.filter((dot) => dot.train === lane),
        chosen,
        (date) => x.apply(date),
      );
      svg.append(...placed.map((name) => nameOf(name.dot, name.dot === chosen, name.x, y.apply(lane))));
    }
    return cursor(svg, {
      id: 'timeline',
      label: 'Releases over time: step, then Enter to open',
      positions: dots.map((dot) => x.apply(dot.date)),
      svg,
      start: Math.max(0, chosen ? dots.indexOf(chosen) : dots.length - 1),
      onMove: show,
      onPick: (i) => onPick(dots[i]),
      text: (i) =>
        `${dots[i].version}, ${dots[i].train}, released ${day(dots[i].date)}${dots[i].yanked ? ', yanked' : ''}`,
    });
  });
  return h('div', {}, h('div', { class: 'readout one' }, when, key(dots)), box);
}
