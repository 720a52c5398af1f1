/** Folders that are filled next to their final place, and the cleanup of those that killed processes left behind. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError, codeOf, messageOf } from '../errors';

const temporaryName = /^\.making-(?<host>[^@]+)@(?<pid>\d+)-/;

const hour = 3_600_000;

/**
 * A new empty folder inside the existing folder `parent`, for content that gets its real name only when it is complete.
 * Its name contains the process that creates it, so that a later process can remove it if that one was killed.
 */
export async function temporaryFolder(parent: string): Promise<string> {
  const host = hostname().replaceAll('@', '_');
  const folder = join(parent, `.making-${host}@${process.pid}-${randomUUID().slice(0, 8)}`);
  await mkdir(folder).catch((error: unknown) => {
    throw new UserError(`cannot make a folder in ${parent}: ${messageOf(error)}`, { cause: error });
  });
  return folder;
}

/** Removes the temporary folders in `parent` whose process is no longer running. */
export async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const { host, pid } = temporaryName.exec(name)?.groups ?? {};
    if (!host || !pid) continue;
    const folder = join(parent, name);
    // A process number from another machine that shares this folder means nothing here: there, age decides.
    const abandoned =
      host === hostname() ? !isRunning(Number(pid)) : Date.now() - (await lstat(folder)).mtimeMs > hour;
    if (abandoned) await rm(folder, { recursive: true, force: true });
  }
}

/** Whether there is such a process. One that has ended, and whose parent has not asked how yet, still has its number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return statusFields(pid)?.[0] !== 'Z';
}

/** What Linux tells of a process after its name (proc_pid_stat(5), from the state on); undefined where nothing does. */
export function statusFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
