// What is seen when the server does not answer, and when it has nothing to say yet.
import assert from 'node:assert/strict';
import { SERVERS } from './support/servers.js';
import { inBrowser } from './support/visit.js';

const RETENTION = '**/v4/insight/retention?*';
const INSIGHT = '**/v4/insight/**';

inBrowser(
  'a panel that fails says so, the others stay, and it can be tried again',
  async (visit) => {
    const { page } = visit;
    await page.route(RETENTION, (route) => route.abort());
    await visit.open();
    const { retention, ...others } = await visit.states();
    assert.equal(retention, 'failed');
    assert.deepEqual(new Set(Object.values(others)), new Set(['ready']));
    const panel = visit.panel('retention');
    assert.ok((await panel.innerText()).includes('The server did not answer.'));
    assert.equal(await panel.locator('[data-csv], [data-table]').count(), 0);

    await panel.getByRole('button', { name: 'Try again' }).click();
    await visit.settled();
    assert.equal((await visit.states()).retention, 'failed');
    await page.unroute(RETENTION);
    await panel.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-panel="retention"][data-state="ready"]').waitFor();
  },
  { expected: /ERR_FAILED/ },
);

inBrowser(
  'a server that says when to come back is asked again then',
  async (visit) => {
    const { page } = visit;
    await page.route(RETENTION, (route) => route.fulfill({ status: 503, headers: { 'retry-after': '2' }, json: {} }));
    await visit.open();
    assert.equal((await visit.states()).retention, 'failed');
    assert.match(await visit.panel('retention').innerText(), /Trying again in \d second/);
    await page.unroute(RETENTION);
    await page.locator('[data-panel="retention"][data-state="ready"]').waitFor();
  },
  { expected: /status of 503/ },
);

inBrowser(
  'without any numbers there is one message, and a way on',
  async (visit) => {
    const { page } = visit;
    await page.route(INSIGHT, (route) => route.abort());
    await visit.open();
    assert.ok((await page.locator('main').innerText()).includes('The numbers did not arrive'));
    await page.unroute(INSIGHT);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-panel="adoption"][data-state="ready"]').waitFor();
  },
  { expected: /ERR_FAILED/ },
);

inBrowser('the old picture stays while a new one loads', async (visit) => {
  const { page } = visit;
  await visit.open();
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route(INSIGHT, async (route) => {
    await held;
    await route.continue();
  });
  await page.click('#range-12');
  const adoption = visit.panel('adoption');
  await page.locator('[data-panel="adoption"][data-state="loading"]').waitFor();
  assert.ok(await adoption.locator('svg').first().isVisible());
  assert.equal(await adoption.getAttribute('aria-busy'), 'true');
  go();
  await visit.settled();
  assert.equal(await adoption.getAttribute('data-state'), 'ready');
});

inBrowser(
  'a new server says what to do first',
  async (visit) => {
    await visit.open();
    assert.deepEqual(await visit.states(), { welcome: 'empty' });
    const text = await visit.page.locator('main').innerText();
    for (const part of ['No check-ins yet', '0 versions published', `${SERVERS.empty}/v4/clusters/`]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    await visit.after((page) => page.click('#tab-releases'));
    assert.deepEqual(await visit.states(), { matrix: 'empty', component: 'empty' });
  },
  { server: SERVERS.empty, token: null },
);
