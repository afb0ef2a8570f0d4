// Somebody who looks at the page, in a browser of their own: what they do, and what the browser says about it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, SERVERS, TOKEN } from './servers.js';
import { chromium } from './tools.js';

const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
});
after(() => browser?.close());

/**
 * A test in a browser. It fails, too, if the browser complains of anything, such as a breach of the page's policy, or if
 * anything is asked of anyone but the server.
 * @param {string} name
 * @param {(visit: Visit) => Promise<void>} body
 * @param {{
 *   server?: string, token?: string | null, viewport?: typeof PHONE, theme?: 'light' | 'dark', script?: string,
 *   expected?: RegExp,
 * }} options `token` is pasted beforehand; `expected` are complaints that belong to the test
 */
export function inBrowser(name, body, options = {}) {
  test(name, async () => {
    const visit = await Visit.begin(options);
    try {
      await body(visit);
    } catch (error) {
      error.message += visit.complaints.map((complaint) => `\n  the browser: ${complaint}`).join('');
      throw error;
    } finally {
      await visit.context.close();
    }
    assert.deepEqual(visit.complaints, []);
  });
}

export class Visit {
  /** What the browser says that should not be. @type {string[]} */
  complaints = [];

  static async begin({ server = SERVERS.open, token = TOKEN, viewport = DESKTOP, theme = 'light', script, expected }) {
    const visit = new Visit();
    visit.server = server;
    visit.expected = expected;
    visit.context = await browser.newContext({
      baseURL: `${server}/`,
      viewport,
      colorScheme: theme,
      reducedMotion: 'reduce',
      acceptDownloads: true,
    });
    if (token) {
      await visit.context.addInitScript((value) => {
        sessionStorage.getItem('stationmaster-token') ?? sessionStorage.setItem('stationmaster-token', value);
      }, token);
    }
    if (script) await visit.context.addInitScript({ content: script });
    visit.page = await visit.newPage();
    return visit;
  }

  async newPage() {
    const page = await this.context.newPage();
    const complain = (text) => this.expected?.test(text) || this.complaints.push(text);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complain(message.text()));
    page.on('pageerror', (error) => complain(error.message));
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (origin !== this.server && !['data:', 'blob:'].includes(protocol)) complain(`asks ${request.url()}`);
    });
    return page;
  }

  /** Opens a view, and waits until there is nothing more to come. @param {string} query */
  async open(query = '') {
    await this.page.goto(`./${query}`);
    await this.settled();
  }

  /** Every panel shows what it has, charts included. */
  async settled() {
    await this.page.locator('body[data-ready]').waitFor();
    await this.page.waitForFunction(() => [...document.querySelectorAll('.plotbox')].every((box) => box.firstChild));
  }

  /** Does something that changes what the page shows. @param {(page: any) => Promise<unknown>} change */
  async after(change) {
    await change(this.page);
    await this.settled();
  }

  /** What the URL says. @param {string} name */
  query(name) {
    return new URL(this.page.url()).searchParams.get(name);
  }

  /** @param {string} name */
  panel(name) {
    return this.page.locator(`[data-panel="${name}"]`);
  }

  /** The states of all panels that are shown, by name. @returns {Promise<Record<string, string>>} */
  states() {
    return this.page
      .locator('[data-panel]')
      .evaluateAll((panels) => Object.fromEntries(panels.map(({ dataset }) => [dataset.panel, dataset.state])));
  }

  /** The numbers of a panel, as its table has them: the heads, and the rows. @param {string} name */
  async table(name) {
    const button = this.panel(name).locator('[data-table]');
    if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click();
    return readTable(this.panel(name).locator('table.data'));
  }

  /** Asks the server that this is a visit to. @param {string} path @param {Record<string, unknown>} query */
  ask(path, query, options = {}) {
    return ask(this.server, path, query, options);
  }

  /** The labels that are left out. @returns {Promise<string[]>} */
  leftOut() {
    const chips = this.page.locator('.chip[aria-pressed="true"]');
    return chips.evaluateAll((found) => found.map((chip) => chip.id.replace('label-', '')));
  }
}

/** The texts of a table's cells. */
export function readTable(table) {
  return table.evaluate(({ tHead, tBodies }) => {
    const texts = (row) => [...row.cells].map((cell) => cell.textContent.trim());
    return { heads: texts(tHead.rows[0]), rows: [...tBodies[0].rows].map(texts) };
  });
}
