// That the page can be used by everyone: what axe-core finds, in every view, theme and width, and nothing scrolls sideways.
import assert from 'node:assert/strict';
import { SERVERS } from './support/servers.js';
import { axe } from './support/tools.js';
import { inBrowser, PHONE } from './support/visit.js';

const VIEWS = [
  { name: 'the fleet', query: '' },
  { name: 'the releases', query: '?view=releases' },
  { name: 'the question for a token', query: '', server: SERVERS.closed, token: null, expected: /status of 401/ },
  { name: 'an empty fleet', query: '', server: SERVERS.empty, token: null },
  { name: 'no releases', query: '?view=releases', server: SERVERS.empty, token: null },
];

for (const { name, query, ...where } of VIEWS) {
  for (const theme of ['light', 'dark']) {
    for (const viewport of [undefined, PHONE]) {
      inBrowser(
        `${name} keeps nobody out: ${theme}, ${viewport ? 'phone' : 'desktop'}`,
        async (visit) => {
          await visit.open(query);
          const { violations } = await visit.page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
          const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          const told = grave.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
          );
          assert.deepEqual(told, []);

          const { scroll, room } = await visit.page.evaluate(() => ({
            scroll: document.documentElement.scrollWidth,
            room: document.documentElement.clientWidth,
          }));
          assert.ok(scroll <= room, `${scroll} px in ${room}`);
        },
        { ...where, theme, viewport, script: axe },
      );
    }
  }
}

inBrowser('every control can be reached with the keyboard, and shows that it has the focus', async (visit) => {
  await visit.open();
  const reached = new Set();
  for (let i = 0; i < 200; i++) {
    await visit.page.keyboard.press('Tab');
    const at = await visit.page.evaluate(() => {
      const { activeElement: element } = document;
      const { outlineStyle, boxShadow } = getComputedStyle(element);
      return {
        id: element.id,
        name: element.outerHTML.slice(0, 120),
        isShown: outlineStyle !== 'none' || boxShadow !== 'none',
      };
    });
    if (at.name.startsWith('<body')) break;
    assert.ok(at.isShown, `no ring around ${at.name}`);
    reached.add(at.id);
  }
  for (const id of ['tab-releases', 'theme', 'range-52', 'component', 'train', 'still', 'cursor-activity', 't-ages']) {
    assert.ok(reached.has(id), `${id} in ${[...reached].join(' ')}`);
  }
});
