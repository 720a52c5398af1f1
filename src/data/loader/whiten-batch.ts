/**
 * Whitens whole batches on the main thread, and then makes the distortions that follow whitening.
 *
 * Every other step of preprocessing looks at one image, and so belongs to `createTransform`, which worker threads call
 * for one image after the other. Whitening multiplies all n values of an image by a matrix of n×n: 38 MB and 9 million
 * products for an image of CIFAR's. For a batch that is one matrix product, which the backend computes fast; worker
 * threads have no backend, and each would need the matrix. So workers leave `whiten` out (`beforeWhitening`), and the
 * thread that trains does it here. All distortions except crops also follow here, image by image, since pylearn2, with
 * whose recipes maxout networks and NIN were trained, distorts images after whitening.
 */
import { elementCount } from '../../core/shape';
import { deriveSeed, seededRandom } from '../../core/random';
import { augmentPixels } from '../augment/augment';
import type { Batch } from './batches';
import { distortionStages } from '../augment/stages';
import type { TransformOptions } from './transform';
import { whitener } from '../preprocess/whitening';

export interface BatchWhitener {
  apply(batch: Batch, seeds: readonly (number | null)[]): Promise<Batch>;
  dispose(): void;
}

/**
 * Returns a whitener for batches; if the recipe does not whiten, it leaves batches unchanged.
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
