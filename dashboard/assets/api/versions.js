// The operations below /v4/versions. Anyone may read them.

const PAGE = 500;

/**
 * All components, page by page.
 * @param {Page.Session} session
 * @returns {Promise<Api.ComponentSummary[]>}
 */
export async function listComponents(session) {
  /** @type {Api.ComponentSummary[]} */
  const components = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {Api.Paged<Api.ComponentSummary>} */
    const page = await session.get('v4/versions', { limit: PAGE, cursor });
    components.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor);
  return components;
}

/**
 * A page of the versions of a train, newest first, yanked ones included.
 * @param {Page.Session} session
 * @param {string} component
 * @param {string} train
 * @param {string | null} cursor
 * @returns {Promise<Api.Paged<Api.Version>>}
 */
export function listVersions(session, component, train, cursor = null) {
  const path = `v4/versions/${encodeURIComponent(component)}/${encodeURIComponent(train)}`;
  return session.get(path, { include_yanked: 'true', limit: PAGE, cursor });
}

/**
 * @param {Page.Session} session
 * @param {string} component
 * @param {string} release `train/version`
 * @returns {Promise<Api.Version>}
 */
export function getVersion(session, component, release) {
  const parts = [component, ...release.split('/')].map(encodeURIComponent);
  return session.get(`v4/versions/${parts.join('/')}`);
}
