/** Windows bitmaps, which libvips does not read: those that are not compressed. */
import type { Rectangle } from '../crop';
import type { Size } from '../header';

type Fail = (found: string) => never;

/** BITMAPFILEHEADER, and the BITMAPINFOHEADER (or its shorter ancestor, or a longer one) after it. */
export interface Bmp {
  readonly size: Size;
  /** Bits per pixel: 1, 4 or 8 for an index, 24 or 32 for a colour. */
  readonly bits: number;
  readonly topDown: boolean;
  /** Whether the fourth byte of a colour is its alpha. */
  readonly alpha: boolean;
  /** Blue, green, red (and an empty byte) of each index. */
  readonly palette: { readonly bytes: Buffer; readonly each: 3 | 4 } | null;
  /** The offset of the first stored row. `stride` is the length of each row, a multiple of four. */
  readonly start: number;
  readonly stride: number;
}

/** The values of BITMAPINFOHEADER's `biCompression` that are read: not compressed, or with masks for the colours. */
const plain = 0;
const masks = 3;
/** The masks for blue, green and red in the lower three bytes; the alpha, if any, is in the highest. */
const usualMasks = [0x00ff0000, 0x0000ff00, 0x000000ff] as const;

/** @param fail called with what was found instead; it throws */
export function bmpHeader(bytes: Buffer, fail: Fail): Bmp {
  const length = bytes.readUInt32LE(14);
  if (length !== 12 && length < 40) fail(`a header of ${length} bytes`);
  const old = length === 12;
  const width = old ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const height = old ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? plain : bytes.readUInt32LE(30);
  if (![1, 4, 8, 24, 32].includes(bits)) fail(`${bits} bits a pixel`);
  if (width < 0) fail('a negative width');
  const masked = compression === masks && bits === 32;
  if (masked && !usualMasks.every((mask, at) => bytes.readUInt32LE(54 + 4 * at) === mask)) {
    fail('colours at other places than usual');
  }
  if (compression !== plain && !masked) fail(`compressed pixels (${compression})`);
  const each = old ? 3 : 4;
  const colours = bits > 8 ? 0 : (old ? 0 : bytes.readUInt32LE(46)) || 2 ** bits;
  if (colours > 256) fail(`a palette of ${colours} colours`);
  const at = 14 + length;
  if (at > bytes.length) fail("the file's end within its header: truncated");
  return {
    size: { height: Math.abs(height), width },
    bits,
    topDown: height < 0,
    alpha: masked && length >= 56 && bytes.readUInt32LE(66) === 0xff000000,
    palette: bits > 8 ? null : { bytes: bytes.subarray(at, at + each * colours), each },
    start: bytes.readUInt32LE(10),
    stride: Math.ceil((width * bits) / 32) * 4,
  };
}

/** Whether all rows are there. */
export function bmpIsWhole({ start, stride, size }: Bmp, bytes: Buffer): boolean {
  return start + stride * size.height <= bytes.length;
}

/**
 * The pixels of a region of a bitmap; transparency is blended with white.
 * @returns `[region.height, region.width, 3]`
 */
export function bmpPixels(bytes: Buffer, region: Rectangle, fail: Fail): Uint8Array {
  const found = bmpHeader(bytes, fail);
  const { size, start, stride, topDown } = found;
  const colour = colourReader(bytes, found);
  const pixels = new Uint8Array(region.height * region.width * 3);
  let target = 0;
  for (let y = region.top; y < region.top + region.height; y++) {
    const row = start + stride * (topDown ? y : size.height - 1 - y);
    for (let x = region.left; x < region.left + region.width; x++, target += 3)
      colour(row, x, pixels, target);
  }
  return pixels;
}

type Colour = (row: number, x: number, into: Uint8Array, at: number) => void;

function colourReader(bytes: Buffer, { bits, alpha, palette }: Bmp): Colour {
  if (palette) {
    const { bytes: table, each } = palette;
    return (row, x, into, at) => {
      const bit = x * bits;
      const index = (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
      for (let part = 0; part < 3; part++) into[at + part] = table[each * index + 2 - part] ?? 0;
    };
  }
  const step = bits / 8;
  return (row, x, into, at) => {
    const from = row + step * x;
    const opaque = alpha ? bytes[from + 3]! : 255;
    for (let part = 0; part < 3; part++) {
      const value = bytes[from + 2 - part]!;
      into[at + part] = alpha ? Math.round((value * opaque + 255 * (255 - opaque)) / 255) : value;
    }
  };
}
