/** Crops and resizes images that lie in memory, as Pillow does. */
import type { ImageShape } from '../../core/network';
import type { Crop, Rectangle } from './crop';
import { blank, type Pixels } from './pixels';

/** One axis of a resize, for a stretch of the new pixels. */
export interface ResizedAxis {
  /** For each new pixel: the first old pixel that contributes to it, … */
  readonly first: Int32Array;
  /** … how many old pixels contribute, … */
  readonly count: Int32Array;
  /** … and their weights, in units of 2^-22; those of pixel i begin at i · `most`. */
  readonly shares: Int32Array;
  readonly most: number;
}

/** Pillow's fixed point: 8 bits of a pixel and two of carry leave 22 of 32 for shares. */
export const fractionBits = 22;

/**
 * Each new pixel is the mean of the old ones under a triangle about its centre, whose half base is one new pixel, or
 * one old one where the axis grows: Pillow's antialiased `bilinear`, as `openImage` resizes.
 * @param from the number of old pixels on the axis; not whole where the last one holds only part of what it averages
 * @param to the number of new pixels
 * @param stretch the new pixels to compute
 */
export function resizedAxis(
  from: number,
  to: number,
  stretch: { readonly start: number; readonly length: number },
): ResizedAxis {
  const { abs, ceil, floor, max, min, round } = Math;
  const scale = from / to;
  const support = max(scale, 1);
  const most = 2 * ceil(support) + 1;
  const [first, count] = [new Int32Array(stretch.length), new Int32Array(stretch.length)];
  const shares = new Int32Array(stretch.length * most);
  const triangle = new Float64Array(most);
  for (let at = 0; at < stretch.length; at++) {
    const centre = (stretch.start + at + 0.5) * scale;
    const start = max(floor(centre - support + 0.5), 0);
    const length = min(floor(centre + support + 0.5), ceil(from)) - start;
    let sum = 0;
    for (let tap = 0; tap < length; tap++) {
      triangle[tap] = max(1 - abs(start + tap + 0.5 - centre) / support, 0);
      sum += triangle[tap]!;
    }
    for (let tap = 0; tap < length; tap++) {
      shares[at * most + tap] = round((triangle[tap]! / sum) * 2 ** fractionBits);
    }
    first[at] = start;
    count[at] = length;
  }
  return { first, count, shares, most };
}

/**
 * Crops an image in memory as `OpenImage.decode` crops an image's file, with the same resize, except that an axis
 * shrunk to a quarter or less is resized in one step. As in Pillow, the width is resized first, unless it grows while
 * the height shrinks.
 * @param pixels `[height, width, channels]` of `shape`
 * @returns `[crop.window.height, crop.window.width, channels]`, a new array
 */
export function cropArray(pixels: Uint8Array, shape: ImageShape, crop: Crop): Uint8Array {
  const { region, window } = crop;
  const [, width, channels] = shape;
  const rows = axisOf(region.height, crop.height, window.top, window.height);
  const columns = axisOf(region.width, crop.width, window.left, window.width);
  const part: Part = {
    pixels,
    start: ((region.top + rows.start) * width + region.left + columns.start) * channels,
    row: width * channels,
    height: rows.length,
    width: columns.length,
    channels,
  };
  const heightFirst = crop.height < region.height && crop.width > region.width;
  const resized = heightFirst
    ? resizeWidth(resizeHeight(part, rows.resize), columns.resize)
    : resizeHeight(resizeWidth(part, columns.resize), rows.resize);
  const cropped = resized.pixels === pixels ? copied(resized) : resized.pixels;
  return crop.flip ? flip(cropped, [window.height, window.width, channels]) : cropped;
}

/** The old pixels of an axis that are needed for a stretch of the new ones. */
interface Axis {
  readonly start: number;
  readonly length: number;
  /** How the old pixels, counted from `start`, become the new ones; undefined if the axis is not resized. */
  readonly resize: ResizedAxis | undefined;
}

function axisOf(from: number, to: number, start: number, length: number): Axis {
  if (from === to) return { start, length, resize: undefined };
  const axis = resizedAxis(from, to, { start, length });
  const first = axis.first[0]!;
  const needed = axis.first[length - 1]! + axis.count[length - 1]! - first;
  return { start: first, length: needed, resize: { ...axis, first: axis.first.map((at) => at - first) } };
}

/** Part of an image in memory. */
interface Part {
  readonly pixels: Uint8Array;
  /** The index of the first value. */
  readonly start: number;
  /** Values from one line to the next. */
  readonly row: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

function copied({ pixels, start, row, height, width, channels }: Part): Uint8Array {
  const length = width * channels;
  const copy = new Uint8Array(height * length);
  for (let line = 0; line < height; line++) {
    const from = start + line * row;
    copy.set(pixels.subarray(from, from + length), line * length);
  }
  return copy;
}

// Bound here: reading another module's constants is slow in hot loops.
const bits = fractionBits;
const half = 2 ** (bits - 1);
const { imul } = Math;

/** Resizes the width and rounds to whole values. */
function resizeWidth(part: Part, axis: ResizedAxis | undefined): Part {
  if (!axis) return part;
  const { pixels, start, row, height, channels } = part;
  const { first, count, shares, most } = axis;
  const width = first.length;
  const resized = new Uint8Array(height * width * channels);
  let target = 0;
  for (let line = 0; line < height; line++) {
    for (let column = 0, own = 0; column < width; column++, own += most) {
      const begin = start + line * row + first[column]! * channels;
      const end = own + count[column]!;
      for (let channel = 0; channel < channels; channel++) {
        let source = begin + channel;
        let sum = half;
        for (let share = own; share < end; share++, source += channels) {
          sum = (sum + imul(shares[share]!, pixels[source]!)) | 0;
        }
        resized[target++] = sum >> bits;
      }
    }
  }
  return { pixels: resized, start: 0, row: width * channels, height, width, channels };
}

/** Resizes the height and rounds to whole values. */
function resizeHeight(part: Part, axis: ResizedAxis | undefined): Part {
  if (!axis) return part;
  const { pixels, start, row, width, channels } = part;
  const { first, count, shares, most } = axis;
  const height = first.length;
  const length = width * channels;
  const resized = new Uint8Array(height * length);
  for (let line = 0, target = 0; line < height; line++) {
    const begin = start + first[line]! * row;
    const own = line * most;
    const end = own + count[line]!;
    for (let at = begin, last = begin + length; at < last; at++) {
      let source = at;
      let sum = half;
      for (let share = own; share < end; share++, source += row) {
        sum = (sum + imul(shares[share]!, pixels[source]!)) | 0;
      }
      resized[target++] = sum >> bits;
    }
  }
  return { pixels: resized, start: 0, row: length, height, width, channels };
}

/**
 * Like `cropArray`, with the resize of image files: an axis that shrinks to a quarter or less is first averaged over
 * whole numbers of pixels, leaving a factor of two or three to the triangle.
 * @param pixels `[height, width, channels]` of `shape`
 * @returns `[crop.window.height, crop.window.width, channels]`, a new array
 */
export function cropDecoded(pixels: Uint8Array, shape: ImageShape, crop: Crop): Uint8Array {
  const { region } = crop;
  const [down, across] = [timesOf(region.height / crop.height), timesOf(region.width / crop.width)];
  if (down === 1 && across === 1) return cropArray(pixels, shape, crop);
  const channels = shape[2];
  const averaged = averagedBlocks(pixels, shape, region, down, across);
  const size = { height: region.height / down, width: region.width / across };
  const rows = Math.ceil(size.height);
  return cropArray(averaged, [rows, averaged.length / (rows * channels), channels], {
    ...crop,
    region: { top: 0, left: 0, ...size },
  });
}

/** How many pixels are averaged before an axis shrinks by a factor. */
function timesOf(factor: number): number {
  return Math.max(1, Math.floor(factor / 2));
}

/** The means of blocks of a region; where the last ones reach beyond its edge, the edge's pixels count instead. */
function averagedBlocks(
  pixels: Uint8Array,
  [, width, channels]: ImageShape,
  region: Rectangle,
  down: number,
  across: number,
): Uint8Array {
  const [rows, columns] = [Math.ceil(region.height / down), Math.ceil(region.width / across)];
  const averaged = new Uint8Array(rows * columns * channels);
  const [lastRow, lastColumn] = [region.height - 1, region.width - 1];
  const all = down * across;
  const half = all >> 1;
  let target = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = half;
        for (let line = row * down; line < (row + 1) * down; line++) {
          const start = (region.top + Math.min(line, lastRow)) * width + region.left;
          for (let at = column * across; at < (column + 1) * across; at++)
            sum += pixels[(start + Math.min(at, lastColumn)) * channels + channel]!;
        }
        averaged[target++] = Math.floor(sum / all);
      }
    }
  }
  return averaged;
}

/** An image `[height, width, channels]`, mirrored left to right; a new array. */
export function flip<P extends Pixels>(pixels: P, [height, width, channels]: ImageShape): P {
  const mirrored = blank(pixels);
  if (channels === 3) return flipColours(pixels, width, mirrored);
  for (let row = 0, target = 0; row < height; row++) {
    for (let column = width - 1; column >= 0; column--) {
      let source = (row * width + column) * channels;
      for (const end = source + channels; source < end;) mirrored[target++] = pixels[source++]!;
    }
  }
  return mirrored;
}

/** `flip` for three channels, three times as fast; nearly all images have three. */
function flipColours<P extends Pixels>(pixels: P, width: number, mirrored: P): P {
  const { length } = pixels;
  const row = 3 * width;
  for (let start = 0, target = 0; start < length; start += row) {
    for (let source = start + row - 3; source >= start; source -= 3, target += 3) {
      mirrored[target] = pixels[source]!;
      mirrored[target + 1] = pixels[source + 1]!;
      mirrored[target + 2] = pixels[source + 2]!;
    }
  }
  return mirrored;
}
