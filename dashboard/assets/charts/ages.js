// A histogram with equal bins, which do not lie, and the median.
import { ageTicks, groupName, groupWidth } from '../calc/ages.js';
import { count, percent } from '../calc/format.js';
import { spanOf } from '../calc/words.js';
import { h } from '../ui/dom.js';
import { tickCount } from './activity.js';
import { AXIS, baseline, draw, gridY, responsive } from './base.js';
import { cursor } from './cursor.js';
import { readout } from './readout.js';

/** @param {number} median @param {number} most @param {string} phrase */
function medianMarks(median, most, phrase) {
  const { value, unit } = spanOf(median);
  return [
    Plot.ruleX([median], { stroke: 'var(--ink)', strokeWidth: 1.5, insetTop: -6 }),
    Plot.text([median], {
      x: (/** @type {number} */ x) => x,
      frameAnchor: 'top',
      dy: -17,
      text: () => `${phrase} ${value} ${unit}`,
      textAnchor: median > most * 0.55 ? 'end' : 'start',
      fill: 'var(--ink)',
      fontWeight: 500,
    }),
  ];
}

/**
 * @param {Page.AgeGroup[]} groups
 * @param {{ median: number | null, clusters: number, phrase: string, label: string }} options
 */
export function agesChart(groups, { median, clusters, phrase, label }) {
  const width0 = groupWidth(groups);
  const bars = groups.map((group) => ({ ...group, until: group.to ?? group.from + width0 }));
  const most = bars[bars.length - 1].until;
  const legend = readout([{ name: '', swatch: 'c-accent' }], 'one');
  /** @param {number | null} i */
  const show = (i) => {
    if (i == null) {
      const span = median == null ? null : spanOf(median);
      return legend.set('Median', [span ? `${span.value} ${span.unit}` : '–']);
    }
    const group = groups[i];
    return legend.set(groupName(group), [`${count(group.clusters)} · ${percent(group.clusters / clusters)}`]);
  };
  show(null);
  const ticks = ageTicks(most);
  const box = responsive((width) => {
    const svg = draw({
      width,
      height: innerWidth < 640 ? 240 : 328,
      marginLeft: 40,
      marginRight: 14,
      marginTop: 24,
      marginBottom: 30,
      x: { domain: [0, most] },
      y: { domain: [0, Math.max(...bars.map((bar) => bar.clusters), 1) * 1.04], nice: true },
      marks: [
        gridY(5),
        Plot.axisY({ ...AXIS, ticks: 5, tickFormat: tickCount }),
        Plot.rectY(bars, {
          x1: 'from',
          x2: 'until',
          y: 'clusters',
          fill: 'var(--accent)',
          fillOpacity: 0.85,
          insetLeft: 1,
          insetRight: 1,
        }),
        baseline(),
        Plot.axisX(
          ticks.map(({ at }) => at),
          { ...AXIS, tickPadding: 6, tickFormat: (/** @type {number} */ _, /** @type {number} */ i) => ticks[i].name },
        ),
        median == null ? null : medianMarks(median, most, phrase),
      ],
    });
    const scale = svg.scale('x');
    return cursor(svg, {
      id: 'ages',
      label,
      positions: bars.map((bar) => scale.apply((bar.from + bar.until) / 2)),
      svg,
      start: 0,
      onMove: show,
      text: (i) =>
        `${groupName(groups[i])}: ${count(groups[i].clusters)} clusters, ${percent(groups[i].clusters / clusters)}`,
    });
  });
  return h('div', {}, legend.element, box);
}
