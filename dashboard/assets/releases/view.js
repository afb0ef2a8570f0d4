// The releases view: what is the newest of everything, and the story of one component. It works without any token.
import { isAbort } from '../api/client.js';
import { resolveContext } from '../api/context.js';
import { getFreshness } from '../api/insight.js';
import { createSession } from '../api/session.js';
import { listComponents } from '../api/versions.js';
import { rankComponents } from '../calc/defaults.js';
import { freshnessRows, shareOf } from '../calc/freshness.js';
import { commonPrefix } from '../calc/format.js';
import { freshnessParams } from '../fleet/freshness.js';
import { byId, h, replace } from '../ui/dom.js';
import { failureOf } from '../ui/failure.js';
import { tokenLine } from '../ui/token-form.js';
import { detailPanel } from './detail.js';
import { matrixPanel } from './matrix.js';

const HOW =
  'Latest is the highest SemVer on the train that is not yanked. A yanked version stays readable and is never latest.';

/**
 * What clusters run, where one may know it, and it can be told: releases are shown without it, too.
 * @param {Page.State} state
 * @param {Page.Session} session
 * @returns {Promise<Fleet | null>}
 */
async function askFleet(state, session) {
  try {
    const context = await resolveContext({ ...state, component: null, train: null }, session);
    if (context.isEmpty) return null;
    const { data } = await getFreshness(session, freshnessParams(context));
    const shares = new Map(freshnessRows(data).map((row) => [row.component, shareOf(row, 0)]));
    return { installed: context.installed, shares };
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}

/** @typedef {{ installed: Api.InstalledVersion[], shares: Map<string, number> }} Fleet */

/**
 * The one that most clusters run, as in the fleet view; else the first.
 * @param {Page.State} state
 * @param {Api.ComponentSummary[]} components
 * @param {Fleet | null} fleet
 */
function chosenComponent(state, components, fleet) {
  if (state.component) return state.component;
  const names = components.map(({ component }) => component);
  return rankComponents(fleet?.installed ?? []).find((name) => names.includes(name)) ?? names[0] ?? null;
}

/**
 * @param {HTMLElement} main
 * @param {() => void} refresh
 */
export function releasesView(main, refresh) {
  const matrix = matrixPanel();
  const detail = detailPanel();
  const grid = h('div', { class: 'grid rel' }, matrix.panel.element, detail.panel.element);
  replace(main, h('h1', { class: 'vh' }, 'Releases'), grid);

  /** @type {string | null | undefined} */
  let componentBefore;
  /** Where the panels are stacked, a choice in the upper one leads to the lower one. @param {Page.State} state */
  const follow = ({ component }) => {
    const isOther = componentBefore !== undefined && componentBefore !== component;
    componentBefore = component;
    if (isOther && matchMedia('(max-width: 1180px)').matches) detail.panel.element.scrollIntoView();
  };

  return {
    /** @param {Page.State} state @param {AbortSignal} signal */
    async update(state, signal) {
      const session = createSession(signal);
      const ask = async () => {
        const [components, fleet] = await Promise.all([listComponents(session), askFleet(state, session)]);
        const component = chosenComponent(state, components, fleet);
        const prefix = commonPrefix(components.map((entry) => entry.component));
        return { session, state, components, component, fleet, prefix };
      };
      const asked = ask();
      const shared = () => asked;
      replace(byId('foot'), h('p', {}, HOW), tokenLine(refresh));
      document.title = `${state.component ?? 'Releases'} · Releases · Stationmaster`;
      if (!matrix.panel.element.isConnected) replace(grid, matrix.panel.element, detail.panel.element);
      try {
        await Promise.all([matrix.update(shared), detail.update(shared)]);
        if (!signal.aborted) follow(state);
      } catch (error) {
        // Something before the server wants to know who asks.
        if (!signal.aborted) replace(grid, failureOf(error, refresh));
      }
    },
  };
}
