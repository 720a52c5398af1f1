/** A network's answers: the best classes for each image, and how confident the network is. */
import type { Loss } from '../../core/network';
import { predict, type Prediction, type PredictOptions } from '../scores/predict';
import { bestClasses } from '../scores/ranking';

/** A network's answer to one image, and its confidence. Plain data, which survives a round trip through JSON. */
export interface Answer {
  /** The index of the image in the data set. */
  readonly image: number;
  readonly label: number;
  /** The best classes in order, as many as requested; the first of them is the answer. */
  readonly best: readonly number[];
  /** What the network gives each of `best`: its probability, or its score where there are no probabilities. */
  readonly values: readonly number[];
  /** The same of the label. */
  readonly ofLabel: number;
  /** The difference between the scores of the best and the second best class; ≥ 0. */
  readonly margin: number;
  /** The probability of the answer; null where the network's scores give none. */
  readonly probability: number | null;
  /** The image was dark on light, and was shown inverted. */
  readonly inverted?: true | undefined;
}

/**
 * The answer that follows from a network's scores for an image.
 * @param ranks how many of the best classes to keep
 */
export function answerOf(
  loss: Loss,
  { image, label, scores, probabilities, inverted }: Prediction,
  ranks: number,
): Answer {
  const best = bestClasses(loss, scores, Math.max(2, ranks));
  const [first, second] = best as [number, number?];
  const values = probabilities ?? scores;
  const margin = second === undefined ? 0 : Math.abs(scores[first]! - scores[second]!);
  return {
    image,
    label,
    best: best.slice(0, ranks),
    values: best.slice(0, ranks).map((index) => values[index]!),
    ofLabel: values[label]!,
    margin,
    probability: probabilities ? probabilities[first]! : null,
    ...(inverted && { inverted }),
  };
}

/** The answers to all images of a data set, in its order, each with only its best class. */
export async function answersOf(options: PredictOptions): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const found of predict(options)) answers.push(answerOf(options.recipe.loss, found, 1));
  return answers;
}

/** The wrong answers, the surest first: those with the greatest margins. */
export function mistakesIn(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter((answer) => !isRight(answer)).sort((one, other) => other.margin - one.margin);
}

/** Whether the best guess is the label. */
export function isRight({ label, best }: Pick<Answer, 'label' | 'best'>): boolean {
  return best[0] === label;
}
