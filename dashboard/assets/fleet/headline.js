// The answer first: one sentence, and five numbers that prove it.
import { componentParams, getActivity, getAdoption, getAges, periodParams, rangeParams } from '../api/insight.js';
import { count, percent, signed } from '../calc/format.js';
import { changeOf, freshShare, headlineOf, trimActivity } from '../calc/headline.js';
import { trimLaggards, verdictOf } from '../calc/laggards.js';
import { lastOf } from '../calc/periods.js';
import { lastPhrase, spanOf } from '../calc/words.js';
import { spark } from '../charts/spark.js';
import { h, replace } from '../ui/dom.js';
import { failureOf } from '../ui/failure.js';
import { again } from '../ui/router.js';
import { isAbort, isRefusal } from '../api/client.js';
import { askLaggards, TONES } from './laggards.js';

/** @param {Page.Context} context */
async function ask(context) {
  const { plan, exclude, session, component } = context;
  const { interval } = plan;
  const lastBefore = lastOf({ ...plan, ...plan.before });
  const now = periodParams(context);
  const then = rangeParams(interval, lastBefore, exclude);
  const all = rangeParams(interval, lastOf(plan));
  /** @param {Page.Params} params */
  const adoptionAt = async (params) =>
    component ? (await getAdoption(session, { ...componentParams(context), ...params })).intervals : [];
  const [activity, before, ages, agesBefore, agesAll, adoption, adoptionBefore, adoptionAll, laggards] =
    await Promise.all([
      getActivity(session, now),
      getActivity(session, rangeParams(interval, plan.before, exclude)),
      getAges(session, now),
      getAges(session, then),
      getAges(session, exclude.length ? all : now),
      adoptionAt(now),
      adoptionAt(then),
      adoptionAt(exclude.length ? all : now),
      // The sentence does without it, and its own panel says what is wrong.
      askLaggards(context).catch(() => null),
    ]);
  const trimmed = trimActivity(activity.data);
  const answers = {
    activity: trimmed.length ? trimmed : activity.data.slice(-1),
    before: before.data,
    adoption: adoption.slice(-Math.max(1, trimmed.length)),
    adoptionBefore,
    adoptionAll,
    ages,
    agesBefore,
    agesAll,
  };
  return { numbers: headlineOf(answers), last: answers.activity[answers.activity.length - 1], adoption, laggards };
}

/** @typedef {Awaited<ReturnType<typeof ask>>} Answer */

/** @param {Page.Headline['unit']} unit @param {number | null} value */
function valueOf(unit, value) {
  if (value == null) return { text: '–', unit: '' };
  if (unit === 'share') return { text: percent(value), unit: '' };
  if (unit === 'count') return { text: count(value), unit: '' };
  const span = spanOf(value);
  return { text: span.value, unit: span.unit };
}

/** Neutral ink: more is not good or bad by itself. @param {Page.Headline} headline */
function delta(headline) {
  const change = changeOf(headline);
  if (!change) return h('span', { class: 'delta none' }, 'no earlier period');
  const inWeeks = headline.unit === 'days' && Math.max(headline.value ?? 0, headline.before ?? 0) >= 28;
  const amount = inWeeks ? change.amount / 7 : change.amount;
  if (Math.abs(amount) < 0.5)
    return h('span', { class: 'delta' }, h('span', { 'aria-hidden': 'true' }, '= '), 'no change');
  const word = { count: '', share: ' point', days: inWeeks ? ' week' : ' day' }[headline.unit];
  const unit = word && Math.round(Math.abs(amount)) !== 1 ? `${word}s` : word;
  const rate = change.rate == null ? '' : ` (${signed(change.rate * 100)}%)`;
  return h(
    'span',
    { class: 'delta' },
    h('span', { 'aria-hidden': 'true' }, amount > 0 ? '▲ ' : '▼ '),
    h('span', { class: 'vh' }, amount > 0 ? 'up ' : 'down '),
    `${signed(amount)}${unit}${rate}`,
  );
}

/** @param {Page.Headline} headline @param {Page.Context} context */
function cell(headline, { component, exclude }) {
  const value = valueOf(headline.unit, headline.value);
  const all = valueOf(headline.unit, headline.all);
  return h(
    'div',
    { class: 'kpi', 'data-headline': headline.id },
    h(
      'div',
      { class: 'klabel' },
      headline.name,
      headline.id === 'fresh' && component && h('span', { class: 'wide' }, ` · ${component}`),
    ),
    h(
      'div',
      { class: 'kmain' },
      h('span', { class: 'kval' }, value.text, value.unit && h('small', {}, ` ${value.unit}`)),
      headline.trend && headline.trend.length > 1 && h('span', { class: 'kspark' }, spark(headline.trend)),
    ),
    delta(headline),
    h(
      'div',
      { class: 'kraw' },
      exclude.length ? ['all labels ', h('b', {}, all.text), all.unit && ` ${all.unit}`] : 'nothing left out',
    ),
  );
}

/** @param {Answer} answer @param {Page.Context} context */
function sentence({ last, adoption, laggards }, { plan, component }) {
  const newest = adoption.at(-1);
  const parts = [
    h('b', {}, count(last.counted.active)),
    ` clusters checked in ${lastPhrase(plan, new Date(last.start))}. `,
  ];
  if (newest?.latest && newest.clusters) {
    parts.push(h('b', {}, percent(freshShare(newest))), ` run the newest ${component} (${newest.latest}). `);
  }
  const group = laggards?.laggards;
  const lastGroup = group?.data.at(-1);
  if (group && lastGroup && lastGroup.clusters) {
    const { kind } = verdictOf(trimLaggards(group.data), group.interval);
    parts.push(h('b', {}, percent(lastGroup.share)), ` are still on ${group.version} or older`);
    if (kind !== 'unknown') parts.push(', and that group is ', h('b', { class: `t-${TONES[kind]}` }, kind));
    parts.push('.');
  }
  return h('p', { class: 'lede' }, parts);
}

export function headlinePanel() {
  const loading = h('p', { class: 'none' }, 'Loading …');
  const element = h(
    'section',
    { class: 'headline', 'data-panel': 'headline', 'data-state': 'loading', 'aria-label': 'Headline numbers' },
    loading,
  );
  /** @param {string} state */
  const setState = (state) => {
    element.dataset.state = state;
    element.setAttribute('aria-busy', String(state === 'loading'));
  };
  return {
    panel: { element, wait: () => setState('loading') },
    /** @param {Page.Context} context @returns {Promise<void>} */
    async update(context) {
      setState('loading');
      try {
        const answer = await ask(context);
        const cells = answer.numbers.map((headline) => cell(headline, context));
        replace(element, sentence(answer, context), h('div', { class: 'kpis' }, cells));
        setState('ready');
      } catch (error) {
        if (isAbort(error)) return;
        if (isRefusal(error)) throw error;
        replace(element, failureOf(error, again));
        setState('failed');
      }
    },
  };
}
