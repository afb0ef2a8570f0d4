// How old are clusters, and how long ago did they last check in?
import { getAges, paths, periodParams } from '../api/insight.js';
import { groupBins, groupName, groupWidth } from '../calc/ages.js';
import { count, percent1, plural } from '../calc/format.js';
import { agesChart } from '../charts/ages.js';
import { dataTable, segments } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { go } from '../ui/router.js';
import { fileName } from './rows.js';

const SUBS = {
  first: 'Active clusters by time since their first check-in',
  last: 'Clusters of this period by time since their last check-in',
};

/** @param {Page.State['age']} age */
function ageSwitch(age) {
  /** @type {{ value: Page.State['age'], text: string, title: string }[]} */
  const options = [
    { value: 'first', text: 'First', title: 'Since the first check-in' },
    { value: 'last', text: 'Last', title: 'Since the last check-in' },
  ];
  return segments('Time since', age, options, (value) => go({ age: value }, { replace: true }), 'age');
}

/** @param {number} days */
function groupsOf(days) {
  return days % 7 === 0 ? plural(days / 7, 'week') : plural(days, 'day');
}

/** @param {Page.AgeGroup[]} groups @param {Api.AgeDistribution} ages */
function tableOf(groups, ages) {
  const rows = groups.map((group) => [
    groupName(group),
    count(group.clusters),
    percent1(ages.clusters ? group.clusters / ages.clusters : 0),
    count(group.all),
  ]);
  rows.push(
    ['Median, in days', daysText(ages.median_days), '', ''],
    ['Mean, in days', daysText(ages.mean_days), '', ''],
  );
  return dataTable('Clusters by age', ['Age', 'Clusters', 'Share', 'All labels'], rows);
}

/** @param {number | null} days */
function daysText(days) {
  return days == null ? '–' : String(Math.round(days * 10) / 10);
}

/** @param {Page.Context} context @param {Api.Ages} answer @returns {Page.Picture} */
function draw(context, answer) {
  const { age } = context.state;
  const ages = age === 'first' ? answer.since_first : answer.since_last;
  const tools = [ageSwitch(age)];
  if (!ages.clusters) return { body: null, tools, sub: SUBS[age], empty: 'No cluster to tell the age of.' };
  const groups = groupBins(ages.bins);
  return {
    body: agesChart(groups, {
      median: ages.median_days,
      clusters: ages.clusters,
      phrase: age === 'first' ? 'half are older than' : 'half were seen within',
      label: age === 'first' ? 'Cluster age: step through the groups' : 'Last check-in: step through the groups',
    }),
    sub: `${SUBS[age]}, in groups of ${groupsOf(groupWidth(groups))}`,
    tools,
    table: () => tableOf(groups, ages),
    csv: { path: paths.ages, params: periodParams(context), name: fileName('ages', context) },
  };
}

export function agesPanel() {
  const panel = createPanel({ name: 'ages', title: 'Age', className: 'agep' });
  return {
    panel,
    /** @param {Page.Context} context */
    update: (context) =>
      panel.load(
        () => getAges(context.session, periodParams(context)),
        (answer) => draw(context, answer),
      ),
  };
}
