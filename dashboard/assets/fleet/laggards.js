// Who is still on a version or older; is that group shrinking, and why?
import { componentParams, getAdoption, getLaggards, paths, periodParams } from '../api/insight.js';
import { defaultStill } from '../calc/defaults.js';
import { count, percent1, signed } from '../calc/format.js';
import { stillChoices, trimLaggards, verdictOf } from '../calc/laggards.js';
import { intervalsWord, lastName } from '../calc/words.js';
import { laggardsChart } from '../charts/laggards.js';
import { dataTable, h } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { go } from '../ui/router.js';
import { adoptionParams } from './adoption.js';
import { fileName, intervalHead, momentsOf, NO_COMPONENT, shortName } from './rows.js';

/** @typedef {{ laggards: Api.Laggards, choices: string[] }} Answer */

/** How many versions are listed. */
const LISTED = 5;
const WORDS = { shrinking: 'Shrinking', growing: 'Growing', holding: 'Holding', unknown: 'Too early to say:' };
const ARROWS = { shrinking: '▼', growing: '▲', holding: '=', unknown: '' };
export const TONES = { shrinking: 'good', growing: 'bad', holding: 'flat', unknown: 'flat' };

/**
 * Which version to ask about follows from the versions in use, so adoption is asked first.
 * @param {Page.Context} context
 * @returns {Promise<Answer | null>}
 */
export async function askLaggards(context) {
  if (!context.component) return null;
  const { versions } = await getAdoption(context.session, adoptionParams(context));
  const version = context.state.still ?? defaultStill(versions, context.plan.to);
  if (!version) return null;
  const params = { ...componentParams(context), version, ...periodParams(context) };
  return { laggards: await getLaggards(context.session, params), choices: stillChoices(versions, version) };
}

/** @param {Page.Verdict} verdict @param {Api.Interval} interval */
function verdictText({ kind, change, rate, before, back }, interval) {
  const ago = `${intervalsWord(back, interval)} ago`;
  if (kind === 'unknown') return `there is one ${interval} to look at`;
  if (kind === 'holding') return `about as many as ${ago} (${count(before)})`;
  const percent = Math.round(Math.abs(rate) * 100);
  if (kind === 'growing') return `${count(change)} more than ${ago}${before ? ` (+${percent}%)` : ''}`;
  const pace = back > 1 ? `, about ${count(Math.max(1, -change / back))} a ${interval}` : '';
  return `${count(-change)} fewer than ${ago} (−${percent}%)${pace}`;
}

/** What the change is made of. @param {Page.Verdict} verdict @param {Api.Interval} interval */
function reasons(verdict, interval) {
  if (verdict.back === 0) return null;
  /** @type {[string, number][]} */
  const parts = [
    ['upgraded', -verdict.upgraded],
    ['went back', verdict.downgraded],
    ['arrived, less gone silent', verdict.netArrived],
  ];
  const rows = parts.map(([name, amount]) =>
    h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'num' }, signed(amount))),
  );
  const caption = h('caption', {}, `Why, in ${intervalsWord(verdict.back, interval)}`);
  return h('table', { class: 'why' }, caption, h('tbody', {}, rows));
}

/** @param {Api.VersionCount[]} versions */
function topVersions(versions) {
  if (!versions.length) return null;
  const most = versions[0].clusters || 1;
  const isTwice = new Set(versions.map(({ version }) => version)).size < versions.length;
  const rows = versions
    .slice(0, LISTED)
    .map(({ version, train, clusters }) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, version, isTwice && h('span', { class: 'soft' }, ` ${train}`)),
        h('td', { class: 'bar' }, h('i', { '--w': `${(clusters / most) * 100}%` })),
        h('td', { class: 'num' }, count(clusters)),
      ),
    );
  return h('table', { class: 'minibars' }, h('caption', {}, 'Most of them run'), h('tbody', {}, rows));
}

/** The question itself is the control. @param {string} version @param {string[]} choices */
function stepper(version, choices) {
  const at = choices.indexOf(version);
  /** @param {number} by @param {string} label @param {string} glyph */
  const step = (by, label, glyph) =>
    h(
      'button',
      {
        type: 'button',
        id: `still${by}`,
        class: 'quiet sq',
        'aria-label': label,
        disabled: choices[at + by] == null,
        onclick: () => go({ still: choices[at + by] }),
      },
      glyph,
    );
  const options = [...choices]
    .reverse()
    .map((choice) => h('option', { value: choice, selected: choice === version }, choice));
  const select = h('select', { id: 'still', 'aria-label': 'Version' }, options);
  select.addEventListener('change', () => go({ still: select.value }));
  return h(
    'div',
    { class: 'stepper' },
    step(-1, 'One version older', '‹'),
    select,
    step(1, 'One version newer', '›'),
    h('span', { class: 'orolder' }, 'or older'),
  );
}

/** @param {Api.Laggards} laggards @param {ReturnType<typeof momentsOf<Api.LaggardInterval>>} moments */
function tableOf(laggards, moments) {
  const rows = moments.map((moment) => [
    shortName(moment),
    count(moment.clusters),
    percent1(moment.share),
    count(moment.all_clusters),
    count(moment.upgraded),
    count(moment.downgraded),
    signed(moment.net_arrived),
  ]);
  const heads = ['Clusters', 'Share', 'All labels', 'Upgraded', 'Went back', 'Arrived, less silent'];
  const caption = `Clusters on ${laggards.version} or older`;
  return dataTable(caption, [intervalHead(laggards.interval), ...heads], rows.reverse());
}

/** @param {Page.Context} context @param {Answer | null} answer @returns {Page.Picture} */
function draw(context, answer) {
  if (!answer) return { body: null, empty: NO_COMPONENT };
  const { laggards, choices } = answer;
  const data = trimLaggards(laggards.data);
  const tools = [stepper(laggards.version, choices)];
  if (!data.length)
    return { body: null, tools, empty: `No cluster was on ${laggards.version} or older in this period.` };
  const moments = momentsOf(laggards.interval, data);
  const last = moments[moments.length - 1];
  const verdict = verdictOf(data, laggards.interval);
  const rawLine = h('span', { class: 'rawline' }, 'all labels ', h('b', {}, count(last.all_clusters)));
  const body = h(
    'div',
    {},
    h(
      'p',
      { class: 'answer' },
      h('span', { class: 'big' }, count(last.clusters)),
      h('span', {}, h('b', {}, percent1(last.share)), ` of the clusters that run ${laggards.component}`, rawLine),
    ),
    h(
      'p',
      { class: `verdict t-${TONES[verdict.kind]}` },
      h('b', {}, h('span', { 'aria-hidden': 'true' }, `${ARROWS[verdict.kind]} `), WORDS[verdict.kind]),
      ` ${verdictText(verdict, laggards.interval)}`,
    ),
    reasons(verdict, laggards.interval),
    laggardsChart(
      moments,
      lastName(context.plan, last.start),
      `Clusters on ${laggards.version} or older: step through time`,
    ),
    topVersions(laggards.versions),
  );
  return {
    body,
    tools,
    table: () => tableOf(laggards, moments),
    csv: {
      path: paths.laggards,
      params: { ...componentParams(context), version: laggards.version, ...periodParams(context) },
      name: fileName(`laggards-${laggards.component}-${laggards.version}`, context),
    },
  };
}

export function laggardsPanel() {
  const panel = createPanel({ name: 'still', title: 'Who is still on', className: 'still' });
  return {
    panel,
    /** @param {Page.Context} context */
    update: (context) =>
      panel.load(
        () => askLaggards(context),
        (answer) => draw(context, answer),
      ),
  };
}
