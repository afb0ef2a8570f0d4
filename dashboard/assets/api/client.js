// One request of the API: its URL, the token, and what went wrong.
import { currentToken } from './token.js';

/** An answer that is not the one hoped for. Status 0: there was no answer. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {number | null} retryAfter seconds
   */
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} path below the page, such as `v4/insight/labels`
 * @param {Page.Params} params lists are repeated; null is left out
 */
export function urlOf(path, params = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one != null) url.searchParams.append(name, String(one));
    }
  }
  return url.href;
}

/** @param {Response} response */
async function errorOf(response) {
  /** @type {Api.Problem | null} */
  const problem = await response.json().catch(() => null);
  const seconds = Number(response.headers.get('Retry-After'));
  const retryAfter = [429, 503].includes(response.status) ? Math.max(1, seconds || 5) : null;
  return new ApiError(response.status, problem?.detail ?? response.statusText, retryAfter);
}

/**
 * @param {string} url
 * @param {{ accept?: string, signal?: AbortSignal }} options
 * @returns {Promise<Response>} one with status 200
 */
export async function request(url, { accept = 'application/json', signal } = {}) {
  const token = currentToken();
  /** @type {Record<string, string>} */
  const headers = token ? { Accept: accept, Authorization: `Bearer ${token}` } : { Accept: accept };
  const response = await fetch(url, { headers, signal: signal ?? null }).catch((error) => {
    throw error.name === 'AbortError' ? error : new ApiError(0, 'The server did not answer.');
  });
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** @param {unknown} error */
export function isAbort(error) {
  return error instanceof Error && error.name === 'AbortError';
}

/** Whether a token, or another one, would help. @param {unknown} error */
export function isRefusal(error) {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
