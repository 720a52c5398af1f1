/** Batches of preprocessed images and labels: for training, for samples and for evaluation. */
import {
  alone,
  gatherJson,
  shareOf,
  type Communicator,
  type Dealt,
} from '../../core/io/process/communicator';
import type { ImageShape, Recipe } from '../../core/network';
import { UserError } from '../../core/errors';
import { listed } from '../../core/text/counted';
import {
  epochPlans,
  imagesPerUpdate,
  plansInOrder,
  samplePlans,
  updatesPerEpoch,
  type BatchPlan,
  type Shown,
} from './sampler';
import type { ImageSet } from '../dataset';
import type { BadImage, BadImagePolicy } from '../image/image-error';
import type { CropProtocol } from '../augment/evaluation-crops';
import type { Finishing, TakesBytes } from '../augment/finishing';
import { memoryLoader } from './memory-loader';
import type { Loader } from './prefetch';
import type { FittedPreprocess } from '../preprocess/preprocess';

/** Preprocessed images and their labels. */
export interface Batch {
  /** `[batch, height, width, channels]`; `[batch, crops, height, width, channels]` with several crops */
  readonly images: Float32Array;
  /** The shape of one image. */
  readonly shape: ImageShape;
  /** How many crops of each image are among `images`, one after the other. Default: 1. */
  readonly cropsPerImage?: number;
  /** `[batch]` */
  readonly labels: Int32Array;
  /** Images that belong to the batch but could not be read, and so are not among its images. */
  readonly skipped?: readonly SkippedImage[];
  /** The indices in the data set of images that are shown inverted: see `Input.background`. */
  readonly inverted?: readonly number[];
  /** Where these images stand among those of an update that several ranks share. Default: they are all of it. */
  readonly place?: BatchPlace;
}

/** A batch whose images are left as bytes: what remains to be done to them is done where they are computed with. */
export interface ByteBatch extends Omit<Batch, 'images' | 'shape'> {
  /** `[batch, …finishing.from]`, 0–255; `[batch, crops, …]` with several crops */
  readonly bytes: Uint8Array;
  /** `[batch, finishing.colourNumbers]` */
  readonly colours: Float32Array;
  /** The same for all batches of a loader's request. */
  readonly finishing: Finishing;
}

/** What is learned from and predicted for, in either form. */
export type AnyBatch = Batch | ByteBatch;

/** A batch whose bytes were not asked for. */
export function expectValues(batch: AnyBatch): Batch {
  if ('images' in batch) return batch;
  throw new RangeError('expected images that are prepared, found bytes');
}

/** The place of a rank's images among those of an update. */
export interface BatchPlace {
  /** How many images of the update come before them. */
  readonly first: number;
  /** How many images the update has. */
  readonly images: number;
}

/** An image that was left out, with its index in the data set. */
export interface SkippedImage extends BadImage {
  readonly index: number;
}

interface Prepared {
  readonly data: ImageSet;
  /** What the recipe's preprocessing needs from the training set, if anything. */
  readonly fitted?: FittedPreprocess | undefined;
  /** Prepares the batches. Default: `memoryLoader()`, which reads no files. */
  readonly loader?: Loader | undefined;
}

/** What takes bytes asks for them; batches are bytes then where the recipe allows it. */
interface InBytes {
  readonly bytes: TakesBytes;
}

/** How images are prepared for an evaluation. */
export interface Seen extends Omit<Prepared, 'data'> {
  /** The crops of each image. Default: the recipe's crop, from the middle. */
  readonly crops?: CropProtocol | undefined;
}

/** Which images an epoch shows, and how they are prepared. */
export interface BatchesOptions extends Prepared {
  readonly recipe: Pick<Recipe, 'input'> & Shown;
  readonly seed: number;
  readonly epoch: number;
}

/** One epoch for training: see `epochPlans`. A batch is valid until the next one is requested. */
export function batches(options: BatchesOptions): AsyncGenerator<Batch, void> {
  const { data, recipe, seed, epoch } = options;
  return finished(options, epochPlans({ images: data.labels.length, recipe, seed, epoch }), recipe.batchSize);
}

interface TrainingBatchesOptions extends Omit<BatchesOptions, 'epoch'> {
  readonly recipe: BatchesOptions['recipe'] & Pick<Recipe, 'epochs' | 'accumulate'>;
  readonly done: number;
  /** The ranks that share the images of each update. Default: this process has all of them. */
  readonly communicator?: Communicator | undefined;
}

/**
 * The images of each update, of all epochs of a training that resumes after `done` updates: those of an update are one
 * `Batch`, also where several batches of the recipe make it. Updates of the interrupted epoch that were already done are
 * skipped.
 */
export function trainingBatches(options: TrainingBatchesOptions): AsyncGenerator<Batch, void>;
export function trainingBatches(options: TrainingBatchesOptions & InBytes): AsyncGenerator<AnyBatch, void>;
export function trainingBatches(
  options: TrainingBatchesOptions & Partial<InBytes>,
): AsyncGenerator<AnyBatch, void> {
  const { data, seed, done, communicator = alone } = options;
  const images = data.labels.length;
  const anEpoch = updatesPerEpoch(images, options.recipe);
  const recipe = { ...options.recipe, batchSize: imagesPerUpdate(options.recipe) };
  function* plans(): Generator<BatchPlan, void> {
    for (let epoch = Math.floor(done / anEpoch); epoch < recipe.epochs; epoch++) {
      yield* epochPlans({ images, recipe, seed, epoch }, Math.max(0, done - epoch * anEpoch));
    }
  }
  if (communicator.size === 1) return fed(options, plans(), recipe.batchSize, true);
  return shared(options, plans(), recipe.batchSize, communicator);
}

/** The rows of each batch that are this rank's: the same images, distorted as they are where one process has all. */
async function* shared(
  options: Parameters<typeof fed>[0],
  plans: Iterable<BatchPlan>,
  batchSize: number,
  communicator: Communicator,
): AsyncGenerator<AnyBatch, void> {
  const places: BatchPlace[] = [];
  function* own(): Generator<BatchPlan, void> {
    for (const { indices, seeds } of plans) {
      const { first, end } = shareOf(indices.length, communicator);
      places.push({ first, images: indices.length });
      yield { indices: indices.subarray(first, end), seeds: seeds.slice(first, end) };
    }
  }
  for await (const batch of fed(options, own(), Math.ceil(batchSize / communicator.size), true))
    yield placed(batch, places.shift()!, options.loader?.onBadImage, communicator);
}

/** Where images may be left out, the ranks tell each other how many are left. */
async function placed(
  batch: AnyBatch,
  place: BatchPlace,
  onBadImage: BadImagePolicy | undefined,
  communicator: Communicator,
): Promise<AnyBatch> {
  if (onBadImage !== 'skip') return { ...batch, place };
  const all = await gatherJson(communicator, [batch.labels.length, batch.skipped ?? []] as const);
  const counts = all.map(([images]) => images);
  const sum = (end: number) => counts.slice(0, end).reduce((total, count) => total + count, 0);
  const skipped = all.flatMap(([, bad]) => bad);
  return {
    ...batch,
    ...(skipped.length > 0 && { skipped }),
    place: { first: sum(communicator.rank), images: sum(counts.length) },
  };
}

/** Some of an epoch's images, drawn without repetition from the seed: see `samplePlans`. */
export function sampleBatches(
  options: BatchesOptions & {
    /** The number of images; a smaller data set is used whole. */
    readonly images: number;
  },
): AsyncGenerator<Batch, void> {
  const { data, recipe, seed, epoch, images } = options;
  const batchSize = 100; // the recipe's batch size is not used, since it may be one
  const all = data.labels.length;
  return finished(
    options,
    samplePlans({ images: all, recipe, seed, epoch }, { images, batchSize }),
    batchSize,
  );
}

/**
 * Images in their own order, undistorted, for evaluation. `batchSize` is a number of images; a batch has all crops of
 * each.
 * @param from an image: the first batch is the one that contains it. It does not change the batches. Default: the first
 *   image
 * @param dealt to whom batches are dealt out one by one, of whom this is one. Default: it has all of them
 */
export function batchesInOrder(
  data: ImageSet,
  recipe: Pick<Recipe, 'input' | 'augment'>,
  batchSize: number,
  seen?: Seen,
  from?: number,
  dealt?: Dealt,
): AsyncGenerator<Batch, void>;
export function batchesInOrder(
  data: ImageSet,
  recipe: Pick<Recipe, 'input' | 'augment'>,
  batchSize: number,
  seen: Seen & InBytes,
  from?: number,
  dealt?: Dealt,
): AsyncGenerator<AnyBatch, void>;
export function batchesInOrder(
  data: ImageSet,
  recipe: Pick<Recipe, 'input' | 'augment'>,
  batchSize: number,
  seen: Seen & Partial<InBytes> = {},
  from = 0,
  dealt: Dealt = alone,
): AsyncGenerator<AnyBatch, void> {
  const plans = plansInOrder(data.labels.length, batchSize, from, dealt);
  return fed({ data, recipe, ...seen }, plans, batchSize);
}

/** Batches that are not bytes. */
function finished(
  options: Omit<Feeding, 'bytes'>,
  plans: Iterable<BatchPlan>,
  batchSize: number,
): AsyncGenerator<Batch, void> {
  return fed(options, plans, batchSize) as AsyncGenerator<Batch, void>;
}

interface Feeding extends Prepared, Seen, Partial<InBytes> {
  readonly data: ImageSet;
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
}

async function* fed(
  { data, recipe, fitted, loader, crops, bytes = false }: Feeding,
  plans: Iterable<BatchPlan>,
  batchSize: number,
  distorted = false,
): AsyncGenerator<AnyBatch, void> {
  const used = loader ?? memoryLoader();
  const transform = {
    recipe: { input: recipe.input, augment: recipe.augment },
    ...(fitted && { fitted }),
    crops,
  };
  try {
    const most = Math.min(batchSize, data.labels.length);
    yield* used.batches({
      data,
      plans,
      transform,
      batchSize: most,
      ...(bytes && { bytes: { distorted, takes: bytes } }),
    });
  } finally {
    if (!loader) await used.close();
  }
}

/**
 * @param bad the images of the set that cannot be read
 * @throws UserError naming the classes that have images but none that can be read
 */
export function expectClassesLeft(
  { name, classes, labels }: Pick<ImageSet, 'name' | 'classes' | 'labels'>,
  bad: readonly SkippedImage[],
): void {
  if (bad.length === 0) return;
  const without = new Set(bad.map(({ index }) => index));
  const left = new Set<number>();
  labels.forEach((label, index) => void (without.has(index) || left.add(label)));
  const lost = bad.filter(({ index }) => !left.has(labels[index]!));
  const [first] = lost;
  if (!first) return;
  const names = new Set(lost.map(({ index }) => classes[labels[index]!]!));
  throw new UserError(
    `${name}: expected images of each class that can be read, found none of ${listed([...names], 3)} ` +
      `(${lost.length} unreadable; ${first.file}: ${first.reason})`,
  );
}
