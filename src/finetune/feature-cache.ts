/** Computes once what frozen layers make of each image, and loads it in place of images. */
import { alone, type Communicator } from '../core/io/process/communicator';
import { inTurns, type Message } from '../core/io/process/turns';
import { elementCount } from '../core/shape';
import type { tf } from '../core/tf';
import { epochPlans, plansInOrder, type BatchPlan } from '../data/loader/sampler';
import { expectValues, type Batch, type SkippedImage } from '../data/loader/batches';
import type { BadImage } from '../data/image/bad-image';
import { type ImageSet } from '../data/dataset';
import type { Loader } from '../data/loader/loader';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import type { ImageShape, Recipe } from '../core/network';
import { forwardOf } from '../evaluate/scores/forward';

/** Which features are computed of which images. */
export interface FeaturesOptions {
  /** Computes features from images; its weights do not change. */
  readonly base: tf.LayersModel;
  readonly featureShape: ImageShape;
  /** The recipe; features are computed once for each of its `variants` of a training image. */
  readonly recipe: Recipe & Required<Pick<Recipe, 'variants'>>;
  readonly seed: number;
  readonly fitted?: FittedPreprocess | undefined;
  /** Prepares the images. */
  readonly loader: Loader;
  readonly training: ImageSet;
  /** Data sets whose images are not distorted. */
  readonly others: readonly ImageSet[];
  /** Called after each batch with the images that are done and the number of all. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  /** The ranks among which the batches are dealt out; each gets the features of all. Default: this process is alone. */
  readonly communicator?: Communicator | undefined;
}

/** The size of the features in bytes. */
export function featureBytes({
  featureShape,
  recipe,
  training,
  others,
}: Pick<FeaturesOptions, 'featureShape' | 'recipe' | 'training' | 'others'>): number {
  const images = others.reduce(
    (sum, { labels }) => sum + labels.length,
    recipe.variants * training.labels.length,
  );
  return 4 * elementCount(featureShape) * images;
}

/** The features of one data set's images. */
interface Table {
  /** The features of an image, keyed by image and seed. */
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly skipped: ReadonlyMap<string, BadImage & { readonly index: number }>;
}

const keyOf = (index: number, seed: number | null) => `${index} ${seed}`;

/** The batch size for the base. */
const batchSize = 32;

/**
 * Computes the output of a model's frozen base for all images, in every variant that the training uses, and returns a
 * loader that gives these features in place of images. Training on them gives the same weights as training through the
 * whole network.
 */
export async function featureLoader(options: FeaturesOptions): Promise<Loader> {
  const { training, others, recipe, seed } = options;
  const sets = [training, ...others];
  const all = featureBytes(options) / (4 * elementCount(options.featureShape));
  const forward = forwardOf(options.base);
  const tables = new Map<ImageSet, Table>();
  let done = 0;
  const onBatch = (images: number) => options.onProgress?.((done += images), all);
  try {
    for (const data of sets) {
      const images = data.labels.length;
      const whole = { ...recipe, batchSize };
      const epochs = Array.from({ length: recipe.variants }, (_, epoch) => epoch);
      const plans =
        data === training
          ? epochs.flatMap((epoch) => [...epochPlans({ images, recipe: whole, seed, epoch })])
          : [...plansInOrder(images, batchSize)];
      tables.set(data, await tableOf(data, plans, options, (batch) => forward.run(batch), onBatch));
    }
  } finally {
    forward.dispose();
  }
  return {
    batches: async function* ({ data, plans }) {
      const table = tables.get(data);
      if (!table) throw new RangeError(`${data.name}: expected a data set whose features were computed`);
      for (const plan of plans) yield batchOf(plan, data, table, options.featureShape);
    },
    open: options.loader.open,
    onBadImage: options.loader.onBadImage,
    close: async () => undefined,
  };
}

async function tableOf(
  data: ImageSet,
  plans: readonly BatchPlan[],
  { recipe, fitted, loader, communicator = alone }: FeaturesOptions,
  forward: (batch: Batch) => Promise<Float32Array>,
  onBatch: (images: number) => void,
): Promise<Table> {
  const rows = new Map<string, Float32Array>();
  const skipped = new Map<string, BadImage & { readonly index: number }>();
  const transform = { recipe: { input: recipe.input, augment: recipe.augment }, ...(fitted && { fitted }) };
  const dealt = plans.filter((_, at) => at % communicator.size === communicator.rank);
  async function* own(): AsyncGenerator<Message<readonly SkippedImage[]>, void> {
    for await (const batch of loader.batches({ data, plans: dealt, transform, batchSize })) {
      const values = batch.labels.length > 0 ? await forward(expectValues(batch)) : new Float32Array();
      yield { head: batch.skipped ?? [], arrays: [values] };
    }
  }
  const coming = plans[Symbol.iterator]();
  for await (const { head: bad, arrays } of inTurns(own(), plans.length, communicator)) {
    const { indices, seeds } = coming.next().value as BatchPlan;
    const leftOut = new Map(bad.map((image) => [image.index, image]));
    const [values] = arrays as [Float32Array];
    const size = values.length / (indices.length - leftOut.size);
    let row = 0;
    indices.forEach((index, at) => {
      const key = keyOf(index, seeds[at]!);
      const image = leftOut.get(index);
      if (image) skipped.set(key, image);
      else rows.set(key, values.slice(row * size, ++row * size));
    });
    onBatch(indices.length);
  }
  return { rows, skipped };
}

function batchOf(
  { indices, seeds }: BatchPlan,
  { labels }: ImageSet,
  { rows, skipped }: Table,
  shape: ImageShape,
): Batch {
  const keys = Array.from(indices, (index, at) => keyOf(index, seeds[at]!));
  const kept = [...indices.keys()].filter((at) => !skipped.has(keys[at]!));
  const size = elementCount(shape);
  const images = new Float32Array(kept.length * size);
  kept.forEach((at, row) => {
    const features = rows.get(keys[at]!);
    if (!features) throw new RangeError(`expected features of image ${keys[at]}, found none computed`);
    images.set(features, row * size);
  });
  const bad = keys.flatMap((key) => skipped.get(key) ?? []);
  return {
    images,
    shape,
    labels: Int32Array.from(kept, (at) => labels[indices[at]!]!),
    ...(bad.length > 0 && { skipped: bad }),
  };
}
