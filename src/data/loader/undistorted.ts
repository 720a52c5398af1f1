/** Images of one shape without distortions, from which means and principal colours are computed. */
import type { Recipe } from '../../core/network';
import { storedSize } from '../../core/shape';
import type { Dataset, ImageSet } from '../dataset';
import { distortionStages } from '../augment/stages';
import { centreCrop } from '../augment/random-crop';
import type { Loader } from './prefetch';

/**
 * Undistorted images of one shape, from which the values that a recipe needs from its training set are computed. Image
 * files are decoded on demand and cropped to the middle; images in memory are unchanged.
 * @param open opens image files
 */
export function undistortedPixels(
  data: ImageSet,
  recipe: Pick<Recipe, 'input' | 'augment'>,
  open: Loader['open'],
): Dataset {
  if (data.kind === 'pixels') return data;
  const { crop } = distortionStages(recipe);
  const wanted = storedSize(recipe.input);
  const channels = recipe.input.shape[2] === 1 ? 1 : 3;
  const { window } = centreCrop(wanted, crop, wanted);
  const size = window.height * window.width * channels;
  const { files: _, ...facts } = data;
  return {
    ...facts,
    kind: 'pixels',
    shape: [window.height, window.width, channels],
    pixels: async (indices) => {
      const all = new Uint8Array(indices.length * size);
      const decoded = await Promise.all(
        Array.from(indices, async (index) => {
          const image = await open(data, index, channels);
          return image.decode(centreCrop(image.size, crop, wanted));
        }),
      );
      decoded.forEach((pixels, row) => all.set(pixels, row * size));
      return all;
    },
  };
}
