/** Reads protocol buffer messages without their schema, field by field, from untrusted bytes. */
import type { Refuse } from '../errors';

/** How a field's value is encoded: a number in groups of seven bits, 8 bytes, any number of bytes, 4 bytes. */
export type WireType = 'varint' | 'fixed64' | 'bytes' | 'fixed32';

/** Is given a field: its number, its wire type, and where its value begins and ends. */
export type Visit = (field: number, type: WireType, begin: number, end: number) => void;

/** Visits the fields of the message between two byte offsets, in order. Reads no further than `end`. */
export function forEachField(
  bytes: Uint8Array,
  begin: number,
  end: number,
  visit: Visit,
  refuse: Refuse,
): void {
  for (let at = begin; at < end;) {
    const tag = varintAt(bytes, at, end, refuse);
    const type = wireTypes[tag.value % 8];
    const field = Math.floor(tag.value / 8);
    if (!type || field < 1 || field > 0x1fffffff)
      return refuse('a field of a message', `the tag ${tag.value} at byte ${at}`);
    let start = tag.end;
    let size: number = sizes[type];
    if (type === 'varint') size = varintAt(bytes, start, end, refuse).end - start;
    if (type === 'bytes') {
      const length = varintAt(bytes, start, end, refuse);
      start = length.end;
      size = length.value;
    }
    if (size > end - start)
      return refuse(`at most ${end - start} bytes from byte ${start} on`, `a field of ${size}`);
    visit(field, type, start, start + size);
    at = start + size;
  }
}

/** Whole numbers above 2^53 are rounded; negative ones are read as 2^64 minus their absolute value. */
export function varintAt(
  bytes: Uint8Array,
  begin: number,
  end: number,
  refuse: Refuse,
): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = begin, place = 1; at < Math.min(end, begin + 10); at++, place *= 128) {
    value += (bytes[at]! & 0x7f) * place;
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return refuse('a whole number of at most 10 bytes', `none at byte ${begin}`);
}

/** Groups, types 3 and 4, are older than any file that is read here. */
const wireTypes: readonly (WireType | undefined)[] = [
  'varint',
  'fixed64',
  'bytes',
  undefined,
  undefined,
  'fixed32',
];
const sizes = { varint: 0, fixed64: 8, bytes: 0, fixed32: 4 } as const satisfies Record<WireType, number>;
