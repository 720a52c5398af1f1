import { performance } from 'node:perf_hooks';
import { UserError } from '../errors';
import { predictions, type PredictOptions } from '../train/predictions';
import { wilson95 } from './interval';

/** What an evaluation found. Errors are fractions in [0, 1]. */
export interface Evaluation {
  readonly dataset: string;
  /** Drawn by a program: figures on it say nothing about the real world. */
  readonly synthetic: boolean;
  readonly images: number;
  readonly mistakes: number;
  readonly error: number;
  /** Wilson's interval of `error`. */
  readonly interval95: readonly [low: number, high: number];
  /** Null up to ten classes, where five guesses say nothing. */
  readonly top5Error: number | null;
  readonly protocol: string;
  readonly perClass: readonly {
    readonly label: string;
    readonly images: number;
    readonly mistakes: number;
  }[];
  /** `confusion[label][answer]` counts images, in the order of `perClass`. */
  readonly confusion: readonly (readonly number[])[];
  readonly seconds: number;
}

/** Classifies every image of a data set once, as it is, and counts the mistakes. */
export async function evaluate(options: PredictOptions): Promise<Evaluation> {
  const { data } = options;
  const { classes, labels } = data;
  if (labels.length === 0) throw new UserError(`${data.name}: expected images to evaluate, found none`);
  const started = performance.now();
  const confusion = classes.map(() => classes.map(() => 0));
  const ranks = classes.length > 10 ? 5 : 1;
  let notInTop5 = 0;
  for await (const { label, best } of predictions(options, ranks)) {
    confusion[label]![best[0]!]!++;
    if (!best.includes(label)) notInTop5++;
  }
  const perClass = classes.map((label, row) => {
    const images = confusion[row]!.reduce((sum, count) => sum + count, 0);
    return { label, images, mistakes: images - confusion[row]![row]! };
  });
  const mistakes = perClass.reduce((sum, row) => sum + row.mistakes, 0);
  return {
    dataset: data.name,
    synthetic: data.synthetic,
    images: labels.length,
    mistakes,
    error: mistakes / labels.length,
    interval95: wilson95(mistakes, labels.length),
    top5Error: ranks === 5 ? notInTop5 / labels.length : null,
    protocol: 'each image once, as it is',
    perClass,
    confusion,
    seconds: (performance.now() - started) / 1000,
  };
}
