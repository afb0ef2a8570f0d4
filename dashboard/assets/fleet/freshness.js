// Which component lags?
import { getFreshness, paths, periodParams } from '../api/insight.js';
import { freshnessRows, shareOf } from '../calc/freshness.js';
import { count, percent, percent1 } from '../calc/format.js';
import { componentName, dataTable, h } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { linkTo } from '../ui/router.js';
import { fileName } from './rows.js';

/** Above this there is a search. */
const MANY = 20;
const KEYS = ['on the latest', 'one behind', 'two or more behind'];
/** @type {(0 | 1 | 2)[]} */
const BEHIND = [0, 1, 2];

/** @param {Page.FreshnessRow} row @param {Page.Context} context */
function rowOf(row, { component, prefix }) {
  const isChosen = row.component === component;
  const latest = row.latest.map(({ train, version }) => `${version} on ${train}`).join(', ');
  const link = h(
    'a',
    {
      id: `fr-${row.component}`,
      href: linkTo({ component: row.component, still: null, version: null }),
      'data-link': '',
      'aria-current': isChosen ? 'true' : null,
      title: `latest is ${latest}`,
    },
    componentName(row.component, prefix),
  );
  const bars = BEHIND.map(
    (behind) => row.behind[behind] > 0 && h('i', { class: `f${behind}`, '--w': `${shareOf(row, behind) * 100}%` }),
  );
  const title = BEHIND.map((behind) => `${count(row.behind[behind])} ${KEYS[behind]}`).join(' · ');
  return h(
    'tr',
    { class: isChosen ? 'on' : null },
    h('th', { scope: 'row' }, link),
    h('td', { class: 'stack' }, h('span', { class: 'bars', 'aria-hidden': 'true', title }, bars)),
    h('td', { class: 'num strong' }, percent(shareOf(row, 0))),
    h('td', { class: 'num wide' }, percent(shareOf(row, 1))),
    h('td', { class: 'num wide' }, percent(shareOf(row, 2))),
  );
}

/** @param {Page.FreshnessRow[]} rows @param {Page.Context} context */
function bars(rows, context) {
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'Component'),
    h('th', { scope: 'col', class: 'barh' }, h('span', { class: 'vh' }, 'Bar')),
    h('th', { scope: 'col', class: 'num' }, 'latest'),
    h('th', { scope: 'col', class: 'num wide' }, '1 back'),
    h('th', { scope: 'col', class: 'num wide' }, '2+ back'),
  );
  const drawn = rows.map((row) => ({ row, element: rowOf(row, context) }));
  const body = h(
    'tbody',
    {},
    drawn.map(({ element }) => element),
  );
  const keys = KEYS.map((text, i) =>
    h('span', { class: 'key' }, h('i', { class: `sw f${i}`, 'aria-hidden': 'true' }), text),
  );
  const table = h('table', { class: 'fresh' }, h('thead', {}, head), body);
  const key = h('p', { class: 'keys' }, keys);
  if (rows.length <= MANY) return h('div', {}, key, table);
  const search = searchField('fresh-search', (text) => {
    for (const { row, element } of drawn) element.hidden = !row.component.includes(text);
  });
  const region = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'All components' };
  return h('div', {}, key, search, h('div', region, table));
}

/**
 * @param {string} id
 * @param {(text: string) => void} onSearch
 */
export function searchField(id, onSearch) {
  const field = h('input', { type: 'search', id, class: 'search', placeholder: 'Find a component' });
  field.setAttribute('aria-label', 'Find a component');
  field.addEventListener('input', () => onSearch(field.value.trim().toLowerCase()));
  return field;
}

/** @param {Api.Freshness} answer */
function tableOf(answer) {
  const rows = answer.data.map((entry) => [
    `${entry.component} (${entry.train})`,
    entry.latest,
    count(entry.clusters),
    count(entry.up_to_date),
    percent1(entry.share),
    count(entry.all_clusters),
  ]);
  const heads = ['Component', 'Latest', 'Clusters', 'Up to date', 'Share', 'All labels'];
  return dataTable('Freshness by component and train', heads, rows);
}

/** @param {Page.Context} context @param {Api.Freshness} answer @returns {Page.Picture} */
function draw(context, answer) {
  const rows = freshnessRows(answer.data);
  if (!rows.length) return { body: null, empty: 'No cluster ran a component that was published here.' };
  const where = context.state.train ? `on ${context.state.train}` : 'over all trains';
  return {
    body: bars(rows, context),
    sub: `Releases behind the newest, per component, ${where}; the least fresh first`,
    table: () => tableOf(answer),
    csv: { path: paths.freshness, params: freshnessParams(context), name: fileName('freshness', context) },
  };
}

/** @param {Page.Context} context */
export function freshnessParams(context) {
  return { train: context.state.train, ...periodParams(context) };
}

export function freshnessPanel() {
  const panel = createPanel({ name: 'freshness', title: 'Freshness', className: 'freshp' });
  return {
    panel,
    /** @param {Page.Context} context */
    update: (context) =>
      panel.load(
        () => getFreshness(context.session, freshnessParams(context)),
        (answer) => draw(context, answer),
      ),
  };
}
