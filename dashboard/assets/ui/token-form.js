// The field for a token, where the server tells its numbers to those alone who show one.
import { ApiError } from '../api/client.js';
import { forgetAnswers } from '../api/session.js';
import { currentToken, setToken } from '../api/token.js';
import { command } from './command.js';
import { h } from './dom.js';

/** @param {string | null} token */
function use(token) {
  forgetAnswers();
  setToken(token);
}

/** @param {unknown} error */
function reason(error) {
  if (!currentToken()) return null;
  if (error instanceof ApiError && error.status === 403) {
    return 'The token was accepted, but it lacks the scope clusters:read.';
  }
  if (!(error instanceof ApiError)) return null;
  return `The token was refused: it has expired, or is not one of this server. ${error.message}`;
}

/**
 * @param {unknown} error why a token is asked for
 * @param {() => void} done
 */
export function tokenForm(error, done) {
  const field = h('textarea', {
    id: 'token',
    name: 'token',
    rows: 3,
    required: true,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': 'token-note',
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const token = field.value.replace(/\s+/g, '');
    if (!token) return;
    use(token);
    done();
  };
  const forget = () => {
    use(null);
    done();
  };
  const why = reason(error);
  const form = h(
    'form',
    { class: 'token', onsubmit: submit },
    h('label', { for: 'token' }, 'Token'),
    field,
    h('p', { class: 'soft', id: 'token-note' }, 'It is kept for this tab only, and sent to this server alone.'),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'submit', class: 'primary' }, 'Show the fleet'),
      currentToken() && h('button', { type: 'button', class: 'quiet', onclick: forget }, 'Forget the token'),
    ),
  );
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey) submit(event);
  });
  return h(
    'section',
    { class: 'welcome', 'data-panel': 'token', 'data-state': why ? 'failed' : 'ready' },
    h('h1', {}, 'The fleet needs a token'),
    h(
      'p',
      { class: 'lede' },
      'This server tells what clusters run to those alone who show a token. Releases need none.',
    ),
    why && h('p', { class: 'banner', role: 'alert' }, why),
    form,
    h('h2', {}, 'Where to get one'),
    h('p', { class: 'soft' }, 'On the server, whoever has its token key prints one:'),
    command('Print a token', 'stationmaster token --subject me --scope clusters:read'),
  );
}

/**
 * A line for the footer: a way to forget the token.
 * @param {() => void} done
 */
export function tokenLine(done) {
  if (!currentToken()) return null;
  const forget = () => {
    use(null);
    done();
  };
  return h(
    'p',
    {},
    'Read with the token that you pasted. ',
    h('button', { type: 'button', class: 'linklike', id: 'forget-token', onclick: forget }, 'Forget it'),
  );
}
