// What panels of the fleet view have in common.
import { intervalName } from '../calc/words.js';

/**
 * Intervals with dates and names. One that is not over ends now.
 * @template {{ start: string, end: string, is_complete: boolean }} T
 * @param {Api.Interval} interval
 * @param {T[]} moments
 */
export function momentsOf(interval, moments) {
  return moments.map((moment) => ({
    ...moment,
    start: new Date(moment.start),
    end: moment.is_complete ? new Date(moment.end) : new Date(),
    name: intervalName(interval, new Date(moment.start)),
  }));
}

/**
 * The heading of the first column of a table of intervals.
 * @param {Api.Interval} interval
 */
export function intervalHead(interval) {
  return interval[0].toUpperCase() + interval.slice(1);
}

/**
 * A date in a table, with the interval in its heading.
 * @param {{ name: string }} moment
 */
export function shortName(moment) {
  return moment.name.replace('Week of ', '');
}

/**
 * A name for a file: what it has, of what, until when.
 * @param {string} what
 * @param {Page.Context} context
 */
export function fileName(what, { plan }) {
  return `${what}-${plan.interval}-until-${plan.to.toISOString().slice(0, 10)}`;
}

/** What panels about one component say where there is none. */
export const NO_COMPONENT = 'No cluster ran any component with these filters.';
