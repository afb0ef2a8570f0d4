// Numbers, dates and names as people read them.

const DAY = 86_400_000;
const numbers = new Intl.NumberFormat('en');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @param {number} x */
export function count(x) {
  return numbers.format(Math.round(x)).replace('-', '−');
}

/** A change: always with a sign. @param {number} x */
export function signed(x) {
  const rounded = Math.round(x);
  const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '±';
  return sign + numbers.format(Math.abs(rounded));
}

/** A share in whole percent; what is there but rounds to nothing is "<1%". @param {number | null | undefined} share */
export function percent(share) {
  if (share == null || Number.isNaN(share)) return '–';
  if (share > 0 && share < 0.0095) return '<1%';
  return `${Math.round(share * 100)}%`;
}

/** A share with one decimal. @param {number} share */
export function percent1(share) {
  return `${(share * 100).toFixed(1)}%`;
}

/** @param {Date} date */
export function month(date) {
  return MONTHS[date.getUTCMonth()];
}

/** @param {Date} date */
export function day(date) {
  return `${date.getUTCDate()} ${month(date)} ${date.getUTCFullYear()}`;
}

/** @param {Date} date */
export function dayMonth(date) {
  return `${date.getUTCDate()} ${month(date)}`;
}

/**
 * @param {number} x
 * @param {string} one
 * @param {string} many
 */
export function plural(x, one, many = `${one}s`) {
  return `${count(x)} ${Math.round(x) === 1 ? one : many}`;
}

/**
 * Time passed, for sentences: "4 months".
 * @param {Date} from
 * @param {Date} to
 */
export function elapsed(from, to) {
  const days = Math.max(0, Math.floor((to.getTime() - from.getTime()) / DAY));
  if (days < 14) return plural(days, 'day');
  if (days < 98) return plural(Math.floor(days / 7), 'week');
  if (days < 730) return plural(Math.floor(days / 30.44), 'month');
  return plural(Math.floor(days / 365.25), 'year');
}

/**
 * Time passed, for dense tables: "4 mo".
 * @param {Date} from
 * @param {Date} to
 */
export function elapsedShort(from, to) {
  const days = Math.max(0, Math.floor((to.getTime() - from.getTime()) / DAY));
  if (days < 14) return `${days} d`;
  if (days < 98) return `${Math.floor(days / 7)} wk`;
  return `${Math.floor(days / 30.44)} mo`;
}

/**
 * What all names begin with, up to a separator, so that it can be set back. Empty where names are few or mixed.
 * @param {string[]} names
 */
export function commonPrefix(names) {
  if (names.length < 3) return '';
  let prefix = names[0];
  for (const name of names) {
    while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  const cut = Math.max(prefix.lastIndexOf('-'), prefix.lastIndexOf('.'), prefix.lastIndexOf('_')) + 1;
  return prefix.slice(0, cut);
}
