// Release notes: Markdown becomes elements of a fixed list of tags, and never HTML. What is not known is shown as text.
import { h } from './dom.js';

/** @typedef {import('./dom.js').Child} Child */

/** @param {string | undefined} href */
function safeUrl(href) {
  return /^https?:\/\//i.test(href ?? '') ? href : null;
}

/** @param {MarkedToken} token */
function children(token) {
  return token.tokens ? token.tokens.map(nodeOf) : [token.text ?? token.raw];
}

/** @param {MarkedToken} token */
function linkOf(token) {
  const href = safeUrl(token.href);
  const label = token.type === 'image' ? [token.text || token.href] : children(token);
  return href ? h('a', { href, rel: 'noopener noreferrer', target: '_blank' }, label) : h('span', {}, label);
}

/** @param {MarkedToken} token */
function listOf(token) {
  const items = (token.items ?? []).map((item) => h('li', {}, children(item)));
  if (!token.ordered) return h('ul', {}, items);
  return h('ol', { start: token.start === 1 ? null : token.start }, items);
}

/** @param {MarkedToken} token */
function tableOf(token) {
  const head = (token.header ?? []).map((cell) => h('th', { scope: 'col' }, children(cell)));
  const rows = (token.rows ?? []).map((row) =>
    h(
      'tr',
      {},
      row.map((cell) => h('td', {}, children(cell))),
    ),
  );
  return h('table', { class: 'data' }, h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows));
}

/** Every kind of token that is drawn. @type {Record<string, (token: MarkedToken) => Child>} */
const KINDS = {
  space: () => null,
  def: () => null,
  checkbox: (token) => (token.checked ? '☑ ' : '☐ '),
  hr: () => h('hr'),
  br: () => h('br'),
  // The page's own headings end with h3.
  heading: (token) => h((token.depth ?? 1) < 3 ? 'h4' : 'h5', {}, children(token)),
  paragraph: (token) => h('p', {}, children(token)),
  blockquote: (token) => h('blockquote', {}, children(token)),
  list: listOf,
  table: tableOf,
  code: (token) => h('pre', { tabindex: 0 }, h('code', {}, token.text)),
  text: (token) => (token.tokens ? h('span', {}, children(token)) : decode(token.text ?? '')),
  escape: (token) => token.text,
  strong: (token) => h('strong', {}, children(token)),
  em: (token) => h('em', {}, children(token)),
  del: (token) => h('del', {}, children(token)),
  codespan: (token) => h('code', {}, token.text),
  link: linkOf,
  image: linkOf,
};

/** The entities that people write. @param {string} text */
function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** @param {MarkedToken} token @returns {Child} */
function nodeOf(token) {
  const make = Object.hasOwn(KINDS, token.type) ? KINDS[token.type] : null;
  return make ? make(token) : token.raw;
}

/**
 * @param {string} source
 * @returns {HTMLElement}
 */
export function markdown(source) {
  const element = h('div', { class: 'md' });
  try {
    element.append(h('div', {}, marked.lexer(source, { gfm: true }).map(nodeOf)));
  } catch {
    // Nested too deeply: as it was written.
    element.replaceChildren(h('pre', { tabindex: 0 }, source));
  }
  return element;
}
