// Numbers and dates as the page should write them.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @param {number} number */
export function count(number) {
  return number.toLocaleString('en').replace('-', '−');
}

/** @param {number} number */
export function signed(number) {
  return number > 0 ? `+${count(number)}` : number < 0 ? count(number) : '±0';
}

/** @param {number} share */
export function percent(share) {
  return share > 0 && share < 0.0095 ? '<1%' : `${Math.round(share * 100)}%`;
}

/** @param {number} share */
export function percent1(share) {
  return `${(share * 100).toFixed(1)}%`;
}

/** @param {string} instant */
export function day(instant) {
  const date = new Date(instant);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** The number that a text has. @param {string} text */
export function numberIn(text) {
  return Number(text.replaceAll(',', '').replace('−', '-').replace('%', ''));
}
