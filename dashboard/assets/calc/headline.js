// The five numbers that open the page.

/** @param {Api.ActivityInterval[]} intervals @param {keyof Api.ActivityCounts} key @param {'counted' | 'all'} whose */
function total(intervals, key, whose) {
  return intervals.reduce((sum, interval) => sum + interval[whose][key], 0);
}

/** @param {Api.AdoptionInterval | undefined} interval */
export function freshShare(interval) {
  return interval && interval.clusters ? interval.up_to_date / interval.clusters : null;
}

/**
 * @param {{
 *   activity: Api.ActivityInterval[], before: Api.ActivityInterval[],
 *   adoption: Api.AdoptionInterval[], adoptionBefore: Api.AdoptionInterval[], adoptionAll: Api.AdoptionInterval[],
 *   ages: Api.Ages, agesBefore: Api.Ages, agesAll: Api.Ages,
 * }} answers
 * @returns {Page.Headline[]}
 */
export function headlineOf(answers) {
  const { activity, before, adoption, adoptionBefore, adoptionAll, ages, agesBefore, agesAll } = answers;
  const hasBefore = before.some((interval) => interval.all.active > 0);
  const last = activity[activity.length - 1];
  /** @param {'appeared' | 'disappeared'} id @param {string} name @returns {Page.Headline} */
  const flow = (id, name) => ({
    id,
    name,
    unit: 'count',
    value: total(activity, id, 'counted'),
    before: hasBefore ? total(before, id, 'counted') : null,
    all: total(activity, id, 'all'),
    trend: activity.map((interval) => interval.counted[id]),
  });
  return [
    {
      id: 'active',
      name: 'Clusters active',
      unit: 'count',
      value: last.counted.active,
      before: hasBefore ? before[before.length - 1].counted.active : null,
      all: last.all.active,
      trend: activity.map((interval) => interval.counted.active),
    },
    flow('appeared', 'Appeared'),
    flow('disappeared', 'Disappeared'),
    {
      id: 'age',
      name: 'Median age',
      unit: 'days',
      value: ages.since_first.median_days,
      before: hasBefore ? agesBefore.since_first.median_days : null,
      all: agesAll.since_first.median_days,
      trend: null,
    },
    {
      id: 'fresh',
      name: 'Up to date',
      unit: 'share',
      value: freshShare(adoption.at(-1)),
      before: hasBefore ? freshShare(adoptionBefore.at(-1)) : null,
      all: freshShare(adoptionAll.at(-1)),
      trend: adoption.map((interval) => freshShare(interval) ?? 0),
    },
  ];
}

/**
 * A change in the unit of its number: points of a percentage for shares.
 * @param {Page.Headline} headline
 * @returns {{ amount: number, rate: number | null } | null}
 */
export function changeOf({ value, before, unit }) {
  if (value == null || before == null) return null;
  const amount = unit === 'share' ? (value - before) * 100 : value - before;
  // A change of a few clusters is no percentage worth saying.
  return { amount, rate: unit === 'count' && before >= 20 ? (value - before) / before : null };
}

/**
 * Leaves out what lies before the first cluster.
 * @template {{ all: { active: number } }} T
 * @param {T[]} intervals
 */
export function trimActivity(intervals) {
  const first = intervals.findIndex((interval) => interval.all.active > 0);
  return first < 0 ? [] : intervals.slice(first);
}
