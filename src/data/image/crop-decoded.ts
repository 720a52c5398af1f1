/** Crops an image that is decoded whole, as `openImage` crops an image's file, which libvips shrinks. */
import type { ImageShape } from '../../core/network';
import type { Crop, Rectangle } from './crop';
import { cropArray } from './resample';

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
