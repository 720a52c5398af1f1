/**
 * Safetensors files that this project keeps, with a digest of their own: the metadata begin with the SHA-256 of all of
 * the file, 64 zeros in the digest's place. It is part of the file, so that both are replaced by the same rename.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { expectKeptFile, readKept } from '../../../core/io/kept-file';
import { encodeSafetensors, readSafetensors, type Safetensors, type StoredTensor } from './safetensors';

const sealName = 'sha256';
const beginning = `{"__metadata__":{"${sealName}":"`;
/** Of the digest, after the header's length. */
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
 * Reads a file that may have a digest, which files of earlier releases do not.
 * @param names of its metadata besides: under others, a damaged digest would look like none
 * @throws UserError as `readSafetensors`, where the file is not the one that its digest is of, or metadata are unknown
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
 * Whether a file keeps its digest; one that is not there, or is none of these, does not.
 * @throws UserError for what is no file
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
