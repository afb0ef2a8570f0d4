// The questions of one state of the page: each is asked once, and all of them end with the state.
import { request, urlOf } from './client.js';

/** How long an answer is good enough to be shown again, so that going back and forth costs nothing. */
const FRESH_FOR = 60_000;
/** @type {Map<string, { at: number, body: unknown }>} */
const answers = new Map();

/** After a change of token, or to look again. */
export function forgetAnswers() {
  answers.clear();
}

/** @param {string} url */
function remembered(url) {
  const answer = answers.get(url);
  if (answer && Date.now() - answer.at < FRESH_FOR) return answer.body;
  answers.delete(url);
  return undefined;
}

/**
 * @param {AbortSignal} signal
 * @returns {Page.Session}
 */
export function createSession(signal) {
  /** @type {Map<string, Promise<any>>} */
  const asked = new Map();
  /** @param {string} url */
  const ask = async (url) => {
    // What is remembered would come even to a state that is over.
    signal.throwIfAborted();
    const known = remembered(url);
    if (known !== undefined) return known;
    const response = await request(url, { signal });
    const body = await response.json();
    answers.set(url, { at: Date.now(), body });
    return body;
  };
  return {
    get(path, params) {
      const url = urlOf(path, params);
      const known = asked.get(url) ?? ask(url);
      asked.set(url, known);
      return known;
    },
  };
}
