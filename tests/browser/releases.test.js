// The releases view: what is newest, all releases of a component, and the notes of one.
import assert from 'node:assert/strict';
import { SERVERS } from './support/servers.js';
import { count, day, percent } from './support/texts.js';
import { inBrowser, readTable } from './support/visit.js';

/** All components with their trains, page by page. */
async function summaries(visit) {
  const found = [];
  let cursor = null;
  do {
    const page = await visit.ask('versions', { cursor });
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

/** All versions of a component, by `train/version`. */
async function versionsOf(visit, { component, trains }) {
  const found = new Map();
  for (const { train } of trains) {
    let cursor = null;
    do {
      const page = await visit.ask(`versions/${component}/${train}`, { include_yanked: true, cursor });
      for (const version of page.data) found.set(`${train}/${version.version}`, version);
      cursor = page.next_cursor;
    } while (cursor);
  }
  return found;
}

inBrowser('Latest has what the API says is latest', async (visit) => {
  await visit.open('?view=releases');
  const components = await summaries(visit);
  const { heads, rows } = await readTable(visit.panel('matrix').locator('table'));
  const trains = [...new Set(components.flatMap((entry) => entry.trains.map(({ train }) => train)))];
  assert.deepEqual(new Set(heads.slice(1, 1 + trains.length)), new Set(trains));
  assert.equal(rows.length, components.length);
  for (const [i, { component, trains: released }] of components.entries()) {
    assert.equal(rows[i][0], component);
    for (const [at, train] of heads.slice(1, 1 + trains.length).entries()) {
      const latest = released.find((entry) => entry.train === train)?.latest;
      const expected = latest ? `${latest.version} ` : '–';
      assert.ok(rows[i][1 + at].startsWith(expected), `${component}, ${train}: ${rows[i]}`);
    }
  }
});

inBrowser('a component has all its releases, and each its notes', async (visit) => {
  const { page } = visit;
  const components = await summaries(visit);
  const total = ({ trains }) => trains.reduce((sum, { versions }) => sum + versions, 0);
  const summary = components.reduce((most, entry) => (total(entry) > total(most) ? entry : most));
  const { component } = summary;
  await visit.open('?view=releases');
  await visit.after(() => page.click(`[id="mx-${component}"]`));
  assert.equal(visit.query('component'), component);
  const list = visit.panel('component').locator('table.rl');
  // Long lists come page by page.
  for (const more = page.locator('#more-versions'); await more.isVisible();) {
    const before = await list.locator('tbody tr').count();
    await more.click();
    await page.waitForFunction((n) => document.querySelectorAll('table.rl tbody tr').length > n, before);
  }
  const versions = await versionsOf(visit, summary);
  const { rows } = await readTable(list);
  assert.equal(rows.length, versions.size);
  for (const [name, train, released] of rows) {
    const version = versions.get(`${train}/${name.replace(/(yanked|latest)+$/, '')}`);
    assert.ok(version, name);
    assert.equal(released, day(version.released));
    assert.equal(name.includes('yanked'), version.yanked != null, name);
  }

  const described = [...versions].find(([, { description }]) => description);
  assert.ok(described, `no release of ${component} has notes`);
  const [key, { version, train, released, image }] = described;
  await visit.after(() => page.click(`[id="rl-${key}"]`));
  assert.equal(visit.query('version'), key);
  const notes = await visit.page.locator('.notes').innerText();
  for (const text of [version, train, day(released), image].filter(Boolean)) assert.ok(notes.includes(text), notes);
});

inBrowser('a yanked release says why, wherever it is', async (visit) => {
  for (const summary of await summaries(visit)) {
    const yanked = [...(await versionsOf(visit, summary))].find(([, version]) => version.yanked);
    if (!yanked) continue;
    await visit.open(`?view=releases&component=${summary.component}&version=${yanked[0]}`);
    const banner = await visit.page.locator('.notes .banner').innerText();
    assert.equal(banner, `Yanked ${day(yanked[1].yanked.at)}. ${yanked[1].yanked.reason}`);
    return;
  }
  assert.fail('no release of the demo is yanked');
});

inBrowser('a release can be opened from the timeline with the keyboard', async (visit) => {
  await visit.open('?view=releases');
  const timeline = visit.page.locator('#cursor-timeline');
  await timeline.focus();
  await timeline.press('Home');
  const said = await timeline.getAttribute('aria-valuetext');
  await visit.after(() => timeline.press('Enter'));
  const [, version] = visit.query('version').split('/');
  assert.ok(said.includes(version), said);
  assert.ok((await visit.page.locator('.notes h3').innerText()).startsWith(version));
});

inBrowser(
  'who may not know the fleet sees the releases all the same',
  async (visit) => {
    await visit.open('?view=releases');
    assert.deepEqual(await visit.states(), { matrix: 'ready', component: 'ready' });
    assert.ok(!(await readTable(visit.panel('matrix').locator('table'))).heads.includes('on latest'));
  },
  { server: SERVERS.closed, token: null, expected: /status of 401/ },
);

inBrowser('notes are text, whatever is in them', async (visit) => {
  const { page } = visit;
  const description = [
    '<img src=x onerror="document.title=1"><script>document.title=2</script> **bold**',
    '[click](javascript:document.title=3) [here](https://example.com/notes) ![x](https://example.com/x.png)',
  ].join('\n\n');
  await page.route(/\/v4\/versions/, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    const body = JSON.parse(text, (_, value) => (value?.image || value?.released ? { ...value, description } : value));
    await route.fulfill({ response, json: body });
  });
  await visit.open('?view=releases');
  const notes = page.locator('.notes');
  assert.equal(await notes.locator('strong, b').first().innerText(), 'bold');
  assert.ok((await notes.innerText()).includes('<script>document.title=2</script>'));
  assert.equal(await notes.locator('img, script, iframe, style').count(), 0);
  const links = await notes.locator('a').evaluateAll((found) => found.map(({ protocol, rel }) => [protocol, rel]));
  assert.ok(links.length > 0 && links.every(([protocol]) => protocol === 'https:'), String(links));
  assert.ok((await page.title()).includes('Stationmaster'));
});
