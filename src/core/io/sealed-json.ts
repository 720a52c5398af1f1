/**
 * JSON files that this project keeps, with a digest of their own content: the field `digest` holds the SHA-256 of the
 * value without that field, as `JSON.stringify` writes it. So spaces and line ends may be others, and nothing else: not a
 * value, a name, or the order of names. Files of earlier releases have no such field, and are read as they are.
 */
import { sha256OfJson } from './hash';
import { UserError, messageOf } from '../errors';
import { readKeptText } from './kept-file';

export const digestField = 'digest';
const form = /^sha256:[0-9a-f]{64}$/;

/** A value of named fields with its digest, which comes last, in place of one that it has. */
export function sealedJson<T extends object>(value: T): T & { readonly digest: string } {
  const { [digestField]: _, ...content } = value as T & { readonly digest?: unknown };
  return { ...(content as T), [digestField]: digestOf(content) };
}

/**
 * The value that a text of JSON holds, without its digest.
 * @param path names the file in messages
 * @param what it is expected to be
 * @throws UserError where the text is no JSON, or not what its digest is of
 */
export function parseSealedJson(text: string, path: string, what: string): unknown {
  const value = parsed(text, path, what);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { [digestField]: digest, ...content } = value as Readonly<Record<string, unknown>>;
  // Under another name, a digest would look like none.
  const isSound =
    digest === undefined ? !Object.values(content).some(isDigest) : digest === digestOf(content);
  if (isSound) return content;
  throw new UserError(
    `${path}: expected ${what} as it was written, by its digest, found it changed: damaged, or edited since`,
  );
}

/**
 * As `parseSealedJson`, of a file.
 * @throws UserError also where it cannot be read; the system's error where nothing is there
 */
export function readSealedJson(path: string, what: string): unknown {
  return parseSealedJson(readKeptText(path), path, what);
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
  return `sha256:${sha256OfJson(content)}`;
}
