/** Runs all seeds of an experiment and writes their mean and spread to `summary.json`. */
import { join } from 'node:path';
import { counted } from '../../core/text/counted';
import { percent } from '../../evaluate/evaluation-text';
import { origin, seedFigures, type SeedFigures, type SeedReport } from './seed-figures';
import { runFiles } from '../../train/run/run-record';
import { partsOf, reportOnFile, reproduceSeed, type Reproduction } from './reproduction';
import { writeSealedJson } from '../../core/io/sealed-file';

/** An experiment's `summary.json`; errors are fractions. */
export interface Summary extends SeedFigures {
  readonly experiment: string;
  readonly network: string;
  readonly dataset: string;
  /** The results on the test set. */
  readonly images: number;
  /** The published error, and its source. */
  readonly paper: number;
  readonly where: string;
  /** The value that the mean was expected not to exceed. */
  readonly expected: number;
  readonly epochs: number;
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
  /**
   * The results by number of training images, if an experiment has several; its own figures are then the last part's.
   */
  readonly parts: readonly (SeedFigures & { readonly trainingImages: number })[];
}

/**
 * Runs everything of an experiment that is not complete yet, and writes `summary.json`. Only this function writes that
 * file.
 */
export async function summarise(reproduction: Reproduction): Promise<Summary> {
  const { experiment, name, folder, context } = reproduction;
  const { command } = context.provenance;
  const parts = [];
  for (const { trainingImages, runs } of partsOf(reproduction)) {
    const reports: SeedReport[] = [];
    for (const run of runs) reports.push(await reproduceSeed(reproduction, run));
    parts.push({ trainingImages, runs, reports, figures: seedFigures(reports) });
  }
  const { figures, runs } = parts.at(-1)!;
  const { dataset, images, epochs } = reportOnFile(join(runs[0]!.folder, runFiles.report));
  const all = parts.flatMap(({ reports }) => reports);
  const summary: Summary = {
    experiment: name,
    network: experiment.network,
    dataset,
    images,
    ...figures,
    paper: experiment.paper.error,
    where: `${experiment.paper.citation}, ${experiment.paper.where}`,
    expected: experiment.expected.error,
    epochs,
    command,
    ...origin(all),
    parts: parts.flatMap((part) =>
      part.trainingImages === undefined ? [] : [{ trainingImages: part.trainingImages, ...part.figures }],
    ),
  };
  await writeSealedJson(join(folder, 'summary.json'), summary);
  return summary;
}

/** A summary as text for a terminal: the error beside the paper's. */
export function summaryText({
  mean,
  deviation,
  best,
  seeds,
  errors,
  paper,
  expected,
  seconds,
  parts,
}: Summary): string {
  const spread = deviation === null ? '' : ` ± ${percent(deviation)}`;
  const each = seeds.map((seed, index) => `seed ${seed}: ${percent(errors[index]!)}`).join(', ');
  return [
    `error ${percent(mean)}${spread}, best ${percent(best)} (${each})`,
    ...parts.map((part) => `on ${counted(part.trainingImages, 'image')}: ${percent(part.mean)}`),
    `the paper: ${percent(paper)}; expected at most ${percent(expected)}`,
    `${counted(Math.round(seconds / 60), 'minute')} of training in all`,
  ].join('\n');
}
