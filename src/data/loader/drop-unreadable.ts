/** Leaves out the images of a set that cannot be decoded. */
import type { Recipe } from '../../core/network';
import { batchesInOrder } from './batches';
import { indicesWithout, subset, type ImageSet } from '../dataset';
import { openLoader } from './loader';

/** The images of a set without the images that cannot be read; all are decoded to find out, in their order. */
export async function dropUnreadable(
  data: ImageSet,
  { input }: Pick<Recipe, 'input'>,
  workers?: number,
): Promise<ImageSet> {
  if (data.kind === 'pixels') return data;
  const loader = openLoader({ workers, onBadImage: 'skip' });
  const bad = new Set<number>();
  try {
    const recipe = { input: { shape: input.shape, preprocess: [] }, augment: [] };
    for await (const { skipped = [] } of batchesInOrder(data, recipe, 32, { loader })) {
      for (const { index } of skipped) bad.add(index);
    }
  } finally {
    await loader.close();
  }
  if (bad.size === 0) return data;
  return subset(data, indicesWithout(data, bad), data.name);
}
