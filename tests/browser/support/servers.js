// The servers that `scripts/browser.sh` started, and what they answer to those who do not use the page.

/** @param {string} name */
function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`make browser\``);
  return value;
}

/** All of them: the same fleet open to all, and to those with a token alone; and one that nobody has called yet. */
export const SERVERS = { open: given('OPEN_URL'), closed: given('CLOSED_URL'), empty: given('EMPTY_URL') };

/** Good for everything, on the first two. */
export const TOKEN = given('TOKEN');

/** Good for publishing alone. */
export const WEAK_TOKEN = given('WEAK_TOKEN');

/**
 * @param {string} server
 * @param {string} path below /v4
 * @param {Record<string, unknown>} query lists are repeated; null is left out
 * @param {{ token?: string | null, accept?: string }} options
 */
export async function ask(server, path, query = {}, { token = TOKEN, accept = 'application/json' } = {}) {
  const url = new URL(`v4/${path}`, `${server}/`);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one != null) url.searchParams.append(name, String(one));
    }
  }
  const response = await fetch(url, {
    headers: { accept, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return accept === 'application/json' ? response.json() : response.text();
}

/** The last weeks that are over, from Monday on, in UTC: what the page shows if nothing else is said. */
export function lastWeeks(count) {
  const now = new Date();
  const to = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - ((now.getUTCDay() + 6) % 7));
  const from = to - count * 7 * 86_400_000;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), interval: 'week' };
}
