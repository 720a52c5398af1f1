/**
 * Files of this project with one JSON value per line: the field `crc32` of each holds the CRC-32 of the line without
 * that field, as `JSON.stringify` writes it, in eight hexadecimal digits. Lines of earlier releases have no such field,
 * and are read without a check.
 */
import { crc32 } from 'node:zlib';

/** A value as a line with its checksum. */
export function checkedLine(value: object): string {
  const { crc32: _, ...content } = value as { readonly crc32?: unknown };
  return `${JSON.stringify({ ...content, crc32: checksumOf(content) })}\n`;
}

/** The value of a line, without its checksum; undefined if the line is damaged. */
export function valueOfLine(line: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { crc32: expected, ...content } = value as Readonly<Record<string, unknown>>;
  return expected === undefined || expected === checksumOf(content) ? content : undefined;
}

function checksumOf(content: object): string {
  return crc32(JSON.stringify(content)).toString(16).padStart(8, '0');
}
