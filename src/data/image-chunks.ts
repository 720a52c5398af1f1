import type { ImageShape } from '../network';
import type { Dataset } from './dataset';

/** Of one chunk, in bytes: large enough to be worth a matrix product, small beside any memory. */
const chunkSize = 2 ** 22;

/** All images of a data set, once, in its own order and undistorted, some at a time. */
export async function* imageChunks(
  data: Dataset,
): AsyncGenerator<{ readonly pixels: Uint8Array; readonly images: number }, void> {
  const size = valuesOf(data.shape);
  const most = Math.max(1, Math.floor(chunkSize / size));
  const count = data.labels.length;
  for (let start = 0; start < count; start += most) {
    const images = Math.min(most, count - start);
    yield { pixels: await data.pixels(Int32Array.from({ length: images }, (_, at) => start + at)), images };
  }
}

/** How many values an image of the shape has. */
export function valuesOf([height, width, channels]: ImageShape): number {
  return height * width * channels;
}
