/** SHA-256 of bytes, texts and JSON values, in hexadecimal. */
import { createHash } from 'node:crypto';

/** The digest of texts and bytes, one after the other. */
export function sha256Of(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The digest of a value as `JSON.stringify` writes it, so the order of an object's fields matters. */
export function sha256OfJson(value: unknown): string {
  return sha256Of(JSON.stringify(value));
}
