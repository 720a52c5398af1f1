import type { Pictures } from '../data/pictures';
import { imageScores, type PredictOptions } from './image-scores';
import { bestClasses } from './ranking';
import { scoreKind, type ScoreKind } from './score-kind';
import type { TrainedModel } from './trained-model';

/** What a network sees in one picture. */
export interface Classification {
  readonly file: string;
  /** What the predictions are ordered by; of distances the smaller is the nearer. */
  readonly scores: 'probabilities' | Exclude<ScoreKind, 'logits'>;
  /** The best first. */
  readonly predictions: readonly Prediction[];
}

export interface Prediction {
  readonly label: string;
  readonly index: number;
  /** Null where the network's scores are none: activations against targets, distances from codes. */
  readonly probability: number | null;
  /** The class score itself, where it is no probability. */
  readonly score?: number;
}

/**
 * Names what pictures show. Pictures that the feed leaves out are not among the answers.
 * @param ranks classes to name for each
 */
export async function classifications(
  { model, recipe, fitted, labels }: TrainedModel,
  data: Pictures,
  { ranks, ...seen }: { readonly ranks: number } & Pick<PredictOptions, 'feed' | 'crops' | 'onSkipped'>,
): Promise<readonly Classification[]> {
  const found: Classification[] = [];
  const kind = scoreKind(recipe.loss);
  for await (const { image, scores, probabilities } of imageScores({
    model,
    recipe,
    data,
    fitted,
    ...seen,
  })) {
    found.push({
      file: data.places[image]!.file,
      scores: kind === 'logits' ? 'probabilities' : kind,
      predictions: bestClasses(recipe.loss, scores, ranks).map((index) => ({
        label: labels?.[index] ?? String(index),
        index,
        probability: probabilities ? probabilities[index]! : null,
        ...(!probabilities && { score: scores[index]! }),
      })),
    });
  }
  return found;
}
