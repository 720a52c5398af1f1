import type { tf } from '../tf';
import { batchesInOrder, type SkippedPicture } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import type { Feed } from '../data/feed';
import type { FittedPreprocess } from '../data/preprocess';
import type { Recipe } from '../network';
import { forwardOf } from './forward';
import { bestClasses } from './ranking';

export interface PredictOptions {
  readonly model: tf.LayersModel;
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  readonly data: ImageSet;
  /** Images at a time. Default: 100. */
  readonly batchSize?: number;
  /** What the recipe's preprocessing takes from the training set, where it does. */
  readonly fitted?: FittedPreprocess | undefined;
  /** Prepares the batches; default: one of their own. */
  readonly feed?: Feed | undefined;
  /** Told of each picture that the feed leaves out. */
  readonly onSkipped?: ((picture: SkippedPicture) => void) | undefined;
}

/**
 * The network's answers, image by image, in the order of the data: the best class first, `ranks` classes each. Pictures
 * that the feed leaves out get none. Only `outputs[0]` is read.
 */
export async function* predictions(
  options: PredictOptions,
  ranks: number,
): AsyncGenerator<{ label: number; best: number[] }> {
  const { model, recipe, data, batchSize = 100, fitted, feed } = options;
  const forward = forwardOf(model);
  try {
    for await (const batch of batchesInOrder(data, recipe, batchSize, { fitted, feed })) {
      batch.skipped?.forEach((picture) => options.onSkipped?.(picture));
      if (batch.labels.length === 0) continue;
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
  let [wrong, all] = [0, 0];
  for await (const { label, best } of predictions(options, 1)) {
    all++;
    if (best[0] !== label) wrong++;
  }
  return wrong / all;
}
