/** Counts the errors among answers: error rates, their intervals, and the confusion matrix. */
import { isRight, type Answer } from './answers';
import { calibration, type Calibration } from './calibration';
import {
  averagesOf,
  classFigures,
  topConfusions,
  type Averages,
  type ClassFigures,
  type Confusion,
} from './class-figures';
import { wilson95 } from './interval';
import { errorsByRejected, type Rejection } from './rejection';

/** The statistics of the answers to a data set. Errors are fractions in [0, 1]. */
export interface Tally {
  readonly images: number;
  readonly mistakes: number;
  readonly error: number;
  /** Wilson's 95 % interval of `error`. */
  readonly interval95: readonly [low: number, high: number];
  /** Null for ten classes or fewer, where five guesses mean little. */
  readonly top5Error: number | null;
  /** The share of images whose label is not among the best k classes, for each requested k. */
  readonly topErrors?: readonly { readonly k: number; readonly error: number }[];
  /** Null where the network's scores give no probabilities. */
  readonly calibration: Calibration | null;
  /** The error that remains when the least confident answers are rejected: see `errorsByRejected`. */
  readonly rejection: readonly Rejection[];
  readonly perClass: readonly ({
    readonly label: string;
    readonly images: number;
    readonly mistakes: number;
  } & ClassFigures)[];
  readonly averages: Averages;
  /** The ten most frequent confusions. */
  readonly topConfusions: readonly Confusion[];
  /** `confusion[label][answer]` counts images, in the order of `perClass`. */
  readonly confusion: readonly (readonly number[])[];
}

/** How many of the best classes are kept for each image: five, which a tally needs where there are over ten classes. */
export function ranksFor(classes: number, top: readonly number[]): number {
  return Math.max(Math.min(5, classes), ...top);
}

/**
 * Counts the errors among answers.
 * @param answers at least one, each with as many of the best classes as `ranksFor` says
 * @param top the values of k for which to compute top-k errors
 */
export function tallyOf(
  answers: readonly Answer[],
  classes: readonly string[],
  top: readonly number[],
): Tally {
  const confusion = classes.map(() => classes.map(() => 0));
  for (const { label, best } of answers) confusion[label]![best[0]!]!++;
  const figures = classFigures(confusion);
  const perClass = classes.map((label, row) => {
    const images = confusion[row]!.reduce((sum, count) => sum + count, 0);
    return { label, images, mistakes: images - confusion[row]![row]!, ...figures[row]! };
  });
  const images = answers.length;
  const mistakes = perClass.reduce((sum, row) => sum + row.mistakes, 0);
  const beyond = (k: number) =>
    answers.reduce((sum, { label, best }) => sum + (best.slice(0, k).includes(label) ? 0 : 1), 0) / images;
  const sure = answers.flatMap((answer) => {
    const { probability } = answer;
    return probability === null ? [] : [{ probability, right: isRight(answer) }];
  });
  return {
    images,
    mistakes,
    error: mistakes / images,
    interval95: wilson95(mistakes, images),
    top5Error: classes.length > 10 ? beyond(5) : null,
    ...(top.length > 0 && { topErrors: top.map((k) => ({ k, error: beyond(k) })) }),
    calibration: sure.length > 0 ? calibration(sure) : null,
    rejection: errorsByRejected(answers),
    averages: averagesOf(confusion),
    topConfusions: topConfusions(confusion, classes),
    perClass,
    confusion,
  };
}
