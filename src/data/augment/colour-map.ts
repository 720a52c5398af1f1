/** Linear changes of colours, composed before any pixel is touched. */
import type { Colour } from '../../core/network';
import type { Lines } from '../preprocess/pixel-steps';
import type { Pixels } from '../image/pixels';

/** A linear change of colours: c becomes `matrix`·c + `offset`, in the unit of the pixels. */
export interface ColourMap {
  /** Rows for the new red, green and blue. */
  readonly matrix: readonly [Colour, Colour, Colour];
  readonly offset: Colour;
}

/** Shares of red, green and blue in grey, by ITU-R BT.601. */
const luma: Colour = [0.299, 0.587, 0.114];

/** Leaves every colour as it is. */
export const identity: ColourMap = {
  matrix: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  offset: [0, 0, 0],
};

/** The map, followed by colour ↦ factor · colour + (1 − factor) · grey of the colour. */
export function saturated({ matrix, offset }: ColourMap, factor: number): ColourMap {
  const grey = (column: 0 | 1 | 2) => dot(luma, [matrix[0][column], matrix[1][column], matrix[2][column]]);
  const greys = [grey(0), grey(1), grey(2)] as const;
  const mixed = (row: Colour) => combine(row, factor, greys, 1 - factor);
  const greyOffset = dot(luma, offset);
  return {
    matrix: [mixed(matrix[0]), mixed(matrix[1]), mixed(matrix[2])],
    offset: combine(offset, factor, [greyOffset, greyOffset, greyOffset], 1 - factor),
  };
}

/** The map, followed by colour ↦ factor · colour + shift. */
export function scaled({ matrix, offset }: ColourMap, factor: number, shift: Colour): ColourMap {
  const times = (row: Colour) => combine(row, factor, row, 0);
  return {
    matrix: [times(matrix[0]), times(matrix[1]), times(matrix[2])],
    offset: combine(offset, factor, shift, 1),
  };
}

/** The grey, by ITU-R BT.601, that the map makes of a colour. */
export function greyOf({ matrix, offset }: ColourMap, colour: Colour): number {
  const mapped = matrix.map((row, channel) => dot(row, colour) + offset[channel]!);
  return dot(luma, mapped as unknown as Colour);
}

/** The mean colour of an image `[height, width, 3]`. */
export function meanColour(pixels: Pixels): Colour {
  let [red, green, blue] = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    red += pixels[at]!;
    green += pixels[at + 1]!;
    blue += pixels[at + 2]!;
  }
  const count = pixels.length / 3;
  return [red / count, green / count, blue / count];
}

/** The map followed by a linear function of each channel. */
export function followedBy({ matrix, offset }: ColourMap, { slope, offset: added }: Lines): ColourMap {
  const row = (channel: 0 | 1 | 2) => combine(matrix[channel], slope[channel]!, matrix[channel], 0);
  const value = (channel: 0 | 1 | 2) => offset[channel] * slope[channel]! + added[channel]!;
  return { matrix: [row(0), row(1), row(2)], offset: [value(0), value(1), value(2)] };
}

/**
 * Applies a map to the colours of an image `[height, width, 3]`. The values are not rounded and may leave 0–255.
 * @param changed where to write the result; default: a new array
 */
export function recoloured(
  pixels: Pixels,
  { matrix, offset }: ColourMap,
  changed: Float32Array = new Float32Array(pixels.length),
): Float32Array {
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = matrix;
  const [r, g, b] = offset;
  const { length } = pixels;
  for (let at = 0; at < length; at += 3) {
    const red = pixels[at]!;
    const green = pixels[at + 1]!;
    const blue = pixels[at + 2]!;
    changed[at] = rr * red + rg * green + rb * blue + r;
    changed[at + 1] = gr * red + gg * green + gb * blue + g;
    changed[at + 2] = br * red + bg * green + bb * blue + b;
  }
  return changed;
}

function dot(one: Colour, other: Colour): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

function combine(one: Colour, factor: number, other: Colour, share: number): Colour {
  const at = (channel: 0 | 1 | 2) => one[channel] * factor + other[channel] * share;
  return [at(0), at(1), at(2)];
}
