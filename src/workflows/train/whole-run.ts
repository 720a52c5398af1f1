/** Creates the folder of a run beside its final place, so that no incomplete folder is ever seen there. */
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError, codeOf } from '../../core/errors';
import { createRun, expectNewRun, runFiles, type RunRecord } from '../../train/run/run-record';
import { makeFolder } from '../../core/io/files';
import { startedFromFolder } from './started-from';
import { sweep, temporaryFolder } from '../../core/io/temporary-folder';

/**
 * Fills a folder that does not exist yet, or that contains other files, which are kept.
 * @param last the file without which the others are meaningless; if the folder already exists, it is moved there last
 * @param fill writes into the folder that it is given
 * @returns true if this succeeded; false if another process has created the folder in the meantime
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
      // A folder cannot replace another one.
      if (name === startedFromFolder) await rm(join(folder, name), { recursive: true, force: true });
      await rename(join(making, name), join(folder, name));
    }
    return true;
  } catch (error) {
    // The message names the run's folder, since the temporary folder no longer exists.
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
 * Creates the folder of a new run, with all its initial files.
 * @param fill see `createRun`
 * @throws UserError see `createRun`
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
