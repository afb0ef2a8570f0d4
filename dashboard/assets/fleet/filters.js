// The bar above the fleet: period, steps, component, train, and what is left out.
import { count, percent } from '../calc/format.js';
import { defaultExclude } from '../calc/defaults.js';
import { fits, INTERVALS, RANGES } from '../calc/periods.js';
import { byId, h, segments } from '../ui/dom.js';
import { go } from '../ui/router.js';
import { closeCustom, customFields, openCustom } from './custom-period.js';

/** How many labels have a chip before one asks for more. */
const FEW = 4;
const STEPS = { day: 'days', week: 'weeks', month: 'months' };
let showsAllLabels = false;

/** @param {string} name @param {string} id @param {Node} control */
function field(name, id, control) {
  return h('div', { class: 'f' }, h('label', { class: 'flabel', for: id }, name), control);
}

/**
 * @param {string} id
 * @param {{ value: string, text: string, isOff?: boolean }[]} options
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function selectOf(id, options, chosen, choose) {
  const select = h(
    'select',
    { id },
    options.map(({ value, text, isOff }) => h('option', { value, selected: value === chosen, disabled: isOff }, text)),
  );
  select.addEventListener('change', () => choose(select.value));
  return select;
}

/** @param {Page.Context} context @param {() => void} redraw */
function periodSwitch({ state, plan }, redraw) {
  /** @type {{ value: number | 'custom', text: string, title?: string }[]} */
  const options = RANGES.map(({ weeks, name, short }) => ({ value: weeks, text: short, title: name }));
  options.push({ value: 'custom', text: 'Custom', title: 'Custom period' });
  /** @param {number | 'custom'} value */
  const choose = (value) => {
    if (value !== 'custom') {
      closeCustom();
      return go({ range: value, from: null, to: null });
    }
    openCustom(plan);
    redraw();
    return byId('from').focus();
  };
  return h(
    'div',
    { class: 'f f-range' },
    h('span', { class: 'flabel', 'aria-hidden': 'true' }, 'Period'),
    segments('Period', state.range, options, choose, 'range'),
  );
}

/** @param {Page.Context} context */
function intervalSelect({ state, plan }) {
  const now = new Date();
  const options = INTERVALS.map((interval) => ({
    value: interval,
    text: STEPS[interval],
    isOff: !fits(state, interval, now),
  }));
  const choose = (/** @type {string} */ value) => go({ interval: /** @type {Api.Interval} */ (value) });
  return field('In', 'interval', selectOf('interval', options, plan.interval, choose));
}

/** @param {Page.Context} context */
function componentSelect({ components, component }) {
  const names = components.length ? components : ['none'];
  const options = names.map((name) => ({ value: name, text: name }));
  const choose = (/** @type {string} */ value) => go({ component: value, train: null, still: null, version: null });
  return field('Component', 'component', selectOf('component', options, component ?? '', choose));
}

/** @param {Page.Context} context */
function trainSelect({ trains, state }) {
  const all = { value: '', text: 'all trains' };
  const names = state.train && !trains.includes(state.train) ? [...trains, state.train] : trains;
  const options = [all, ...names.map((name) => ({ value: name, text: name }))];
  const choose = (/** @type {string} */ value) => go({ train: value || null, still: null });
  return field('Train', 'train', selectOf('train', options, state.train ?? '', choose));
}

/** @param {string[]} a @param {string[]} b */
function sameLabels(a, b) {
  return a.length === b.length && a.every((label) => b.includes(label));
}

/** @param {Page.Context} context @param {() => void} redraw */
function labelChips({ labels, exclude }, redraw) {
  const byDefault = defaultExclude(labels.data);
  const known = labels.data.map(({ label }) => label);
  const first = [...byDefault, ...exclude.filter((label) => !byDefault.includes(label))];
  const others = known.filter((label) => !first.includes(label));
  const shown = showsAllLabels
    ? [...first, ...others]
    : [...first, ...others.slice(0, Math.max(0, FEW - first.length))];
  const rest = first.length + others.length - shown.length;
  /** @param {string} label */
  const toggle = (label) => {
    const next = exclude.includes(label) ? exclude.filter((other) => other !== label) : [...exclude, label];
    go({ exclude: sameLabels(next, byDefault) ? null : next });
  };
  const chips = shown.map((label) => {
    const isOut = exclude.includes(label);
    const entry = labels.data.find((candidate) => candidate.label === label);
    return h(
      'button',
      { type: 'button', id: `label-${label}`, class: 'chip', 'aria-pressed': isOut, onclick: () => toggle(label) },
      h('span', { class: 'tick', 'aria-hidden': 'true' }, isOut ? '✓' : ''),
      h('span', {}, label),
      h('span', { class: 'cnt' }, entry ? count(entry.clusters) : '0'),
    );
  });
  const expand = () => {
    showsAllLabels = true;
    redraw();
  };
  const more = h('button', { type: 'button', class: 'chip more', id: 'more-labels', onclick: expand }, `${rest} more`);
  if (!chips.length) return null;
  return h(
    'div',
    { class: 'f f-labels' },
    h('span', { class: 'flabel', id: 'l-out' }, 'Leave out'),
    h('div', { class: 'chips', role: 'group', 'aria-labelledby': 'l-out' }, chips, rest > 0 && more),
  );
}

/**
 * Raw beside filtered, always.
 * @param {Api.ActivityCounts} counted
 * @param {Api.ActivityCounts} all
 */
export function countedLine(counted, all) {
  const out = all.active - counted.active;
  const text = out > 0 ? `Counted: ${count(out)} left out (${percent(out / all.active)})` : 'Counted: all';
  const width = `${all.active ? (counted.active / all.active) * 100 : 0}%`;
  return [
    h('span', { class: 'flabel' }, text),
    h(
      'div',
      { class: 'cline' },
      h('span', {}, h('b', {}, count(counted.active)), ` of ${count(all.active)}`),
      h('span', { class: 'meter', 'aria-hidden': 'true' }, h('i', { '--w': width })),
    ),
  ];
}

/**
 * @param {Page.Context} context
 * @param {() => void} redraw after a change that is not in the URL
 */
export function filterBar(context, redraw) {
  return h(
    'form',
    { class: 'filters', 'aria-label': 'Filters', onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    periodSwitch(context, redraw),
    customFields(context),
    intervalSelect(context),
    componentSelect(context),
    trainSelect(context),
    labelChips(context, redraw),
    h('div', { class: 'f counted', id: 'counted', role: 'status' }),
  );
}
