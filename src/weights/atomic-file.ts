import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError, codeOf, systemReason } from '../errors';

/** The temporaries that this process is writing now. */
const underway = new Set<string>();

/**
 * Replaces a file's content at once: whoever reads it, even after a crash at any moment, finds the old
 * bytes or the new ones, whole. Also removes what killed processes left behind when writing the same file.
 * @throws UserError when the disk is full or the place cannot be written; the old file is then untouched
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const temporary = `.${basename(path)}.${process.pid}.${randomUUID()}.tmp`;
  underway.add(temporary);
  try {
    await removeAbandoned(folder, basename(path));
    await writeToDisk(join(folder, temporary), bytes);
    await rename(join(folder, temporary), path);
    await syncFolder(folder);
  } catch (error) {
    await rm(join(folder, temporary), { force: true }).catch(() => undefined);
    const reason = reasons[codeOf(error) ?? ''] ?? systemReason(error);
    throw reason ? new UserError(`cannot write ${path}: ${reason}`, { cause: error }) : error;
  } finally {
    underway.delete(temporary);
  }
}

/** Where a file is to be written, the system's words mean something else. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'a folder of that name is in the way',
};

async function writeToDisk(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name last through a power cut. Some systems cannot open a folder; there nothing is to be done. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The process that writes, or wrote, `name` by this temporary; nothing where it is none of it. */
export function writerOf(temporary: string, name: string): string | undefined {
  if (!temporary.startsWith(`.${name}.`)) return undefined;
  return /^(\d+)\.[0-9a-f-]{36}\.tmp$/.exec(temporary.slice(name.length + 2))?.[1];
}

/** Removes the temporaries of `name` whose process no longer runs. */
async function removeAbandoned(folder: string, name: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const writer = writerOf(file, name);
    if (writer === undefined || underway.has(file) || isAnotherAlive(Number(writer))) continue;
    await rm(join(folder, file), { force: true });
  }
}

/** A process of the same number as this one ran before, as in a container, where numbers repeat. */
function isAnotherAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
