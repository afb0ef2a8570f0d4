// Takes the pictures of the page that the documents show: `make screenshots`.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVERS, TOKEN } from './support/servers.js';
import { chromium } from './support/tools.js';

const [directory] = process.argv.slice(2);
// High enough for the answer and the first pictures.
const DESKTOP = { width: 1280, height: 1110 };
const VIEWS = [
  { view: 'glance', server: SERVERS.open, query: '', fullPage: false },
  { view: 'fleet', server: SERVERS.open, query: '' },
  { view: 'releases', server: SERVERS.open, query: '?view=releases' },
  { view: 'empty', server: SERVERS.empty, query: '' },
];
const LOOKS = [
  { look: 'light', viewport: DESKTOP, colorScheme: 'light' },
  { look: 'dark', viewport: DESKTOP, colorScheme: 'dark' },
  { look: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
];

mkdirSync(directory, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
const files = [];
for (const { view, server, query, fullPage = true } of VIEWS) {
  for (const { look, ...options } of LOOKS) {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    await context.addInitScript((token) => sessionStorage.setItem('stationmaster-token', token), TOKEN);
    const page = await context.newPage();
    await page.goto(`${server}/${query}`);
    await page.locator('body[data-ready]').waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('.plotbox')].every((box) => box.firstChild));
    const path = join(directory, `${view}-${look}.png`);
    await page.screenshot({ path, fullPage });
    files.push(path);
    await context.close();
  }
}
await browser.close();

// A page has few colours: with a palette of its own, a picture takes a third of the room.
execFileSync('pngquant', ['--force', '--ext', '.png', '--strip', '--speed', '1', ...files]);
