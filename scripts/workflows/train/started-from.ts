/**
 * `started-from` in a run's folder: what the run whose weights it started from knew of its images, and what that one kept
 * so itself, so that it can be told what they learned from where their own folders are moved or gone.
 */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../../src/core/io/files';
import { imagesFile } from '../../../src/train/run/images-file';
import { runFiles, type RunRecord } from '../../../src/train/run/run-record';

export const startedFromFolder = 'started-from';

type Started = Pick<RunRecord, 'start' | 'finetune'>;

/**
 * The folder whose weights a run started from, if it did; files of other toolkits tell nothing of their training.
 * @param folder the run's
 */
export function originOf({ start, finetune }: Started, folder: string): string | undefined {
  if (start) return dirname(resolve(folder, start.checkpoint));
  return finetune && finetune.source['kind'] !== 'imported' ? finetune.weights : undefined;
}

/**
 * Keeps what there is of the run that a new one starts from.
 * @param wanted the new run's folder, as its record has it
 * @param at where it is filled
 */
export async function keepStartedFrom(record: Started, wanted: string, at: string): Promise<void> {
  const from = originOf(record, wanted);
  if (from === undefined || !existsSync(join(from, runFiles.record))) return;
  const to = join(at, startedFromFolder);
  await makeFolder(to);
  // The record comes last: what has none is no run.
  for (const name of [startedFromFolder, imagesFile, runFiles.record])
    if (existsSync(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true });
}
