// The fleet view: one sentence, five numbers, six pictures.
import { isAbort, isRefusal } from '../api/client.js';
import { resolveContext } from '../api/context.js';
import { getActivity, getLabels, periodParams, rangeParams } from '../api/insight.js';
import { createSession } from '../api/session.js';
import { currentToken } from '../api/token.js';
import { day } from '../calc/format.js';
import { lastOf, planPeriod } from '../calc/periods.js';
import { byId, h, replace } from '../ui/dom.js';
import { failureOf } from '../ui/failure.js';
import { tokenForm, tokenLine } from '../ui/token-form.js';
import { welcome } from '../ui/welcome.js';
import { activityPanel } from './activity.js';
import { adoptionPanel } from './adoption.js';
import { agesPanel } from './ages.js';
import { countedLine, filterBar } from './filters.js';
import { freshnessPanel } from './freshness.js';
import { headlinePanel } from './headline.js';
import { laggardsPanel } from './laggards.js';
import { retentionPanel } from './retention.js';

const HOW =
  'Days, weeks from Monday on, and months are in UTC; only those that are over are shown. Active: checked in at least once. Appeared: first check-in ever. Disappeared: silent for 7 days. Returned: checked in after that. Latest: highest SemVer that is not yanked, on the chosen trains. Change is against the period of the same length just before.';

/** @param {() => void} refresh */
function footer(refresh) {
  return [
    h('p', {}, h('b', {}, 'How it is counted. '), HOW),
    h(
      'p',
      {},
      'Clusters are known only by an id that they chose themselves. All numbers come from the API: ',
      h('a', { href: 'docs' }, '/docs'),
      '.',
    ),
    tokenLine(refresh),
  ];
}

/** What one should know before reading the numbers. @param {Page.Context} context */
function notices({ plan }) {
  const lines = [];
  if (plan.isRunning) {
    lines.push(`This ${plan.interval} is not over: it is shown as it stands now, and its numbers still grow.`);
  }
  if (!currentToken()) lines.push('Counts are rounded down to multiples of 5, groups under 5 are folded.');
  return lines.map((line) => h('p', { class: 'notice' }, line));
}

/** @param {Page.Plan} plan */
function stamp({ to, isRunning }) {
  return isRunning ? `Data until now, ${day(new Date())}` : `Data until ${day(to)}, 00:00 UTC`;
}

/** @param {Page.Context} context */
async function fillCounted(context) {
  const { data } = await getActivity(context.session, periodParams(context));
  const last = data[data.length - 1];
  replace(byId('counted'), ...countedLine(last.counted, last.all));
}

/**
 * @param {HTMLElement} main
 * @param {() => void} refresh
 */
export function fleetView(main, refresh) {
  const panels = [
    headlinePanel(),
    adoptionPanel(),
    laggardsPanel(),
    activityPanel(),
    agesPanel(),
    freshnessPanel(),
    retentionPanel(),
  ];
  const [headline, ...pictures] = panels.map(({ panel }) => panel.element);
  const notice = h('div', { class: 'notices', role: 'status' });
  const heading = h('h1', { class: 'vh' }, 'Fleet');
  const grid = h('div', { class: 'grid' }, pictures);
  replace(main, heading, headline, notice, grid);

  /** Instead of the panels. @param {Node} node */
  function instead(node) {
    replace(byId('filters'));
    replace(byId('foot'));
    replace(main, node);
  }

  /** @param {Page.State} state @param {Page.Session} session */
  async function isStillEmpty(state, session) {
    const plan = planPeriod(state, new Date(), true);
    return (await getLabels(session, rangeParams(plan.interval, lastOf(plan)))).clusters === 0;
  }

  /** @param {Page.Context} context */
  async function fill(context) {
    const bar = () => filterBar(context, drawBar);
    const drawBar = () => {
      replace(byId('filters'), bar());
      fillCounted(context).catch(() => {});
    };
    drawBar();
    replace(notice, ...notices(context));
    replace(byId('foot'), ...footer(refresh));
    byId('stamp').textContent = stamp(context.plan);
    if (!grid.isConnected) replace(main, heading, headline, notice, grid);
    document.title = `${context.component ?? 'Fleet'} · Fleet · Stationmaster`;
    await Promise.all(panels.map((panel) => panel.update(context)));
  }

  return {
    /** @param {Page.State} state @param {AbortSignal} signal */
    async update(state, signal) {
      for (const { panel } of panels) panel.wait();
      try {
        const context = await resolveContext(state, createSession(signal));
        if (!context.isEmpty || state.range === 'custom') return await fill(context);
        byId('stamp').textContent = '';
        const check = () => isStillEmpty(state, createSession(signal));
        return instead(await welcome(signal, check, refresh));
      } catch (error) {
        if (isAbort(error) || signal.aborted) return undefined;
        byId('stamp').textContent = '';
        if (isRefusal(error)) return instead(tokenForm(error, refresh));
        const title = h('h1', {}, 'The numbers did not arrive');
        return instead(h('section', { class: 'welcome' }, title, failureOf(error, refresh)));
      }
    },
  };
}
