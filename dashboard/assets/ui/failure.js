// What is said when an answer does not come, and when it is asked for again.
import { ApiError } from '../api/client.js';
import { plural } from '../calc/format.js';
import { h } from './dom.js';

/** @param {unknown} error */
function words(error) {
  if (!(error instanceof ApiError)) return 'The page could not draw this. The console of the browser says why.';
  if (error.status === 0) return 'The server did not answer.';
  if (error.status === 401) return 'The token was refused.';
  if (error.status === 403) return 'The token lacks the scope clusters:read.';
  if (error.status === 429) return 'More was asked than this address may.';
  if (error.status === 503) return 'The server cannot answer just now.';
  return error.message || `The server answered ${error.status}.`;
}

/**
 * A failure with a way on. Where the server said when to come back, that is waited for and told.
 * @param {unknown} error
 * @param {() => void} retry
 */
export function failureOf(error, retry) {
  if (!(error instanceof ApiError)) console.error(error);
  const button = h('button', { type: 'button', class: 'quiet', onclick: () => stopAndRetry() }, 'Try again');
  const wait = h('span', { class: 'wait' });
  const element = h('div', { class: 'failure', role: 'status' }, h('p', {}, words(error), ' ', wait), button);
  let left = error instanceof ApiError ? error.retryAfter : null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  function stopAndRetry() {
    clearInterval(timer);
    retry();
  }
  /** Somebody else has asked again, or gone elsewhere. */
  function isOver() {
    return !element.isConnected || element.closest('[data-state="loading"]') != null;
  }
  function tick() {
    if (left == null) return;
    left -= 1;
    if (isOver()) clearInterval(timer);
    else if (left <= 0) stopAndRetry();
    else say(left);
  }
  /** @param {number} seconds */
  function say(seconds) {
    wait.textContent = `Trying again in ${plural(seconds, 'second')}.`;
  }
  if (left != null) {
    say(left);
    timer = setInterval(tick, 1000);
  }
  return element;
}
