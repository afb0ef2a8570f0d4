// Starts the page: the frame is here, and everything else is the view's.
import { fleetView } from './fleet/view.js';
import { releasesView } from './releases/view.js';
import { byId, h, replace } from './ui/dom.js';
import { currentState, linkTo, listen } from './ui/router.js';
import { themeButton } from './ui/theme.js';

const VIEWS = { fleet: fleetView, releases: releasesView };
/** @type {{ value: Page.State['view'], text: string }[]} */
const TABS = [
  { value: 'fleet', text: 'Fleet' },
  { value: 'releases', text: 'Releases' },
];

/** @type {{ name: string, update: (state: Page.State, signal: AbortSignal) => Promise<unknown> } | null} */
let shown = null;
let controller = new AbortController();

/** @param {Page.State} state */
function drawTabs(state) {
  const links = TABS.map(({ value, text }) =>
    h(
      'a',
      {
        id: `tab-${value}`,
        href: linkTo({ view: value, version: null }),
        'data-link': '',
        'aria-current': state.view === value ? 'page' : null,
      },
      text,
    ),
  );
  replace(byId('nav'), ...links);
}

/** @param {Page.State['view']} name */
function open(name) {
  replace(byId('filters'));
  replace(byId('foot'));
  byId('stamp').textContent = '';
  return { name, ...VIEWS[name](byId('main'), refresh) };
}

/** Shows what the URL says. What was asked for an earlier state is given up. */
async function refresh() {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  const state = currentState();
  delete document.body.dataset.ready;
  document.body.dataset.view = state.view;
  drawTabs(state);
  if (shown?.name !== state.view) shown = open(state.view);
  await shown.update(state, signal);
  if (!signal.aborted) document.body.dataset.ready = '';
}

themeButton(byId('theme'));
listen(refresh);
refresh();
