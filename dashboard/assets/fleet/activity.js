// Are clusters alive, appearing, coming back, vanishing?
import { getActivity, paths, periodParams } from '../api/insight.js';
import { count } from '../calc/format.js';
import { trimActivity } from '../calc/headline.js';
import { lastName } from '../calc/words.js';
import { activityChart } from '../charts/activity.js';
import { dataTable } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { fileName, intervalHead, momentsOf, shortName } from './rows.js';

/**
 * @param {Api.Interval} interval
 * @param {ReturnType<typeof momentsOf<Api.ActivityInterval>>} moments
 */
function tableOf(interval, moments) {
  const rows = moments.map((moment) => [
    shortName(moment),
    count(moment.counted.active),
    count(moment.counted.appeared),
    count(moment.counted.returned),
    count(moment.counted.disappeared),
    count(moment.all.active),
  ]);
  const heads = ['Active', 'Appeared', 'Returned', 'Disappeared', 'Active, all labels'];
  return dataTable('Clusters over time', [intervalHead(interval), ...heads], rows.reverse());
}

/** @param {Page.Context} context @param {Api.Activity} activity @returns {Page.Picture} */
function draw(context, activity) {
  const { plan } = context;
  const moments = momentsOf(activity.interval, trimActivity(activity.data));
  if (!moments.length) return { body: null, empty: 'No cluster checked in in this period.' };
  const rows = moments.map(({ start, end, name, counted }) => ({ start, end, name, ...counted }));
  return {
    body: activityChart(rows, lastName(plan, moments[moments.length - 1].start)),
    sub: `Clusters that checked in each ${plan.interval}; below, those that came and those gone silent`,
    table: () => tableOf(activity.interval, moments),
    csv: { path: paths.activity, params: periodParams(context), name: fileName('activity', context) },
  };
}

export function activityPanel() {
  const panel = createPanel({ name: 'activity', title: 'Activity', className: 'actp' });
  return {
    panel,
    /** @param {Page.Context} context */
    update: (context) =>
      panel.load(
        () => getActivity(context.session, periodParams(context)),
        (answer) => draw(context, answer),
      ),
  };
}
