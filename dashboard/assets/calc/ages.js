// Bins of ages, few enough to be seen, and where to put ticks below them.

/**
 * How many bins may be joined, by the days that one has.
 * @type {Record<number, number[]>}
 */
const STEPS = { 1: [1, 2, 7, 14, 28, 91], 7: [1, 2, 4, 8, 13, 26, 52], 30: [1, 2, 3, 6, 12] };

/**
 * Joins neighbouring bins until there are at most `most`. Empty ones at the end are left out.
 * @param {Api.AgeBin[]} bins
 * @param {number} most
 * @returns {Page.AgeGroup[]}
 */
export function groupBins(bins, most = 27) {
  let end = bins.length;
  while (end > 1 && !bins[end - 1].clusters && !bins[end - 1].all_clusters) end -= 1;
  const used = bins.slice(0, end);
  const width = bins[0]?.to_days ?? 1;
  const step =
    (STEPS[width] ?? []).find((candidate) => used.length / candidate <= most) ?? Math.ceil(used.length / most);
  const groups = [];
  for (let i = 0; i < used.length; i += step) {
    const members = used.slice(i, i + step);
    groups.push({
      from: members[0].from_days,
      to: bins[i + step - 1]?.to_days ?? members[members.length - 1].to_days,
      clusters: members.reduce((total, bin) => total + bin.clusters, 0),
      all: members.reduce((total, bin) => total + bin.all_clusters, 0),
    });
  }
  return groups;
}

/**
 * How wide a group is, in days.
 * @param {Page.AgeGroup[]} groups
 */
export function groupWidth(groups) {
  const first = groups[0];
  return first && first.to != null ? first.to - first.from : 1;
}

/**
 * "0–4 weeks", "90–120 days", "400 days or more".
 * @param {Page.AgeGroup} group
 */
export function groupName(group) {
  const inWeeks = group.from % 7 === 0 && (group.to == null || group.to % 7 === 0);
  const [unit, length] = inWeeks ? ['weeks', 7] : ['days', 1];
  if (group.to == null) return `${group.from / length} ${unit} or more`;
  if (group.to - group.from === length) return `${unit.slice(0, -1)} ${group.from / length}`;
  return `${group.from / length}–${group.to / length} ${unit}`;
}

/**
 * Ticks for an axis of days.
 * @param {number} most
 * @returns {{ at: number, name: string }[]}
 */
export function ageTicks(most) {
  const units = [
    { days: 1, name: 'd' },
    { days: 7, name: 'wk' },
    { days: 30.44, name: 'mo' },
    { days: 365.25, name: 'yr' },
  ];
  const unit = most <= 21 ? units[0] : most <= 120 ? units[1] : most <= 900 ? units[2] : units[3];
  const steps = unit.name === 'mo' ? [1, 2, 3, 6, 12] : [1, 2, 5, 10];
  const amount = most / unit.days;
  const step = steps.find((candidate) => amount / candidate <= 5) ?? 20;
  const ticks = [{ at: 0, name: '0' }];
  // A tick may be a little over the edge: two years of weeks are 728 days.
  for (let i = step; i <= amount * 1.005; i += step) {
    ticks.push({ at: Math.min(most, i * unit.days), name: tickName(i, unit.name) });
  }
  return ticks;
}

/**
 * @param {number} amount
 * @param {string} unit
 */
function tickName(amount, unit) {
  if (unit === 'mo' && amount % 12 === 0) return `${amount / 12} yr`;
  return `${amount} ${unit}`;
}
