import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo } from '../models/registry';
import { UserError } from '../src/errors';
import type { PageData, Picture, Result, Underway } from '../src/page/page-data';
import type { ComparedRow } from '../src/report/compare';
import { describeNetwork, shapesOf } from '../src/report/describe-network';
import { drawNetwork } from '../src/report/draw';
import { readLog, type EpochSummary } from '../src/train/log';
import { openRun, runFiles } from '../src/train/run-record';
import { commandLine, commit } from './cli';

/** All networks, counted and drawn. */
export function networksOfPage(): PageData['networks'] {
  return networkNames.map((name) => {
    const model = shapesOf(name, zoo[name]);
    const drawing = drawNetwork(name, model);
    model.dispose();
    return { description: describeNetwork(name, zoo[name]), drawing };
  });
}

/** A row with what lies beside its report. */
export function resultOf(row: ComparedRow): Result {
  const evaluation = JSON.parse(readFileSync(row.report, 'utf8')) as Result['evaluation'];
  return { row, evaluation, epochs: epochsIn(row.run), pictures: picturesIn(row.run) };
}

export function madeNow(): PageData['made'] {
  return { command: commandLine(), commit: commit(), at: new Date() };
}

/**
 * Runs in some folders that have no report yet.
 * @param onDamaged told of each that cannot be read, in a line; it is left out
 */
export async function underwayIn(
  folders: readonly string[],
  onDamaged: (line: string) => void,
): Promise<readonly Underway[]> {
  const begun = folders.filter(
    (folder) => existsSync(join(folder, runFiles.log)) && !existsSync(join(folder, runFiles.report)),
  );
  const found: Underway[] = [];
  for (const run of begun) {
    try {
      const { network, data, recipe } = await openRun(run);
      const updates = readLog(run).flatMap((line) => ('loss' in line ? [line] : []));
      found.push({ run, network, data, epochsPlanned: recipe.epochs, epochs: epochsIn(run), updates });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      onDamaged(error.message);
    }
  }
  return found;
}

function epochsIn(folder: string): readonly EpochSummary[] {
  if (!existsSync(join(folder, runFiles.log))) return [];
  return readLog(folder).flatMap((line) => ('meanLoss' in line ? [line] : []));
}

const captions: Readonly<Record<string, Pick<Picture, 'kind' | 'caption' | 'type'>>> = {
  'filters.png': { kind: 'filters', caption: 'Filters of its first layer', type: 'image/png' },
  'mistakes.png': { kind: 'mistakes', caption: 'Its worst mistakes, label → answer', type: 'image/png' },
  'passes.svg': {
    kind: 'figure',
    caption: 'Error after each pass, mean over the runs',
    type: 'image/svg+xml',
  },
  'rejection.svg': {
    kind: 'figure',
    caption: 'Error among the others when the least sure are rejected',
    type: 'image/svg+xml',
  },
  'set-sizes.svg': {
    kind: 'figure',
    caption: 'Error by the number of training images',
    type: 'image/svg+xml',
  },
};

function picturesIn(folder: string): readonly Picture[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.entries(captions)
    .filter(([name]) => names.includes(name))
    .map(([name, picture]) => ({ ...picture, bytes: readFileSync(join(folder, name)) }));
}
