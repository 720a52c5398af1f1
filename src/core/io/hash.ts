/** SHA-256 of bytes, texts and JSON values, in hexadecimal. */
import { createHash } from 'node:crypto';

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The digest of a value as `JSON.stringify` writes it, so the order of an object's fields matters. */
export function sha256OfJson(value: unknown): string {
  return sha256Of(JSON.stringify(value));
}
