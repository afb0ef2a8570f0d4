import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldVersions, joinNeighbours, trimAdoption } from '../assets/calc/adoption.js';
import { defaultExclude, defaultStill, rankComponents } from '../assets/calc/defaults.js';

const series = (version, clusters, total = 100, more = {}) => ({
  version,
  train: 'stable',
  released: null,
  is_yanked: false,
  clusters,
  shares: clusters.map((x) => x / total),
  ...more,
});
const adoptionOf = (versions, other = [0, 0]) => ({
  component: 'c',
  train: null,
  interval: 'week',
  intervals: versions[0].clusters.map((_, i) => ({
    start: `2026-01-0${i + 1}T00:00:00Z`,
    clusters: versions.reduce((sum, entry) => sum + entry.clusters[i], 0),
  })),
  versions,
  other: { versions: other.some((x) => x > 0) ? 3 : 0, clusters: other, shares: other.map((x) => x / 100) },
});

test('few versions keep a band each, and what never mattered is other, at the bottom', () => {
  const bands = foldVersions(
    adoptionOf([series('1.0.0', [2, 1]), series('2.0.0', [90, 40]), series('3.0.0', [0, 50])]),
  );
  assert.deepEqual(
    bands.map(({ key, step, clusters }) => [key, step, clusters]),
    [
      ['other', null, [2, 1]],
      ['2.0.0', 0, [90, 40]],
      ['3.0.0', 8, [0, 50]],
    ],
  );
});

test('the clusters on versions that are not listed are in other', () => {
  const [other] = foldVersions(adoptionOf([series('2.0.0', [90, 80])], [10, 20]));
  assert.deepEqual([other.key, other.clusters, other.size], ['other', [10, 20], 3]);
});

test('at most nine bands: the neighbours that matter least become a range, with small ones between', () => {
  const versions = Array.from({ length: 12 }, (_, i) => series(`v1.${i}.0`, [i === 1 ? 1 : 5 + i, 8]));
  versions[1].shares = [0.01, 0.01];
  const bands = foldVersions(adoptionOf(versions));
  assert.equal(bands.length, 9);
  assert.equal(bands[0].short, 'v1.0.0–1.2.0');
  assert.deepEqual(bands[0].versions, ['v1.0.0', 'v1.1.0', 'v1.2.0']);
  assert.equal(bands[1].key, 'v1.3.0 – v1.4.0');
  assert.deepEqual(
    bands.slice(-2).map(({ key }) => key),
    ['v1.10.0', 'v1.11.0'],
  );
  const sum = (index) => bands.reduce((total, band) => total + band.clusters[index], 0);
  assert.equal(
    sum(0),
    versions.reduce((total, entry) => total + entry.clusters[0], 0),
  );
});

test('the newest two are never joined', () => {
  const spans = [9, 9, 9, 1, 1].map((weight, i) => ({ first: i, last: i, weight }));
  const joined = joinNeighbours(spans, 4);
  assert.deepEqual(
    joined.map(({ first, last }) => [first, last]),
    [
      [0, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ],
  );
});

test('what lies before the first cluster is left out', () => {
  const trimmed = trimAdoption(adoptionOf([series('1', [0, 4]), series('2', [0, 6])]));
  assert.equal(trimmed.intervals.length, 1);
  assert.deepEqual(trimmed.versions[1].clusters, [6]);
});

test('the default "still on" is the last x.y.0 that has been out for long, else the oldest in use', () => {
  const at = new Date('2026-11-23T00:00:00Z');
  const versions = [
    series('v1.9.3', [1, 1], 100, { released: '2025-01-01T00:00:00Z' }),
    series('v2.0.0', [1, 1], 100, { released: '2025-06-01T00:00:00Z' }),
    series('v2.1.0', [1, 1], 100, { released: '2025-07-01T00:00:00Z', is_yanked: true }),
    series('v2.2.0', [1, 1], 100, { released: '2026-10-01T00:00:00Z' }),
  ];
  assert.equal(defaultStill(versions, at), 'v2.0.0');
  assert.equal(defaultStill([versions[3]], at), 'v2.2.0');
  assert.equal(defaultStill([series('v1.0.1', [1, 0]), series('v1.0.2', [1, 1])], at), 'v1.0.2');
  assert.equal(defaultStill([], at), null);
});

test('defaults follow what clusters say', () => {
  assert.deepEqual(defaultExclude([{ label: 'staff' }, { label: 'beta' }, { label: 'ci' }]), ['ci', 'staff']);
  const row = (component, clusters) => ({ component, train: 'stable', version: '1', clusters });
  assert.deepEqual(rankComponents([row('b', 5), row('a', 3), row('a', 3)]), ['a', 'b']);
});
