import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError, codeOf, messageOf } from '../errors';

/** Where what every checkout of one user shares is kept: `LINEAGE_CACHE`, else the user's own cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.LINEAGE_CACHE) return resolve(environment.LINEAGE_CACHE);
  const parent = environment.XDG_CACHE_HOME || join(environment.HOME || homedir() || tmpdir(), '.cache');
  return resolve(parent, 'cnn-lineage');
}

const temporaryName = /^\.making-(?<host>[^@]+)@(?<pid>\d+)-/;
const hour = 3_600_000;

/**
 * A new empty folder inside `parent`, which is there, for what becomes visible under its real name only when it is complete.
 * Its name tells which process makes it, so that a later one can sweep what a killed one left.
 */
export async function temporaryFolder(parent: string): Promise<string> {
  const host = hostname().replaceAll('@', '_');
  const folder = join(parent, `.making-${host}@${process.pid}-${randomUUID().slice(0, 8)}`);
  await mkdir(folder).catch((error: unknown) => {
    throw new UserError(`cannot make a folder in ${parent}: ${messageOf(error)}`, { cause: error });
  });
  return folder;
}

/** Removes the temporary folders in `parent` whose maker is no longer running. */
export async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const { host, pid } = temporaryName.exec(name)?.groups ?? {};
    if (!host || !pid) continue;
    const folder = join(parent, name);
    // A process number says nothing about another machine that shares this folder: there, age decides.
    const abandoned =
      host === hostname() ? !isRunning(Number(pid)) : Date.now() - (await lstat(folder)).mtimeMs > hour;
    if (abandoned) await rm(folder, { recursive: true, force: true });
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Puts the finished folder `from` at `to`. What was at `to` before is moved into the folder `old`. */
export async function replaceFolder(from: string, to: string, old: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    await rename(to, join(old, `replaced-${randomUUID().slice(0, 8)}`)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    try {
      return await rename(from, to);
    } catch (error) {
      // Another set-up put its own there in between.
      const taken = codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
      if (!taken || attempt === 5) throw error;
    }
  }
}

/** Bytes of all files below `folder`, links not followed; 0 where there is none. */
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
