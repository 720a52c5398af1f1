/** Fills the folder of a run beside its place, so that nobody ever finds half of one there. */
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError, codeOf } from '../../../src/core/errors';
import { createRun, expectNewRun, runFiles, type RunRecord } from '../../../src/train/run/run-record';
import { makeFolder } from '../../../src/core/io/files';
import { startedFromFolder } from './started-from';
import { sweep, temporaryFolder } from '../../../src/core/io/temporary-folder';

/**
 * Fills a folder that is not there yet, or that holds other files: those are kept.
 * @param last the file without which the others mean nothing; where the folder is there already, it comes last
 * @param fill writes into the folder that it is given
 * @returns whether it could: false where another process has made the folder meanwhile
 */
async function fillWhole(
  folder: string,
  last: string,
  fill: (folder: string) => Promise<void>,
): Promise<boolean> {
  const isThere = (await lstat(folder).catch(() => undefined)) !== undefined;
  const parent = isThere ? folder : dirname(resolve(folder));
  await makeFolder(parent);
  await sweep(parent);
  const making = await temporaryFolder(parent);
  try {
    await fill(making);
    if (!isThere) return await renamed(making, folder);
    const names = (await readdir(making)).filter((name) => name !== last);
    for (const name of [...names, last]) {
      if (name === startedFromFolder) await rm(join(folder, name), { recursive: true, force: true }); // no folder replaces another
      await rename(join(making, name), join(folder, name));
    }
    return true;
  } catch (error) {
    // The message names the run's folder, for that in which it was made is gone again.
    throw error instanceof UserError ? new UserError(error.message.replaceAll(making, folder)) : error;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

/**
 * Makes the folder of a new run, with all that it begins with.
 * @param fill as of `createRun`
 * @throws UserError as `createRun`
 */
export async function createWholeRun(
  folder: string,
  record: RunRecord,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await expectNewRun(folder);
  if (await fillWhole(folder, runFiles.record, (at) => createRun(at, record, fill))) return;
  await expectNewRun(folder);
  throw new UserError(`${folder}: expected a new folder, found one that another process has just made`);
}
