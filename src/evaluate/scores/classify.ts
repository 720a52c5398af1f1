/** Names what images show: the best classes for each image, with their probabilities. */
import type { ImageFiles } from '../../data/dataset';
import { predict, type PredictOptions } from './predict';
import { bestClasses } from './ranking';
import { scoreKind, type ScoreKind, scoreWords } from '../../core/score-kind';
import type { TrainedModel } from '../../weights/trained-model';
import { visibleLine } from '../../core/text/visible-text';
import { columns } from '../../core/text/columns';

/** The classes that a network names for one image. */
export interface Classification {
  readonly file: string;
  /** The kind of score that orders the classes; of distances, the smallest is the best. */
  readonly scores: 'probabilities' | Exclude<ScoreKind, 'logits'>;
  /** In order, the best first. */
  readonly predictions: readonly RankedClass[];
  /** The picture is dark on light, and was shown inverted to a network that learned light on dark. */
  readonly inverted?: true;
}

/** A class among a network’s guesses for an image. */
export interface RankedClass {
  readonly label: string;
  readonly index: number;
  /** Null where the scores give no probability: activations against targets, or distances from codes. */
  readonly probability: number | null;
  /** The class score itself, where it is not a probability. */
  readonly score?: number;
}

/**
 * Names what images show. Images that the loader skips are missing from the result.
 * @param ranks how many classes to name for each image
 */
export async function classifications(
  { model, recipe, fitted, labels }: TrainedModel,
  data: ImageFiles,
  {
    ranks,
    ...seen
  }: { readonly ranks: number } & Pick<PredictOptions, 'loader' | 'crops' | 'forward' | 'onSkipped'>,
): Promise<readonly Classification[]> {
  const found: Classification[] = [];
  const kind = scoreKind(recipe.loss);
  for await (const { image, scores, probabilities, inverted } of predict({
    model,
    recipe,
    data,
    fitted,
    ...seen,
  })) {
    found.push({
      file: data.files[image]!.file,
      scores: kind === 'logits' ? 'probabilities' : kind,
      predictions: bestClasses(recipe.loss, scores, ranks).map((index) => ({
        label: labels?.[index] ?? String(index),
        index,
        probability: probabilities ? probabilities[index]! : null,
        ...(!probabilities && { score: scores[index]! }),
      })),
      ...(inverted && { inverted }),
    });
  }
  return found;
}

/**
 * Text for a terminal: each image, with its classes and their probabilities below it. If there are only scores, these
 * stand in place of the probabilities, and the first line says what they are.
 */
export function classificationText(found: readonly Classification[]): string {
  const kind = found[0]?.scores ?? 'probabilities';
  const head = kind === 'probabilities' ? [] : [scoreWords[kind]];
  const images = found.map(({ file, predictions }) => {
    const rows = predictions.map(({ label, probability, score }) => [
      probability === null ? score!.toPrecision(4) : `${(100 * probability).toFixed(2)} %`,
      label,
    ]);
    return [visibleLine(file), ...columns(rows, [0]).map((row) => `  ${row}`)].join('\n');
  });
  return [...head, ...images].join('\n');
}
