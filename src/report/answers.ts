import { imageScores, type PredictOptions } from '../train/image-scores';
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
export async function answersOf(options: PredictOptions): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const { image, label, scores } of imageScores(options)) {
    const [answer, second] = bestClasses(options.recipe.loss, scores, 2) as [number, number];
    answers.push({ image, label, answer, margin: Math.abs(scores[answer]! - scores[second]!) });
  }
  return answers;
}
