// What is said of one release.
import { day, elapsed, percent, plural } from '../calc/format.js';
import { h } from '../ui/dom.js';
import { markdown } from '../ui/markdown.js';

/** @param {unknown} value */
function plainText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param {string} name */
function title(name) {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {Api.Version} version
 * @param {Api.InstalledVersion | null} installed
 * @param {boolean} knowsFleet
 */
function facts(version, installed, knowsFleet) {
  /** @type {[string, string, string | null][]} */
  const rows = [];
  if (knowsFleet) {
    const clusters = installed?.clusters ?? 0;
    const text =
      installed && clusters ? `${plural(clusters, 'cluster')} (${percent(installed.share)} of all)` : 'no cluster';
    rows.push(['Runs on', text, null]);
  }
  if (version.image) rows.push(['Image', version.image, 'mono']);
  for (const [name, value] of Object.entries(version.metadata)) rows.push([title(name), plainText(value), 'mono']);
  if (!rows.length) return null;
  return h(
    'dl',
    {},
    rows.map(([name, value, className]) => [h('dt', {}, name), h('dd', { class: className }, value)]),
  );
}

/**
 * @param {{ selected: Api.Version | null, fleet: unknown, state: Page.State }} detail
 * @param {Api.InstalledVersion | null} installed
 */
export function notes({ selected: version, fleet, state }, installed) {
  const article = { class: 'notes', 'aria-labelledby': 'h-notes', 'aria-live': 'polite' };
  if (!version) {
    const missing = `There is no release ${state.version ?? ''} of this component.`;
    return h('article', article, h('h3', { id: 'h-notes' }, 'Not found'), h('p', { class: 'soft' }, missing));
  }
  const released = new Date(version.released);
  const { yanked, description, fixes } = version;
  return h(
    'article',
    article,
    h(
      'h3',
      { id: 'h-notes' },
      h('span', { class: yanked ? 'struck' : null }, version.version),
      yanked && h('span', { class: 'tag bad' }, 'yanked'),
    ),
    h('p', { class: 'sub' }, `${version.train} · released ${day(released)}, ${elapsed(released, new Date())} ago`),
    yanked && h('p', { class: 'banner' }, h('b', {}, `Yanked ${day(new Date(yanked.at))}. `), yanked.reason),
    description && markdown(description),
    fixes && [h('h4', {}, 'Fixed'), markdown(fixes)],
    !description && !fixes && h('p', { class: 'soft' }, 'This release came without notes.'),
    facts(version, installed, fleet != null),
  );
}
