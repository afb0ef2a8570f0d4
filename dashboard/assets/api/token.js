// The token that somebody pasted: kept for this tab only, and sent with every request.

const KEY = 'stationmaster-token';
/** @type {string | null} */
let token = null;
try {
  token = sessionStorage.getItem(KEY);
} catch {
  // Storage may be forbidden; then the token lives as long as the page.
}

export function currentToken() {
  return token;
}

/** @param {string | null} next null forgets it */
export function setToken(next) {
  token = next;
  try {
    if (next) sessionStorage.setItem(KEY, next);
    else sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
