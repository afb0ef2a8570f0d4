// What is newest, of every component on every train.
import { day, elapsedShort, percent } from '../calc/format.js';
import { orderTrains } from '../calc/releases.js';
import { searchField } from '../fleet/freshness.js';
import { command } from '../ui/command.js';
import { componentName, h } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { linkTo } from '../ui/router.js';
import { publishCommand } from '../ui/welcome.js';

/**
 * @typedef {import('./view.js').Fleet} Fleet
 * @typedef {{
 *   session: Page.Session, state: Page.State, components: Api.ComponentSummary[], component: string | null,
 *   fleet: Fleet | null, prefix: string,
 * }} Answer
 */

/** Above this there is a search. */
const MANY = 20;
/** Up to this many trains there is room, even on a phone. */
const FEW = 3;

/** @param {Api.Version | null | undefined} latest @param {Date} now */
function cell(latest, now) {
  if (!latest)
    return h(
      'td',
      {},
      h('span', { class: 'soft' }, h('span', { 'aria-hidden': 'true' }, '–'), h('span', { class: 'vh' }, 'no release')),
    );
  const released = new Date(latest.released);
  const { component, train, version } = latest;
  const href = linkTo({ view: 'releases', component, version: `${train}/${version}` });
  return h(
    'td',
    {},
    h('a', { href, class: 'ver', 'data-link': '' }, version),
    ' ',
    h('span', { class: 'when2', title: day(released) }, elapsedShort(released, now)),
  );
}

/** @param {Api.ComponentSummary} summary @param {string[]} trains @param {Answer} answer */
function rowOf(summary, trains, answer) {
  const { component, fleet, prefix } = answer;
  const isChosen = summary.component === component;
  const link = h(
    'a',
    {
      id: `mx-${summary.component}`,
      href: linkTo({ view: 'releases', component: summary.component, version: null }),
      'data-link': '',
      'aria-current': isChosen ? 'true' : null,
    },
    componentName(summary.component, prefix),
  );
  const now = new Date();
  const cells = trains.map((train) => cell(summary.trains.find((entry) => entry.train === train)?.latest, now));
  const share = fleet && h('td', { class: 'num' }, percent(fleet.shares.get(summary.component)));
  return h('tr', { class: isChosen ? 'on' : null }, h('th', { scope: 'row' }, link), cells, share);
}

/** @param {Answer} answer @returns {Page.Picture} */
function draw(answer) {
  const { components, fleet } = answer;
  if (!components.length) {
    const text = h('p', { class: 'none' }, 'No version was published yet. A CI job, or you, publishes one:');
    return { body: null, empty: h('div', {}, text, command('Publish a version', publishCommand())) };
  }
  const trains = orderTrains(components);
  const rows = components.map((summary) => ({ name: summary.component, element: rowOf(summary, trains, answer) }));
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'Component'),
    trains.map((train) => h('th', { scope: 'col' }, train)),
    fleet && h('th', { scope: 'col', class: 'num' }, 'on latest'),
  );
  const body = h(
    'tbody',
    {},
    rows.map(({ element }) => element),
  );
  const table = h('table', { class: trains.length > FEW ? 'mx' : 'mx few' }, h('thead', {}, head), body);
  const region = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Latest versions' };
  const isLarge = components.length > MANY || trains.length > FEW;
  const holder = isLarge ? h('div', region, table) : table;
  if (components.length <= MANY) return { body: h('div', {}, holder) };
  const search = searchField('matrix-search', (text) => {
    for (const { name, element } of rows) element.hidden = !name.includes(text);
  });
  return { body: h('div', {}, search, holder) };
}

export function matrixPanel() {
  const panel = createPanel({
    name: 'matrix',
    title: 'Latest',
    sub: 'Newest version per train and how long ago it came out',
    className: 'matrix',
  });
  return {
    panel,
    /** @param {() => Promise<Answer>} ask */
    update: (ask) => panel.load(ask, draw),
  };
}
