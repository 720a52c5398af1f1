/** Evaluates networks on a data set: classifies every image and counts the mistakes. */
import { cropSize } from '../data/augment/stages';
import { performance } from 'node:perf_hooks';
import type { SkippedImage } from '../data/loader/batches';
import type { BadImage } from '../data/image/bad-image';
import { cropCount } from '../data/augment/evaluation-crops';
import { expectClassesLeft } from '../data/inspect/inspect-images';
import { UserError } from '../core/errors';
import type { PredictOptions } from './scores/predict';
import { predictEnsemble, type Member } from './scores/ensemble';
import { answerOf, type Answer } from './metrics/answers';
import { protocolText } from './metrics/protocol';
import { ranksFor, tallyOf, type Tally } from './metrics/tally';

/** What an evaluation found. */
export interface Evaluation extends Tally {
  readonly dataset: string;
  /** Whether a program drew the images: figures on them say nothing about the real world. */
  readonly synthetic: boolean;
  readonly protocol: string;
  /** How many parts of each image were seen, and how many networks saw them. */
  readonly crops: number;
  readonly networks: number;
  /** Images that could not be read and count nowhere, if there are any. */
  readonly skippedImages?: readonly BadImage[];
  readonly seconds: number;
}

export interface EvaluateOptions extends Omit<PredictOptions, 'from'> {
  /** Further networks, whose answers are averaged with the first one's: see `predictEnsemble`. */
  readonly others?: readonly Omit<Member, 'data' | 'from'>[];
  /** Further numbers of guesses to count errors of. */
  readonly top?: readonly number[];
  /**
   * Answers of an earlier evaluation of the same networks that was interrupted, from the first image on without a gap
   * but for images that were left out. They are not computed again.
   */
  readonly known?: readonly Answer[];
  /** Images that the earlier evaluation left out. */
  readonly knownSkipped?: readonly SkippedImage[];
  /** Called with each answer that is not known yet, in the order of the images. */
  readonly onAnswer?: (answer: Answer) => void;
}

/**
 * Classifies every image of a data set, whole or by crops, and counts the mistakes. Only the answer to each image is
 * kept.
 * @throws UserError when there is no image, or when no image can be read, of the data set or of one of its classes
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { data, others = [], top = [], known = [], onAnswer } = options;
  if (data.labels.length === 0) throw new UserError(`${data.name}: expected images to evaluate, found none`);
  const started = performance.now();
  const ranks = ranksFor(data.classes.length, top);
  const answers = [...known];
  const from = (known.at(-1)?.image ?? -1) + 1;
  const skipped = (options.knownSkipped ?? []).filter(({ index }) => index < from);
  const onSkipped = (image: SkippedImage) => {
    skipped.push(image);
    options.onSkipped?.(image);
  };
  const members = others.map((other) => ({ ...other, data, from }));
  for await (const found of predictEnsemble([{ ...options, from, onSkipped }, ...members])) {
    const answer = answerOf(options.recipe.loss, found, ranks);
    answers.push(answer);
    onAnswer?.(answer);
  }
  if (answers.length === 0)
    throw new UserError(`${data.name}: expected images to evaluate, found none that can be read`);
  expectClassesLeft(data, skipped);
  const { perClass, confusion, ...figures } = tallyOf(answers, data.classes, top);
  return {
    dataset: data.name,
    synthetic: data.synthetic,
    ...figures,
    protocol: protocolOf(options),
    crops: options.crops ? cropCount(options.crops) : 1,
    networks: 1 + others.length,
    perClass,
    confusion,
    ...(skipped.length > 0 && { skippedImages: skipped.map(({ file, reason }) => ({ file, reason })) }),
    seconds: (performance.now() - started) / 1000,
  };
}

/** How an evaluation shows its images to the networks, in words. */
export function protocolOf(options: Pick<EvaluateOptions, 'crops' | 'others' | 'data' | 'recipe'>): string {
  const { crops, others = [] } = options;
  const seen = crops
    ? protocolText(crops)
    : isWhole(options)
      ? 'each image once, as it is'
      : 'each image once, its middle';
  return others.length > 0 ? `${seen}; mean of ${others.length + 1} networks` : seen;
}

/** Whether images are shown whole: they are stored as pixels of one size, and the recipe does not crop them. */
function isWhole({ data, recipe }: Pick<PredictOptions, 'data' | 'recipe'>): boolean {
  return data.kind === 'pixels' && !recipe.augment.some((step) => cropSize(step) !== undefined);
}
