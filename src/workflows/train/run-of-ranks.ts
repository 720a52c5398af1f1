/** A run in which several ranks take part: rank 0 holds its folder, the others have copies of what describes it. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withCrew } from '../../data/cache/crew';
import { copyFile, ofFirst, together } from '../../core/io/process/together';
import { sweep, temporaryFolder } from '../../core/io/temporary-folder';
import { imagesFile } from '../../train/run/images-file';
import { openRun, runFiles, type RunRecord } from '../../train/run/run-record';
import { fittedFile } from '../../weights/fitted-file';
import type { Context } from '../context';
import { lookedAtTogether, type Looked } from '../data/reopen-data';
import type { Run } from './start-run';

const described = [runFiles.record, imagesFile, fittedFile] as const;

/**
 * The run of all ranks, ready to train.
 * @param begin makes or resumes it, on rank 0; the others pack images with it
 * @param joinIn opens it on the others, in a folder that has its record and the list of its images, at which the ranks
 *   have looked together
 * @throws UserError on all ranks if one cannot take part
 */
export async function runOfRanks<Found extends Run>(
  context: Context,
  begin: (context: Context) => Promise<Found>,
  joinIn: (folder: string, record: RunRecord, looked: Looked) => Promise<Found>,
): Promise<Found> {
  const { ranks } = context;
  if (ranks.size === 1) return begin(context);
  const first = await withCrew(ranks, (crew) => begin({ ...context, crew }));
  let own: string | undefined;
  const tidied = async () => {
    await first?.release();
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  };
  try {
    const folder = await together(ranks, async () => first?.folder ?? (own = await folderOfRank()));
    await copyDescription(ranks, folder);
    const record = await together(ranks, () => openRun(folder));
    const looked = await lookedAtTogether(folder, record, ranks);
    const found = await together(ranks, async () => first ?? joinIn(folder, record, looked));
    const release = async () => {
      await found.release();
      await tidied();
    };
    return first ?? { ...found, release };
  } catch (error) {
    await tidied();
    throw error;
  }
}

/** An empty folder of a rank other than 0, which removes it. */
export async function folderOfRank(): Promise<string> {
  await sweep(tmpdir());
  return temporaryFolder(tmpdir());
}

/** Copies what describes a run from rank 0's folder into those of the others. */
async function copyDescription(ranks: Context['ranks'], folder: string): Promise<void> {
  const files = await ofFirst(
    ranks,
    described.filter((file) => existsSync(join(folder, file))),
  );
  for (const file of files) await copyFile(ranks, join(folder, file));
}
