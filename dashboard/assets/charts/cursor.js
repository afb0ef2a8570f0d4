// The one interaction of charts: a rule that walks along x, for mouse, touch and keyboard alike.
import { h } from '../ui/dom.js';

/** @param {number} at @param {number} last @returns {Record<string, number>} */
function steps(at, last) {
  return {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - 4,
    PageUp: at + 4,
    Home: 0,
    End: last,
  };
}

/**
 * A slider to assistive technology: arrows step, Home and End jump, Escape lets go. Its text says what the readout shows.
 * `onMove(null)` is "as it was".
 * @param {Node} body
 * @param {{
 *   id: string, label: string, positions: number[], svg: Element, text: (i: number) => string,
 *   onMove: (i: number | null) => void, onPick?: (i: number) => void, start?: number,
 * }} options `positions` in pixels
 */
export function cursor(body, { id, label, positions, svg, text, onMove, onPick, start = positions.length - 1 }) {
  const rule = h('div', { class: 'rule', hidden: true });
  const last = positions.length - 1;
  /** @type {number | null} */
  let at = null;
  const box = h(
    'div',
    {
      class: 'cursor',
      id: `cursor-${id}`,
      role: 'slider',
      tabindex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': last,
      'aria-valuenow': start,
      'aria-valuetext': text(start),
    },
    body,
    rule,
  );

  /** @param {number | null} i */
  function move(i) {
    if (i === at) return;
    at = i;
    const shown = i ?? start;
    rule.hidden = i == null;
    rule.style.setProperty('--x', `${positions[shown]}px`);
    box.setAttribute('aria-valuenow', String(shown));
    box.setAttribute('aria-valuetext', text(shown));
    onMove(i);
  }
  /** @param {PointerEvent} event */
  function nearest(event) {
    const x = event.clientX - svg.getBoundingClientRect().left;
    const distances = positions.map((position) => Math.abs(position - x));
    return distances.indexOf(Math.min(...distances));
  }

  box.addEventListener('pointermove', (event) => move(nearest(event)));
  box.addEventListener('pointerdown', (event) => {
    move(nearest(event));
    onPick?.(nearest(event));
  });
  box.addEventListener('pointerleave', () => {
    if (document.activeElement !== box) move(null);
  });
  box.addEventListener('blur', () => move(null));
  box.addEventListener('keydown', (event) => {
    const shown = at ?? start;
    if (event.key === 'Escape') return move(null);
    if (event.key === 'Enter' && onPick) return onPick(shown);
    const next = steps(shown, last)[event.key];
    if (next == null) return;
    event.preventDefault();
    move(Math.max(0, Math.min(last, next)));
  });
  return box;
}
