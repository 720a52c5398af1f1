/** What several runs with different seeds amount to. */
import { deviceOf, type Device } from '../../core/text/device';

/** What a summary reads of a run's `report.json`. */
export interface SeedReport {
  readonly seed: number;
  /** On the test set, a fraction. */
  readonly error: number;
  readonly trainingSeconds: number;
  readonly commit: string | null;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** What several runs that differ in their seeds came to; errors are fractions. */
export interface SeedFigures {
  readonly mean: number;
  /** The standard deviation of one run, with n − 1; null for a single one. */
  readonly deviation: number | null;
  readonly best: number;
  readonly seeds: readonly number[];
  /** In the order of the seeds. */
  readonly errors: readonly number[];
  /** Training time of all together, without the time to measure errors. */
  readonly seconds: number;
}

export function seedFigures(reports: readonly SeedReport[]): SeedFigures {
  const errors = reports.map(({ error }) => error);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const squares = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0);
  return {
    mean,
    deviation: errors.length > 1 ? Math.sqrt(squares / (errors.length - 1)) : null,
    best: Math.min(...errors),
    seeds: reports.map(({ seed }) => seed),
    errors,
    seconds: reports.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
  };
}

/** Where the runs were made; what differs among them is listed. */
export function origin(reports: readonly Pick<SeedReport, 'commit' | 'machine'>[]): {
  commit: string | null;
  device: string;
} {
  const distinct = (values: readonly string[]) => [...new Set(values)].join(', ');
  const commits = reports.flatMap(({ commit }) => commit ?? []);
  return {
    commit: commits.length ? distinct(commits) : null,
    device: distinct(reports.map(({ machine }) => computedOn(machine))),
  };
}

function computedOn({ backend, tensorflow, ...machine }: SeedReport['machine']): string {
  const version = typeof tensorflow === 'string' ? ` ${tensorflow}` : '';
  return `${deviceOf(machine as unknown as Device)}, ${String(backend)}${version}`;
}

/** The place of the median error, the lower of two: its run stands for all, neither the best nor the worst. */
export function medianPlace(errors: readonly number[]): number {
  const places = [...errors.keys()].sort((one, other) => errors[one]! - errors[other]!);
  return places[Math.floor((places.length - 1) / 2)]!;
}
