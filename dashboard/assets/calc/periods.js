// Which intervals to ask for: presets or dates of one's own, whole days, weeks from Monday on, or months, in UTC.

const DAY = 86_400_000;
/** The API answers no more intervals than this. */
const MOST = 400;

/** The presets, in weeks, and how many months they are. */
export const RANGES = [
  { weeks: 4, months: 1, name: '4 weeks', short: '4 wk' },
  { weeks: 12, months: 3, name: '12 weeks', short: '12 wk' },
  { weeks: 26, months: 6, name: '26 weeks', short: '26 wk' },
  { weeks: 52, months: 12, name: '1 year', short: '1 yr' },
  { weeks: 104, months: 24, name: '2 years', short: '2 yr' },
];

/** @type {Api.Interval[]} */
export const INTERVALS = ['day', 'week', 'month'];

/**
 * @param {Api.Interval} interval
 * @param {Date} date
 */
export function startOf(interval, date) {
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (interval === 'month') return new Date(Date.UTC(year, month, 1));
  const sinceMonday = interval === 'week' ? (date.getUTCDay() + 6) % 7 : 0;
  return new Date(Date.UTC(year, month, dayOfMonth - sinceMonday));
}

/**
 * @param {Api.Interval} interval
 * @param {Date} start
 * @param {number} count
 */
export function addIntervals(interval, start, count) {
  if (interval === 'month') return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + count, 1));
  return new Date(start.getTime() + count * (interval === 'week' ? 7 : 1) * DAY);
}

/**
 * How many intervals lie between two starts of intervals.
 * @param {Api.Interval} interval
 * @param {Date} from
 * @param {Date} to
 */
export function countIntervals(interval, from, to) {
  if (interval === 'month') {
    return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  }
  return Math.round((to.getTime() - from.getTime()) / ((interval === 'week' ? 7 : 1) * DAY));
}

/**
 * Whole intervals around two dates, both included. Nothing lies ahead of the interval that runs.
 * @param {Page.State} state
 * @param {Api.Interval} interval
 * @param {Date} now
 */
function customBounds(state, interval, now) {
  const endOfRunning = addIntervals(interval, startOf(interval, now), 1);
  const asked = addIntervals(interval, startOf(interval, new Date(/** @type {string} */ (state.to))), 1);
  const to = asked < endOfRunning ? asked : endOfRunning;
  const from = startOf(interval, new Date(/** @type {string} */ (state.from)));
  return { from: from < to ? from : addIntervals(interval, to, -1), to };
}

/**
 * @param {Page.State} state
 * @param {Api.Interval} interval
 * @param {Date} now
 * @param {boolean} withRunning
 */
function bounds(state, interval, now, withRunning) {
  if (state.range === 'custom') return customBounds(state, interval, now);
  const preset = RANGES.find((range) => range.weeks === state.range) ?? RANGES[3];
  const count = { day: preset.weeks * 7, week: preset.weeks, month: preset.months }[interval];
  const to = addIntervals(interval, startOf(interval, now), withRunning ? 1 : 0);
  return { from: addIntervals(interval, to, -count), to };
}

/**
 * Whether a period has few enough intervals of this length to be asked for.
 * @param {Page.State} state
 * @param {Api.Interval} interval
 * @param {Date} now
 */
export function fits(state, interval, now) {
  const { from, to } = bounds(state, interval, now, true);
  return countIntervals(interval, from, to) <= MOST;
}

/**
 * What to ask for. Presets end with the last interval that is over, unless `withRunning`. Where the intervals would be
 * too many, the next longer ones are taken.
 * @param {Page.State} state
 * @param {Date} now
 * @param {boolean} withRunning
 * @returns {Page.Plan}
 */
export function planPeriod(state, now, withRunning = false) {
  const longer = INTERVALS.slice(INTERVALS.indexOf(state.interval));
  const interval = longer.find((candidate) => fits(state, candidate, now)) ?? 'month';
  let { from, to } = bounds(state, interval, now, withRunning);
  if (countIntervals(interval, from, to) > MOST) from = addIntervals(interval, to, -MOST);
  const count = countIntervals(interval, from, to);
  return {
    interval,
    count,
    from,
    to,
    isRunning: to > now,
    isCurrent: to >= startOf(interval, now),
    before: { from: addIntervals(interval, from, -count), to: from },
  };
}

/**
 * A plan's last interval alone.
 * @param {Page.Plan} plan
 */
export function lastOf(plan) {
  return { from: addIntervals(plan.interval, plan.to, -1), to: plan.to };
}
