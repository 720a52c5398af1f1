import type { ImageShape } from '../network';
import { blank, type Pixels } from './pixels';

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

/** As `flip`, three times as fast: nearly all images are in three colours. */
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
