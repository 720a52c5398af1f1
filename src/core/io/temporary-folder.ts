/** Folders that are filled beside their place, and what killed processes left of them. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError, codeOf, messageOf } from '../errors';

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
