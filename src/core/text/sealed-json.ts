/**
 * JSON texts of this project with a digest of their own content: the field `digest` holds the SHA-256 of the
 * value without that field, as `JSON.stringify` writes it. Spaces and line ends may therefore change, but no value, no
 * name and not the order of names. Files of earlier releases have no such field, and are read without a check.
 */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { UserError, messageOf } from '../errors';

export const digestField = 'digest';
const form = /^sha256:[0-9a-f]{64}$/;

/** The object with its digest as the last field; replaces an existing digest. */
export function sealedJson<T extends object>(value: T): T & { readonly digest: string } {
  const { [digestField]: _, ...content } = value as T & { readonly digest?: unknown };
  return { ...(content as T), [digestField]: digestOf(content) };
}

/**
 * The value of a JSON text, without its digest.
 * @param path names the file in messages
 * @param what the kind of content that is expected
 * @throws UserError if the text is not JSON, or does not match its digest
 */
export function parseSealedJson(text: string, path: string, what: string): unknown {
  const value = parsed(text, path, what);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { [digestField]: digest, ...content } = value as Readonly<Record<string, unknown>>;
  // If the digest had another name, the file would look like one without a digest.
  const isSound =
    digest === undefined ? !Object.values(content).some(isDigest) : digest === digestOf(content);
  if (isSound) return content;
  throw new UserError(
    `${path}: expected ${what} as it was written, by its digest, found it changed: damaged, or edited since`,
  );
}

function parsed(text: string, path: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${path}: expected ${what} as JSON, found a damaged file (${messageOf(error).replaceAll(/\s+/g, ' ')})`,
    );
  }
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && form.test(value);
}

function digestOf(content: object): string {
  return `sha256:${bytesToHex(sha256(utf8ToBytes(JSON.stringify(content))))}`;
}
