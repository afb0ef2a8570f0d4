// That the page shows what the API answers: each number of the fleet view, and each file that it offers.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { lastWeeks } from './support/servers.js';
import { count, day, numberIn, percent, percent1, signed } from './support/texts.js';
import { inBrowser } from './support/visit.js';

const YEAR = 52;
const COHORTS = 16;

/** Opens the fleet view, and says what it should ask. */
async function openFleet(visit) {
  await visit.open();
  const component = await visit.page.locator('#component').inputValue();
  return { ...lastWeeks(YEAR), component, not_label: await visit.leftOut() };
}

/** @param {Record<string, unknown>} query */
function withoutComponent({ component, ...query }) {
  return query;
}

/** What lies before the first cluster is not shown. */
function fromFirst(intervals, clustersOf) {
  return intervals.slice(intervals.findIndex((interval) => clustersOf(interval) > 0));
}

inBrowser('the headline has the numbers of the API', async (visit) => {
  const query = await openFleet(visit);
  const { data } = await visit.ask('insight/activity', withoutComponent(query));
  const ages = await visit.ask('insight/ages', withoutComponent(query));
  const adoption = await visit.ask('insight/adoption', query);
  const [last, newest] = [data.at(-1), adoption.intervals.at(-1)];
  const headline = (id, part) => visit.page.locator(`[data-headline="${id}"] ${part}`).innerText();
  const sum = (whose, what) => count(data.reduce((total, interval) => total + interval[whose][what], 0));

  assert.equal(await headline('active', '.kval'), count(last.counted.active));
  assert.equal(await headline('active', '.kraw b'), count(last.all.active));
  for (const what of ['appeared', 'disappeared']) {
    assert.equal(await headline(what, '.kval'), sum('counted', what));
    assert.equal(await headline(what, '.kraw b'), sum('all', what));
  }
  const days = ages.since_first.median_days;
  const span = days < 28 ? `${Math.round(days)} day` : `${Math.round(days / 7)} week`;
  assert.ok((await headline('age', '.kval')).startsWith(span), span);
  assert.equal(await headline('fresh', '.kval'), percent(newest.up_to_date / newest.clusters));

  const sentence = await visit.page.locator('.lede').innerText();
  assert.ok(sentence.startsWith(`${count(last.counted.active)} clusters checked in last week. `), sentence);
  assert.ok(sentence.includes(`run the newest ${query.component} (${newest.latest}).`), sentence);
  const counted = await visit.page.locator('#counted').innerText();
  assert.ok(counted.includes(`${count(last.counted.active)} of ${count(last.all.active)}`), counted);
});

inBrowser('Adoption has the numbers of the API', async (visit) => {
  const query = await openFleet(visit);
  const { intervals, versions, other } = await visit.ask('insight/adoption', query);
  const first = intervals.findIndex(({ clusters }) => clusters > 0);
  const used = versions.filter(({ clusters }) => clusters.slice(first).some((number) => number > 0)).reverse();
  const names = used.map(({ version }) => version);
  const isTwice = new Set(names).size < names.length;
  const heads = used.map(({ version, train }) => (isTwice ? `${version} (${train})` : version));
  const rows = intervals.map(({ start }, i) => [
    day(start),
    ...used.map(({ clusters }) => count(clusters[i])),
    count(other.clusters[i]),
  ]);
  assert.deepEqual(await visit.table('adoption'), {
    heads: ['Week', ...heads, 'other'],
    rows: rows.slice(first).reverse(),
  });
});

inBrowser('Who is still on has the numbers of the API', async (visit) => {
  const query = await openFleet(visit);
  const version = await visit.page.locator('#still').inputValue();
  const { data, versions } = await visit.ask('insight/laggards', { ...query, version });
  const last = data.at(-1);
  assert.equal(await visit.panel('still').locator('.big').innerText(), count(last.clusters));
  const answer = await visit.panel('still').locator('.answer').innerText();
  assert.ok(answer.includes(percent1(last.share)) && answer.includes(`all labels ${count(last.all_clusters)}`), answer);
  const most = await visit.panel('still').locator('.minibars tr td.num').allInnerTexts();
  assert.deepEqual(
    most,
    versions.slice(0, 5).map(({ clusters }) => count(clusters)),
  );

  const { rows } = await visit.table('still');
  const expected = data.map((interval) => [
    day(interval.start),
    count(interval.clusters),
    percent1(interval.share),
    count(interval.all_clusters),
    count(interval.upgraded),
    count(interval.downgraded),
    signed(interval.net_arrived),
  ]);
  assert.ok(rows.length > 1);
  assert.deepEqual(rows, expected.slice(-rows.length).reverse());
  assert.ok(data.slice(0, -rows.length).every(({ clusters }) => clusters === 0));
});

inBrowser('Activity has the numbers of the API', async (visit) => {
  const query = await openFleet(visit);
  const { data } = await visit.ask('insight/activity', withoutComponent(query));
  const rows = fromFirst(data, ({ all }) => all.active).map(({ start, counted, all }) => [
    day(start),
    ...[counted.active, counted.appeared, counted.returned, counted.disappeared, all.active].map(count),
  ]);
  assert.deepEqual((await visit.table('activity')).rows, rows.reverse());
});

inBrowser('Age has the numbers of the API, in groups', async (visit) => {
  const query = await openFleet(visit);
  for (const [button, key] of [
    ['#age-first', 'since_first'],
    ['#age-last', 'since_last'],
  ]) {
    await visit.after((page) => page.click(button));
    const ages = (await visit.ask('insight/ages', withoutComponent(query)))[key];
    const { rows } = await visit.table('ages');
    const [groups, statistics] = [rows.slice(0, -2), rows.slice(-2)];
    const total = (column) => groups.reduce((sum, row) => sum + numberIn(row[column]), 0);
    assert.deepEqual([total(1), total(3)], [ages.clusters, ages.all_clusters], key);
    assert.equal(groups[0][2], percent1(numberIn(groups[0][1]) / ages.clusters));
    const rounded = (days) => String(Math.round(days * 10) / 10);
    assert.deepEqual(
      statistics.map((row) => row[1]),
      [rounded(ages.median_days), rounded(ages.mean_days)],
    );
  }
});

inBrowser('Freshness has the numbers of the API', async (visit) => {
  const query = await openFleet(visit);
  const { data } = await visit.ask('insight/freshness', withoutComponent(query));
  const rows = data.map((entry) => [
    `${entry.component} (${entry.train})`,
    entry.latest,
    count(entry.clusters),
    count(entry.up_to_date),
    percent1(entry.share),
    count(entry.all_clusters),
  ]);
  assert.deepEqual((await visit.table('freshness')).rows, rows);
});

inBrowser('Retention has the numbers of the API', async (visit) => {
  const query = { ...(await openFleet(visit)), ...lastWeeks(COHORTS) };
  const { cohorts } = await visit.ask('insight/retention', withoutComponent(query));
  const { rows } = await visit.table('retention');
  const numbers = rows.map((row) => row.filter((text) => text !== ''));
  const expected = cohorts.map(({ start, clusters, retained }) => [
    day(start),
    count(clusters),
    ...retained.map(count),
  ]);
  assert.ok(rows.length > 1);
  assert.deepEqual(numbers, expected.slice(-rows.length));
});

inBrowser('what is downloaded is what the API answers as CSV', async (visit) => {
  const query = await openFleet(visit);
  const version = await visit.page.locator('#still').inputValue();
  const rest = withoutComponent(query);
  for (const [panel, operation, asked] of [
    ['adoption', 'adoption', query],
    ['still', 'laggards', { ...query, version }],
    ['activity', 'activity', rest],
    ['ages', 'ages', rest],
    ['freshness', 'freshness', rest],
    ['retention', 'retention', { ...rest, ...lastWeeks(COHORTS) }],
  ]) {
    const [download] = await Promise.all([
      visit.page.waitForEvent('download'),
      visit.panel(panel).locator('[data-csv]').click(),
    ]);
    assert.match(download.suggestedFilename(), /^[a-z0-9.+-]+\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
    const expected = await visit.ask(`insight/${operation}`, asked, { accept: 'text/csv' });
    assert.deepEqual(lines, expected.split('\r\n'), panel);
    assert.ok(lines.length > 2, panel);
  }
});
