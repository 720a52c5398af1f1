/** Reads files from the folders of runs and models, and refuses pipes or devices in their place. */
import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { bounds } from '../bounds';
import { UserError, codeOf, messageOf, systemReason } from '../errors';

/**
 * Makes sure that a path leads to a regular file: reading a pipe may block forever, and a device may have no end.
 * @param most the file's maximum size in bytes
 * @throws UserError with a one-line message for anything else; the system's error if the path does not exist
 */
export function expectKeptFile(path: string, most: number = Infinity): void {
  const found = systemsWord(path, () => statSync(path));
  if (!found.isFile()) throw new UserError(`${path}: expected a file, found ${kindOf(found)}`);
  if (found.size > most)
    throw new UserError(`${path}: expected a file of at most ${most} bytes, found ${found.size}`);
}

/** @throws UserError as `expectKeptFile` does; the system's error if the path does not exist */
export async function readKept(path: string): Promise<Buffer> {
  expectKeptFile(path);
  try {
    return await readFile(path);
  } catch (error) {
    throw refused(path, error);
  }
}

/** @throws UserError as `expectKeptFile` does; the system's error if the path does not exist */
export function readKeptText(path: string): string {
  expectKeptFile(path, bounds.kept.text);
  return systemsWord(path, () => readFileSync(path, 'utf8'));
}

/** Like `readKeptText`; undefined if the path does not exist. */
export function keptTextIfThere(path: string): string | undefined {
  try {
    return readKeptText(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function systemsWord<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refused(path, error);
  }
}

function refused(path: string, error: unknown): unknown {
  if (isMissing(error) || (codeOf(error) === undefined && systemReason(error) === undefined)) return error;
  return new UserError(`${path}: expected a file, found ${messageOf(error)}`, { cause: error });
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}
