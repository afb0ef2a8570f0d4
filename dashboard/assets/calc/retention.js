// The cohorts of a retention table, and the row below them that sums them up.

/** How many cohorts are shown. */
export const COHORTS = 16;

/**
 * For each interval since the first check-in: of the clusters that are old enough, which share was active.
 * @param {Api.Cohort[]} cohorts
 * @returns {(number | null)[]}
 */
export function overall(cohorts) {
  const length = Math.max(0, ...cohorts.map((cohort) => cohort.retained.length));
  return Array.from({ length }, (_, k) => {
    const old = cohorts.filter((cohort) => cohort.retained.length > k);
    const clusters = old.reduce((total, cohort) => total + cohort.clusters, 0);
    return clusters ? old.reduce((total, cohort) => total + cohort.retained[k], 0) / clusters : null;
  });
}

/**
 * From the first cohort with clusters in it.
 * @param {Api.Cohort[]} cohorts
 */
export function trimCohorts(cohorts) {
  const first = cohorts.findIndex((cohort) => cohort.clusters > 0);
  return first < 0 ? [] : cohorts.slice(first).filter((cohort) => cohort.retained.length > 0);
}
