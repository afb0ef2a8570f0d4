// The legend is the readout: a row of swatch, name and value, which the cursor rewrites in place.
import { h } from '../ui/dom.js';

/**
 * @param {{ name: string, swatch: string }[]} items
 * @param {string} className
 */
export function readout(items, className = '') {
  const when = h('span', { class: 'when' });
  const values = items.map(() => h('b'));
  const entries = items.map(({ name, swatch }, i) =>
    h('span', { class: 'ri' }, h('i', { class: `sw ${swatch}`, 'aria-hidden': 'true' }), name && `${name} `, values[i]),
  );
  return {
    element: h('div', { class: `readout ${className}` }, when, entries),
    /** @param {string} moment @param {string[]} texts */
    set(moment, texts) {
      when.textContent = moment;
      texts.forEach((text, i) => (values[i].textContent = text));
    },
  };
}
