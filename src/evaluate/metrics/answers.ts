/** A network's answers: the best classes of each image, and how sure the network is of them. */
import type { Loss } from '../../core/network';
import { predict, type Prediction, type PredictOptions } from '../scores/predict';
import { bestClasses } from '../scores/ranking';

/** What a network answers to one image, and how sure it is. Plain data, equal to its own JSON. */
export interface Answer {
  /** The image's place in the data. */
  readonly image: number;
  readonly label: number;
  /** The best classes in their order, as many as were asked for; the first of them is the answer. */
  readonly best: readonly number[];
  /** By how much the score of the answer is better than that of the second best class; ≥ 0. */
  readonly margin: number;
  /** The probability of the answer; null where the network's scores give none. */
  readonly probability: number | null;
}

/**
 * The answer that a network's scores of an image amount to.
 * @param ranks how many of the best classes to keep
 */
export function answerOf(
  loss: Loss,
  { image, label, scores, probabilities }: Prediction,
  ranks: number,
): Answer {
  const best = bestClasses(loss, scores, Math.max(2, ranks));
  const [first, second] = best as [number, number?];
  const margin = second === undefined ? 0 : Math.abs(scores[first]! - scores[second]!);
  return {
    image,
    label,
    best: best.slice(0, ranks),
    margin,
    probability: probabilities ? probabilities[first]! : null,
  };
}

/** The answers to all images of a data set, in its order, each with its best class alone. */
export async function answersOf(options: PredictOptions): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const found of predict(options)) answers.push(answerOf(options.recipe.loss, found, 1));
  return answers;
}

export function isRight({ label, best }: Pick<Answer, 'label' | 'best'>): boolean {
  return best[0] === label;
}
