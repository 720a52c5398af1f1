/** Which images make up each batch of an epoch, in which order and with which seeds. */
import type { Recipe } from '../../core/network';
import { alone, type Dealt } from '../../core/io/process/communicator';
import { deriveSeed, permutation, seededRandom } from '../../core/random';

/** The plan of a batch: which images it has, and the seed for each. */
export interface BatchPlan {
  readonly indices: Int32Array;
  /** For each image, the seed of all that is random about it; null leaves it undistorted. */
  readonly seeds: readonly (number | null)[];
}

/** The part of a recipe that decides which images an epoch shows, and how they are divided into batches. */
export type Shown = Pick<Recipe, 'batchSize' | 'augment' | 'order' | 'variants'>;

/** The images of an update: those of all the batches whose gradients make it. */
export function imagesPerUpdate({ batchSize, accumulate = 1 }: Updating): number {
  return batchSize * accumulate;
}

/** The number of updates of an epoch; the last may have fewer images than the others. */
export function updatesPerEpoch(images: number, recipe: Updating): number {
  return Math.ceil(images / imagesPerUpdate(recipe));
}

type Updating = Pick<Recipe, 'batchSize' | 'accumulate'>;

export interface EpochOptions {
  /** The number of images in the data set. */
  readonly images: number;
  readonly recipe: Shown;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * The batches of one epoch for training: every image once, or one variant of it (see `Recipe`), shuffled and distorted
 * depending on the seed, the epoch and the image's position in it. So another batch size gives the same images in the
 * same order with the same distortions, and an interrupted epoch resumes as if it had not been interrupted. The last
 * batch may be smaller.
 * @param from the first batch, counted from 0
 */
export function* epochPlans(options: EpochOptions, from = 0): Generator<BatchPlan, void> {
  const { batchSize } = options.recipe;
  const { indices, seedAt } = epochOf(options);
  for (let start = from * batchSize; start < indices.length; start += batchSize) {
    const chosen = indices.subarray(start, start + batchSize);
    yield { indices: chosen, seeds: Array.from(chosen, (_, row) => seedAt(start + row)) };
  }
}

/**
 * Some of the images of an epoch, drawn without repetition; they have the epoch's variants, but no new distortions.
 */
export function* samplePlans(
  options: EpochOptions,
  sample: { readonly images: number; readonly batchSize: number },
): Generator<BatchPlan, void> {
  const { images, recipe, seed, epoch } = options;
  const drawn = permutation(images, seededRandom(deriveSeed(seed, 'sample', epoch)));
  const places = drawn.slice(0, sample.images).sort();
  const variants = recipe.variants === undefined ? undefined : epochOf(options);
  for (let start = 0; start < places.length; start += sample.batchSize) {
    const chosen = places.subarray(start, start + sample.batchSize);
    yield {
      indices: chosen.map((place) => variants?.indices[place] ?? place),
      seeds: Array.from(chosen, (place) => variants?.seedAt(place) ?? null),
    };
  }
}

/**
 * All images in their own order, undistorted.
 * @param from an image: the first batch is the one that contains it
 */
export function* plansInOrder(
  images: number,
  batchSize: number,
  from = 0,
  { rank, size }: Dealt = alone,
): Generator<BatchPlan, void> {
  const begin = from - (from % batchSize) + rank * batchSize;
  for (let start = begin; start < images; start += size * batchSize) {
    const length = Math.min(batchSize, images - start);
    const indices = Int32Array.from({ length }, (_, index) => start + index);
    yield { indices, seeds: new Array<null>(length).fill(null) };
  }
}

interface Epoch {
  /** The indices of the images, in the epoch's order. */
  readonly indices: Int32Array;
  seedAt(place: number): number | null;
}

function epochOf(options: EpochOptions): Epoch {
  const { images, recipe, seed, epoch } = options;
  if (recipe.variants !== undefined) return epochOfVariants(options, recipe.variants);
  const path = recipe.order === 'constant' ? ['order'] : ['order', epoch];
  const distorts = recipe.augment.length > 0;
  return {
    indices: permutation(images, seededRandom(deriveSeed(seed, ...path))),
    seedAt: (place) => (distorts ? deriveSeed(seed, 'augment', epoch, place) : null),
  };
}

/**
 * All variants of all images are shuffled, and shuffled again after all were shown unless the order is constant. They
 * are divided into epochs of as many images as the data set has. The variants are numbered: first the images
 * themselves, then all images in their second variant, and so on.
 */
function epochOfVariants({ images, recipe, seed, epoch }: EpochOptions, variants: number): Epoch {
  const path = recipe.order === 'constant' ? ['versions'] : ['versions', Math.floor(epoch / variants)];
  const order = permutation(images * variants, seededRandom(deriveSeed(seed, ...path)));
  const part = epoch % variants;
  const dealt = order.subarray(part * images, (part + 1) * images);
  return {
    indices: dealt.map((variant) => variant % images),
    seedAt: (place) => (dealt[place]! < images ? null : deriveSeed(seed, 'version', dealt[place]!)),
  };
}
