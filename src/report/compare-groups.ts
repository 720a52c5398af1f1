/** Groups the rows of a comparison that are runs of one training, with their mean and spread. */
import { basename, dirname } from 'node:path';
import { wilson95 } from '../evaluate/metrics/interval';
import type { ComparedRow, SeedResult } from './compare';

/** Rows that differ only in the seed, or in what computed them; or a single row. Errors are fractions. */
export interface ComparedGroup {
  /** The name of the experiment, or what the names of the runs' folders begin with. */
  readonly name: string;
  /** The row that stands for all: that of the median error, the lower of two. */
  readonly lead: ComparedRow;
  readonly rows: readonly ComparedRow[];
  /** The mean over the rows, or the one row's error. */
  readonly error: number;
  /** Wilson's interval of the mean. */
  readonly interval95: readonly [number, number];
  /** The standard deviation between seeds, with n − 1; null for a single seed. */
  readonly deviation: number | null;
  /** The single runs, with their seeds where these are known. */
  readonly runs: readonly (Omit<SeedResult, 'seed'> & { readonly seed: number | null })[];
}

/**
 * The rows in their order, those together that were trained alike and evaluated alike; an experiment, which already is
 * the mean of its runs, stays by itself.
 */
export function groupsOf(rows: readonly ComparedRow[]): readonly ComparedGroup[] {
  const groups = new Map<string, ComparedRow[]>();
  rows.forEach((row, at) => {
    const key = keyOf(row) ?? String(at);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  });
  return [...groups.values()].map(groupOf);
}

function keyOf(row: ComparedRow): string | null {
  const { trainedAlike, network, dataset, images, protocol, metric, remarks } = row;
  return trainedAlike && JSON.stringify([trainedAlike, network, dataset, images, protocol, metric, remarks]);
}

function groupOf(rows: readonly ComparedRow[]): ComparedGroup {
  const ordered = [...rows].sort((one, other) => one.error - other.error);
  const lead = ordered[Math.floor((ordered.length - 1) / 2)]!;
  const error = meanOf(rows.map((row) => row.error));
  const single = rows.length === 1;
  return {
    name: single ? (lead.experiment ?? ownName(lead)) : commonName(rows),
    lead,
    rows,
    error,
    interval95: single ? lead.interval95 : wilson95(Math.round(error * lead.images), lead.images),
    deviation: single ? lead.deviation : deviationOf(rows),
    runs:
      single && lead.seeds.length > 0
        ? lead.seeds
        : rows.map(({ seed, error, run }) => ({ seed, error, run })),
  };
}

/** Runs of one seed lie apart by what computed them alone, which is no deviation between seeds. */
function deviationOf(rows: readonly ComparedRow[]): number | null {
  const seeds = new Set(rows.map(({ seed }) => seed));
  if (seeds.size < rows.length) return null;
  const mean = meanOf(rows.map(({ error }) => error));
  const squares = rows.reduce((sum, { error }) => sum + (error - mean) ** 2, 0);
  return Math.sqrt(squares / (rows.length - 1));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The name of the run's folder; a folder with several reports is told apart by that of the report. */
function ownName({ run, report }: ComparedRow): string {
  const file = basename(report, '.json').replace(/^report-?/, '');
  return file === '' || dirname(report) !== run ? basename(run) : `${basename(run)}, ${file}`;
}

/** The name of one run that begins those of all, else what all begin with, and that more follows. */
function commonName(rows: readonly ComparedRow[]): string {
  const names = rows.map(({ run }) => basename(run));
  const [first, ...others] = names as [string, ...string[]];
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  const common = first.slice(0, length).replace(/[-_. ]+(?:seed)?[-_. ]*$/, '');
  if (common === '') return first;
  return names.includes(common) ? common : `${common}-…`;
}
