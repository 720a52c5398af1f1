/** Files on the disk that keep a digest of their own content: see `encodeWithSeal`. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { sha256Of } from '../../../core/io/hash';
import { expectKeptFile, readKept } from '../../../core/io/kept-file';
import type { Safetensors, StoredTensor } from './safetensors';
import { encodeWithSeal, parseWithSeal, sealIn, sealedStart } from './seal';

/** The bytes of a file with a digest; see `encodeWithSeal`. */
export function encodeSealed(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const { buffer } = encodeWithSeal(tensors, metadata, sha256Of);
  return Buffer.from(buffer);
}

/**
 * Reads a file that may have a digest; see `parseWithSeal`.
 * @throws UserError also if there is no file
 */
export async function readSealed(path: string, names: readonly string[]): Promise<Safetensors> {
  const bytes = await readKept(path).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a safetensors file at ${path}: ${messageOf(error)}`);
  });
  return parseWithSeal(bytes, path, names, sha256Of);
}

/**
 * Whether a file contains a digest; false if it does not exist or is not a safetensors file of this kind.
 * @throws UserError if the path is not a file
 */
export async function isSealed(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  expectKeptFile(path);
  const file = await open(path).catch(() => undefined);
  try {
    const bytes = Buffer.alloc(sealedStart);
    await file?.read(bytes, 0, bytes.length, 0);
    return sealIn(bytes) !== undefined;
  } finally {
    await file?.close();
  }
}
