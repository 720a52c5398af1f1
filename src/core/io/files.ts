/** Creates files and folders whole or not at all, and says in one line why it cannot. */
import { lstat, mkdir, stat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve, basename, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { UserError, codeOf, systemReason } from '../errors';
import { sweep, temporaryFolder } from './temporary-folder';

/**
 * Creates a folder and its missing parents. Node's own `recursive` reports "no such file" on a
 * read-only disk and "it exists" for a file in the way, and never returns below /proc.
 * @throws UserError when the folder cannot be created, with the reason
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeEach(resolve(path));
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    const found = await inTheWay((error as { readonly path?: string }).path ?? path);
    // The parent folder exists, and yet the system reports that there is no such place.
    const nowhere = codeOf(error) === 'ENOENT' ? 'the system lets none be made there' : reason;
    throw new UserError(`cannot make the folder ${path}: ${found ?? nowhere}`, { cause: error });
  }
}

async function makeEach(path: string, again = false): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return; // even if another process has just created it
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

/** What already has the name of the folder to be created, or of one of its parents. */
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

/** What a file is to hold: all of it, or one part after the other. */
export type Content = Uint8Array | string | AsyncIterable<Uint8Array>;

/** The temporary files that this process is writing now. */
const underway = new Set<string>();

/**
 * Replaces a file's content atomically: a reader always finds either the old bytes or the new ones, whole, even after
 * a crash. Also removes what killed processes left behind when they wrote the same file.
 * @throws UserError when the disk is full or the file cannot be written; the old file is then untouched
 */
export async function writeFileAtomically(path: string, bytes: Content): Promise<void> {
  await fillAtomically(path, async (file) => {
    if (typeof bytes === 'string' || bytes instanceof Uint8Array) await file.write(bytes);
    else for await (const part of bytes) await file.write(part);
  });
}

/** A file that is being written. What its functions throw is a `UserError` if the system cannot write. */
export interface FileBeingWritten {
  /** Appends. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Replaces bytes that were written before. */
  replace(bytes: Uint8Array, position: number): Promise<void>;
}

/**
 * As `writeFileAtomically`, for a file that is written piece by piece. It gets its name when `fill` has ended; if `fill`
 * throws, the old file is untouched and nothing is left of the new one.
 * @throws UserError as `writeFileAtomically`, and what `fill` throws
 */
export async function fillAtomically<Result>(
  path: string,
  fill: (file: FileBeingWritten) => Promise<Result>,
): Promise<Result> {
  const folder = dirname(path);
  const temporary = `.${basename(path)}.${process.pid}.${randomUUID()}.tmp`;
  const told = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (error) {
      const reason = reasons[codeOf(error) ?? ''] ?? systemReason(error);
      throw reason ? new UserError(`cannot write ${path}: ${reason}`, { cause: error }) : error;
    }
  };
  underway.add(temporary);
  try {
    const file = await told(async () => {
      await removeAbandoned(folder, basename(path));
      return open(join(folder, temporary), 'wx');
    });
    let result: Result;
    try {
      result = await fill({
        write: (bytes) => told(() => file.writeFile(bytes)), // a file handle goes on where it is
        replace: (bytes, position) =>
          told(async () => void (await file.write(bytes, 0, bytes.length, position))),
      });
      await told(() => file.sync());
    } finally {
      await told(() => file.close());
    }
    await told(async () => {
      await rename(join(folder, temporary), path);
      await syncFolder(folder);
    });
    return result;
  } catch (error) {
    await rm(join(folder, temporary), { force: true }).catch(() => undefined);
    throw error;
  } finally {
    underway.delete(temporary);
  }
}

/** For a file that is to be written, the system's error codes mean something else. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EISDIR: 'a folder of that name is in the way',
};

/** Makes the new name survive a power failure. Some systems cannot open a folder; there nothing can be done. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The process that wrote this temporary file for `name`; undefined if it is not such a file. */
export function writerOf(temporary: string, name: string): string | undefined {
  if (!temporary.startsWith(`.${name}.`)) return undefined;
  return /^(\d+)\.[0-9a-f-]{36}\.tmp$/.exec(temporary.slice(name.length + 2))?.[1];
}

/** Removes the temporary files of `name` whose process no longer runs. */
async function removeAbandoned(folder: string, name: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const writer = writerOf(file, name);
    if (writer === undefined || underway.has(file) || isAnotherAlive(Number(writer))) continue;
    await rm(join(folder, file), { force: true });
  }
}

/** A file with this process's own number is from an earlier process, as in a container, where numbers repeat. */
function isAnotherAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Creates a folder whole or not at all: it is filled next to its final place, and then renamed.
 * @param fill is given an empty folder
 * @throws UserError when something already exists at its place
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
