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
  readonly ours: {
    readonly error: number;
    readonly dataset: string;
    /** What it was reached by: an experiment of `reproduce`, or the command of a run; null where that is not known. */
    readonly by: { readonly experiment: string } | { readonly command: string } | null;
  } | null;
  /** The lowest error of a run on the same data set that `train` made with no option but the data; null without one. */
  readonly byTrain: { readonly error: number; readonly dataset: string } | null;
}

/** The parts of a run's report that the overview reads. */
export interface RunOnFile {
  readonly network: string;
  readonly dataset: string;
  readonly error: number;
  readonly top5Error?: number | null;
  readonly command?: string;
}

/** The parts of an experiment's summary that the overview reads. */
export interface ExperimentSummary {
  readonly experiment?: string;
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
      ...oursFor(name, published, runs, experiments),
    };
  });
}

function oursFor(
  name: string,
  published: PublishedResult | null,
  runs: readonly RunOnFile[],
  experiments: readonly ExperimentSummary[],
): Pick<OverviewRow, 'ours' | 'byTrain'> {
  const isOfIt = (one: { readonly network: string; readonly dataset: string }) =>
    one.network === name && one.dataset.split(' ')[0] === published?.dataset;
  const repeated = experiments
    .filter((one) => isOfIt(one) && one.paper === published?.error)
    .map(({ dataset, mean, experiment }) => ({
      ...{ error: mean, dataset },
      by: experiment === undefined ? null : { experiment },
    }));
  const single = runs.filter(isOfIt).flatMap(({ dataset, error, top5Error, command }) => {
    const same = published?.metric === 'top-5 error' ? top5Error : error;
    const by = command === undefined ? null : { command };
    return typeof same === 'number' ? [{ error: same, dataset, by }] : [];
  });
  const plain = single.filter(({ by }) => by && isPlain(by.command, name)).sort(byError)[0];
  return {
    ours: (repeated.length > 0 ? [...repeated] : [...single]).sort(byError)[0] ?? null,
    byTrain: plain ? { error: plain.error, dataset: plain.dataset } : null,
  };
}

const byError = (one: { readonly error: number }, other: { readonly error: number }) =>
  one.error - other.error;

/** Whether a command trains a network by its own recipe and `train`'s defaults. */
function isPlain(command: string, network: string): boolean {
  const [called, ...options] = command.split(/ (?=--)/);
  const moves = options.every((option) => /^--(?:data|out)[ =]/.test(option));
  return moves && new RegExp(`^(?:cnn-lineage|npm run) train(?: --)? ${network}$`).test(called ?? '');
}

/** What reached our error, in words. */
function reachedBy({ ours, byTrain }: OverviewRow, code: (text: string) => string): string {
  if (!ours) return '-';
  const { by, error } = ours;
  const alone = byTrain ? `${percent(byTrain.error)} by ${code('npm run train')}` : '';
  if (by === null) return percent(error);
  if ('experiment' in by)
    return [`${percent(error)} by the experiment ${code(by.experiment)}`, alone].filter(Boolean).join(', ');
  if (byTrain?.error === error) return alone;
  return [`${percent(error)} by ${code(by.command)}`, alone].filter(Boolean).join(', ');
}

/**
 * The cells of the overview's table, as text.
 * @param code how names and commands are set off
 */
export function overviewCells(
  row: OverviewRow,
  code: (text: string) => string = (text) => text,
): {
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
    ours: reachedBy(row, code),
  };
}

/** The overview for a terminal of 100 columns. */
export function overviewText(rows: readonly OverviewRow[]): string {
  const lines = rows
    .map((row) => overviewCells(row))
    .map(({ name, year, parameters, multiplyAdds, ours, published }) => ({
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
