// Do clusters stay?
import { getRetention, paths, rangeParams } from '../api/insight.js';
import { count, day, dayMonth, month, percent, plural } from '../calc/format.js';
import { addIntervals } from '../calc/periods.js';
import { COHORTS, overall, trimCohorts } from '../calc/retention.js';
import { dataTable, h } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { walkCells } from './cells.js';
import { fileName } from './rows.js';

/** What a phone has room for. */
const PHONE = new Set([0, 1, 2, 4, 8, 12]);

/** @param {number} share */
function level(share) {
  return `h${Math.max(0, Math.min(10, Math.round(share * 10)))}`;
}

/** @param {number} k */
function wide(k) {
  return PHONE.has(k) ? '' : ' wide';
}

/** @param {Page.Context} context */
function retentionParams({ plan, exclude }) {
  const from = addIntervals(plan.interval, plan.to, -COHORTS);
  return rangeParams(plan.interval, { from, to: plan.to }, exclude);
}

/** @param {Api.Interval} interval @param {Date} start */
function cohortName(interval, start) {
  return interval === 'month' ? `${month(start)} ${start.getUTCFullYear()}` : dayMonth(start);
}

/** @param {Api.Cohort} cohort @param {number} k @param {Api.Interval} interval */
function cellText(cohort, k, interval) {
  const start = new Date(cohort.start);
  const first = {
    day: `on ${day(start)}`,
    week: `in the week of ${day(start)}`,
    month: `in ${cohortName('month', start)}`,
  };
  const later = k === 0 ? `that ${interval}` : `${plural(k, interval)} later`;
  return `Of ${plural(cohort.clusters, 'cluster')} first seen ${first[interval]}, ${count(cohort.retained[k])} (${percent(cohort.shares[k])}) checked in ${later}.`;
}

/** @param {(number | null)[]} all @param {Api.Interval} interval */
function summary(all, interval) {
  const at = [4, 8].filter((k) => all[k] != null);
  if (!at.length) return '';
  const [first, second] = at;
  const more = second ? ` and ${percent(all[second])} after ${second}` : '';
  return `Of all clusters in this table, ${percent(all[first])} still check in after ${plural(first, interval)}${more}.`;
}

/** @param {Api.Cohort[]} cohorts @param {Api.Interval} interval */
function heatMap(cohorts, interval) {
  const all = overall(cohorts);
  const line = h('p', { class: 'readout one rline', 'aria-live': 'polite' }, summary(all, interval));
  const restore = () => (line.textContent = summary(all, interval));
  const cells = cohorts.map((cohort, row) =>
    cohort.shares.map((share, k) => {
      const say = () => (line.textContent = cellText(cohort, k, interval));
      const events = { onpointerenter: say, onfocus: say, onblur: restore };
      const tabindex = row || k ? -1 : 0;
      const shown = cohort.clusters ? Math.round(share * 100) : '';
      return h('td', { class: level(share) + wide(k), tabindex, ...events }, shown);
    }),
  );
  const heads = all.map((_, k) => h('th', { scope: 'col', class: `wk${wide(k)}` }, k));
  const rows = cohorts.map((cohort, row) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, cohortName(interval, new Date(cohort.start))),
      h('td', { class: 'num soft' }, count(cohort.clusters)),
      cells[row],
    ),
  );
  const total = cohorts.reduce((sum, cohort) => sum + cohort.clusters, 0);
  const average = h(
    'tr',
    { class: 'avg' },
    h('th', { scope: 'row' }, 'All'),
    h('td', { class: 'num soft' }, count(total)),
    all.map((share, k) =>
      h('td', { class: level(share ?? 0) + wide(k) }, share == null ? '' : Math.round(share * 100)),
    ),
  );
  const table = h(
    'table',
    { class: 'heat', onpointerleave: restore },
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'First seen'), h('th', { scope: 'col', class: 'num' }, 'new'), heads),
    ),
    h('tbody', {}, rows, average),
  );
  walkCells(table, cells);
  const steps = Array.from({ length: 11 }, (_, i) => h('i', { class: `h${i}` }));
  const scale = h('p', { class: 'scale', 'aria-hidden': 'true' }, '0%', h('span', {}, steps), '100%');
  return h('div', {}, table, line, scale);
}

/** @param {Api.Cohort[]} cohorts @param {Api.Interval} interval */
function tableOf(cohorts, interval) {
  const length = overall(cohorts).length;
  const rows = cohorts.map((cohort) => [
    day(new Date(cohort.start)),
    count(cohort.clusters),
    ...Array.from({ length }, (_, k) => (k in cohort.retained ? count(cohort.retained[k]) : '')),
  ]);
  const heads = ['First seen', 'New', ...Array.from({ length }, (_, k) => String(k))];
  return dataTable(`Clusters of each cohort that checked in, by ${interval}s since`, heads, rows);
}

/** @param {Page.Context} context @param {Api.Retention} answer @returns {Page.Picture} */
function draw(context, answer) {
  const { interval } = answer;
  const cohorts = trimCohorts(answer.cohorts);
  const sub = `Percent of each ${interval}’s new clusters that still check in, by ${interval}s since they first did`;
  if (!cohorts.length) {
    return {
      body: null,
      sub,
      empty: `No cluster was new in the last ${COHORTS} whole ${interval}s with these filters.`,
    };
  }
  return {
    body: heatMap(cohorts, interval),
    sub,
    table: () => tableOf(cohorts, interval),
    csv: { path: paths.retention, params: retentionParams(context), name: fileName('retention', context) },
  };
}

export function retentionPanel() {
  const panel = createPanel({ name: 'retention', title: 'Retention', className: 'reten' });
  return {
    panel,
    /** @param {Page.Context} context */
    update: (context) =>
      panel.load(
        () => getRetention(context.session, retentionParams(context)),
        (answer) => draw(context, answer),
      ),
  };
}
