import { imageScores, type PredictOptions } from './image-scores';
import { bestClasses } from './ranking';

/** The network's answers, image by image: the best class first, `ranks` classes each. See `imageScores`. */
export async function* predictions(
  options: PredictOptions,
  ranks: number,
): AsyncGenerator<{ label: number; best: number[] }> {
  for await (const { label, scores } of imageScores(options)) {
    yield { label, best: bestClasses(options.recipe.loss, scores, ranks) };
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
