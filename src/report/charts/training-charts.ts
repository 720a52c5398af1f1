/** Draws the errors of runs after each epoch. */
import type { EpochSummary } from '../../train/run/log';
import type { LineChart } from './line-chart';

/** Errors, as fractions, after each epoch of one run, by the name of what they were measured on. */
export type ErrorsByEpoch = readonly Readonly<Record<string, number>>[];

/** Reads errors from the log lines that end an epoch, on each data set that the run was evaluated on. */
export function errorsByEpoch(epochs: readonly EpochSummary[]): ErrorsByEpoch {
  return epochs.map(({ errors = {} }) => errors);
}

/** The chart of errors against passes through the training set, each the mean over several runs. */
export function passesChart(runs: readonly ErrorsByEpoch[], title: string): LineChart {
  const passes = Math.min(...runs.map(({ length }) => length));
  const names = Object.keys(runs[0]?.[0] ?? {});
  return {
    title,
    subtitle: 'error after each pass',
    x: 'passes through the training set',
    y: 'error, %',
    series: names.map((name) => ({
      name: `${name} error`,
      points: Array.from({ length: passes }, (_, pass) => [
        pass + 1,
        100 * mean(runs.map((run) => run[pass]![name]!)),
      ]),
    })),
  };
}

/** The results of training on a part of the training set; errors are fractions. */
export interface SetSize {
  readonly images: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** The chart of errors against the number of training images. */
export function setSizesChart(sizes: readonly SetSize[], title: string): LineChart {
  const ascending = sizes.toSorted((a, b) => a.images - b.images);
  const names = Object.keys(ascending[0]?.errors ?? {});
  return {
    title,
    subtitle: 'error by training images',
    x: 'training images, thousands',
    y: 'error, %',
    series: names.map((name) => ({
      name: `${name} error`,
      points: ascending.map(({ images, errors }) => [images / 1000, 100 * errors[name]!]),
    })),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
