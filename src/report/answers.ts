import { batchesInOrder } from '../data/batches';
import { forwardOf } from '../train/forward';
import type { PredictOptions } from '../train/predictions';
import { bestClasses } from '../train/ranking';

/** What a network answers to one image, and how sure it is. */
export interface Answer {
  /** The image's place in the data. */
  readonly image: number;
  readonly label: number;
  readonly answer: number;
  /** By how much the score of the answer is better than that of the second best class; ≥ 0. */
  readonly margin: number;
}

/** The answers to all images of a data set, in its order. */
export async function answersOf({
  model,
  recipe,
  data,
  batchSize = 100,
  ...further
}: PredictOptions): Promise<Answer[]> {
  const forward = forwardOf(model);
  const answers: Answer[] = [];
  try {
    for await (const batch of batchesInOrder(data, recipe, batchSize, further)) {
      const scores = await forward.run(batch);
      const classes = scores.length / batch.labels.length;
      for (const [row, label] of batch.labels.entries()) {
        const own = scores.subarray(row * classes, (row + 1) * classes);
        const [answer, second] = bestClasses(recipe.loss, own, 2) as [number, number];
        answers.push({ image: answers.length, label, answer, margin: Math.abs(own[answer]! - own[second]!) });
      }
    }
  } finally {
    forward.dispose();
  }
  return answers;
}
