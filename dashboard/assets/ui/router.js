// The URL is the state: reads it, writes it, and tells the page when it changes.
import { formatState, parseState } from '../calc/state.js';

/** @type {() => void} */
let onChange = () => {};

export function currentState() {
  return parseState(location.search);
}

/** @param {Partial<Page.State>} change */
export function linkTo(change) {
  return formatState({ ...currentState(), ...change }) || './';
}

/**
 * @param {Partial<Page.State>} change
 * @param {{ replace?: boolean }} options whether Back skips what was before
 */
export function go(change, { replace = false } = {}) {
  const url = linkTo(change);
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  onChange();
}

/** Asks again for what failed; what is known by then is shown from memory. */
export function again() {
  onChange();
}

/** @param {MouseEvent} event */
function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

/**
 * Plain clicks on links of this page change its state; everything else about them stays as with any link.
 * @param {() => void} listener
 */
export function listen(listener) {
  onChange = listener;
  addEventListener('popstate', listener);
  addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const link = target.closest('a[data-link]');
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    const viewBefore = currentState().view;
    const href = /** @type {string} */ (link.getAttribute('href'));
    if (link.hasAttribute('data-replace')) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    listener();
    if (currentState().view === viewBefore) return;
    scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  });
}
