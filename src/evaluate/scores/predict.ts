/** A network's class scores for all images of a data set, in its order. */
import { elementCount } from '../../core/shape';
import type { tf } from '../../core/tf';
import { batchesInOrder, type Batch, type Seen, type SkippedImage } from '../../data/loader/batches';
import type { ImageSet } from '../../data/dataset';
import { cropCount } from '../../data/augment/evaluation-crops';
import type { Recipe } from '../../core/network';
import { denseScores } from './dense';
import { forwardOf, type Forward } from './forward';
import { averageScores, bestClasses } from './ranking';

/** Which network scores which images, and how. */
export interface PredictOptions extends Seen {
  /** The network; in its convolutional form where the crops are `dense`. */
  readonly model: tf.LayersModel;
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  readonly data: ImageSet;
  /**
   * How many images, or crops of them, the network processes at once. Default: 100, and fewer where images are large.
   */
  readonly batchSize?: number;
  /**
   * The first image to score. Its whole batch is computed, so that the scores do not depend on where it starts.
   * Default: 0.
   */
  readonly from?: number | undefined;
  /** Computes the scores; the caller disposes of it. Default: `forwardOf(model)`, for these images alone. */
  readonly forward?: Forward | undefined;
  /** Called with each image that the loader skips. */
  readonly onSkipped?: ((image: SkippedImage) => void) | undefined;
}

/** A network's scores for one image. */
export interface Prediction {
  /** The index of the image in the data set. */
  readonly image: number;
  readonly label: number;
  /**
   * `[classes]`, the scores that rank the classes: the network's own scores if there is one crop, and the result of
   * `averageScores` if there are several.
   */
  readonly scores: Float32Array;
  /** `[classes]`, the mean over the crops if there are several; null where the scores give no probabilities. */
  readonly probabilities: Float32Array | null;
  /** The image was dark on light, and was shown inverted: see `Input.background`. */
  readonly inverted?: true;
}

/**
 * A network's class scores for all images from `from` on, in the order of the data. Images that the loader skips get no
 * scores. Only `outputs[0]` is read.
 */
export async function* predict(options: PredictOptions): AsyncGenerator<Prediction, void> {
  const { model, recipe, data, crops, fitted, loader, from = 0, onSkipped } = options;
  if (crops?.kind === 'dense') return yield* denseScores({ ...options, crops });
  const cropsPerImage = crops ? cropCount(crops) : 1;
  const { batchSize = atOnce(model) } = options;
  const images = Math.max(1, Math.floor(batchSize / cropsPerImage));
  const forward = options.forward ?? forwardOf(model);
  let image = from - (from % images);
  try {
    for await (const batch of batchesInOrder(data, recipe, images, { fitted, loader, crops }, from)) {
      for (const bad of batch.skipped ?? []) if (bad.index >= from) onSkipped?.(bad);
      const leftOut = new Set(batch.skipped?.map(({ index }) => index));
      const inverted = new Set(batch.inverted);
      const scores = await scoresOf(forward, batch, batchSize);
      const size = scores.length / batch.labels.length;
      for (const [row, label] of batch.labels.entries()) {
        while (leftOut.has(image)) image++;
        const at = image++;
        if (at < from) continue;
        const own = scores.subarray(row * size, (row + 1) * size);
        const scored = averageScores(recipe.loss, scoresOfCrops(own, cropsPerImage));
        yield { image: at, label, ...scored, ...(inverted.has(at) && { inverted: true }) };
      }
      image += [...leftOut].filter((index) => index >= image).length;
    }
  } finally {
    if (!options.forward) forward.dispose();
  }
}

/**
 * The largest number of values in a batch. It bounds the memory of a network's activations: the output of VGG's first
 * layer takes 350 MB for 27 images.
 */
const mostValues = 2 ** 22;

/**
 * As many images as have at most `mostValues` values, up to 100: 100 for LeNet, and 27 for 224×224 pixels in colour.
 */
export function atOnce(model: tf.LayersModel): number {
  const values = elementCount(model.inputs[0]!.shape.slice(1) as number[]);
  return Math.max(1, Math.min(100, Math.floor(mostValues / values)));
}

/** The scores `[batch, crops, classes]`, computed in equal chunks of at most `most` rows. */
async function scoresOf(forward: Forward, batch: Batch, most: number): Promise<Float32Array> {
  const { images, shape, labels, cropsPerImage = 1 } = batch;
  const rows = labels.length * cropsPerImage;
  if (rows <= most) return rows === 0 ? new Float32Array() : forward.run(batch);
  const atATime = Math.ceil(rows / Math.ceil(rows / most));
  const size = images.length / rows;
  const found: Float32Array[] = [];
  for (let start = 0; start < rows; start += atATime) {
    const end = Math.min(rows, start + atATime);
    found.push(await forward.run({ images: images.subarray(start * size, end * size), shape }));
  }
  const all = new Float32Array(found.reduce((sum, { length }) => sum + length, 0));
  found.reduce((start, values) => (all.set(values, start), start + values.length), 0);
  return all;
}

/** The scores of each crop. */
function scoresOfCrops(scores: Float32Array, crops: number): readonly Float32Array[] {
  const classes = scores.length / crops;
  return Array.from({ length: crops }, (_, crop) => scores.subarray(crop * classes, (crop + 1) * classes));
}

/** The network's answers, image by image: the `ranks` best classes of each, the best first. See `predict`. */
export async function* predictions(
  options: PredictOptions,
  ranks: number,
): AsyncGenerator<{ label: number; best: number[] }> {
  for await (const { label, scores } of predict(options)) {
    yield { label, best: bestClasses(options.recipe.loss, scores, ranks) };
  }
}

/** The top-1 error: the share of images whose best class is not their label, as a fraction. */
export async function errorOf(options: PredictOptions): Promise<number> {
  let [wrong, all] = [0, 0];
  for await (const { label, best } of predictions(options, 1)) {
    all++;
    if (best[0] !== label) wrong++;
  }
  return wrong / all;
}
