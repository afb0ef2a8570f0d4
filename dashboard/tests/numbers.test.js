import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageTicks, groupBins, groupName } from '../assets/calc/ages.js';
import { commonPrefix, count, elapsed, percent, signed } from '../assets/calc/format.js';
import { freshnessRows, shareOf } from '../assets/calc/freshness.js';
import { changeOf } from '../assets/calc/headline.js';
import { trimLaggards, verdictOf } from '../assets/calc/laggards.js';
import { kindOf, medianGap, newestOf, orderTrains } from '../assets/calc/releases.js';
import { overall } from '../assets/calc/retention.js';

const laggard = (clusters, upgraded = 0, downgraded = 0, net_arrived = 0) => ({
  clusters,
  upgraded,
  downgraded,
  net_arrived,
});

test('a verdict says how many fewer, and the reasons add up', () => {
  const series = [laggard(0), laggard(100), laggard(90, 12, 1, 1), laggard(80, 9, 0, -1)];
  const verdict = verdictOf(trimLaggards(series), 'week');
  assert.equal(verdict.kind, 'shrinking');
  assert.deepEqual([verdict.change, verdict.back, verdict.before], [-20, 2, 100]);
  assert.equal(verdict.downgraded - verdict.upgraded + verdict.netArrived, verdict.change);
});

test('a verdict looks back twelve weeks, and less than two percent is no change', () => {
  const series = Array.from({ length: 30 }, (_, i) => laggard(i < 18 ? 500 : 1000));
  assert.equal(verdictOf(series, 'week').kind, 'growing');
  assert.equal(verdictOf(series.slice(0, 17), 'week').kind, 'holding');
  assert.equal(verdictOf(series, 'month').kind, 'holding');
  assert.equal(verdictOf([laggard(3)], 'week').kind, 'unknown');
});

test('bins are joined until they can be seen, and keep every cluster', () => {
  const bins = Array.from({ length: 104 }, (_, i) => ({
    from_days: i * 7,
    to_days: i === 103 ? null : (i + 1) * 7,
    clusters: i < 50 ? 2 : 0,
    all_clusters: i < 60 ? 3 : 0,
  }));
  const groups = groupBins(bins);
  assert.ok(groups.length <= 27);
  assert.equal(
    groups.reduce((sum, group) => sum + group.clusters, 0),
    100,
  );
  assert.equal(groupName(groups[0]), '0–4 weeks');
  assert.equal(groupName({ from: 400, to: null, clusters: 1, all: 1 }), '400 days or more');
  assert.deepEqual(ageTicks(728).at(-1), { at: 728, name: '2 yr' });
});

test('freshness adds trains up, the least fresh first', () => {
  const entry = (component, train, behind) => ({ component, train, latest: 'v1', behind, clusters: 10 });
  const rows = freshnessRows([
    entry('a', 'beta', [1, 0, 4]),
    entry('a', 'stable', [2, 1, 1, 1]),
    entry('b', 'stable', [0, 0, 10]),
    { ...entry('c', 'stable', [0]), clusters: 0 },
  ]);
  assert.deepEqual(
    rows.map((row) => row.component),
    ['b', 'a'],
  );
  assert.deepEqual(rows[1].behind, [3, 1, 6]);
  assert.equal(shareOf(rows[1], 0), 0.3);
});

test('retention over all counts only cohorts that are old enough', () => {
  assert.deepEqual(
    overall([
      { clusters: 10, retained: [10, 5] },
      { clusters: 30, retained: [30] },
    ]),
    [1, 0.5],
  );
  assert.deepEqual(overall([]), []);
});

test('a change of a share is in points, and of few clusters no percentage', () => {
  const change = changeOf({ unit: 'share', value: 0.75, before: 0.5 });
  assert.deepEqual(change, { amount: 25, rate: null });
  assert.deepEqual(changeOf({ unit: 'count', value: 30, before: 20 }), { amount: 10, rate: 0.5 });
  assert.equal(changeOf({ unit: 'count', value: 3, before: 1 })?.rate, null);
  assert.equal(changeOf({ unit: 'count', value: 3, before: null }), null);
});

test('releases: kinds, trains, the newest, the gap between', () => {
  assert.deepEqual(['v1.2.0', 'v1.2.3', 'v1.2.0-rc1'].map(kindOf), ['minor', 'patch', 'pre']);
  const version = (train, name, released) => ({ train, version: name, released: `${released}T00:00:00Z` });
  const rc = version('beta', 'v2.0.0-rc1', '2026-03-01');
  const stable = version('stable', 'v1.9.0', '2026-01-01');
  assert.equal(
    newestOf([
      { train: 'beta', latest: rc },
      { train: 'stable', latest: stable },
    ]),
    stable,
  );
  assert.equal(newestOf([{ train: 'beta', latest: rc }]), rc);
  assert.equal(newestOf([{ train: 'beta', latest: null }]), null);
  assert.equal(medianGap([stable, version('stable', 'v1.8.0', '2025-12-22'), rc]), 10);
  const trains = (...names) => ({ trains: names.map((train) => ({ train, versions: 1 })) });
  assert.deepEqual(orderTrains([trains('beta', 'stable'), trains('stable')]), ['stable', 'beta']);
});

test('names share a prefix up to a separator, or none', () => {
  assert.equal(commonPrefix(['deis-a', 'deis-b', 'deis-ab']), 'deis-');
  assert.equal(commonPrefix(['deis-a', 'deis-b', 'other']), '');
  assert.equal(commonPrefix(['deis-a', 'deis-b']), '');
});

test('numbers as people read them', () => {
  assert.deepEqual(
    [count(12066), signed(-1592), signed(0), percent(0.004), percent(null)],
    ['12,066', '−1,592', '±0', '<1%', '–'],
  );
  assert.equal(elapsed(new Date('2026-01-01'), new Date('2026-05-10')), '4 months');
});
