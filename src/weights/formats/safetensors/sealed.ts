/**
 * Safetensors files of this project with a digest of their own content: the metadata begin with the SHA-256 of the
 * whole file, computed with 64 zeros in place of the digest. It is part of the file, so one rename replaces both.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { expectKeptFile, readKept } from '../../../core/io/kept-file';
import { encodeSafetensors, readSafetensors, type Safetensors, type StoredTensor } from './safetensors';

const sealName = 'sha256';
const beginning = `{"__metadata__":{"${sealName}":"`;
/** The offset of the digest: after the length of the header and the beginning of the header. */
const place = 8 + beginning.length;
const digits = 64;
const blank = Buffer.alloc(digits, '0');

/** The bytes of a file with a digest; see `encodeSafetensors`. */
export function encodeSealed(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const file = encodeSafetensors(tensors, { [sealName]: blank.toString(), ...metadata });
  file.write(digestOf(file), place, 'latin1');
  return file;
}

/**
 * Reads a file that may have a digest; files of earlier releases have none.
 * @param names of its other metadata: any others are refused, or a damaged digest would look like none
 * @throws UserError like `readSafetensors`, and if the file does not match its digest or has unknown metadata
 */
export async function readSealed(path: string, names: readonly string[]): Promise<Safetensors> {
  const bytes = await readKept(path).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a safetensors file at ${path}: ${messageOf(error)}`);
  });
  const expected = sealIn(bytes);
  const found = expected === undefined ? undefined : digestOf(bytes);
  if (expected !== found)
    throw new UserError(`${path}: expected the content whose SHA-256 it keeps, found other: damaged`);
  const { tensors, metadata } = await readSafetensors(bytes, path);
  const { [sealName]: seal, ...others } = metadata;
  const stranger = Object.keys(others).find((name) => !names.includes(name));
  if (seal !== expected || stranger !== undefined)
    throw new UserError(
      `${path}: expected metadata of the names ${[sealName, ...names].join(', ')}, found others: damaged`,
    );
  return { tensors, metadata: others };
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
    const bytes = Buffer.alloc(place + digits);
    await file?.read(bytes, 0, bytes.length, 0);
    return sealIn(bytes) !== undefined;
  } finally {
    await file?.close();
  }
}

function sealIn(file: Buffer): string | undefined {
  if (file.toString('latin1', 8, place) !== beginning) return undefined;
  return file.toString('latin1', place, place + digits);
}

function digestOf(file: Uint8Array): string {
  const hash = createHash('sha256').update(file.subarray(0, place)).update(blank);
  return hash.update(file.subarray(place + digits)).digest('hex');
}
