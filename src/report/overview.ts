/** The table of all networks with their best results. */
import type { Network, PublishedResult } from '../core/network';
import { columnsThenText, count, wrapped } from '../core/text/columns';
import { describeNetwork } from '../describe/describe-network';
import { percent } from '../evaluate/evaluation-text';

/** One network in the overview. */
export interface OverviewRow {
  readonly name: string;
  readonly year: number;
  readonly parameters: number;
  readonly paperParameters: number;
  readonly auxiliaryParameters: number;
  readonly multiplyAdds: number;
  /** How many fields of the recipe the paper leaves open, and how often the builder departs from the paper. */
  readonly guesses: number;
  readonly departures: number;
  /** The error in the table: top-5 on ImageNet, otherwise the first published one. */
  readonly published: PublishedResult | null;
  /**
   * The mean of an experiment that repeats the published one; if there is none, the lowest error of a run on its data
   * set.
   */
  readonly ours: { readonly error: number; readonly dataset: string } | null;
}

/** The parts of a run's report that the overview reads. */
export interface RunOnFile {
  readonly network: string;
  readonly dataset: string;
  readonly error: number;
  readonly top5Error?: number | null;
}

/** The parts of an experiment's summary that the overview reads. */
export interface ExperimentSummary {
  readonly network: string;
  readonly dataset: string;
  /** The published error that the experiment repeats. */
  readonly paper: number;
  readonly mean: number;
}

/** Every network with the counts of its built model, beside the published ones. */
export function overview(
  zoo: Readonly<Record<string, Network>>,
  runs: readonly RunOnFile[],
  experiments: readonly ExperimentSummary[] = [],
): readonly OverviewRow[] {
  return Object.entries(zoo).map(([name, network]) => {
    const { parameters, auxiliaryParameters, multiplyAdds, paper } = describeNetwork(name, network);
    const published =
      paper.results.find(({ metric }) => metric === 'top-5 error') ?? paper.results[0] ?? null;
    return {
      name,
      year: paper.year,
      parameters,
      paperParameters: paper.parameters.exact,
      auxiliaryParameters,
      multiplyAdds,
      guesses: Object.keys(network.recipe.guesses).length,
      departures: paper.departures.length,
      published,
      ours: oursFor(name, published, runs, experiments),
    };
  });
}

function oursFor(
  name: string,
  published: PublishedResult | null,
  runs: readonly RunOnFile[],
  experiments: readonly ExperimentSummary[],
): OverviewRow['ours'] {
  const isOfIt = (one: { readonly network: string; readonly dataset: string }) =>
    one.network === name && one.dataset.split(' ')[0] === published?.dataset;
  const repeated = experiments
    .filter((one) => isOfIt(one) && one.paper === published?.error)
    .map(({ dataset, mean }) => ({ dataset, error: mean }));
  const errors = runs.filter(isOfIt).flatMap(({ dataset, error, top5Error }) => {
    const same = published?.metric === 'top-5 error' ? top5Error : error;
    return typeof same === 'number' ? [{ dataset, error: same }] : [];
  });
  const least = repeated.length > 0 ? repeated : errors;
  return least.sort((a, b) => a.error - b.error)[0] ?? null;
}

/** The cells of the overview's table, as text. */
export function overviewCells(row: OverviewRow): {
  readonly name: string;
  readonly year: string;
  readonly parameters: string;
  readonly multiplyAdds: string;
  readonly open: string;
  readonly published: string;
  readonly ours: string;
} {
  const { published } = row;
  return {
    name: row.name,
    year: String(row.year),
    parameters: `${count(row.parameters)} ${row.parameters === row.paperParameters ? '=' : '≠'} ${count(row.paperParameters)}`,
    multiplyAdds: count(row.multiplyAdds),
    open: `${row.guesses}, ${row.departures}`,
    published: published
      ? `${percent(published.error)} ${published.metric}, ${published.dataset} (${published.where})`
      : '-',
    ours: row.ours ? percent(row.ours.error) : '-',
  };
}

/** The overview for a terminal of 100 columns. */
export function overviewText(rows: readonly OverviewRow[]): string {
  const lines = rows.map(overviewCells).map(({ name, year, parameters, multiplyAdds, ours, published }) => ({
    cells: [name, year, parameters.replace(/ = .*/, ' ='), multiplyAdds],
    text: ours === '-' ? published : `${published}; here ${ours}`,
  }));
  const head = { cells: ['network', 'year', 'parameters', 'multiply-adds'], text: 'published' };
  return [
    ...columnsThenText([head, ...lines], [2, 3]),
    '',
    ...wrapped('parameters:', 'counted from the built model; = where they equal those of the paper.'),
  ].join('\n');
}
