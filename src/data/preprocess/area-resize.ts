/** Shrinks images: each new pixel is the mean of the area that it covers. */
import { UserError } from '../../core/errors';
import type { ImageShape } from '../../core/network';
import type { Pixels } from '../image/pixels';

/**
 * Makes images smaller. Each new pixel is the mean of the old ones that it covers, weighted by the covered share of
 * each. It is rounded if the old values are whole numbers.
 * @param pixels `[images, height, width, channels]`
 * @returns new pixels of `size`, with as many channels
 * @throws UserError when the images are smaller than `size`
 */
export function shrink(
  pixels: Pixels,
  images: number,
  [height, width, channels]: ImageShape,
  size: { readonly height: number; readonly width: number },
): Pixels {
  if (height < size.height || width < size.width) {
    throw new UserError(
      `preprocess: expected images of at least ${size.height}x${size.width} pixels to shrink, found ${height}x${width}`,
    );
  }
  const [rows, columns] = [coverage(height, size.height), coverage(width, size.width)];
  const whole = pixels instanceof Uint8Array;
  const length = images * size.height * size.width * channels;
  const smaller = whole ? new Uint8Array(length) : new Float32Array(length);
  let target = 0;
  for (let image = 0; image < images; image++) {
    for (const row of rows) {
      for (const column of columns) {
        for (let channel = 0; channel < channels; channel++) {
          let mean = 0;
          for (const { at: y, share } of row) {
            const line = (image * height + y) * width;
            for (const { at: x, share: part } of column) {
              mean += share * part * pixels[(line + x) * channels + channel]!;
            }
          }
          smaller[target++] = whole ? Math.round(mean) : mean;
        }
      }
    }
  }
  return smaller;
}

interface Covered {
  readonly at: number;
  /** The old pixel's share of the new pixel's side; the shares of one new pixel sum to 1. */
  readonly share: number;
}

/** For each of `to` equal parts of an axis, the old pixels that it covers. */
function coverage(from: number, to: number): Covered[][] {
  // In units of 1/to of an old pixel, so that whole numbers bound every part and no sliver is left by rounding.
  return Array.from({ length: to }, (_, part) => {
    const [low, high] = [part * from, (part + 1) * from];
    const [first, last] = [Math.floor(low / to), Math.ceil(high / to)];
    return Array.from({ length: last - first }, (__, offset) => {
      const at = first + offset;
      return { at, share: (Math.min(high, (at + 1) * to) - Math.max(low, at * to)) / from };
    });
  });
}
