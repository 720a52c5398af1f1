/** Shifts an image by whole pixels at random and fills with zeros. */
import type { Augment, ImageShape } from '../../core/network';
import type { Random } from '../../core/random';
import { blank, type Pixels } from '../image/pixels';

/**
 * An image `[height, width, channels]`, moved down by `down` rows and right by `right` columns; the pixels that this
 * uncovers are 0. Returns a new array.
 */
export function translate<P extends Pixels>(
  pixels: P,
  [height, width, channels]: ImageShape,
  down: number,
  right: number,
): P {
  const moved = blank(pixels);
  const { max, min } = Math;
  const [first, last] = [max(0, -right), min(width, width - right)];
  if (first >= last) return moved;
  for (let row = max(0, -down); row < min(height, height - down); row++) {
    const line = pixels.subarray((row * width + first) * channels, (row * width + last) * channels);
    moved.set(line, ((row + down) * width + first + right) * channels);
  }
  return moved;
}

/**
 * Moves an image by whole pixels; along each axis, every shift is equally likely. This is the same as padding by zeros
 * and cropping at random, as done for maxout networks (Goodfellow et al. 2013; pylearn2's `WindowAndFlip`).
 */
export function translateAtRandom<P extends Pixels>(
  pixels: P,
  shape: ImageShape,
  { shift }: Extract<Augment, { readonly kind: 'translate' }>,
  random: Random,
): P {
  const down = random.integer(2 * shift + 1) - shift;
  const right = random.integer(2 * shift + 1) - shift;
  return translate(pixels, shape, down, right);
}
