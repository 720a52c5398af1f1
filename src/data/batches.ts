import { UserError } from '../errors';
import type { Augment, ImageShape, Recipe } from '../network';
import { deriveSeed, permutation, seededRandom, type Random } from '../random';
import { affineDistort } from './affine';
import type { Dataset } from './dataset';
import { preprocess } from './preprocess';

/** Preprocessed images and their labels. */
export interface Batch {
  /** `[batch, height, width, channels]` */
  readonly images: Float32Array;
  /** Of one image. */
  readonly shape: ImageShape;
  /** `[batch]` */
  readonly labels: Int32Array;
}

export interface BatchesOptions {
  readonly data: Dataset;
  readonly recipe: Pick<Recipe, 'input' | 'batchSize' | 'augment'>;
  readonly seed: number;
  readonly epoch: number;
  /** The first batch wanted, counted from 0 in this epoch. */
  readonly from?: number;
}

export function batchesPerEpoch(data: Dataset, batchSize: number): number {
  return Math.ceil(data.labels.length / batchSize);
}

/**
 * One epoch for training: every image once, shuffled and distorted as the seed, the epoch and the image's place
 * in it say, so that an interrupted epoch goes on as if it had not been. The last batch may be smaller.
 */
export async function* batches({
  data,
  recipe,
  seed,
  epoch,
  from = 0,
}: BatchesOptions): AsyncGenerator<Batch, void> {
  const order = permutation(data.labels.length, seededRandom(deriveSeed(seed, 'order', epoch)));
  for (let start = from * recipe.batchSize; start < order.length; start += recipe.batchSize) {
    const chosen = order.subarray(start, start + recipe.batchSize);
    const pixels = await data.pixels(chosen);
    const random = seededRandom(deriveSeed(seed, 'augment', epoch, start));
    yield ready(data, chosen, augmented(pixels, data.shape, recipe.augment, random), recipe);
  }
}

/** All images in their own order, as they are, for evaluation. */
export async function* batchesInOrder(
  data: Dataset,
  recipe: Pick<Recipe, 'input'>,
  batchSize: number,
): AsyncGenerator<Batch, void> {
  for (let start = 0; start < data.labels.length; start += batchSize) {
    const size = Math.min(batchSize, data.labels.length - start);
    const chosen = Int32Array.from({ length: size }, (_, index) => start + index);
    yield ready(data, chosen, await data.pixels(chosen), recipe);
  }
}

function ready(data: Dataset, chosen: Int32Array, pixels: Uint8Array, recipe: Pick<Recipe, 'input'>): Batch {
  const { values, shape } = preprocess(pixels, chosen.length, data.shape, recipe.input.preprocess);
  return { images: values, shape, labels: chosen.map((index) => data.labels[index]!) };
}

function augmented(
  pixels: Uint8Array,
  shape: ImageShape,
  steps: readonly Augment[],
  random: Random,
): Uint8Array {
  const size = shape[0] * shape[1] * shape[2];
  for (const step of steps) {
    const ranges = builtIn(step);
    for (let start = 0; start < pixels.length; start += size) {
      pixels.set(affineDistort(pixels.subarray(start, start + size), shape, ranges, random), start);
    }
  }
  return pixels;
}

/** @throws UserError for a distortion that a recipe may name but nothing here does yet */
export function builtIn(step: Augment): Extract<Augment, { readonly kind: 'affine' }> {
  if (step.kind === 'affine') return step;
  throw new UserError(
    `augment: expected distortions of kind affine, found ${step.kind}, which is not built yet; --set augment=[] trains without`,
  );
}
