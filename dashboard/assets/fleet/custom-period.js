// Dates of one's own: the first and the last day, both included.
import { h } from '../ui/dom.js';
import { go } from '../ui/router.js';

/** The dates that wait to be applied. @type {{ from: string, to: string } | null} */
let draft = null;

/** @param {Date} date */
function dateText(date) {
  return date.toISOString().slice(0, 10);
}

/**
 * Starts with the period that is shown.
 * @param {Page.Plan} plan
 */
export function openCustom(plan) {
  draft = { from: dateText(plan.from), to: dateText(new Date(plan.to.getTime() - 1)) };
}

/** @param {Page.Context} context */
export function customFields({ state }) {
  const { from, to } = state.range === 'custom' ? state : (draft ?? {});
  if (!from || !to) return null;
  const today = dateText(new Date());
  const first = h('input', { type: 'date', id: 'from', value: from, max: today, required: true });
  const last = h('input', { type: 'date', id: 'to', value: to, max: today, required: true });
  const check = () => last.setCustomValidity(first.value > last.value ? 'The last day is before the first.' : '');
  const apply = () => {
    check();
    if (!first.reportValidity() || !last.reportValidity()) return;
    draft = null;
    go({ range: 'custom', from: first.value, to: last.value });
  };
  for (const field of [first, last]) {
    field.addEventListener('input', check);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') apply();
    });
  }
  return h(
    'div',
    { class: 'f f-custom' },
    h('label', { class: 'flabel', for: 'from' }, 'From'),
    h('label', { class: 'flabel', for: 'to' }, 'to, included'),
    first,
    last,
    h('button', { type: 'button', class: 'quiet', id: 'apply-period', onclick: apply }, 'Apply'),
  );
}

/** Another period was chosen. */
export function closeCustom() {
  draft = null;
}
