import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Fills an array from a place in a file on. It blocks the thread until the disk answers, which costs a tenth of what
 * asking other threads does: pictures are read in threads of their own.
 * @returns how many bytes the file had, fewer than wanted where it ends
 */
export function readRange(path: string, offset: number, into: Uint8Array): number {
  const file = openSync(path, 'r');
  try {
    return readInto(file, offset, into);
  } finally {
    closeSync(file);
  }
}

/** As `readRange`, of a file that is open. */
export function readInto(file: number, offset: number, into: Uint8Array): number {
  let read = 0;
  while (read < into.length) {
    const bytes = readSync(file, into, read, into.length - read, offset + read);
    if (bytes === 0) break;
    read += bytes;
  }
  return read;
}
