/**
 * Safetensors of this project with a digest of their own content: the metadata begin with the SHA-256 of the whole
 * file, computed with 64 zeros in place of the digest. It is part of the file, so one rename replaces both.
 */
import { UserError } from '../../../core/errors';
import { encodeSafetensors, parseSafetensors, type Safetensors, type StoredTensor } from './safetensors';

/** The SHA-256, in hexadecimal, of bytes one after the other, as the surroundings compute it best. */
export type Digest = (...parts: readonly Uint8Array[]) => string;

const sealName = 'sha256';
const beginning = `{"__metadata__":{"${sealName}":"`;
/** The offset of the digest: after the length of the header and the beginning of the header. */
const place = 8 + beginning.length;
const blank = '0'.repeat(64);

/** The bytes from the start of a file that tell whether it has a digest. */
export const sealedStart = place + blank.length;

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The bytes of a file with a digest; see `encodeSafetensors`. */
export function encodeWithSeal(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>>,
  digest: Digest,
): Uint8Array {
  const file = encodeSafetensors(tensors, { [sealName]: blank, ...metadata });
  file.set(bytesOf(digestOf(file, digest)), place);
  return file;
}

/**
 * The content of a file that may have a digest; files of earlier releases have none.
 * @param names of its other metadata: any others are refused, or a damaged digest would look like none
 * @throws UserError like `parseSafetensors`, and if the file does not match its digest or has unknown metadata
 */
export function parseWithSeal(
  bytes: Uint8Array,
  path: string,
  names: readonly string[],
  digest: Digest,
): Safetensors {
  const expected = sealIn(bytes);
  const found = expected === undefined ? undefined : digestOf(bytes, digest);
  if (expected !== found)
    throw new UserError(`${path}: expected the content whose SHA-256 it keeps, found other: damaged`);
  const { tensors, metadata } = parseSafetensors(bytes, path);
  const { [sealName]: seal, ...others } = metadata;
  const stranger = Object.keys(others).find((name) => !names.includes(name));
  if (seal !== expected || stranger !== undefined)
    throw new UserError(
      `${path}: expected metadata of the names ${[sealName, ...names].join(', ')}, found others: damaged`,
    );
  return { tensors, metadata: others };
}

/** The digest that a file keeps, if it keeps one. @param file at least its first `sealedStart` bytes */
export function sealIn(file: Uint8Array): string | undefined {
  if (latin(file.subarray(8, place)) !== beginning) return undefined;
  return latin(file.subarray(place, sealedStart));
}

function digestOf(file: Uint8Array, digest: Digest): string {
  return digest(file.subarray(0, place), bytesOf(blank), file.subarray(sealedStart));
}
