// A server without check-ins: says what is missing and hands over the commands.
import { createSession, forgetAnswers } from '../api/session.js';
import { listComponents } from '../api/versions.js';
import { plural } from '../calc/format.js';
import { command } from './command.js';
import { h, replace } from './dom.js';

const LOOK_AGAIN = 10_000;

/** An id that nobody else has, so that the command can be run as it is. */
function newClusterId() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The commands of the README, with this server's address. */
export function publishCommand() {
  return `TOKEN=$(stationmaster token --subject me --scope versions:publish)
curl -sS -X POST \\
  ${location.origin}/v4/versions/deis-router/stable/v2.11.0 \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"image": "quay.io/deis/router:v2.11.0"}'`;
}

function checkInCommand() {
  return `curl -sS -X POST \\
  ${location.origin}/v4/clusters/${newClusterId()}/checkins \\
  -H 'Content-Type: application/json' -H 'Claim-Key: any-secret-of-the-cluster' \\
  -d '{"components": [{"component": "deis-router",
       "train": "stable", "version": "v2.3.0"}]}'`;
}

/**
 * @param {number} number
 * @param {string} title
 * @param {string} text
 * @param {string} code
 */
function step(number, title, text, code) {
  return h(
    'li',
    {},
    h('span', { class: 'stepno', 'aria-hidden': 'true' }, number),
    h('div', { class: 'stepbody' }, h('h2', {}, title), h('p', {}, text), command(title, code)),
  );
}

/** @param {boolean} isDone @param {string} text */
function check(isDone, text) {
  return h('li', { class: isDone ? 'ok' : null }, text);
}

/** @param {AbortSignal} signal */
async function checks(signal) {
  const session = createSession(signal);
  const health = await session.get('healthz').catch(() => null);
  const components = await listComponents(session).catch(() => []);
  const versions = components.flatMap(({ trains }) => trains).reduce((sum, train) => sum + train.versions, 0);
  return [
    check(true, 'Server up'),
    check(health?.database.status === 'ok', 'Database reachable'),
    check(versions > 0, `${plural(versions, 'version')} published`),
    check(false, '0 clusters'),
  ];
}

/**
 * @param {AbortSignal} signal
 * @param {() => Promise<boolean>} isStillEmpty
 * @param {() => void} leave
 */
export async function welcome(signal, isStillEmpty, leave) {
  const list = h('ul', { class: 'checks' });
  replace(list, ...(await checks(signal)));
  const lookAgain = async () => {
    if (document.visibilityState !== 'visible') return;
    forgetAnswers();
    replace(list, ...(await checks(signal)));
    if (!(await isStillEmpty())) leave();
  };
  // What fails now is asked again next time.
  const timer = setInterval(() => lookAgain().catch(() => {}), LOOK_AGAIN);
  signal.addEventListener('abort', () => clearInterval(timer));
  const steps = [
    step(
      1,
      'Publish a version',
      'Needs a token with the scope versions:publish. A CI job may repeat it: the same content again changes nothing.',
      publishCommand(),
    ),
    step(
      2,
      'Check in as a cluster',
      'Needs no token. The cluster chooses its own id, and is answered what is newer than what it runs.',
      checkInCommand(),
    ),
    step(
      3,
      'Ask what is latest',
      'What every installer and every CI job will ask.',
      `curl -sS ${location.origin}/v4/versions/deis-router/stable/latest`,
    ),
  ];
  return h(
    'section',
    { class: 'welcome', 'data-panel': 'welcome', 'data-state': 'empty' },
    h('h1', {}, 'No check-ins yet'),
    h(
      'p',
      { class: 'lede' },
      'The server runs and its database answers. Once clusters check in, this page shows how many there are and which versions they run.',
    ),
    list,
    h('ol', { class: 'steps' }, steps),
    h(
      'p',
      { class: 'soft' },
      'This page looks again every 10 seconds. All operations are described under ',
      h('a', { href: 'docs' }, '/docs'),
      '.',
    ),
  );
}
