/** Sorts the distortions of a recipe by when they happen: as a crop, on pixels, or on whitened values. */
import { UserError } from '../../core/errors';
import type { Augment, ImageShape, Recipe } from '../../core/network';
import { changesColours } from './augment';
import { preprocessedShape } from '../preprocess/preprocess';

/** When each distortion of a recipe is made; a step is in one stage, and within each the order is the recipe's. */
export interface DistortionStages {
  /** First, as images are cut out: what `randomCrop` takes. Also crops of images that lie in memory: `cropArray`. */
  readonly crop: readonly Augment[];
  /** Then, on pixels 0–255: what `augmentPixels` takes. */
  readonly pixels: readonly Augment[];
  /** Last, after all of the recipe's `preprocess`: what `augmentPixels` takes. */
  readonly values: readonly Augment[];
}

/**
 * Crops and flips are part of an image's crop, and all other steps follow on its pixels. Where images are whitened, only
 * the crops come before whitening: the other steps, flips among them, distort the whitened values, as pylearn2 distorts
 * the images that maxout networks and NIN learn from.
 * @throws UserError when there are several crops, one gives another size than the network takes, or colours would be
 *   changed of grey or whitened images
 */
export function distortionStages({ augment, input }: Pick<Recipe, 'augment' | 'input'>): DistortionStages {
  const whitened = input.preprocess.some(({ kind }) => kind === 'whiten');
  check(augment, input, whitened);
  const isCropOrFlip = (step: Augment) => cropSize(step) !== undefined || (step.kind === 'flip' && !whitened);
  const others = augment.filter((step) => !isCropOrFlip(step));
  return {
    crop: augment.filter(isCropOrFlip),
    pixels: whitened ? [] : others,
    values: whitened ? others : [],
  };
}

function check(augment: readonly Augment[], input: Recipe['input'], whitened: boolean): void {
  const crops = augment.filter((step) => cropSize(step) !== undefined);
  if (crops.length > 1) {
    const kinds = crops.map(({ kind }) => kind).join(' and ');
    throw new UserError(`augment: expected at most one crop, found ${kinds}`);
  }
  for (const step of augment) {
    if (changesColours(step) && (whitened || input.shape[2] !== 3)) {
      const found = whitened ? 'whitened ones' : `images of ${input.shape[2]} channels`;
      throw new UserError(`augment: expected images in three colours for ${step.kind}, found ${found}`);
    }
    const side = cropSize(step);
    if (side === undefined) continue;
    const given = preprocessedShape([side, side, input.shape[2]], input.preprocess);
    if (given.join() !== input.shape.join()) throw new UserError(sizesDiffer(step, given, input.shape));
  }
}

/** The side that a step crops to; undefined for a step that does not crop. */
export function cropSize(step: Augment): number | undefined {
  switch (step.kind) {
    case 'randomCrop':
    case 'scaleJitter':
    case 'areaCrop':
      return step.size;
    case 'affine':
    case 'translate':
    case 'flip':
    case 'pcaLighting':
    case 'photometric':
      return undefined;
    default:
      return step satisfies never;
  }
}

function sizesDiffer({ kind }: Augment, [height, width]: ImageShape, wanted: ImageShape): string {
  return `augment: expected crops that become images of ${wanted[0]}x${wanted[1]}, found ${kind} to ${height}x${width}`;
}
