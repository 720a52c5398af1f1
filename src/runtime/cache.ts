/** The user's cache folder, which all checkouts share. */
import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOf } from '../core/errors';

/**
 * The folder for files that all checkouts of one user share: `LINEAGE_CACHE`, otherwise the user's own cache folder.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.LINEAGE_CACHE) return resolve(environment.LINEAGE_CACHE);
  const parent = environment.XDG_CACHE_HOME || join(environment.HOME || homedir() || tmpdir(), '.cache');
  return resolve(parent, 'cnn-lineage');
}

/** Moves the finished folder `from` to `to`. If `to` already exists, it is first moved into the folder `old`. */
export async function replaceFolder(from: string, to: string, old: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    await rename(to, join(old, `replaced-${randomUUID().slice(0, 8)}`)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    try {
      return await rename(from, to);
    } catch (error) {
      // In the meantime another set-up put its own folder there.
      const taken = codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
      if (!taken || attempt === 5) throw error;
    }
  }
}

/** The total bytes of all files below `folder`, without following links; 0 if it does not exist. */
export async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderSize(path);
    else
      bytes += await lstat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}
