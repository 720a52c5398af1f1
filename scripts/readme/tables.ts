/** The tables of README.md and models/README.md, in Markdown, from the zoo and the files in results/. */
import type { Bench } from '../../src/report/bench/bench';
import type { Network } from '../../src/core/network';
import type { ModelRecord } from '../../src/weights/model-folder';
import { count } from '../../src/core/text/columns';
import { deviceOf, type Device } from '../../src/core/text/device';
import { percent } from '../../src/evaluate/evaluation-text';
import { markdownTable, speedCell } from '../../src/core/text/markdown-table';
import { overviewCells, type ExperimentSummary, type OverviewRow } from '../../src/report/overview';

/** What the tables read from a `report.json` under `results/`. */
export interface ReportOnFile {
  /** The folder that contains it. */
  readonly run: string;
  readonly network: string;
  readonly dataset: string;
  readonly error: number;
  readonly interval95: readonly [number, number];
  readonly images: number;
  readonly epochs: number;
  readonly trainingSeconds: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Device & { readonly backend: string };
}

/** What the tables read from the report on a model folder under `results/`, and from its `network.json`. */
export interface EvaluationOnFile extends Omit<ReportOnFile, 'epochs' | 'trainingSeconds'> {
  readonly protocol: string;
  readonly top5Error: number | null;
  readonly seconds: number;
  /** For a fine-tuning: the total time of the process. */
  readonly totalSeconds?: number;
  readonly source: ModelRecord['source'];
}

/** What the tables read from the output of `bench --json` under `results/bench/`. */
export interface BenchOnFile extends Bench {
  readonly commit: string | null;
  readonly machine: Device;
}

/** The README's table of networks, in Markdown: the published figures beside the counts from the built models. */
export function networksTable(rows: readonly OverviewRow[]): string {
  const code = (text: string) => `\`${text}\``;
  const cells = rows.map((row) => overviewCells(row, code)).map((row) => ({ ...row, name: code(row.name) }));
  return markdownTable(
    [
      'network',
      'year',
      'parameters, ours and the paper’s',
      'multiply-adds',
      'guesses, departures',
      'published',
      'ours',
    ],
    cells.map(({ name, year, parameters, multiplyAdds, open, published, ours }) => [
      name,
      year,
      parameters,
      multiplyAdds,
      open,
      published,
      ours,
    ]),
  );
}

/** The README's table of gaps and departures from the papers, in Markdown; `describe` lists them in full. */
export function faithfulness(zoo: Readonly<Record<string, Network>>): string {
  const rows = Object.entries(zoo).map(([name, { paper, recipe }]) => {
    const guesses = Object.keys(recipe.guesses).map((field) => `\`${field}\``);
    return [
      `\`${name}\``,
      guesses.join(', ') || '-',
      paper.departures.length || '-',
      paper.discrepancies?.length || '-',
    ];
  });
  return markdownTable(
    ['network', 'guesses in the recipe', 'departures', 'discrepancies in the literature'],
    rows,
  );
}

/** What the tables read from an experiment's `summary.json`. */
export interface ExperimentOnFile extends ExperimentSummary {
  readonly experiment: string;
  readonly where: string;
  readonly deviation: number | null;
  readonly best: number;
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly device: string;
  readonly command: string;
  readonly commit: string | null;
}

/** The README's table of reproduced experiments, in Markdown. */
export function experimentsTable(summaries: readonly ExperimentOnFile[]): string {
  if (summaries.length === 0) return 'No experiment is on file yet.';
  const rows = summaries.map((summary) => [
    summary.experiment,
    `${percent(summary.paper)} (${summary.where})`,
    `**${percent(summary.mean)}**${summary.deviation === null ? '' : ` ± ${percent(summary.deviation)}`}`,
    percent(summary.best),
    summary.seeds.length,
    `${Math.round(summary.seconds / 60)} min, ${summary.device}`,
    commandCell(summary),
  ]);
  return markdownTable(
    [
      'experiment',
      'the paper',
      'ours, mean and deviation',
      'best',
      'seeds',
      'training in all',
      'command and commit',
    ],
    rows,
  );
}

/** The README's table of trained networks, in Markdown. */
export function runsTable(reports: readonly ReportOnFile[]): string {
  const rows = reports.map((report) => [
    `\`${report.network}\`, ${report.dataset}`,
    `**${percent(report.error)}** (${percent(report.interval95[0])} to ${percent(report.interval95[1])})`,
    report.epochs,
    `${Math.round(report.trainingSeconds)} s, ${deviceOf(report.machine)}, ${report.machine.backend}`,
    commandCell(report),
  ]);
  return markdownTable(
    ['network and images', 'error, 95 % interval', 'epochs', 'time, device, backend', 'command and commit'],
    rows,
  );
}

/** The README's table of imported and fine-tuned networks, in Markdown. */
export function evaluationsTable(evaluations: readonly EvaluationOnFile[]): string {
  if (evaluations.length === 0) return 'None is on file yet.';
  const rows = evaluations.map((report) => [
    `\`${report.network}\`, ${sourceText(report.source)}`,
    `${count(report.images)} of ${report.dataset}`,
    report.protocol,
    `**${percent(report.error)}** (${percent(report.interval95[0])} to ${percent(report.interval95[1])})`,
    report.top5Error === null ? '-' : percent(report.top5Error),
    `${Math.round(report.totalSeconds ?? report.seconds)} s, ${deviceOf(report.machine)}`,
    commandCell(report),
  ]);
  return markdownTable(
    [
      'network and weights',
      'images',
      'protocol',
      'error, 95 % interval',
      'top-5 error',
      'time, device',
      'command and commit',
    ],
    rows,
  );
}

/** Weights that come with the package, with their report. */
export interface TrainedOnFile {
  readonly name: string;
  readonly record: ModelRecord;
  readonly report: Omit<EvaluationOnFile, 'source'> & { readonly mistakes: number };
  /** The size of the weights. */
  readonly bytes: number;
}

/** The table of the weights that come with the package, in Markdown. */
export function trainedTable(trained: readonly TrainedOnFile[]): string {
  const rows = trained.map(({ name, record: { source }, report, bytes }) => {
    if (source.kind !== 'trained') throw new Error(`expected weights trained here in ${name}`);
    const { mistakes, images, interval95, seconds, machine } = report;
    return [
      `\`${name}\``,
      `${source.data}, ${source.epochs} epochs, seed ${source.seed}`,
      `\`${source.command}\` at \`${source.commit}\`, ${Math.round(source.seconds)} s, ${source.device}`,
      `**${percent(report.error)}** (${percent(interval95[0])} to ${percent(interval95[1])}), ${mistakes} of ${count(images)}`,
      `${commandCell(report)}, ${seconds.toFixed(1)} s, ${deviceOf(machine)}`,
      `${Math.round(bytes / 1000)} kB`,
    ];
  });
  return markdownTable(
    ['name', 'trained on', 'by', 'test error, 95 % interval, mistakes', 'measured by', 'size'],
    rows,
  );
}

function sourceText(source: ModelRecord['source']): string {
  switch (source.kind) {
    case 'imported':
      return `imported from ${source.file}`;
    case 'trained':
      return `trained on ${source.data} by \`${source.command}\``;
    case 'fineTuned': {
      const from = source.from as Partial<Record<'file' | 'kind', string>>;
      const layers = source.frozen.length > 0 ? 'its lower layers frozen' : 'all layers learning';
      return `fine-tuned from ${from.file ?? from.kind ?? 'trained weights'}, ${layers}`;
    }
    default:
      return source satisfies never;
  }
}

function commandCell({ command, commit }: Pick<ReportOnFile, 'command' | 'commit'>): string {
  return `\`${command.replace(/^cnn-lineage ([\w-]+)/, 'npm run $1 --')}\` at \`${commit ?? 'unknown'}\``;
}

/** The README's table of speeds and memory, in Markdown. */
export function benchTable(benches: readonly BenchOnFile[]): string {
  const megabytes = (bytes: number) => count(Math.round(bytes / 1e6));
  const rows = benches.map(
    ({ network, batch, backend, step, training, inference, peakBytes, machine, commit }) => [
      `\`${network}\`, ${batch}`,
      `${backend}, ${step}`,
      `${speedCell(training.imagesPerSecond)} (${training.milliseconds.toFixed(1)} ms)`,
      speedCell(inference.imagesPerSecond),
      `${training.memory.before.tensors} and ${megabytes(training.memory.before.residentBytes)} MB, after ${count(training.passes)} updates ` +
        `${training.memory.after.tensors} and ${megabytes(training.memory.after.residentBytes)} MB; peak ${megabytes(peakBytes)} MB`,
      `${deviceOf(machine)}, \`${commit ?? 'unknown'}\``,
    ],
  );
  return markdownTable(
    [
      'network, batch',
      'backend, step',
      'training, images/s (a step)',
      'inference, images/s',
      'tensors and resident memory',
      'device, commit',
    ],
    rows,
  );
}
