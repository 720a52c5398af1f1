/** Reads one IDX file from the disk, plain or gzipped. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { idxImages, idxLabels, isGzip, type FileFacts, type IdxImages, type Source } from './idx-stream';

/**
 * Reads a file of images, plain or gzipped; see `idxImages`.
 * @throws UserError also when the file cannot be read
 */
export function readIdxImages(path: string): Promise<IdxImages> {
  return readFile(path, (source, facts) => idxImages(path, source, facts));
}

/**
 * Reads a file of labels, plain or gzipped.
 * @throws UserError as `readIdxImages` does
 */
export function readIdxLabels(path: string): Promise<Int32Array> {
  return readFile(path, (source, facts) => idxLabels(path, source, facts));
}

async function readFile<T>(path: string, read: (source: Source, facts: FileFacts) => Promise<T>): Promise<T> {
  try {
    const facts = await inspect(path);
    const file = createReadStream(path);
    const source: Readable = facts.gzipped ? file.pipe(createGunzip()) : file;
    file.once('error', (error) => source.destroy(error));
    try {
      return await read(source, facts);
    } finally {
      file.destroy();
    }
  } catch (error) {
    throw explained(path, error);
  }
}

async function inspect(path: string): Promise<FileFacts> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return { bytes: size, gzipped: bytesRead === 2 && isGzip(buffer) };
  } finally {
    await file.close();
  }
}

/** The error to show the user when reading or unpacking failed. */
function explained(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof UserError || code === undefined) return error;
  if (code === 'Z_BUF_ERROR')
    return new UserError(`${path}: expected a whole gzip file, found its end too early: truncated`);
  if (code.startsWith('Z_'))
    return new UserError(`${path}: expected a sound gzip file, found ${messageOf(error)}`);
  return new UserError(`${path}: cannot be read: ${messageOf(error)}`);
}
