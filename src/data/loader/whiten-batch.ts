/** Whitens whole batches on the thread that trains, and distorts them afterwards. */
import { elementCount } from '../../core/shape';
import { deriveSeed, seededRandom } from '../../core/random';
import { augmentPixels } from '../augment/augment';
import type { Batch } from './batches';
import { distortionStages } from '../augment/stages';
import type { TransformOptions } from './transform';
import { whitener } from '../preprocess/whitening';

/** Does what is done to whole batches, on the backend and in the thread that computes on it. */
export interface BatchWhitener {
  apply(batch: Batch, seeds: readonly (number | null)[]): Promise<Batch>;
  dispose(): void;
}

/**
 * Whitens, which is one matrix product, and then distorts the whitened images; nothing where the recipe does not whiten.
 * @throws UserError when the recipe whitens and nothing was fitted
 */
export function batchWhitener({ recipe, fitted }: TransformOptions): BatchWhitener {
  if (!recipe.input.preprocess.some(({ kind }) => kind === 'whiten')) {
    return { apply: async (batch) => batch, dispose: () => undefined };
  }
  if (!fitted?.whitening) throw new Error('expected a whitening, found none computed: see fitRecipe');
  const { apply, dispose } = whitener(fitted.whitening);
  const { values: steps } = distortionStages(recipe);
  return {
    apply: async (batch, seeds) => {
      const { images, shape } = batch;
      const whitened = await apply(images, images.length / elementCount(shape));
      seeds.forEach((seed, row) => {
        if (seed === null || steps.length === 0) return;
        const image = whitened.subarray(row * elementCount(shape), (row + 1) * elementCount(shape));
        image.set(augmentPixels(image, shape, steps, seededRandom(deriveSeed(seed, 'whitened'))));
      });
      return { ...batch, images: whitened };
    },
    dispose,
  };
}
