import { performance } from 'node:perf_hooks';
import type { SkippedPicture } from '../data/batches';
import { cropCount } from '../data/evaluation-crops';
import { UserError } from '../errors';
import type { PredictOptions } from '../train/image-scores';
import { ensembleScores } from '../train/ensemble';
import { bestClasses } from '../train/ranking';
import { calibration, type Calibration } from './calibration';
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
  /** The share of images whose label is not among the best k classes, for each k that was asked for. */
  readonly topErrors?: readonly { readonly k: number; readonly error: number }[];
  /** Null where the network's scores are no probabilities. */
  readonly calibration: Calibration | null;
  readonly protocol: string;
  /** How many parts of each image were seen, and how many networks saw them. */
  readonly crops: number;
  readonly networks: number;
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

export interface EvaluateOptions extends PredictOptions {
  /** Further networks, whose answers are averaged with the first one's: see `ensembleScores`. */
  readonly others?: readonly Omit<PredictOptions, 'data'>[];
  /** Further numbers of guesses to count errors of. */
  readonly top?: readonly number[];
}

/**
 * Classifies every image of a data set, as it is or by crops of it, and counts the mistakes.
 * @throws UserError when there is no image, or none can be read
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { data, others = [], top = [], recipe } = options;
  const { classes, labels } = data;
  if (labels.length === 0) throw new UserError(`${data.name}: expected images to evaluate, found none`);
  const started = performance.now();
  const confusion = classes.map(() => classes.map(() => 0));
  const ranks = Math.max(classes.length > 10 ? 5 : 1, ...top);
  const beyond = top.map(() => 0);
  const answers: { probability: number; right: boolean }[] = [];
  const skipped: SkippedPicture[] = [];
  const onSkipped = ({ file, reason }: SkippedPicture) => skipped.push({ file, reason });
  let notInTop5 = 0;
  let images = 0;
  const members = others.map((other) => ({ ...other, data }));
  for await (const { label, scores, probabilities } of ensembleScores([
    { ...options, onSkipped },
    ...members,
  ])) {
    const best = bestClasses(recipe.loss, scores, ranks);
    const [answer] = best as [number];
    images++;
    confusion[label]![answer]!++;
    if (!best.slice(0, 5).includes(label)) notInTop5++;
    top.forEach((k, at) => best.slice(0, k).includes(label) || beyond[at]!++);
    if (probabilities) answers.push({ probability: probabilities[answer]!, right: answer === label });
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
    top5Error: classes.length > 10 ? notInTop5 / images : null,
    ...(top.length > 0 && { topErrors: top.map((k, at) => ({ k, error: beyond[at]! / images })) }),
    calibration: answers.length > 0 ? calibration(answers) : null,
    protocol: protocolOf(options),
    crops: options.crops ? cropCount(options.crops) : 1,
    networks: 1 + others.length,
    perClass,
    confusion,
    ...(skipped.length > 0 && { skippedPictures: skipped }),
    seconds: (performance.now() - started) / 1000,
  };
}

function protocolOf(options: EvaluateOptions): string {
  const { crops, others = [] } = options;
  const seen = crops
    ? protocolText(crops)
    : isWhole(options)
      ? 'each image once, as it is'
      : 'each picture once, its middle';
  return others.length > 0 ? `${seen}; mean of ${others.length + 1} networks` : seen;
}

/** Whether images are shown as they are stored: not pictures, and not cut to the recipe's crop. */
function isWhole({ data, recipe }: PredictOptions): boolean {
  return data.kind === 'images' && !recipe.augment.some((step) => 'size' in step);
}
