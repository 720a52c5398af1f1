/**
 * The folder `started-from` inside a run's folder.
 *
 * It keeps what the run whose weights this one started from recorded about its images, including that run's own
 * `started-from`. Which images they learned from is therefore known even after their own folders were moved or deleted.
 */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../core/io/files';
import { imagesFile } from '../../train/run/images-file';
import { runFiles, type RunRecord } from '../../train/run/run-record';

export const startedFromFolder = 'started-from';

type Started = Pick<RunRecord, 'start' | 'finetune'>;

/**
 * The folder whose weights a run started from, if any. Files of other toolkits say nothing about their training.
 * @param folder the run's folder
 */
export function originOf({ start, finetune }: Started, folder: string): string | undefined {
  if (start) return dirname(resolve(folder, start.checkpoint));
  return finetune && finetune.source['kind'] !== 'imported' ? finetune.weights : undefined;
}

/**
 * Copies the available records of the run that a new one starts from.
 * @param wanted the new run's folder, as its record names it
 * @param at the folder in which the new run is being created
 */
export async function keepStartedFrom(record: Started, wanted: string, at: string): Promise<void> {
  const from = originOf(record, wanted);
  if (from === undefined || !existsSync(join(from, runFiles.record))) return;
  const to = join(at, startedFromFolder);
  await makeFolder(to);
  // The record is written last: a folder without one is not a run.
  for (const name of [startedFromFolder, imagesFile, runFiles.record])
    if (existsSync(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true });
}
