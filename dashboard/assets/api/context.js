// What every panel has to know before it can ask: the period, what is left out, and which component.
import { commonPrefix } from '../calc/format.js';
import { defaultExclude, rankComponents, trainsOf } from '../calc/defaults.js';
import { lastOf, planPeriod } from '../calc/periods.js';
import { getActivity, getInstalled, getLabels, rangeParams } from './insight.js';

/**
 * Only intervals that are over, unless none of them has a cluster in it: then the one that runs is shown, too.
 * @param {Page.State} state
 * @param {Page.Session} session
 * @param {Date} now
 */
async function choosePeriod(state, session, now) {
  const plan = planPeriod(state, now);
  const labels = await getLabels(session, rangeParams(plan.interval, lastOf(plan)));
  if (labels.clusters > 0) return { plan, labels, isEmpty: false };

  const activity = await getActivity(session, rangeParams(plan.interval, plan));
  if (activity.data.some((interval) => interval.all.active > 0)) return { plan, labels, isEmpty: false };

  const running = planPeriod(state, now, true);
  const labelsNow = await getLabels(session, rangeParams(running.interval, lastOf(running)));
  return { plan: running, labels: labelsNow, isEmpty: labelsNow.clusters === 0 };
}

/**
 * @param {Page.State} state
 * @param {Page.Session} session
 * @param {Date} now
 * @returns {Promise<Page.Context & { isEmpty: boolean }>}
 */
export async function resolveContext(state, session, now = new Date()) {
  const { plan, labels, isEmpty } = await choosePeriod(state, session, now);
  const exclude = state.exclude ?? defaultExclude(labels.data);
  const { data: installed } = await getInstalled(session, rangeParams(plan.interval, lastOf(plan), exclude));
  const ranked = rankComponents(installed);
  const component = state.component ?? ranked[0] ?? null;
  const components = [...new Set([...ranked, ...(component ? [component] : [])])].sort();
  return {
    state,
    plan,
    session,
    labels,
    exclude,
    installed,
    components,
    component,
    trains: trainsOf(installed, component),
    prefix: commonPrefix(components),
    isEmpty,
  };
}
