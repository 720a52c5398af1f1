import { performance } from 'node:perf_hooks';
import type { SkippedPicture } from '../data/batches';
import { UserError } from '../errors';
import type { PredictOptions } from '../train/image-scores';
import { predictions } from '../train/predictions';
import { wilson95 } from './interval';
import { protocolText } from './protocol-text';

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
  /** Pictures that could not be read and count nowhere, if there are any. */
  readonly skippedPictures?: readonly SkippedPicture[];
  readonly seconds: number;
}

/**
 * Classifies every image of a data set, as it is or by crops of it, and counts the mistakes.
 * @throws UserError when there is no image, or none can be read
 */
export async function evaluate(options: PredictOptions): Promise<Evaluation> {
  const { data } = options;
  const { classes, labels } = data;
  if (labels.length === 0) throw new UserError(`${data.name}: expected images to evaluate, found none`);
  const started = performance.now();
  const confusion = classes.map(() => classes.map(() => 0));
  const ranks = classes.length > 10 ? 5 : 1;
  const skipped: SkippedPicture[] = [];
  const onSkipped = ({ file, reason }: SkippedPicture) => skipped.push({ file, reason });
  let notInTop5 = 0;
  let images = 0;
  for await (const { label, best } of predictions({ ...options, onSkipped }, ranks)) {
    images++;
    confusion[label]![best[0]!]!++;
    if (!best.includes(label)) notInTop5++;
  }
  if (images === 0)
    throw new UserError(`${data.name}: expected pictures to evaluate, found none that can be read`);
  const perClass = classes.map((label, row) => {
    const images = confusion[row]!.reduce((sum, count) => sum + count, 0);
    return { label, images, mistakes: images - confusion[row]![row]! };
  });
  const mistakes = perClass.reduce((sum, row) => sum + row.mistakes, 0);
  return {
    dataset: data.name,
    synthetic: data.synthetic,
    images,
    mistakes,
    error: mistakes / images,
    interval95: wilson95(mistakes, images),
    top5Error: ranks === 5 ? notInTop5 / images : null,
    protocol: options.crops
      ? protocolText(options.crops)
      : isWhole(options)
        ? 'each image once, as it is'
        : 'each picture once, its middle',
    perClass,
    confusion,
    ...(skipped.length > 0 && { skippedPictures: skipped }),
    seconds: (performance.now() - started) / 1000,
  };
}

/** Whether images are shown as they are stored: not pictures, and not cut to the recipe's crop. */
function isWhole({ data, recipe }: PredictOptions): boolean {
  return data.kind === 'images' && !recipe.augment.some((step) => 'size' in step);
}
