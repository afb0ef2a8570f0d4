// A panel: heading, one line of what it shows, the picture, and the same numbers as a table or CSV on demand.
import { isAbort, isRefusal } from '../api/client.js';
import { h, hidden, replace } from './dom.js';
import { csvButton } from './download.js';
import { failureOf } from './failure.js';
import { again } from './router.js';

/**
 * The old picture stays, dimmed, while a new one loads.
 * @param {{ name: string, title: string, sub?: string, className?: string }} options
 */
export function createPanel({ name, title, sub = '', className = '' }) {
  const headingId = `h-${name}`;
  const subLine = h('p', { class: 'sub' }, sub);
  const tools = h('div', { class: 'tools' });
  const body = h('div', { class: 'pbody' }, h('p', { class: 'none' }, 'Loading …'));
  const heading = h('h2', { id: headingId }, title);
  const element = h(
    'section',
    { class: `panel ${className}`, 'data-panel': name, 'data-state': 'loading', 'aria-labelledby': headingId },
    h('div', { class: 'phead' }, heading, tools, subLine),
    body,
  );
  let isTable = false;

  /** @param {'loading' | 'ready' | 'empty' | 'failed'} state */
  function setState(state) {
    element.dataset.state = state;
    element.setAttribute('aria-busy', String(state === 'loading'));
  }

  /** @param {Page.Picture} picture @param {Node} chart */
  function tableButton(picture, chart) {
    /** @type {HTMLElement | undefined} */
    let table;
    const draw = () => {
      button.setAttribute('aria-pressed', String(isTable));
      if (!isTable) return replace(body, chart);
      const region = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${title} as a table` };
      table ??= h('div', region, picture.table?.());
      replace(body, table);
    };
    const onclick = () => {
      isTable = !isTable;
      draw();
    };
    const button = h(
      'button',
      { type: 'button', class: 'quiet small', id: `t-${name}`, 'data-table': '', onclick },
      'Table',
      hidden(` of ${title}`),
    );
    draw();
    return button;
  }

  /** @param {Page.Picture} picture */
  function show(picture) {
    if (picture.sub != null) subLine.textContent = picture.sub;
    if (picture.body == null) {
      replace(tools, ...(picture.tools ?? []));
      const { empty = 'Nothing to show.' } = picture;
      replace(body, empty instanceof Node ? empty : h('p', { class: 'none' }, empty));
      return setState('empty');
    }
    const buttons = [
      picture.table ? tableButton(picture, picture.body) : null,
      picture.csv ? csvButton(picture.csv, title) : null,
    ];
    if (!picture.table) replace(body, picture.body);
    replace(tools, ...(picture.tools ?? []), ...buttons);
    return setState('ready');
  }

  return {
    element,
    heading,
    /** For a panel that has to wait for something else first. */
    wait: () => setState('loading'),
    /**
     * @template T
     * @param {() => Promise<T>} ask
     * @param {(answer: T) => Page.Picture} draw
     */
    async load(ask, draw) {
      setState('loading');
      try {
        show(draw(await ask()));
      } catch (error) {
        if (isAbort(error)) return;
        // Whoever shows the view asks for another token.
        if (isRefusal(error)) throw error;
        for (const button of tools.querySelectorAll('[data-table], [data-csv]')) button.remove();
        replace(body, failureOf(error, again));
        setState('failed');
      }
    },
  };
}

/** @typedef {ReturnType<typeof createPanel>} Panel */
