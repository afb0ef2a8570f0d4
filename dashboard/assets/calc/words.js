// The words for intervals and for spans of days.
import { count, day, month, plural } from './format.js';

const LAST = { day: 'Yesterday', week: 'Last week', month: 'Last month' };
const THIS = { day: 'Today', week: 'This week', month: 'This month' };

/**
 * An interval by its start: "Week of 18 Dec 2017".
 * @param {Api.Interval} interval
 * @param {Date} start
 */
export function intervalName(interval, start) {
  if (interval === 'month') return `${month(start)} ${start.getUTCFullYear()}`;
  return interval === 'week' ? `Week of ${day(start)}` : day(start);
}

/**
 * The last interval of a period, as one would call it today.
 * @param {Page.Plan} plan
 * @param {Date} start
 */
export function lastName(plan, start) {
  if (plan.isRunning) return THIS[plan.interval];
  return plan.isCurrent ? LAST[plan.interval] : intervalName(plan.interval, start);
}

/**
 * The same, inside a sentence: "last week", "during the week of 18 Dec 2017".
 * @param {Page.Plan} plan
 * @param {Date} start
 */
export function lastPhrase(plan, start) {
  const name = lastName(plan, start);
  if (plan.isRunning || plan.isCurrent) return name.toLowerCase();
  if (plan.interval === 'day') return `on ${name}`;
  return plan.interval === 'week' ? `during the w${name.slice(1)}` : `during ${name}`;
}

/**
 * A length of time in the largest unit that still says enough.
 * @param {number} days
 * @returns {{ value: string, unit: string }}
 */
export function spanOf(days) {
  const [amount, unit] = days < 28 ? [days, 'day'] : [days / 7, 'week'];
  return { value: count(amount), unit: Math.round(amount) === 1 ? unit : `${unit}s` };
}

/**
 * @param {number} intervals
 * @param {Api.Interval} interval
 */
export function intervalsWord(intervals, interval) {
  return plural(intervals, interval);
}
