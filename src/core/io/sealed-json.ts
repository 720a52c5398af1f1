/**
 * JSON files of this project with a digest of their own content: the field `digest` holds the SHA-256 of the
 * value without that field, as `JSON.stringify` writes it. Spaces and line ends may therefore change, but no value, no
 * name and not the order of names. Files of earlier releases have no such field, and are read without a check.
 */
import { sha256OfJson } from './hash';
import { UserError, messageOf } from '../errors';
import { writeFileAtomically } from './files';
import { readKeptText } from './kept-file';

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

/**
 * Like `parseSealedJson`, for a file.
 * @throws UserError also if it cannot be read; the system's error if it does not exist
 */
export function readSealedJson(path: string, what: string): unknown {
  return parseSealedJson(readKeptText(path), path, what);
}

/**
 * Replaces a file by a value as JSON, with its digest. A list of numbers is written on one line, since a confusion
 * matrix of 1,000 classes has a million of them.
 */
export async function writeSealedJson(path: string, value: object): Promise<void> {
  const text = JSON.stringify(sealedJson(value), null, 2);
  const rows = text.replaceAll(
    /\[\n\s+(-?\d[^[\]{}"]*?)\n\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`,
  );
  await writeFileAtomically(path, Buffer.from(`${rows}\n`));
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
