/** Windows bitmaps, which libvips does not read: those that are not compressed. */
import type { Rectangle } from '../crop';
import type { Size } from '../header';

type Fail = (found: string) => never;

/** BITMAPFILEHEADER, and the BITMAPINFOHEADER (or its shorter ancestor, or a longer one) after it. */
export interface Bmp {
  readonly size: Size;
  /** 1, 4 or 8 of an index, 24 or 32 of a colour. */
  readonly bits: number;
  readonly topDown: boolean;
  /** Whether the fourth byte of a colour says how opaque it is. */
  readonly alpha: boolean;
  /** Blue, green, red (and an empty byte) of each index. */
  readonly palette: { readonly bytes: Buffer; readonly each: 3 | 4 } | null;
  /** Of the first stored row; the length of each, a multiple of four. */
  readonly start: number;
  readonly stride: number;
}

/** What BITMAPINFOHEADER's `biCompression` may say here: nothing is compressed; masks say where colours lie. */
const plain = 0;
const masks = 3;
/** Of blue, green and red in the lower three bytes, and of the alpha in the highest, if any. */
const usualMasks = [0x00ff0000, 0x0000ff00, 0x000000ff] as const;

/** @param fail told what was found instead */
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
 * Part of a bitmap, on white where it is transparent.
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
