// Light and dark: as the system has it, or as it was chosen.
import assert from 'node:assert/strict';
import { inBrowser } from './support/visit.js';

/** How bright the page is, from 0 to 1. */
async function brightness(visit) {
  const colour = await visit.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const parts = colour
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
  return parts.reduce((sum, part) => sum + part, 0) / 3 / (colour.startsWith('rgb') ? 255 : 1);
}

async function isDark(visit) {
  const found = await brightness(visit);
  assert.ok(found < 0.2 || found > 0.8, `${found}`);
  return found < 0.2;
}

for (const theme of ['light', 'dark']) {
  inBrowser(
    `the page is ${theme} where the system is`,
    async (visit) => {
      await visit.open();
      assert.equal(await isDark(visit), theme === 'dark');
    },
    { theme },
  );
}

inBrowser('a change of the system is followed at once', async (visit) => {
  await visit.open();
  await visit.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  assert.equal(await isDark(visit), true);
});

inBrowser('a theme that was chosen stays, and can be given up', async (visit) => {
  await visit.open();
  const button = visit.page.locator('#theme');
  const seen = {};
  for (let i = 0; i < 3; i++) {
    await button.click();
    seen[await button.innerText()] = await isDark(visit);
    if ((await button.innerText()).includes('dark')) {
      await visit.page.reload();
      await visit.settled();
      assert.equal(await isDark(visit), true);
    }
  }
  assert.deepEqual(seen, { 'Theme: light': false, 'Theme: dark': true, 'Theme: auto': false });
  assert.equal(new URL(visit.page.url()).search, '');
});
