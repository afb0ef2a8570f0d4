// What others made and the tests use, from where `make browser` installs it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../.tools/browser/package.json', import.meta.url));

export const { chromium } = require('playwright-core');

/** A script that looks for what keeps people out. */
export const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
