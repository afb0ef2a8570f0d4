// Elements without HTML: what comes from the API only ever becomes text.

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Child | Child[] | Child[][]} Children
 */

/**
 * An element. `onclick` and the like are listeners, `--x` are CSS variables, null and false leave an attribute out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} attributes
 * @param {Children[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || (value === false && !name.startsWith('aria-'))) continue;
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (name.startsWith('--')) {
      element.style.setProperty(name, String(value));
    } else {
      element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
    }
  }
  for (const child of children.flat(2)) {
    if (child != null && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/**
 * Text for screen readers alone.
 * @param {Child[]} children
 */
export function hidden(...children) {
  return h('span', { class: 'vh' }, children);
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Replaces what is in an element; who had the focus in it has it again.
 * @param {Element} element
 * @param {Child[]} children
 */
export function replace(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement?.id : '';
  element.replaceChildren(...children.flatMap((child) => (child == null || child === false ? [] : [asNode(child)])));
  if (!focused) return;
  const restore = () => document.getElementById(focused)?.focus({ preventScroll: true });
  restore();
  // Charts come a moment later, when their width is known.
  if (document.activeElement?.id !== focused) setTimeout(restore, 60);
}

/** @param {Node | string | number} child */
function asNode(child) {
  return child instanceof Node ? child : String(child);
}

/**
 * The name of a component, with the prefix that all share set back.
 * @param {string} name
 * @param {string} prefix
 */
export function componentName(name, prefix) {
  if (!prefix || !name.startsWith(prefix)) return h('span', { class: 'cname' }, name);
  return h('span', { class: 'cname' }, h('span', { class: 'pre' }, prefix), name.slice(prefix.length));
}

/**
 * A table of numbers: the first column names the rows.
 * @param {string} caption
 * @param {string[]} heads
 * @param {Child[][]} rows
 */
export function dataTable(caption, heads, rows) {
  const head = heads.map((text, i) => h('th', { scope: 'col', class: i ? 'num' : null }, text));
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      row.map((cell, i) => (i ? h('td', { class: 'num' }, cell) : h('th', { scope: 'row' }, cell))),
    ),
  );
  return h(
    'table',
    { class: 'data' },
    h('caption', { class: 'vh' }, caption),
    h('thead', {}, h('tr', {}, head)),
    h('tbody', {}, body),
  );
}

/**
 * A group of buttons of which one is pressed.
 * @template {string | number} T
 * @param {string} name
 * @param {T} chosen
 * @param {{ value: T, text: string, title?: string }[]} options
 * @param {(value: T) => void} choose
 * @param {string} idPrefix
 */
export function segments(name, chosen, options, choose, idPrefix) {
  const buttons = options.map(({ value, text, title }) =>
    h(
      'button',
      {
        type: 'button',
        id: `${idPrefix}-${value}`,
        title,
        'aria-pressed': value === chosen,
        onclick: () => choose(value),
      },
      text,
    ),
  );
  return h('div', { class: 'seg', role: 'group', 'aria-label': name }, buttons);
}
