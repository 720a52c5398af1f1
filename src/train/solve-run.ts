/** Solves the linear head of a run, where other trainings descend its gradient: log and checkpoint are as theirs. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { tf } from '../tf';
import { epochPlans, plansInOrder, type BatchPlan } from '../data/batch-plans';
import type { SkippedImage } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import type { Feed } from '../data/feed';
import { expectClassesLeft } from '../data/inspect-pictures';
import { UserError } from '../errors';
import type { RecipeWith } from '../network';
import { setWeights } from '../weights/named-array';
import { saveCheckpoint, type Progress } from './checkpoint';
import { Diverged } from './diverged';
import type { Minimum } from './lbfgs';
import { openLog, type EpochSummary } from './log';
import { noteSkipped, runFiles, type RunRecord } from './run-record';
import {
  designOf,
  measured,
  scaleOf,
  softmaxRegression,
  unscaled,
  type Design,
  type FeatureRows,
  type FeatureScale,
  type LinearWeights,
  type Measured,
} from './softmax-regression';

export interface SolveRunOptions {
  /** Made by `createRun`. A head is solved from the start each time: it gives the same weights, and takes seconds. */
  readonly folder: string;
  readonly record: RunRecord & { readonly recipe: RecipeWith<'lbfgs'> };
  /** From features to scores. */
  readonly head: tf.LayersModel;
  /** The layer in it that learns. */
  readonly layer: tf.layers.Layer;
  /** Gives features in place of images: see `featureFeed`. */
  readonly feed: Feed;
  readonly data: ImageSet;
  /** Chooses the weight decay. */
  readonly validation: ImageSet;
  readonly onDecay?: (solved: Solved) => void;
  /** Aborting it ends without a checkpoint: what was solved so far is found again in no more time than to read it. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of one weight decay. */
export interface Solved {
  readonly summary: EpochSummary;
  /** Counted from 0, of so many. */
  readonly at: number;
  readonly of: number;
  /** Whether the gradient vanished within the passes that the recipe allows. */
  readonly settled: boolean;
}

export interface SolveRunResult {
  readonly progress: Progress;
  /** Null where it was interrupted. */
  readonly chosen: ChosenDecay | null;
}

export interface ChosenDecay {
  readonly weightDecay: number;
  readonly validationError: number;
  readonly validationLoss: number;
  /** Whether the head was solved once more with the validation images. */
  readonly withValidation: boolean;
}

/** Rows handed to the backend at a time. */
const blockRows = 4096;

/** Fits the head in place, and writes the run's log and its checkpoint. */
export async function solveRun(options: SolveRunOptions): Promise<SolveRunResult> {
  const { folder, record, head, layer, data, validation } = options;
  const { classes, recipe } = record;
  const skipped: SkippedImage[] = [];
  const images = data.labels.length;
  const epochs = Array.from({ length: recipe.versions ?? 1 }, (_, epoch) => epoch);
  const shown = { ...recipe, batchSize: blockRows };
  const training = await rowsOf(
    options,
    data,
    epochs.flatMap((epoch) => [...epochPlans({ images, recipe: shown, seed: record.seed, epoch })]),
    skipped,
  );
  if (data.kind === 'pictures') expectClassesLeft(data, skipped);
  const others = [...plansInOrder(validation.labels.length, blockRows)];
  const choosing = await rowsOf(options, validation, others, skipped);
  if (skipped.length > 0) await noteSkipped(folder, skipped);
  const scale = scaleOf(training, training[0]!.values.length / training[0]!.labels.length);
  const classWeights = recipe.loss.kind === 'softmaxCrossEntropy' ? recipe.loss.classWeights : undefined;
  const designs = [training, choosing].map((rows) => designOf(rows, scale, classes, classWeights)) as [
    Design,
    Design,
  ];
  const log = await openLog(folder, -1); // of a session that was cut off nothing is kept
  try {
    const session = new Path(options, designs, (summary) => log.write(summary));
    const found = await session.run();
    if (!found) return { progress: session.progress, chosen: null };
    give(layer, found.weights, scale, classes);
    await saveCheckpoint(join(folder, runFiles.last), head, null, session.progress);
    return { progress: session.progress, chosen: found.chosen };
  } finally {
    log.close();
    designs.forEach((design) => design.dispose());
  }
}

/** The features of some images, in blocks. */
async function rowsOf(
  { feed, record: { recipe } }: SolveRunOptions,
  data: ImageSet,
  plans: readonly BatchPlan[],
  skipped: SkippedImage[],
): Promise<readonly FeatureRows[]> {
  const rows: FeatureRows[] = [];
  for await (const batch of feed.batches({ data, plans, view: { recipe }, batchSize: blockRows })) {
    skipped.push(...(batch.skipped ?? []));
    if (batch.labels.length > 0) rows.push({ values: batch.images.slice(), labels: batch.labels.slice() });
  }
  if (rows.length > 0) return rows;
  throw new UserError(`${data.name}: expected pictures to learn from, found none that can be read`);
}

function give(layer: tf.layers.Layer, weights: LinearWeights, scale: FeatureScale, classes: number): void {
  const { kernel, bias } = unscaled(weights, scale, classes);
  const arrays = layer.trainableWeights.map(({ originalName, shape }) => ({
    name: originalName,
    shape: shape as number[],
    values: shape.length === 2 ? kernel : bias,
  }));
  setWeights(layer.trainableWeights, arrays, layer.name);
}

/** One weight decay's solution. */
interface Candidate extends Measured {
  readonly weightDecay: number;
  readonly weights: LinearWeights;
  /** Its line of the log. */
  readonly epoch: number;
}

/** The weight decays one after the other, and how far they have come. */
class Path {
  progress: Progress = { done: 0, epochs: 0, lossSum: 0, images: 0, seconds: 0, best: null, plateau: null };
  private readonly started = performance.now();
  private readonly tried: Candidate[] = [];

  constructor(
    private readonly options: SolveRunOptions,
    private readonly designs: readonly [training: Design, choosing: Design],
    private readonly write: (summary: EpochSummary) => void,
  ) {}

  /** @returns null where it was interrupted */
  async run(): Promise<{ readonly weights: LinearWeights; readonly chosen: ChosenDecay } | null> {
    const { recipe, tuning } = this.options.record;
    const { weightDecays } = recipe.optimiser;
    for (const [at, weightDecay] of weightDecays.entries()) {
      if (!(await this.solve(weightDecay, at))) return null;
      if (isStale(this.tried, recipe.optimiser.patience)) break;
    }
    const best = chosenOf(this.tried);
    this.progress = { ...this.progress, best: { epoch: best.epoch, error: best.error } };
    const { weightDecay, error: validationError, loss: validationLoss } = best;
    const chosen = {
      weightDecay,
      validationError,
      validationLoss,
      withValidation: tuning?.withValidation ?? false,
    };
    if (!chosen.withValidation) return { weights: best.weights, chosen };
    const [training, choosing] = this.designs;
    // The weight of the prior stays the same beside more images.
    const weaker = (weightDecay * training.rows) / (training.rows + choosing.rows);
    const again = await this.minimum(this.designs, weaker, best.weights);
    return this.options.signal?.aborted ? null : { weights: again.point, chosen };
  }

  /** @returns whether it was solved, and not interrupted */
  private async solve(weightDecay: number, at: number): Promise<boolean> {
    const [training, choosing] = this.designs;
    const found = await this.minimum([training], weightDecay, this.tried.at(-1)?.weights);
    if (this.options.signal?.aborted) return false;
    const { loss: meanLoss } = await measured(training, found.point);
    const seen = await measured(choosing, found.point);
    const epoch = this.progress.epochs - 1;
    this.tried.push({ ...seen, weightDecay, weights: found.point, epoch });
    const summary: EpochSummary = {
      epoch,
      step: this.progress.done,
      meanLoss,
      validationError: seen.error,
      weightDecay,
      validationLoss: seen.loss,
      seconds: this.progress.seconds,
      residentBytes: process.memoryUsage.rss(),
    };
    this.write(summary);
    const of = this.options.record.recipe.optimiser.weightDecays.length;
    this.options.onDecay?.({ summary, at, of, settled: found.settled });
    return true;
  }

  private async minimum(
    designs: readonly Design[],
    weightDecay: number,
    start: LinearWeights | undefined,
  ): Promise<Minimum> {
    const { record, signal, data } = this.options;
    const found = await softmaxRegression({
      designs,
      weightDecay,
      start,
      most: record.recipe.epochs,
      signal,
    });
    if (!Number.isFinite(found.value + found.slope))
      throw new Diverged(
        `${data.name}: expected a finite loss of the head, found ${found.value}: the frozen layers do not make numbers of every image`,
      );
    this.progress = {
      ...this.progress,
      done: this.progress.done + found.iterations,
      epochs: this.progress.epochs + found.evaluations,
      seconds: (performance.now() - this.started) / 1000,
    };
    return found;
  }
}

/** Whether so many weight decays in a row have neither a lower error nor a lower loss on the images that choose. */
export function isStale(tried: readonly Pick<Measured, 'error' | 'loss'>[], patience: number): boolean {
  const before = tried.slice(0, -patience);
  if (before.length === 0) return false;
  const least = (measure: 'error' | 'loss') => Math.min(...before.map((one) => one[measure]));
  const [error, loss] = [least('error'), least('loss')];
  return tried.slice(-patience).every((one) => one.error >= error && one.loss >= loss);
}

/**
 * Of those with the least error, which few images cannot tell apart, the first (the strongest decay) whose loss is within
 * one standard error of their least: Breiman et al. 1984, §3.4.3.
 */
export function chosenOf<One extends Measured>(tried: readonly One[]): One {
  const error = Math.min(...tried.map((one) => one.error));
  const equal = tried.filter((one) => one.error === error);
  const least = equal.reduce((best, one) => (one.loss < best.loss ? one : best));
  return equal.find(({ loss }) => loss <= least.loss + least.standardError)!;
}
