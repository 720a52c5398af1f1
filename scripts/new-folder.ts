import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError, codeOf } from '../src/errors';
import { sweep, temporaryFolder } from '../src/runtime/cache';
import { makeFolder } from '../src/make-folder';

/**
 * Makes a folder that is there whole or not at all: it is filled beside its place, and then renamed.
 * @param fill is given an empty folder
 * @throws UserError when there is something at its place already
 */
export async function newFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const found = await readdir(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`${path}: expected a new folder, found something else of that name`);
  });
  if (found?.length) throw new UserError(`${path}: expected a new or empty folder, found ${found[0]!} in it`);
  if (!found && (await lstat(path).catch(() => undefined)))
    throw new UserError(`${path}: expected a new folder, found a symbolic link that leads nowhere`);
  const parent = dirname(resolve(path));
  await makeFolder(parent);
  await sweep(parent);
  const folder = await temporaryFolder(parent);
  try {
    await fill(folder);
    await rename(folder, path);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
