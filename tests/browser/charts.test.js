// That a chart tells its values to those who step along it with the keyboard, as to those who point at it.
import assert from 'node:assert/strict';
import { lastWeeks } from './support/servers.js';
import { count, day } from './support/texts.js';
import { inBrowser } from './support/visit.js';

inBrowser('stepping along Activity rewrites its legend', async (visit) => {
  await visit.open();
  const { data } = await visit.ask('insight/activity', { ...lastWeeks(52), not_label: await visit.leftOut() });
  const known = data.slice(data.findIndex(({ all }) => all.active > 0));
  const chart = visit.page.locator('#cursor-activity');
  const readout = () => visit.panel('activity').locator('.readout').innerText();
  const isRead = async ({ start, counted }) => {
    const said = await chart.getAttribute('aria-valuetext');
    const numbers = [counted.active, counted.appeared, counted.returned, counted.disappeared].map(count);
    const [when, values] = said.split(': ');
    assert.deepEqual([when, values.match(/\d[\d,]*(?= )/g)], [`Week of ${day(start)}`, numbers]);
    const shown = await readout();
    for (const text of [`Week of ${day(start)}`, ...numbers]) assert.ok(shown.includes(text), `${text} in ${shown}`);
  };

  const before = await readout();
  assert.ok(before.includes('Last week'), before);
  await chart.focus();
  for (const [key, at] of [
    ['Home', 0],
    ['ArrowRight', 1],
    ['ArrowRight', 2],
    ['ArrowLeft', 1],
    ['PageUp', 5],
    ['End', known.length - 1],
    ['ArrowLeft', known.length - 2],
  ]) {
    await chart.press(key);
    await isRead(known[at]);
  }
  await chart.press('Escape');
  assert.equal(await readout(), before);
});

for (const [panel, id] of [
  ['adoption', 'adoption'],
  ['still', 'still'],
  ['ages', 'ages'],
]) {
  inBrowser(`the chart of ${panel} can be stepped along`, async (visit) => {
    await visit.open();
    const chart = visit.page.locator(`#cursor-${id}`);
    const said = () => chart.getAttribute('aria-valuetext');
    assert.equal(await chart.getAttribute('role'), 'slider');
    assert.ok(await chart.getAttribute('aria-label'));
    await chart.focus();
    await chart.press('Home');
    const [first, shown] = [await said(), await visit.panel(panel).innerText()];
    await chart.press('ArrowRight');
    assert.notEqual(await said(), first);
    assert.notEqual(await visit.panel(panel).innerText(), shown);
    await chart.press('ArrowLeft');
    assert.deepEqual([await said(), await visit.panel(panel).innerText()], [first, shown]);
  });
}

inBrowser('pointing at a chart does the same', async (visit) => {
  await visit.open();
  const chart = visit.page.locator('#cursor-activity');
  await chart.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await chart.boundingBox();
  await visit.page.mouse.move(x + width / 2, y + height / 2);
  const readout = await visit.panel('activity').locator('.readout').innerText();
  assert.ok(!readout.includes('Last week'), readout);
});

inBrowser('the cells of Retention are walked through with the arrow keys', async (visit) => {
  await visit.open();
  const cells = visit.panel('retention').locator('td[tabindex]');
  const line = visit.panel('retention').locator('.rline');
  await cells.first().focus();
  const first = await line.innerText();
  await visit.page.keyboard.press('ArrowDown');
  assert.notEqual(await line.innerText(), first);
  await visit.page.keyboard.press('ArrowUp');
  assert.equal(await line.innerText(), first);
  assert.equal(await visit.panel('retention').locator('td[tabindex="0"]').count(), 1);
});
