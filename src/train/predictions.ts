import type { tf } from '../tf';
import { batchesInOrder } from '../data/batches';
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../network';
import { forwardOf } from './forward';
import { bestClasses } from './ranking';

export interface PredictOptions {
  readonly model: tf.LayersModel;
  readonly recipe: Pick<Recipe, 'input' | 'loss'>;
  readonly data: Dataset;
  /** Images at a time. Default: 100. */
  readonly batchSize?: number;
}

/**
 * The network's answers, image by image, in the order of the data: the best class first, `ranks` classes each.
 * Only `outputs[0]` is read.
 */
export async function* predictions(
  options: PredictOptions,
  ranks: number,
): AsyncGenerator<{ label: number; best: number[] }> {
  const { model, recipe, data } = options;
  const forward = forwardOf(model);
  try {
    for await (const batch of batchesInOrder(data, recipe, options.batchSize ?? 100)) {
      const scores = await forward.run(batch);
      const classes = scores.length / batch.labels.length;
      for (const [row, label] of batch.labels.entries()) {
        yield {
          label,
          best: bestClasses(recipe.loss, scores.subarray(row * classes, (row + 1) * classes), ranks),
        };
      }
    }
  } finally {
    forward.dispose();
  }
}

/** The share of images whose best class is not their label, a fraction. */
export async function errorOf(options: PredictOptions): Promise<number> {
  let wrong = 0;
  for await (const { label, best } of predictions(options, 1)) if (best[0] !== label) wrong++;
  return wrong / options.data.labels.length;
}
