// The answer behind a panel as a CSV file. A link would not carry the token, so the page fetches it.
import { request, urlOf } from '../api/client.js';
import { h, hidden } from './dom.js';

/** @param {Page.Csv} csv */
async function download(csv) {
  const response = await request(urlOf(csv.path, csv.params), { accept: 'text/csv' });
  const url = URL.createObjectURL(await response.blob());
  const link = h('a', { href: url, download: `${csv.name}.csv` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * @param {Page.Csv} csv
 * @param {string} title
 */
export function csvButton(csv, title) {
  const label = h('span', { 'aria-live': 'polite' }, 'CSV');
  /** @param {string} text */
  const say = (text) => {
    label.textContent = text;
    setTimeout(() => (label.textContent = 'CSV'), 2500);
  };
  const onclick = () => download(csv).catch(() => say('Failed'));
  return h('button', { type: 'button', class: 'quiet small', 'data-csv': '', onclick }, label, hidden(` of ${title}`));
}
