// The operations below /v4/insight, one function each, and the parameters that they share.

const BASE = 'v4/insight';

/**
 * @param {Api.Interval} interval
 * @param {Page.Bounds} bounds
 * @param {string[]} exclude
 * @returns {Page.Params}
 */
export function rangeParams(interval, { from, to }, exclude = []) {
  return { from: from.toISOString(), to: to.toISOString(), interval, not_label: exclude };
}

/**
 * Those of the page's whole period.
 * @param {Page.Context} context
 */
export function periodParams({ plan, exclude }) {
  return rangeParams(plan.interval, plan, exclude);
}

/**
 * Those of an operation that asks about one component.
 * @param {Page.Context} context
 * @returns {Page.Params}
 */
export function componentParams({ component, state }) {
  return { component, train: state.train };
}

export const paths = {
  activity: `${BASE}/activity`,
  adoption: `${BASE}/adoption`,
  laggards: `${BASE}/laggards`,
  ages: `${BASE}/ages`,
  retention: `${BASE}/retention`,
  components: `${BASE}/components`,
  freshness: `${BASE}/freshness`,
  labels: `${BASE}/labels`,
};

/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Activity>} */
export const getActivity = (session, params) => session.get(paths.activity, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Adoption>} */
export const getAdoption = (session, params) => session.get(paths.adoption, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Laggards>} */
export const getLaggards = (session, params) => session.get(paths.laggards, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Ages>} */
export const getAges = (session, params) => session.get(paths.ages, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Retention>} */
export const getRetention = (session, params) => session.get(paths.retention, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Freshness>} */
export const getFreshness = (session, params) => session.get(paths.freshness, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.Labels>} */
export const getLabels = (session, params) => session.get(paths.labels, params);
/** @param {Page.Session} session @param {Page.Params} params @returns {Promise<Api.InstalledComponents>} */
export const getInstalled = (session, params) => session.get(paths.components, { ...params, limit: 5000 });
