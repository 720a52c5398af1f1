/**
 * The header of an AVIF: the boxes of ISO/IEC 14496-12 and 23008-12 that say how large its image is, and where it
 * lies.
 */
import { bounds } from '../../../core/bounds';
import type { ImageHeader } from '../header';

type Fail = (found: string) => never;

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

/** @param fail called with what was found instead; it throws */
export function avifHeader(bytes: Buffer, fail: Fail): ImageHeader {
  const top = boxes(bytes, fail);
  const meta = inside(top, 'meta', fail).subarray(4);
  const parts = boxes(meta, fail);
  const primary = primaryItem(inside(parts, 'pitm', fail));
  const type = itemTypes(inside(parts, 'iinf', fail), fail).get(primary);
  if (type !== 'av01' && type !== 'grid')
    fail(`one coded as ${type?.trim() ?? 'nothing'}, which is not read`);
  const properties = propertiesOf(boxes(inside(parts, 'iprp', fail), fail), primary, fail);
  const size = properties.find((each) => each.type === 'ispe')?.body ?? fail('no size of it');
  if (properties.some((each) => each.type === 'clap'))
    fail('one that is cropped by its header, which is not read');
  const angle = properties.find((each) => each.type === 'irot')?.body.readUInt8(0) ?? 0;
  const [width, height] = [size.readUInt32BE(4), size.readUInt32BE(8)];
  return {
    format: 'AVIF',
    // The decoder itself rotates and mirrors the image, whatever EXIF says.
    stored: angle & 1 ? { height: width, width: height } : { height, width },
    orientation: 1,
    cmyk: false,
    whole: lastByte(inside(parts, 'iloc', fail)) <= bytes.length,
  };
}

/**
 * Reads the length and name of each box. Length 1: the true length follows in 64 bits; 0: the box reaches to the end.
 */
function boxes(bytes: Buffer, fail: Fail): readonly Box[] {
  const found: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const short = bytes.readUInt32BE(at);
    const long = short === 1;
    const length = long ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    if (length < (long ? 16 : 8)) fail('a damaged box');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (found.length === bounds.image.parts) fail(`more than ${bounds.image.parts} boxes`);
    found.push({ type, body: bytes.subarray(at + (long ? 16 : 8), at + length) });
    at += length;
  }
  return found;
}

function inside(found: readonly Box[], type: string, fail: Fail): Buffer {
  return found.find((each) => each.type === type)?.body ?? fail(`no ${type} in its header`);
}

/** The number of the primary item: 16 or 32 bits, depending on the version of the box, which is its first byte. */
function primaryItem(pitm: Buffer): number {
  return pitm.readUInt8(0) === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4);
}

function itemTypes(iinf: Buffer, fail: Fail): ReadonlyMap<number, string> {
  const entries = boxes(iinf.subarray(iinf.readUInt8(0) === 0 ? 6 : 8), fail);
  return new Map(
    entries.map(({ body }) => {
      const short = body.readUInt8(0) === 2;
      const at = short ? 8 : 10;
      return [short ? body.readUInt16BE(4) : body.readUInt32BE(4), body.toString('latin1', at, at + 4)];
    }),
  );
}

/** `ipma` lists for each item the numbers, from 1 on, of its properties in `ipco`. */
function propertiesOf(iprp: readonly Box[], item: number, fail: Fail): readonly Box[] {
  const all = boxes(inside(iprp, 'ipco', fail), fail);
  const ipma = inside(iprp, 'ipma', fail);
  const [longItems, longNumbers] = [ipma.readUInt8(0) > 0, (ipma.readUInt8(3) & 1) === 1];
  let at = 8;
  for (let entries = ipma.readUInt32BE(4); entries > 0; entries--) {
    const id = longItems ? ipma.readUInt32BE(at) : ipma.readUInt16BE(at);
    const count = ipma.readUInt8(at + (longItems ? 4 : 2));
    at += longItems ? 5 : 3;
    const numbers = Array.from({ length: count }, (_, index) =>
      longNumbers ? ipma.readUInt16BE(at + 2 * index) & 0x7fff : ipma.readUInt8(at + index) & 0x7f,
    );
    at += count * (longNumbers ? 2 : 1);
    if (id === item) return numbers.flatMap((number) => all[number - 1] ?? []);
  }
  return [];
}

/** The end of the last extent of any item that, according to `iloc`, lies in the file. */
function lastByte(iloc: Buffer): number {
  const version = iloc.readUInt8(0);
  const sizes = iloc.readUInt16BE(4);
  const [offsetSize, lengthSize, baseSize, indexSize] = [12, 8, 4, 0].map(
    (shift) => (sizes >> shift) & 15,
  ) as [number, number, number, number];
  let at = 6;
  const next = (size: number) => {
    let value = 0;
    for (let left = size; left > 0; left--) value = value * 256 + iloc.readUInt8(at++);
    return value;
  };
  let last = 0;
  for (let items = next(version < 2 ? 2 : 4); items > 0; items--) {
    next(version < 2 ? 2 : 4); // the number of the item
    const inFile = version === 0 || (next(2) & 15) === 0;
    next(2); // data reference: 0 is this file
    const base = next(baseSize);
    const extents = next(2);
    // Extents whose entries have no bytes are all the same.
    const alike = offsetSize + lengthSize + (version > 0 ? indexSize : 0) === 0;
    for (let left = alike ? Math.min(1, extents) : extents; left > 0; left--) {
      if (version > 0) next(indexSize);
      const offset = next(offsetSize);
      const end = base + offset + next(lengthSize);
      if (inFile) last = Math.max(last, end);
    }
  }
  return last;
}
