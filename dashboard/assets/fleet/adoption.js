// How fast is a release adopted?
import { getAdoption, componentParams, paths, periodParams } from '../api/insight.js';
import { foldVersions, trimAdoption } from '../calc/adoption.js';
import { count } from '../calc/format.js';
import { lastName } from '../calc/words.js';
import { adoptionChart } from '../charts/adoption.js';
import { dataTable, segments } from '../ui/dom.js';
import { createPanel } from '../ui/panel.js';
import { go } from '../ui/router.js';
import { fileName, intervalHead, momentsOf, NO_COMPONENT, shortName } from './rows.js';

/** @param {Page.Context} context */
export function adoptionParams(context) {
  return { ...componentParams(context), ...periodParams(context) };
}

/** @param {Page.State['unit']} unit */
function unitSwitch(unit) {
  /** @type {{ value: Page.State['unit'], text: string }[]} */
  const options = [
    { value: 'share', text: 'Share' },
    { value: 'count', text: 'Clusters' },
  ];
  return segments('Unit', unit, options, (value) => go({ unit: value }, { replace: true }), 'unit');
}

/**
 * Every version that the API listed, so that the table says more than the picture.
 * @param {Api.Adoption} adoption
 * @param {ReturnType<typeof momentsOf>} moments
 */
function tableOf(adoption, moments) {
  const versions = [...adoption.versions]
    .reverse()
    .filter((series) => series.clusters.some((clusters) => clusters > 0));
  const isTwice = new Set(versions.map(({ version }) => version)).size < versions.length;
  const heads = versions.map(({ version, train }) => (isTwice ? `${version} (${train})` : version));
  const rows = moments.map((moment, i) => [
    shortName(moment),
    ...versions.map((series) => count(series.clusters[i])),
    count(adoption.other.clusters[i]),
  ]);
  return dataTable('Clusters per version', [intervalHead(adoption.interval), ...heads, 'other'], rows.reverse());
}

/**
 * @param {Page.Context} context
 * @param {Api.Adoption | null} answer
 * @returns {Page.Picture}
 */
function draw(context, answer) {
  const { state, plan } = context;
  if (!answer) return { body: null, empty: NO_COMPONENT };
  const adoption = trimAdoption(answer);
  const moments = momentsOf(adoption.interval, adoption.intervals);
  if (!moments.length) return { body: null, empty: `No cluster ran ${answer.component} with these filters.` };
  const releases = adoption.versions.flatMap(({ version, released }) =>
    released ? [{ version, date: new Date(released) }] : [],
  );
  return {
    body: adoptionChart({
      moments,
      bands: foldVersions(adoption),
      releases,
      unit: state.unit,
      lastName: lastName(plan, moments[moments.length - 1].start),
    }),
    sub: `${answer.component} by version each ${plan.interval}; oldest at the bottom, releases along the top`,
    tools: [unitSwitch(state.unit)],
    table: () => tableOf(adoption, moments),
    csv: {
      path: paths.adoption,
      params: adoptionParams(context),
      name: fileName(`adoption-${answer.component}`, context),
    },
  };
}

export function adoptionPanel() {
  const panel = createPanel({ name: 'adoption', title: 'Adoption', className: 'adoptp' });
  return {
    panel,
    /** @param {Page.Context} context */
    update(context) {
      const ask = async () => (context.component ? getAdoption(context.session, adoptionParams(context)) : null);
      return panel.load(ask, (answer) => draw(context, answer));
    },
  };
}
