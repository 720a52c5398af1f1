/** The partial file of a download: claimed by one process, and renamed when it is complete. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../errors';

/** A part file that has not grown for this long belongs to no running download. */
const abandonedAfterMilliseconds = 1000;

/**
 * Claims the part of `destination` that an earlier download left, or creates an empty one. Two concurrent downloads
 * never get the same part, because a part is claimed by renaming it.
 * @returns the path of the part, in the same folder
 */
export async function claimPart(destination: string): Promise<string> {
  const own = `${destination}.${randomBytes(4).toString('hex')}.part`;
  if (await renamed(released(destination), own)) return own;
  for (const abandoned of await abandonedParts(destination)) {
    if (await renamed(abandoned, own)) return own;
  }
  await (await open(own, 'w')).close();
  return own;
}

/** Releases a part for the next download. */
export async function releasePart(part: string, destination: string): Promise<void> {
  if ((await sizeOf(part)) > 0) await renamed(part, released(destination));
  else await rm(part, { force: true });
}

/** Moves a finished part to its destination and removes the parts of other downloads of the same file. */
export async function finishPart(part: string, destination: string): Promise<void> {
  await rename(part, destination);
  await rm(released(destination), { force: true });
  for (const other of await partsOf(destination)) await rm(other, { force: true });
}

/** The size in bytes; 0 if the file does not exist. */
export async function sizeOf(path: string): Promise<number> {
  return (await statOf(path))?.size ?? 0;
}

const released = (destination: string) => `${destination}.part`;

/** Parts of downloads that were killed: those that do not grow while this function waits. */
async function abandonedParts(destination: string): Promise<readonly string[]> {
  const parts = await partsOf(destination);
  if (parts.length === 0) return [];
  const before = await Promise.all(parts.map(statOf));
  await delay(abandonedAfterMilliseconds);
  const after = await Promise.all(parts.map(statOf));
  return parts.filter((_, index) => after[index] && after[index].mtimeMs === before[index]?.mtimeMs);
}

/** The claimed parts of all downloads of this file. */
async function partsOf(destination: string): Promise<readonly string[]> {
  const folder = dirname(destination);
  const names = await readdir(folder);
  const start = `${basename(destination)}.`;
  return names
    .filter((name) => name.startsWith(start) && /^[0-9a-f]{8}\.part$/.test(name.slice(start.length)))
    .map((name) => join(folder, name));
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
