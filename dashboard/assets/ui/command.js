// A command to copy.
import { h, hidden } from './dom.js';

/**
 * @param {string} title
 * @param {string} text
 */
export function command(title, text) {
  const code = h('pre', { tabindex: 0, role: 'region', 'aria-label': `${title}, command` }, h('code', {}, text));
  const label = h('span', { 'aria-live': 'polite' }, 'Copy');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = 'Copied';
    } catch {
      // Without https there is no clipboard.
      getSelection()?.selectAllChildren(code);
      label.textContent = 'Selected';
    }
    setTimeout(() => (label.textContent = 'Copy'), 2000);
  };
  const button = h(
    'button',
    { type: 'button', class: 'quiet small', onclick: copy },
    label,
    hidden(` the command: ${title}`),
  );
  return h('div', { class: 'code' }, code, button);
}
