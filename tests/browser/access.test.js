// Who may see what: the field for a token, and a fleet that is open to all.
import assert from 'node:assert/strict';
import { SERVERS, TOKEN, WEAK_TOKEN } from './support/servers.js';
import { inBrowser } from './support/visit.js';

const CLOSED = { server: SERVERS.closed, token: null, expected: /status of 40[13]/ };

async function paste(visit, token) {
  await visit.page.fill('#token', token);
  await visit.after((page) => page.click('.token button[type="submit"]'));
}

inBrowser(
  'a closed server is opened with a token',
  async (visit) => {
    const { page } = visit;
    await visit.open();
    assert.deepEqual(await visit.states(), { token: 'ready' });
    await paste(visit, 'not-a-token');
    assert.deepEqual(await visit.states(), { token: 'failed' });
    assert.ok((await page.locator('main').innerText()).includes('The token was refused'));
    await paste(visit, WEAK_TOKEN);
    assert.ok((await page.locator('main').innerText()).includes('lacks the scope clusters:read'));
    await paste(visit, TOKEN);
    assert.equal((await visit.states()).adoption, 'ready');
    assert.ok(!page.url().includes(TOKEN.slice(0, 8)));

    await page.reload();
    await visit.settled();
    assert.equal((await visit.states()).adoption, 'ready');
    await visit.after(() => page.click('#forget-token'));
    assert.deepEqual(await visit.states(), { token: 'ready' });
  },
  CLOSED,
);

inBrowser(
  'a token stays in its tab',
  async (visit) => {
    await visit.open();
    await paste(visit, TOKEN);
    const stored = await visit.page.evaluate(() => [JSON.stringify(localStorage), document.cookie]);
    assert.ok(!stored.join().includes(TOKEN), 'it is stored');
    visit.page = await visit.newPage();
    await visit.open();
    assert.deepEqual(await visit.states(), { token: 'ready' });
  },
  CLOSED,
);

inBrowser(
  'a link that was shared opens what it names once there is a token',
  async (visit) => {
    await visit.open('?range=12&unit=count');
    await paste(visit, TOKEN);
    assert.equal(await visit.page.locator('#range-12').getAttribute('aria-pressed'), 'true');
    assert.equal(await visit.page.locator('#unit-count').getAttribute('aria-pressed'), 'true');
  },
  CLOSED,
);

inBrowser(
  'an open server asks for no token, and says that it rounds',
  async (visit) => {
    await visit.open();
    const states = await visit.states();
    assert.ok(!('token' in states) && states.adoption === 'ready', JSON.stringify(states));
    assert.ok((await visit.page.locator('.notices').innerText()).includes('multiples of 5'));
    assert.equal(await visit.page.locator('#forget-token').count(), 0);
  },
  { token: null },
);

inBrowser('an open server tells the exact numbers to those with a token', async (visit) => {
  await visit.open();
  assert.ok(!(await visit.page.locator('.notices').innerText()).includes('multiples of 5'));
});
