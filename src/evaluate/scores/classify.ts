/** Names what images show: the best classes of each, with their probabilities. */
import type { ImageFiles } from '../../data/dataset';
import { predict, type PredictOptions } from './predict';
import { bestClasses } from './ranking';
import { scoreKind, type ScoreKind, scoreWords } from '../../core/score-kind';
import type { TrainedModel } from '../../weights/trained-model';
import { visibleLine } from '../../core/text/visible-text';
import { columns } from '../../core/text/columns';

/** What a network sees in one image. */
export interface Classification {
  readonly file: string;
  /** The kind of scores that the classes are ordered by; the smallest distance is the best. */
  readonly scores: 'probabilities' | Exclude<ScoreKind, 'logits'>;
  /** The best first. */
  readonly predictions: readonly RankedClass[];
}

export interface RankedClass {
  readonly label: string;
  readonly index: number;
  /** Null where scores give no probability: activations against targets, distances from codes. */
  readonly probability: number | null;
  /** The class score itself, where it is no probability. */
  readonly score?: number;
}

/**
 * Names what images show. Images that the loader leaves out are not among the answers.
 * @param ranks how many classes to name for each image
 */
export async function classifications(
  { model, recipe, fitted, labels }: TrainedModel,
  data: ImageFiles,
  { ranks, ...seen }: { readonly ranks: number } & Pick<PredictOptions, 'loader' | 'crops' | 'onSkipped'>,
): Promise<readonly Classification[]> {
  const found: Classification[] = [];
  const kind = scoreKind(recipe.loss);
  for await (const { image, scores, probabilities } of predict({
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
    });
  }
  return found;
}

/**
 * Answers for a terminal: each image, and below it the classes with their probabilities; or with their scores, and
 * before all of them a line that says what these are.
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
