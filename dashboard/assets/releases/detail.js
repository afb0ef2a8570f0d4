// The story of one component: its releases over time, all of them as a list, and the notes of one.
import { ApiError } from '../api/client.js';
import { getVersion, listVersions } from '../api/versions.js';
import { count, day, plural } from '../calc/format.js';
import { byRelease, clustersByRelease, medianGap, newestOf, orderTrains, releaseKey } from '../calc/releases.js';
import { timeline } from '../charts/timeline.js';
import { componentName, h, replace } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { go, linkTo } from '../ui/router.js';
import { notes } from './notes.js';

/**
 * @typedef {import('./matrix.js').Answer} Answer
 * @typedef {Answer & {
 *   trains: Api.TrainSummary[], versions: Api.Version[], cursors: Map<string, string>, selected: Api.Version | null,
 * }} Detail
 */

/**
 * The first page of every train, and the release that the URL names, wherever it is.
 * @param {Answer} answer
 * @returns {Promise<Detail>}
 */
async function ask(answer) {
  const { session, components, component, state } = answer;
  const trains = components.find((entry) => entry.component === component)?.trains ?? [];
  const pages = await Promise.all(trains.map(({ train }) => listVersions(session, String(component), train)));
  /** @type {Map<string, string>} */
  const cursors = new Map();
  pages.forEach(({ next_cursor }, i) => next_cursor && cursors.set(trains[i].train, next_cursor));
  const versions = pages.flatMap(({ data }) => data);
  const wanted = state.version;
  const listed = wanted ? versions.find((version) => releaseKey(version) === wanted) : newestOf(trains);
  const selected = listed ?? (wanted ? await find(session, String(component), wanted) : (versions[0] ?? null));
  if (selected && !versions.some((version) => releaseKey(version) === releaseKey(selected))) versions.push(selected);
  return { ...answer, trains, versions, cursors, selected };
}

/** @param {Page.Session} session @param {string} component @param {string} release */
async function find(session, component, release) {
  try {
    return await getVersion(session, component, release);
  } catch (error) {
    if (error instanceof ApiError && [404, 422].includes(error.status)) return null;
    throw error;
  }
}

/** @param {Detail} detail */
function summaryLine({ trains, versions }) {
  const total = trains.reduce((sum, train) => sum + train.versions, 0);
  const first = byRelease(versions).at(-1);
  const gap = medianGap(versions);
  const since = first && versions.length >= total ? ` since ${day(new Date(first.released))}` : '';
  const pace = gap == null ? '' : `; half of them came within ${plural(Math.round(gap), 'day')} of the one before`;
  return `${plural(total, 'release')}${since}${pace}`;
}

/**
 * @param {Api.Version} version
 * @param {Detail} detail
 * @param {Map<string, Api.InstalledVersion> | null} clusters
 */
function rowOf(version, { selected, trains }, clusters) {
  const key = releaseKey(version);
  const isOn = selected != null && releaseKey(selected) === key;
  const isLatest = trains.some(({ latest }) => latest && releaseKey(latest) === key);
  const link = h(
    'a',
    {
      id: `rl-${key}`,
      href: linkTo({ view: 'releases', version: key }),
      'data-link': '',
      'data-replace': '',
      'aria-current': isOn ? 'true' : null,
      class: version.yanked ? 'ver struck' : 'ver',
    },
    version.version,
  );
  const on = clusters?.get(key)?.clusters ?? 0;
  return h(
    'tr',
    { class: isOn ? 'on' : null },
    h(
      'th',
      { scope: 'row' },
      link,
      version.yanked && h('span', { class: 'tag bad' }, 'yanked'),
      isLatest && h('span', { class: 'tag' }, 'latest'),
    ),
    h('td', {}, version.train),
    h('td', { class: 'num' }, day(new Date(version.released))),
    clusters && h('td', { class: on ? 'num' : 'num soft' }, count(on)),
  );
}

/** @param {Detail} detail @param {Map<string, Api.InstalledVersion> | null} clusters @param {() => void} more */
function listOf(detail, clusters, more) {
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'Version'),
    h('th', { scope: 'col' }, 'Train'),
    h('th', { scope: 'col', class: 'num' }, 'Released'),
    clusters && h('th', { scope: 'col', class: 'num' }, 'Clusters'),
  );
  const rows = byRelease(detail.versions).map((version) => rowOf(version, detail, clusters));
  const table = h('table', { class: 'rl' }, h('thead', {}, head), h('tbody', {}, rows));
  const button = h(
    'button',
    { type: 'button', class: 'quiet', id: 'more-versions', onclick: more },
    'Show older versions',
  );
  const region = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'All releases' };
  return h('div', region, table, detail.cursors.size > 0 && button);
}

/** @param {Detail} detail */
async function nextPages(detail) {
  const { session, component, versions, cursors } = detail;
  const known = new Set(versions.map(releaseKey));
  for (const [train, cursor] of [...cursors]) {
    const page = await listVersions(session, String(component), train, cursor);
    versions.push(...page.data.filter((version) => !known.has(releaseKey(version))));
    if (page.next_cursor) cursors.set(train, page.next_cursor);
    else cursors.delete(train);
  }
}

/** @param {Detail} detail */
function bodyOf(detail) {
  const { versions, selected, components, component, fleet } = detail;
  const clusters = fleet ? clustersByRelease(fleet.installed, String(component)) : null;
  const body = h('div', {});
  const fill = () => {
    const picture = timeline(versions, {
      trains: orderTrains(components),
      selected: selected && releaseKey(selected),
      now: new Date(),
      onPick: (version) => go({ version: releaseKey(version) }, { replace: true }),
    });
    const more = () => nextPages(detail).then(fill, console.error);
    const installed = selected && clusters?.get(releaseKey(selected));
    replace(
      body,
      picture,
      h('div', { class: 'split' }, listOf(detail, clusters, more), notes(detail, installed ?? null)),
    );
  };
  fill();
  return body;
}

export function detailPanel() {
  const panel = createPanel({ name: 'component', title: 'Component', className: 'detail' });
  const { heading } = panel;
  heading.classList.add('h2big');
  /** @param {Detail} detail @returns {Page.Picture} */
  const draw = (detail) => {
    const { component, versions, prefix } = detail;
    replace(heading, component ? componentName(component, prefix) : 'Component');
    if (!component) return { body: null, sub: '', empty: 'Components are listed once a version was published.' };
    if (!versions.length) return { body: null, sub: '', empty: `Nothing was published of ${component}.` };
    document.title = `${component} · Releases · Stationmaster`;
    return { body: bodyOf(detail), sub: summaryLine(detail) };
  };
  return {
    panel,
    /** @param {() => Promise<Answer>} shared */
    update: (shared) => panel.load(async () => ask(await shared()), draw),
  };
}
