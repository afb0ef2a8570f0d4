import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, formatState, parseState } from '../assets/calc/state.js';

test('the default state is an empty query, and an empty query is the default state', () => {
  assert.equal(formatState(DEFAULTS), '');
  assert.deepEqual(parseState(''), DEFAULTS);
});

test('a state survives its URL', () => {
  const state = {
    ...DEFAULTS,
    view: 'releases',
    range: 'custom',
    from: '2026-01-05',
    to: '2026-03-01',
    interval: 'day',
    component: 'deis-router',
    train: 'stable',
    exclude: ['ci', 'staff'],
    unit: 'count',
    still: 'v2.3.0+build.1',
    age: 'last',
    version: 'stable/v2.3.0',
  };
  const query = formatState(state);
  assert.deepEqual(parseState(query), state);
  assert.match(query, /exclude=ci,staff/);
  assert.match(query, /version=stable\/v2\.3\.0/);
});

test('leaving nothing out is not the default', () => {
  const query = formatState({ ...DEFAULTS, exclude: [] });
  assert.equal(query, '?exclude=');
  assert.deepEqual(parseState(query).exclude, []);
});

test('what makes no sense is ignored', () => {
  const state = parseState(
    '?view=x&range=7&interval=hour&component=%3Cb%3E&train=A%20B&unit=both&still=a/b&age=never&version=v1&exclude=ci,%20,X',
  );
  assert.deepEqual(state, { ...DEFAULTS, exclude: ['ci'] });
  assert.equal(parseState('?range=custom&from=2026-02-01&to=2026-01-01').range, 52);
  assert.equal(parseState('?range=custom&from=2026-99-01&to=2026-01-01').range, 52);
});
