import type { Recipe } from '../../core/network';
import { cutPlace } from '../image/load-crop';
import type { Dataset, ImageSet } from '../dataset';
import { distortionStages } from '../augment/stages';
import { undistortedCut } from '../augment/random-crop';

/**
 * Images as a network sees them undistorted, all of one shape, to compute from them what a recipe leaves to its
 * training set: of pictures the middle crops, decoded when they are read; images that lie in memory as they are.
 */
export function undistortedPixels(data: ImageSet, recipe: Pick<Recipe, 'input' | 'augment'>): Dataset {
  if (data.kind === 'images') return data;
  const { cut } = distortionStages(recipe);
  const [height, width] = recipe.input.shape;
  const channels = recipe.input.shape[2] === 1 ? 1 : 3;
  const { window } = undistortedCut({ height, width }, cut, { height, width });
  const size = window.height * window.width * channels;
  const { places, ...facts } = data;
  return {
    ...facts,
    kind: 'images',
    shape: [window.height, window.width, channels],
    pixels: async (indices) => {
      const all = new Uint8Array(indices.length * size);
      const decoded = await Promise.all(
        Array.from(indices, (index) =>
          cutPlace(places[index]!, channels, (stored) => undistortedCut(stored, cut, { height, width })),
        ),
      );
      decoded.forEach((pixels, row) => all.set(pixels, row * size));
      return all;
    },
  };
}
