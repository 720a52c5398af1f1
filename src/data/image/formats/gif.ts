/** The first frame of a GIF, as Pillow shows it: libvips cuts it to the screen, and blackens what it leaves of that. */
import type { Rectangle } from '../crop';
import type { Size } from '../header';

/** GIF89a, § 18 to 23: where the first frame lies, and how it is stored. */
export interface GifFrame {
  /** The size of the screen, enlarged to hold the whole frame. */
  readonly size: Size;
  readonly frame: Rectangle;
  readonly interlaced: boolean;
  /** Red, green and blue of each index; null where an index is itself a grey. */
  readonly palette: Buffer | null;
  /** The transparent index, which also fills the screen around the frame. */
  readonly transparent: number | null;
  /** Where the frame's codes begin: their initial size in bits, then blocks of codes. */
  readonly codes: number;
}

type Fail = (found: string) => never;

/**
 * Reads up to the first frame and ignores what comes after it.
 * @param fail called with what was found instead; it throws
 */
export function gifFrame(bytes: Buffer, fail: Fail): GifFrame {
  let transparent: number | null = null;
  const shared = paletteAt(bytes, 13, bytes.readUInt8(10));
  for (let at = 13 + (shared?.length ?? 0); ;) {
    const block = bytes.readUInt8(at);
    if (block === 0x21) {
      // If it is a graphic control extension: flags, two bytes of time, and the index.
      const flags = bytes.readUInt8(at + 3);
      const control = bytes.readUInt8(at + 1) === 0xf9 && bytes.readUInt8(at + 2) >= 4;
      if (control && flags & 1) transparent = bytes.readUInt8(at + 6);
      at = afterBlocks(bytes, at + 2);
    } else if (block === 0x2c) {
      const found = frameAt(bytes, at + 1, shared, transparent);
      const { height, width } = found.frame;
      return height * width > 0 ? found : fail(`a frame of ${height}x${width}`);
    } else if (block === 0) {
      at++; // zeros between blocks are skipped, as by other readers
    } else {
      return fail(block === 0x3b ? 'its end before any image' : 'a damaged block');
    }
  }
}

function frameAt(bytes: Buffer, at: number, shared: Buffer | null, transparent: number | null): GifFrame {
  const [left, top, width, height] = [0, 2, 4, 6].map((side) => bytes.readUInt16LE(at + side)) as [
    number,
    number,
    number,
    number,
  ];
  const flags = bytes.readUInt8(at + 8);
  const own = paletteAt(bytes, at + 9, flags);
  const palette = own ?? shared;
  return {
    size: {
      height: Math.max(bytes.readUInt16LE(8), top + height),
      width: Math.max(bytes.readUInt16LE(6), left + width),
    },
    frame: { top, left, height, width },
    interlaced: (flags & 0x40) !== 0,
    palette: palette && isRamp(palette) ? null : palette,
    transparent,
    codes: at + 9 + (own?.length ?? 0),
  };
}

function paletteAt(bytes: Buffer, at: number, flags: number): Buffer | null {
  if (!(flags & 0x80)) return null;
  const length = 3 * 2 ** (1 + (flags & 7));
  bytes.readUInt8(at + length - 1); // throws a RangeError if the file ends earlier
  return bytes.subarray(at, at + length);
}

/** Whether each index is its own grey value, as in the palettes of grey images. */
function isRamp(palette: Buffer): boolean {
  return palette.every((value, at) => value === Math.floor(at / 3));
}

/** The offset after a sequence of blocks that each begin with their length, and after the empty block that ends it. */
export function afterBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += 1 + length;
  return at + 1;
}

/**
 * The pixels of a region of the first frame; transparency is shown as white.
 * @returns `[region.height, region.width, 3]`
 */
export function gifPixels(bytes: Buffer, region: Rectangle, fail: Fail): Uint8Array {
  const found = gifFrame(bytes, fail);
  const { frame, transparent } = found;
  const indices = frameIndices(bytes, found, fail);
  const colours = colourTable(found);
  const pixels = new Uint8Array(region.height * region.width * 3);
  let target = 0;
  for (let y = region.top - frame.top; y < region.top - frame.top + region.height; y++) {
    for (let x = region.left - frame.left; x < region.left - frame.left + region.width; x++) {
      const inside = y >= 0 && y < frame.height && x >= 0 && x < frame.width;
      const index = inside ? indices[y * frame.width + x]! : (transparent ?? 0);
      pixels[target++] = colours[3 * index]!;
      pixels[target++] = colours[3 * index + 1]!;
      pixels[target++] = colours[3 * index + 2]!;
    }
  }
  return pixels;
}

/** An index beyond the palette is black. */
function colourTable({ palette, transparent }: GifFrame): Uint8Array {
  const colours = new Uint8Array(3 * 256);
  if (palette) colours.set(palette);
  else colours.forEach((_, at) => (colours[at] = Math.floor(at / 3)));
  if (transparent !== null) colours.fill(255, 3 * transparent, 3 * transparent + 3);
  return colours;
}

/** @returns `[frame.height, frame.width]` */
function frameIndices(bytes: Buffer, { frame, interlaced, codes }: GifFrame, fail: Fail): Uint8Array {
  const { height, width } = frame;
  const stored = decompressed(bytes, codes, height * width, fail);
  if (!interlaced) return stored;
  // § Appendix E: every eighth row, those halfway between, and so on.
  const indices = new Uint8Array(stored.length);
  let from = 0;
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let y = first; y < height; y += step, from += width) {
      indices.set(stored.subarray(from, from + width), y * width);
    }
  }
  return indices;
}

/** Codes have at most 12 bits; each one means the bytes of an earlier code and one more byte. */
const mostCodes = 4096;

/** Lempel-Ziv-Welch as in § Appendix F; anything after the last pixel is ignored. */
function decompressed(bytes: Buffer, start: number, length: number, fail: Fail): Uint8Array {
  const firstBits = bytes.readUInt8(start);
  if (firstBits < 1 || firstBits > 11) fail(`codes of ${firstBits} bits`);
  const clear = 2 ** firstBits;
  const before = new Uint16Array(mostCodes);
  const last = Uint8Array.from({ length: mostCodes }, (_, code) => code);
  const lengths = new Uint16Array(mostCodes).fill(1);
  const pixels = new Uint8Array(length);
  const code = codeReader(bytes, start + 1);
  let [done, next, bits, previous] = [0, clear + 2, firstBits + 1, -1];
  while (done < length) {
    const found = code(bits);
    if (found === -1 || found === clear + 1) return fail(`the end after ${done} of its ${length} pixels`);
    if (found === clear) {
      [next, bits, previous] = [clear + 2, firstBits + 1, -1];
      continue;
    }
    if (previous === -1 ? found > clear : found > next) return fail('a code that stands for nothing yet');
    // A code not defined yet means the previous code's bytes followed by the first of them.
    const known = found === next ? previous : found;
    const size = lengths[known]! + (found === next ? 1 : 0);
    const first = unfolded(known, done, lengths[known]!);
    if (found === next && done + size <= length) pixels[done + size - 1] = first;
    if (previous !== -1 && next < mostCodes) {
      before[next] = previous;
      last[next] = first;
      lengths[next] = lengths[previous]! + 1;
      next++;
      if (next === 2 ** bits && bits < 12) bits++;
    }
    previous = found;
    done += size;
  }
  return pixels;

  /** Writes the bytes that a code means, as far as there is room, and returns the first one. */
  function unfolded(code: number, at: number, size: number): number {
    for (let to = at + size - 1; to > at; to--, code = before[code]!)
      if (to < length) pixels[to] = last[code]!;
    if (at < length) pixels[at] = last[code]!;
    return last[code]!;
  }
}

/** Returns a function that reads the next code of `bits` bits from blocks, lowest bit first, or −1 at the end. */
function codeReader(bytes: Buffer, start: number): (bits: number) => number {
  let [at, left, held, count] = [start, 0, 0, 0];
  return (bits) => {
    while (count < bits) {
      if (left === 0) {
        left = bytes.readUInt8(at++);
        if (left === 0) return -1;
      }
      held |= bytes.readUInt8(at++) << count;
      left--;
      count += 8;
    }
    const code = held & (2 ** bits - 1);
    held >>>= bits;
    count -= bits;
    return code;
  };
}
