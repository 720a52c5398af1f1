/** The combined result of several runs with different seeds. */
import { deviceOf, type Device } from '../../core/text/device';

/** The parts of a run's `report.json` that a summary reads. */
export interface SeedReport {
  readonly seed: number;
  /** The error on the test set, as a fraction. */
  readonly error: number;
  readonly trainingSeconds: number;
  readonly commit: string | null;
  readonly machine: Readonly<Record<string, unknown>>;
}

/** The combined result of several runs that differ in their seeds; errors are fractions. */
export interface SeedFigures {
  readonly mean: number;
  /** The standard deviation between runs, computed with n − 1; null for a single run. */
  readonly deviation: number | null;
  readonly best: number;
  readonly seeds: readonly number[];
  /** The errors in the order of the seeds. */
  readonly errors: readonly number[];
  /** The training time of all runs together, excluding the measurement of errors. */
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

/** The machine on which the runs were made; values that differ between runs are listed. */
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

/**
 * The index of the run with the median error, or the lower of two. It represents all runs, being neither best nor
 * worst.
 */
export function medianPlace(errors: readonly number[]): number {
  const places = [...errors.keys()].sort((one, other) => errors[one]! - errors[other]!);
  return places[Math.floor((places.length - 1) / 2)]!;
}
