// The state of the page as its URL: what is the default is left out, and what makes no sense is ignored.
import { INTERVALS, RANGES } from './periods.js';

/** @type {Page.State} */
export const DEFAULTS = {
  view: 'fleet',
  range: 52,
  from: null,
  to: null,
  interval: 'week',
  component: null,
  train: null,
  exclude: null,
  unit: 'share',
  still: null,
  age: 'first',
  version: null,
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const VERSION = /^[0-9A-Za-z.+_-]{1,128}$/;
const RELEASE = /^[a-z0-9][a-z0-9._-]{0,31}\/[0-9A-Za-z.+_-]{1,128}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * @template {string} T
 * @param {string | null} value
 * @param {readonly T[]} allowed
 * @param {T} fallback
 * @returns {T}
 */
function oneOf(value, allowed, fallback) {
  return allowed.find((candidate) => candidate === value) ?? fallback;
}

/**
 * @param {string | null} value
 * @param {RegExp} pattern
 */
function matching(value, pattern) {
  return value != null && pattern.test(value) ? value : null;
}

/** @param {string | null} value */
function dateOf(value) {
  return matching(value, DATE) && !Number.isNaN(Date.parse(/** @type {string} */ (value))) ? value : null;
}

/** @param {URLSearchParams} query */
function rangeOf(query) {
  const from = dateOf(query.get('from'));
  const to = dateOf(query.get('to'));
  if (query.get('range') === 'custom' && from && to && from <= to) {
    return { range: /** @type {const} */ ('custom'), from, to };
  }
  const weeks = Number(query.get('range'));
  const preset = RANGES.find((candidate) => candidate.weeks === weeks);
  return { range: preset?.weeks ?? DEFAULTS.range, from: null, to: null };
}

/**
 * @param {string} search
 * @returns {Page.State}
 */
export function parseState(search) {
  const query = new URLSearchParams(search);
  const exclude = query.get('exclude');
  return {
    view: oneOf(query.get('view'), ['fleet', 'releases'], 'fleet'),
    ...rangeOf(query),
    interval: oneOf(query.get('interval'), INTERVALS, DEFAULTS.interval),
    component: matching(query.get('component'), NAME),
    train: matching(query.get('train'), NAME),
    exclude:
      exclude == null
        ? null
        : exclude
            .split(',')
            .filter((label) => NAME.test(label))
            .slice(0, 16),
    unit: oneOf(query.get('unit'), ['share', 'count'], 'share'),
    still: matching(query.get('still'), VERSION),
    age: oneOf(query.get('age'), ['first', 'last'], 'first'),
    version: matching(query.get('version'), RELEASE),
  };
}

/**
 * The query of a URL for a state; empty for the default.
 * @param {Page.State} state
 */
export function formatState(state) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    const isDefault = value === DEFAULTS[/** @type {keyof Page.State} */ (key)];
    if (!isDefault && value != null) query.set(key, String(value));
  }
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
  return text ? `?${text}` : '';
}
