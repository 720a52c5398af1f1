/** A network's class scores for all images of a data set, in its order. */
import { elementCount } from '../../core/shape';
import type { tf } from '../../core/tf';
import { batchesInOrder, type AnyBatch, type Seen, type SkippedImage } from '../../data/loader/batches';
import type { ImageSet } from '../../data/dataset';
import { cropCount } from '../../data/augment/evaluation-crops';
import type { Recipe } from '../../core/network';
import { alone, type Communicator } from '../../core/io/process/communicator';
import { inTurns, type Message } from '../../core/io/process/turns';
import { denseScores } from './dense';
import { someImages } from './batch-images';
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
  /** The ranks among which the batches are dealt out; each gets the scores of all. Default: this process is alone. */
  readonly communicator?: Communicator | undefined;
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

/** What came of one batch. */
export interface Turn {
  readonly predictions: readonly Prediction[];
  /** Images of it that could not be read. */
  readonly skipped: readonly SkippedImage[];
}

/**
 * A network's class scores for all images from `from` on, in the order of the data. Images that the loader skips get no
 * scores. Only `outputs[0]` is read.
 */
export async function* predict(options: PredictOptions): AsyncGenerator<Prediction, void> {
  const { data, from = 0, crops, communicator = alone } = options;
  const images = crops?.kind === 'dense' ? 1 : imagesOfTurn(options);
  const own =
    crops?.kind === 'dense' ? denseScores({ ...options, crops, dealt: communicator }) : turns(options);
  const all = Math.ceil((data.labels.length - from + (from % images)) / images);
  if (communicator.size === 1) {
    for await (const turn of own) yield* told(turn, options);
    return;
  }
  for await (const message of inTurns(messages(own), all, communicator))
    yield* told(turnOf(message), options);
}

function told({ predictions, skipped }: Turn, { onSkipped }: PredictOptions): readonly Prediction[] {
  for (const bad of skipped) onSkipped?.(bad);
  return predictions;
}

/** What one rank tells the others of a turn, beside scores and probabilities. */
interface TurnHead {
  readonly skipped: Turn['skipped'];
  readonly images: readonly (Omit<Prediction, 'scores' | 'probabilities'> & { readonly sure: boolean })[];
}

async function* messages(turns: AsyncGenerator<Turn, void>): AsyncGenerator<Message<TurnHead>, void> {
  for await (const { predictions, skipped } of turns) {
    const images = predictions.map(({ scores, probabilities, ...image }) => ({
      ...image,
      sure: probabilities !== null,
    }));
    const arrays = predictions.flatMap(({ scores, probabilities }) =>
      probabilities ? [scores, probabilities] : [scores],
    );
    yield { head: { skipped, images }, arrays };
  }
}

function turnOf({ head: { skipped, images }, arrays }: Message<TurnHead>): Turn {
  const coming = arrays[Symbol.iterator]();
  const next = () => coming.next().value as Float32Array;
  const predictions = images.map(({ sure, ...image }): Prediction => ({
    ...image,
    scores: next(),
    probabilities: sure ? next() : null,
  }));
  return { predictions, skipped };
}

/** How many images a batch has. */
function imagesOfTurn({ model, crops, batchSize = imagesAtOnce(model) }: PredictOptions): number {
  return Math.max(1, Math.floor(batchSize / (crops ? cropCount(crops) : 1)));
}

async function* turns(options: PredictOptions): AsyncGenerator<Turn, void> {
  const { model, recipe, data, crops, fitted, loader, from = 0, communicator = alone } = options;
  const { batchSize = imagesAtOnce(model) } = options;
  const cropsPerImage = crops ? cropCount(crops) : 1;
  const images = imagesOfTurn(options);
  const forward = options.forward ?? forwardOf(model);
  const seen = { fitted, loader, crops, bytes: forward.takesBytes ?? false };
  let first = from - (from % images) + communicator.rank * images;
  try {
    for await (const batch of batchesInOrder(data, recipe, images, seen, from, communicator)) {
      const skipped = (batch.skipped ?? []).filter(({ index }) => index >= from);
      const leftOut = new Set(batch.skipped?.map(({ index }) => index));
      const inverted = new Set(batch.inverted);
      const scores = await scoresOf(forward, batch, batchSize);
      const size = scores.length / batch.labels.length;
      const predictions: Prediction[] = [];
      let image = first;
      for (const [row, label] of batch.labels.entries()) {
        while (leftOut.has(image)) image++;
        const at = image++;
        if (at < from) continue;
        const own = scores.subarray(row * size, (row + 1) * size);
        const scored = averageScores(recipe.loss, scoresOfCrops(own, cropsPerImage));
        predictions.push({ image: at, label, ...scored, ...(inverted.has(at) && { inverted: true }) });
      }
      yield { predictions, skipped };
      first += communicator.size * images;
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
export function imagesAtOnce(model: tf.LayersModel): number {
  const values = elementCount(model.inputs[0]!.shape.slice(1) as number[]);
  return Math.max(1, Math.min(100, Math.floor(mostValues / values)));
}

/** The scores `[batch, crops, classes]`, computed in equal chunks of at most `most` rows. */
async function scoresOf(forward: Forward, batch: AnyBatch, most: number): Promise<Float32Array> {
  const { labels, cropsPerImage = 1 } = batch;
  const rows = labels.length * cropsPerImage;
  if (rows <= most) return rows === 0 ? new Float32Array() : forward.run(batch);
  const atATime = Math.ceil(rows / Math.ceil(rows / most));
  const found: Float32Array[] = [];
  for (let start = 0; start < rows; start += atATime) {
    const end = Math.min(rows, start + atATime);
    found.push(await forward.run(someImages(batch, start, end)));
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
