/** Solves the linear head of a run, where other trainings descend its gradient: log and checkpoint are as theirs. */
import { join } from 'node:path';
import type { tf } from '../../core/tf';
import { epochPlans, plansInOrder, type BatchPlan } from '../../data/loader/sampler';
import type { SkippedImage } from '../../data/loader/batches';
import type { ImageSet } from '../../data/dataset';
import type { Loader } from '../../data/loader/loader';
import { expectClassesLeft } from '../../data/inspect/inspect-images';
import { UserError } from '../../core/errors';
import type { RecipeWith } from '../../core/network';
import { setWeights } from '../../weights/named-array';
import { saveCheckpoint, type Progress } from '../../train/run/checkpoint';
import { openLog } from '../../train/run/log';
import { SolvePath, type ChosenDecay, type Solved } from './solve-path';
import { noteSkipped, runFiles, type RunRecord } from '../../train/run/run-record';
import {
  designOf,
  scaleOf,
  unscaled,
  type Design,
  type FeatureRows,
  type FeatureScale,
  type LinearWeights,
} from './softmax-regression';

export interface SolveRunOptions {
  /**
   * Made by `createRun`. A resumed run solves the head from the beginning: this gives the same weights and takes
   * seconds.
   */
  readonly folder: string;
  readonly record: RunRecord & { readonly recipe: RecipeWith<'lbfgs'> };
  /** Computes scores from features. */
  readonly head: tf.LayersModel;
  /** The layer of the head that is trained. */
  readonly layer: tf.layers.Layer;
  /** Gives features in place of images: see `featureLoader`. */
  readonly loader: Loader;
  readonly data: ImageSet;
  /** The images that choose the weight decay. */
  readonly validation: ImageSet;
  readonly onDecay?: (solved: Solved) => void;
  /** Aborting it ends the run without a checkpoint: solving again takes no longer than reading one would. */
  readonly signal?: AbortSignal | undefined;
}

export interface SolveRunResult {
  readonly progress: Progress;
  /** Null if the run was interrupted. */
  readonly chosen: ChosenDecay | null;
}

/** Rows handed to the backend at a time. */
const blockRows = 4096;

/** Fits the head in place, and writes the run's log and its checkpoint. */
export async function solveRun(options: SolveRunOptions): Promise<SolveRunResult> {
  const { folder, record, head, layer, data, validation } = options;
  const { classes, recipe } = record;
  const skipped: SkippedImage[] = [];
  const images = data.labels.length;
  const epochs = Array.from({ length: recipe.variants ?? 1 }, (_, epoch) => epoch);
  const shown = { ...recipe, batchSize: blockRows };
  const training = await rowsOf(
    options,
    data,
    epochs.flatMap((epoch) => [...epochPlans({ images, recipe: shown, seed: record.seed, epoch })]),
    skipped,
  );
  if (data.kind === 'files') expectClassesLeft(data, skipped);
  const others = [...plansInOrder(validation.labels.length, blockRows)];
  const choosing = await rowsOf(options, validation, others, skipped);
  if (skipped.length > 0) await noteSkipped(folder, skipped);
  const scale = scaleOf(training, training[0]!.values.length / training[0]!.labels.length);
  const classWeights = recipe.loss.kind === 'softmaxCrossEntropy' ? recipe.loss.classWeights : undefined;
  const designs = [training, choosing].map((rows) => designOf(rows, scale, classes, classWeights)) as [
    Design,
    Design,
  ];
  const log = await openLog(folder, -1, () => {}); // nothing is kept from an interrupted session
  try {
    const path = new SolvePath({
      training: designs[0],
      choosing: designs[1],
      recipe,
      withValidation: record.finetune?.withValidation ?? false,
      name: data.name,
      signal: options.signal,
      onDecay: (solved) => {
        log.write(solved.summary);
        options.onDecay?.(solved);
      },
    });
    const found = await path.run();
    if (!found) return { progress: path.progress, chosen: null };
    give(layer, found.weights, scale, classes);
    await saveCheckpoint(join(folder, runFiles.last), head, null, path.progress);
    return { progress: path.progress, chosen: found.chosen };
  } finally {
    log.close();
    designs.forEach((design) => design.dispose());
  }
}

/** The features of some images, in blocks. */
async function rowsOf(
  { loader, record: { recipe } }: SolveRunOptions,
  data: ImageSet,
  plans: readonly BatchPlan[],
  skipped: SkippedImage[],
): Promise<readonly FeatureRows[]> {
  const rows: FeatureRows[] = [];
  for await (const batch of loader.batches({ data, plans, transform: { recipe }, batchSize: blockRows })) {
    skipped.push(...(batch.skipped ?? []));
    if (batch.labels.length > 0) rows.push({ values: batch.images.slice(), labels: batch.labels.slice() });
  }
  if (rows.length > 0) return rows;
  throw new UserError(`${data.name}: expected images to learn from, found none that can be read`);
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
