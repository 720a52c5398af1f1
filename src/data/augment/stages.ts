/** Sorts the distortions of a recipe by when they happen: as a crop, on pixels, or on whitened values. */
import { UserError } from '../../core/errors';
import type { Augment, ImageShape, Recipe } from '../../core/network';
import { changesColours } from './augment';
import { preprocessedShape } from '../preprocess/preprocess';
import { isCrop } from './random-crop';

/**
 * The distortions of a recipe, by the stage at which they are applied. Each step is in one stage; within a stage, steps
 * keep the order of the recipe.
 */
export interface DistortionStages {
  /**
   * Applied first, while the image is cropped: the steps for `randomCrop`, also for images in memory (`cropArray`).
   */
  readonly crop: readonly Augment[];
  /** Applied next, to pixels 0–255: steps for `augmentPixels`. */
  readonly pixels: readonly Augment[];
  /** Applied last, after all of the recipe's `preprocess`: steps for `augmentPixels`. */
  readonly values: readonly Augment[];
}

/**
 * Crops and flips are applied while an image is cropped; all other steps are applied to the pixels of the crop. If
 * images are whitened, only crops come before whitening. The other steps, including flips, distort the whitened values,
 * as pylearn2 distorts the images that maxout networks and NIN learn from.
 * @throws UserError when there are several crops, a crop's size is not the network's input size, or a step would change
 *   the colours of grey or whitened images
 */
export function distortionStages({ augment, input }: Pick<Recipe, 'augment' | 'input'>): DistortionStages {
  const whitened = input.preprocess.some(({ kind }) => kind === 'whiten');
  check(augment, input, whitened);
  const isCropOrFlip = (step: Augment) => isCrop(step) || (step.kind === 'flip' && !whitened);
  const others = augment.filter((step) => !isCropOrFlip(step));
  return {
    crop: augment.filter(isCropOrFlip),
    pixels: whitened ? [] : others,
    values: whitened ? others : [],
  };
}

function check(augment: readonly Augment[], input: Recipe['input'], whitened: boolean): void {
  const crops = augment.filter(isCrop);
  if (crops.length > 1) {
    const kinds = crops.map(({ kind }) => kind).join(' and ');
    throw new UserError(`augment: expected at most one crop, found ${kinds}`);
  }
  for (const step of augment) {
    if (changesColours(step) && (whitened || input.shape[2] !== 3)) {
      const found = whitened ? 'whitened ones' : `images of ${input.shape[2]} channels`;
      throw new UserError(`augment: expected images in three colours for ${step.kind}, found ${found}`);
    }
    if (!isCrop(step)) continue;
    const given = preprocessedShape([step.size, step.size, input.shape[2]], input.preprocess);
    if (given.join() !== input.shape.join()) throw new UserError(sizesDiffer(step, given, input.shape));
  }
}

function sizesDiffer({ kind }: Augment, [height, width]: ImageShape, wanted: ImageShape): string {
  return `augment: expected crops that become images of ${wanted[0]}x${wanted[1]}, found ${kind} to ${height}x${width}`;
}
