import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError, codeOf, systemReason } from './errors';

/**
 * Makes a folder, and those above it, where it is not there yet. Node's own `recursive` says "no such file" of a
 * read-only disk and "it exists" of a file in the way, and does not end below /proc.
 * @throws UserError when it cannot be made, with the reason
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeEach(resolve(path));
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    const found = await inTheWay((error as { readonly path?: string }).path ?? path);
    // The folder above is there, and yet the system knows of no such place.
    const nowhere = codeOf(error) === 'ENOENT' ? 'the system lets none be made there' : reason;
    throw new UserError(`cannot make the folder ${path}: ${found ?? nowhere}`, { cause: error });
  }
}

async function makeEach(path: string, again = false): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return; // also one that another process has just made
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path || again) throw error;
    if (!(await isFolder(parent))) await makeEach(parent);
    await makeEach(path, true);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** What has the name that a folder was to have, or that of one above it. */
async function inTheWay(path: string): Promise<string | undefined> {
  for (let place = path; place !== dirname(place); place = dirname(place)) {
    const found = await lstat(place).catch(() => undefined);
    if (found && (await isFolder(place))) return undefined;
    if (!found?.isSymbolicLink()) {
      if (found) return `${place} is a file`;
      continue;
    }
    const reached = await stat(place).catch(codeOf);
    if (reached === 'ELOOP') return `the symbolic link ${place} leads in a circle`;
    return `the symbolic link ${place} leads ${typeof reached === 'object' ? 'to a file' : 'nowhere'}`;
  }
  return undefined;
}
