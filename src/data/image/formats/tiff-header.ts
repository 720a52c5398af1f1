/** The header of a TIFF, as far as it decides whether and how libvips decodes its first page. */
import { bounds } from '../../../core/bounds';
import { exifOrientation } from '../orientation';
import type { ImageHeader } from '../header';

/** TIFF 6.0, § 8, and its supplements. */
const tags = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsInStrip: 278,
  stripBytes: 279,
  planar: 284,
  colourMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

/** In order: none, LZW, JPEG, deflate (two numbers), PackBits. */
const compressions: readonly number[] = [1, 5, 7, 8, 32946, 32773];
/** The values of `photometric`. */
const [whiteIsZero, blackIsZero, rgb, palette, inks, lumaAndChroma] = [0, 1, 2, 3, 5, 6] as const;

type Fail = (found: string) => never;
type Fields = ReadonlyMap<number, readonly number[]>;

/** @param fail called with what was found instead, also for valid images of a kind that is not read; it throws */
export function tiffHeader(bytes: Buffer, fail: Fail): ImageHeader {
  const fields = firstDirectory(bytes, fail);
  const one = (tag: number, otherwise: number) => fields.get(tag)?.[0] ?? otherwise;
  const samples = one(tags.samples, 1);
  const photometric = one(tags.photometric, -1);
  const compression = one(tags.compression, 1);
  const bits = fields.get(tags.bits) ?? [1];
  if (!compressions.includes(compression)) fail(`one of compression ${compression}, which is not read`);
  if ((fields.get(tags.sampleFormat) ?? []).some((format) => format !== 1))
    fail('one of signed numbers or fractions, which is not read');
  if (bits.some((each) => each !== bits[0])) fail('samples of different sizes');
  const extra = samples - coloursOf(photometric, compression, bits[0]!, fail);
  if (photometric === palette && (fields.get(tags.colourMap)?.length ?? 0) < 3 * 2 ** bits[0]!)
    fail('no whole palette');
  if (extra < 0 || extra > 1) fail(`${samples} samples a pixel of kind ${photometric}`);
  return {
    format: 'TIFF',
    stored: { height: one(tags.height, 0), width: one(tags.width, 0) },
    orientation: exifOrientation(bytes),
    cmyk: photometric === inks,
    unusedSample: extra === 1 && one(tags.extraSamples, 2) === 0,
    whole: isWhole(fields, samples, bytes.length, fail),
  };
}

/** The number of colour samples, for the kinds of image that are decoded as Pillow does. */
function coloursOf(photometric: number, compression: number, bits: number, fail: Fail): number {
  const isOf = (...sizes: readonly number[]) => sizes.includes(bits);
  if (photometric === whiteIsZero && isOf(1, 4, 8)) return 1;
  if (photometric === blackIsZero && isOf(1, 4, 8, 16)) return 1;
  if (photometric === palette && isOf(1, 4, 8)) return 1;
  if (photometric === rgb && isOf(8, 16)) return 3;
  if (photometric === inks && isOf(8)) return 4;
  if (photometric === lumaAndChroma && isOf(8) && compression === 7) return 3;
  return fail(`one of ${bits} bits of kind ${photometric}, which is not read`);
}

/** The largest tile: one has to fit in memory. */
const mostInTile = 2 ** 26;

/** Whether all strips or tiles lie within the file. */
function isWhole(fields: Fields, samples: number, length: number, fail: Fail): boolean {
  const number = (tag: number) => fields.get(tag)?.[0] ?? 0;
  const [height, width] = [number(tags.height), number(tags.width)];
  const planes = number(tags.planar) === 2 ? samples : 1;
  const tiled = fields.has(tags.tileOffsets);
  const [tall, wide] = tiled
    ? [number(tags.tileHeight), number(tags.tileWidth)]
    : [Math.min(number(tags.rowsInStrip) || height, height), width];
  if (tiled && !(tall > 0 && wide > 0 && tall * wide <= mostInTile)) fail(`tiles of ${tall}x${wide}`);
  const pieces = planes * Math.ceil(height / tall) * (tiled ? Math.ceil(width / wide) : 1);
  const offsets = fields.get(tiled ? tags.tileOffsets : tags.stripOffsets) ?? [];
  const sizes = fields.get(tiled ? tags.tileBytes : tags.stripBytes) ?? [];
  if (offsets.length < pieces || sizes.length < pieces) return false;
  return offsets.every((offset, piece) => offset + (sizes[piece] ?? 0) <= length);
}

/** The fields of bytes, shorts and longs, by tag. Other fields are not needed and may be damaged. */
function firstDirectory(bytes: Buffer, fail: Fail): Fields {
  const little = bytes.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const readers: Readonly<Record<number, readonly [size: number, read: (at: number) => number]>> = {
    1: [1, (at) => bytes.readUInt8(at)],
    3: [2, short],
    4: [4, long],
    7: [1, (at) => bytes.readUInt8(at)],
  };
  const start = long(4);
  const fields = new Map<number, readonly number[]>();
  const wanted = new Set<number>(Object.values(tags));
  for (let entry = 0, entries = short(start); entry < entries; entry++) {
    const at = start + 2 + 12 * entry;
    const [size, read] = readers[short(at + 2)] ?? [];
    const count = long(at + 4);
    if (!wanted.has(short(at)) || size === undefined || !read) continue;
    // Each tag once and with few values: otherwise a directory could list the whole file over and over.
    if (fields.has(short(at))) fail(`the field ${short(at)} twice`);
    if (count > bounds.image.parts) fail(`a field of ${count} numbers`);
    const from = size * count <= 4 ? at + 8 : long(at + 8);
    if (from + size * count > bytes.length) fail("the file's end within its header: truncated");
    fields.set(
      short(at),
      Array.from({ length: count }, (_, index) => read(from + size * index)),
    );
  }
  return fields;
}
