/** Affine distortions of digits: shift, scale, squeeze and shear (LeCun et al. 1998, §III.C). */
import type { Augment, ImageShape } from '../../core/network';
import type { Random } from '../../core/random';
import { blank, type Pixels } from '../image/pixels';

const { floor, round } = Math;

/** How far planar affine distortions may go; see `Augment`. `scale` and `squeeze` are below 1. */
export type AffineRanges = Extract<Augment, { readonly kind: 'affine' }>;

/**
 * A planar map about the centre of an image, in pixels, x to the right and y down:
 * `(x, y)` goes to `(xx·x + xy·y + dx, yy·y + dy)`.
 */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * Draws one of the distortions of LeCun et al. 1998, section III.C: scaling and squeezing first, then horizontal
 * shear, then translation. Always takes five numbers from `random`, whatever the ranges.
 */
export function randomAffine(ranges: AffineRanges, random: Random): Affine {
  const within = (range: number) => random.uniform(-range, range);
  const dx = within(ranges.shift);
  const dy = within(ranges.shift);
  const scale = 1 + within(ranges.scale);
  const squeeze = within(ranges.squeeze);
  const shear = within(ranges.shear);
  const yy = scale * (1 + squeeze);
  return { xx: scale * (1 - squeeze), xy: shear * yy, yy, dx, dy };
}

/**
 * One image `[height, width, channels]`, distorted at random within `ranges`; a new array.
 * Values between the pixels are bilinear, rounded where pixels are whole numbers; everything outside the image is 0.
 */
export function affineDistort<P extends Pixels>(
  pixels: P,
  shape: ImageShape,
  ranges: AffineRanges,
  random: Random,
): P {
  return applyAffine(pixels, shape, randomAffine(ranges, random));
}

/** The image `[height, width, channels]` that `map` makes of the given one; a new array. */
export function applyAffine<P extends Pixels>(pixels: P, shape: ImageShape, map: Affine): P {
  const [height, width, channels] = shape;
  const moved = blank(pixels);
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  for (let row = 0, target = 0; row < height; row++) {
    const y = row - centreY - map.dy;
    const sourceY = y / map.yy + centreY;
    for (let column = 0; column < width; column++, target += channels) {
      const sourceX = (column - centreX - map.dx - (map.xy / map.yy) * y) / map.xx + centreX;
      if (sourceX <= -1 || sourceX >= width || sourceY <= -1 || sourceY >= height) continue;
      interpolate(pixels, shape, sourceX, sourceY, moved, target);
    }
  }
  return moved;
}

/** Writes the bilinear values of the source at (x, y), one for each channel, to `moved` from index `target` on. */
function interpolate(
  pixels: Pixels,
  [height, width, channels]: ImageShape,
  x: number,
  y: number,
  moved: Pixels,
  target: number,
): void {
  const left = floor(x);
  const top = floor(y);
  const right = x - left;
  const below = y - top;
  const northWest = (top * width + left) * channels;
  const south = width * channels;
  const hasWest = left >= 0;
  const hasEast = left + 1 < width;
  const hasNorth = top >= 0;
  const hasSouth = top + 1 < height;
  const whole = moved instanceof Uint8Array;
  for (let channel = 0; channel < channels; channel++) {
    const place = northWest + channel;
    const a = hasNorth && hasWest ? pixels[place]! : 0;
    const b = hasNorth && hasEast ? pixels[place + channels]! : 0;
    const c = hasSouth && hasWest ? pixels[place + south]! : 0;
    const d = hasSouth && hasEast ? pixels[place + south + channels]! : 0;
    const north = a + (b - a) * right;
    const value = north + (c + (d - c) * right - north) * below;
    moved[target + channel] = whole ? round(value) : value;
  }
}
