/** Turns images upright as EXIF says, and crops of the upright image into crops of the stored one. */
import type { Crop, Rectangle } from './crop';
import type { Size } from './header';

/** How the stored rows and columns become those of the image as it stands upright. */
interface Turn {
  /** Stored rows are upright columns. */
  readonly swap: boolean;
  /** Stored rows are counted from the bottom. */
  readonly fromBottom: boolean;
  /** Stored columns are counted from the right. */
  readonly fromRight: boolean;
}

/** EXIF 2.32, tag 0x0112: where the stored row 0 and column 0 belong. */
const turns: Readonly<Record<Orientation, Turn>> = {
  1: { swap: false, fromBottom: false, fromRight: false }, // top, left
  2: { swap: false, fromBottom: false, fromRight: true }, // top, right
  3: { swap: false, fromBottom: true, fromRight: true }, // bottom, right
  4: { swap: false, fromBottom: true, fromRight: false }, // bottom, left
  5: { swap: true, fromBottom: false, fromRight: false }, // left, top
  6: { swap: true, fromBottom: true, fromRight: false }, // right, top
  7: { swap: true, fromBottom: true, fromRight: true }, // right, bottom
  8: { swap: true, fromBottom: false, fromRight: true }, // left, bottom
};

export function uprightSize({ height, width }: Size, orientation: Orientation): Size {
  return turns[orientation].swap ? { height: width, width: height } : { height, width };
}

/** Converts a crop of the upright image into one of the stored image, not flipped yet. */
export function storedCrop(crop: Crop, stored: Size, orientation: Orientation): Omit<Crop, 'flip'> {
  const { height, width } = uprightSize(crop, orientation);
  return {
    region: storedRectangle(crop.region, stored, orientation),
    height,
    width,
    window: storedRectangle(crop.window, { height, width }, orientation),
  };
}

/** @param stored the stored size of the image or region in which the rectangle lies */
function storedRectangle(inside: Rectangle, stored: Size, orientation: Orientation): Rectangle {
  const { swap, fromBottom, fromRight } = turns[orientation];
  const { top, left, height, width } = swap
    ? { top: inside.left, left: inside.top, height: inside.width, width: inside.height }
    : inside;
  return {
    top: fromBottom ? stored.height - top - height : top,
    left: fromRight ? stored.width - left - width : left,
    height,
    width,
  };
}

/**
 * Turns pixels `[height, width, 3]` of the given stored size upright and then, if asked, mirrors them left to right.
 * @returns the same array where nothing is to be done
 */
export function turned(
  pixels: Uint8Array,
  { height, width }: Size,
  orientation: Orientation,
  flip: boolean,
): Uint8Array {
  const { swap, fromBottom, fromRight } = turns[orientation];
  if (!swap && !fromBottom && fromRight === flip) return pixels;
  const row = (fromBottom ? -3 : 3) * width;
  const column = fromRight ? -3 : 3;
  const first = 3 * ((fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0));
  const [lines, places, line, place] = swap ? [width, height, column, row] : [height, width, row, column];
  const start = flip ? first + (places - 1) * place : first;
  const step = flip ? -place : place;
  const upright = new Uint8Array(pixels.length);
  let target = 0;
  for (let y = 0; y < lines; y++) {
    let source = start + y * line;
    for (let x = 0; x < places; x++, source += step) {
      upright[target] = pixels[source]!;
      upright[target + 1] = pixels[source + 1]!;
      upright[target + 2] = pixels[source + 2]!;
      target += 3;
    }
  }
  return upright;
}

/** How to turn an image upright, by the numbers of EXIF 2.32 (tag 0x0112); 1 leaves it as stored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;
const shortType = 3;

/**
 * The orientation in a block of EXIF (TIFF 6.0: byte order, then the first directory of entries); 1 where the block has
 * none or is damaged, since the image can be used without it.
 */
export function exifOrientation(block: Buffer): Orientation {
  const start = block.subarray(0, 6).equals(Buffer.from('Exif\0\0', 'latin1')) ? 6 : 0;
  const tiff = block.subarray(start);
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return 1;
  const little = order === 'II*\0';
  const short = (at: number) => {
    if (at + 2 > tiff.length) return 0;
    return little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  };
  const directory = short(4 + (little ? 2 : 0)) * 65536 + short(4 + (little ? 0 : 2));
  const entries = short(directory);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (short(at) !== orientationTag) continue;
    const value = short(at + 8);
    return short(at + 2) === shortType && value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
