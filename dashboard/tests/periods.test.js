import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countIntervals, fits, lastOf, planPeriod, startOf } from '../assets/calc/periods.js';
import { DEFAULTS } from '../assets/calc/state.js';
import { lastName, lastPhrase } from '../assets/calc/words.js';

/** A Wednesday. */
const NOW = new Date('2026-11-25T22:00:00Z');
const at = (text) => new Date(`${text}T00:00:00Z`);

test('weeks start on Monday, months on their first, in UTC', () => {
  assert.deepEqual(startOf('week', NOW), at('2026-11-23'));
  assert.deepEqual(startOf('week', at('2026-11-22')), at('2026-11-16'));
  assert.deepEqual(startOf('month', NOW), at('2026-11-01'));
  assert.deepEqual(startOf('day', NOW), at('2026-11-25'));
});

test('a preset ends with the last interval that is over', () => {
  const plan = planPeriod({ ...DEFAULTS, range: 12 }, NOW);
  assert.deepEqual([plan.from, plan.to, plan.count], [at('2026-08-31'), at('2026-11-23'), 12]);
  assert.deepEqual(plan.before, { from: at('2026-06-08'), to: at('2026-08-31') });
  assert.deepEqual(lastOf(plan), { from: at('2026-11-16'), to: at('2026-11-23') });
  assert.equal(plan.isRunning, false);
  assert.equal(lastName(plan, at('2026-11-16')), 'Last week');
});

test('the running interval is there when asked for', () => {
  const plan = planPeriod({ ...DEFAULTS, range: 4, interval: 'month' }, NOW, true);
  assert.deepEqual([plan.from, plan.to, plan.isRunning], [at('2026-11-01'), at('2026-12-01'), true]);
  assert.equal(lastPhrase(plan, at('2026-11-01')), 'this month');
});

test('dates of one’s own are both included, and whole intervals', () => {
  const state = { ...DEFAULTS, range: 'custom', from: '2026-02-03', to: '2026-02-16' };
  const plan = planPeriod(state, NOW);
  assert.deepEqual([plan.from, plan.to, plan.count], [at('2026-02-02'), at('2026-02-23'), 3]);
  assert.equal(plan.isCurrent, false);
  assert.equal(lastPhrase(plan, at('2026-02-16')), 'during the week of 16 Feb 2026');
  const ahead = planPeriod({ ...state, to: '2027-01-01' }, NOW);
  assert.deepEqual([ahead.to, ahead.isRunning], [at('2026-11-30'), true]);
});

test('too many intervals become longer ones', () => {
  const state = { ...DEFAULTS, range: 104, interval: 'day' };
  assert.equal(fits(state, 'day', NOW), false);
  assert.equal(planPeriod(state, NOW).interval, 'week');
  assert.equal(planPeriod({ ...state, range: 52 }, NOW).interval, 'day');
  const decades = { ...DEFAULTS, range: 'custom', from: '1970-01-01', to: '2026-11-01' };
  assert.equal(planPeriod(decades, NOW).count, 400);
});

test('months are counted over years', () => {
  assert.equal(countIntervals('month', at('2025-11-01'), at('2026-02-01')), 3);
  assert.equal(countIntervals('week', at('2026-11-02'), at('2026-11-23')), 3);
});
