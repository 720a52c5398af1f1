/** Reads a pickle byte by byte, within limits. */
import type { Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';

/** Far longer than any tensor's name. */
const { text: longestText, line: longestLine } = bounds.pickle;

/** Reads the bytes one after the other. */
export interface Source {
  at(): number;
  byte(): number;
  /** A whole number of `size` bytes, little-endian; at most 6. */
  integer(size: number): number;
  /** The next `length` bytes, without copying. */
  bytes(length: number): Uint8Array;
  text(length: number): string;
  /** The text up to the next line end, which is skipped. */
  line(): string;
}

export function sourceOf(file: Uint8Array, begin: number, refuse: Refuse): Source {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = begin;
  const advance = (length: number) => {
    if (length > buffer.length - at) refuse(`${length} bytes from byte ${at} on`, `${buffer.length - at}`);
    return (at += length) - length;
  };
  const bytes = (length: number) => {
    const from = advance(length);
    return file.subarray(from, from + length);
  };
  return {
    at: () => at,
    byte: () => buffer[advance(1)]!,
    integer: (size) => buffer.readUIntLE(advance(size), size),
    bytes,
    text: (length) => {
      if (length > longestText) refuse(`a text of at most ${longestText} bytes`, String(length));
      const from = advance(length);
      return buffer.toString('utf8', from, at);
    },
    line: () => {
      const length = buffer.subarray(at, at + longestLine).indexOf('\n');
      if (length < 0) refuse(`a line of at most ${longestLine} bytes`, 'a longer one');
      const text = buffer.toString('utf8', at, at + length);
      at += length + 1;
      return text;
    },
  };
}
