// That the URL is the state: filters write it, Back goes back in it, and whoever is given it sees the same.
import assert from 'node:assert/strict';
import { lastWeeks } from './support/servers.js';
import { count, day } from './support/texts.js';
import { inBrowser } from './support/visit.js';

inBrowser('filters change the URL and the picture, and Back takes it back', async (visit) => {
  const { page } = visit;
  await visit.open();
  const rows = async () => (await visit.table('activity')).rows;
  const year = await rows();

  await visit.after(() => page.click('#range-12'));
  assert.equal(visit.query('range'), '12');
  assert.deepEqual(await rows(), year.slice(0, 12));

  const left = await visit.leftOut();
  assert.ok(left.length > 0);
  await visit.after(() => page.click(`#label-${left[0]}`));
  assert.equal(visit.query('exclude'), left.slice(1).join(','));
  const { data } = await visit.ask('insight/activity', { ...lastWeeks(12), not_label: left.slice(1) });
  assert.deepEqual(
    (await rows()).map((row) => row[1]),
    data.map(({ counted }) => count(counted.active)).reverse(),
  );

  await page.goBack();
  await page.locator(`#label-${left[0]}[aria-pressed="true"]`).waitFor();
  await visit.settled();
  assert.deepEqual([visit.query('exclude'), visit.query('range')], [null, '12']);
  assert.deepEqual(await rows(), year.slice(0, 12));
  await page.goBack();
  await page.locator('#range-52[aria-pressed="true"]').waitFor();
  await visit.settled();
  assert.equal(new URL(page.url()).search, '');
  assert.deepEqual(await rows(), year);
});

inBrowser('component, train and version are asked for', async (visit) => {
  const { page } = visit;
  await visit.open();
  const components = await page.locator('#component option').allInnerTexts();
  assert.ok(components.length > 1);
  const chosen = await page.locator('#component').inputValue();
  const component = components.find((name) => name !== chosen);
  await visit.after(() => page.selectOption('#component', component));
  assert.equal(visit.query('component'), component);
  assert.ok((await visit.panel('adoption').locator('.sub').innerText()).startsWith(`${component} by version`));

  await visit.after(() => page.selectOption('#train', 'stable'));
  assert.equal(visit.query('train'), 'stable');
  const query = { ...lastWeeks(52), not_label: await visit.leftOut(), component, train: 'stable' };
  const versions = page.locator('#still option');
  const older = await versions.last().innerText();
  await visit.after(() => page.selectOption('#still', older));
  assert.equal(visit.query('still'), older);
  const { data } = await visit.ask('insight/laggards', { ...query, version: older });
  assert.equal(await visit.panel('still').locator('.big').innerText(), count(data.at(-1).clusters));
});

inBrowser('days, weeks and months, and dates of one’s own', async (visit) => {
  const { page } = visit;
  await visit.open('?range=4');
  for (const interval of ['day', 'month']) {
    await visit.after(() => page.selectOption('#interval', interval));
    assert.equal(visit.query('interval'), interval);
    const { heads } = await visit.table('activity');
    assert.equal(heads[0].toLowerCase(), interval);
  }
  const { from, to } = lastWeeks(3);
  const until = new Date(Date.parse(to) - 1).toISOString();
  await visit.after(() => page.selectOption('#interval', 'week'));
  await page.click('#range-custom');
  await page.fill('#from', from.slice(0, 10));
  await page.fill('#to', until.slice(0, 10));
  await visit.after(() => page.click('#apply-period'));
  assert.deepEqual([visit.query('from'), visit.query('to')], [from.slice(0, 10), until.slice(0, 10)]);
  const weeks = (await visit.table('activity')).rows.map((row) => row[0]);
  assert.deepEqual([weeks.length, weeks.at(-1)], [3, day(from)]);
});

inBrowser('whoever is given the URL sees the same', async (visit) => {
  const { page } = visit;
  await visit.open();
  await visit.after(() => page.click('#range-26'));
  await visit.after(() => page.click('#unit-count'));
  await visit.after(() => page.click('#age-last'));
  await visit.after(() => page.locator('#freshness, [data-panel="freshness"] tbody a').first().click());
  const seen = () => visit.page.locator('#filters, main').allInnerTexts();
  const before = await seen();
  const url = page.url();
  await page.close();

  visit.page = await visit.newPage();
  await visit.open(new URL(url).search);
  assert.deepEqual(await seen(), before);
  assert.equal(visit.page.url(), url);
});

inBrowser('a view is a link: Back leads from the releases to the fleet', async (visit) => {
  const { page } = visit;
  await visit.open('?range=12');
  await visit.after(() => page.click('#tab-releases'));
  assert.equal(visit.query('view'), 'releases');
  assert.equal(await page.locator('#tab-releases').getAttribute('aria-current'), 'page');
  assert.ok((await page.title()).includes('Releases'));
  await page.goBack();
  await visit.panel('adoption').waitFor();
  await visit.settled();
  assert.equal(visit.query('range'), '12');
});

inBrowser('what makes no sense in a URL is ignored', async (visit) => {
  await visit.open('?view=nowhere&range=-1&interval=hour&from=yesterday&exclude=%3Cscript%3E&train=%00&still=..%2F..');
  assert.equal((await visit.states()).adoption, 'ready');
});
