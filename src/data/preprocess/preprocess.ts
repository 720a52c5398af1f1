/** Turns pixels 0–255 into what a network takes, step by step as the recipe says. */
import { elementCount } from '../../core/shape';
import { UserError } from '../../core/errors';
import type { ImageShape, Preprocess } from '../../core/network';
import { contrastNormalise } from './contrast-normalise';
import { pixelSteps, type Lines, type PixelStep } from './pixel-steps';
import type { Pixels } from '../image/pixels';
import { shrink } from './area-resize';

/** What some steps of `preprocess` compute from the training set: see `fitRecipe`. Plain data. */
export interface FittedPreprocess {
  /** The mean image of `subtractMean`, `[height, width, channels]` with the shape of the images at that step. */
  readonly mean?: Float32Array;
  readonly whitening?: Whitening;
}

/** The mean and the matrix of a whitening, computed from a training set. */
export interface Whitening {
  /** The mean of the training images, `[values]`. */
  readonly mean: Float32Array;
  /** The whitening matrix, symmetric, `[values, values]`. */
  readonly matrix: Float32Array;
}

/** The steps, prepared for images of one shape. */
export interface Preprocessor {
  /** The shape of one image afterwards. */
  readonly shape: ImageShape;
  /**
   * @param pixels `[images, height, width, channels]`
   * @param into where to write the values, `[images, …shape]`; default: a new array
   * @returns the values
   */
  apply(pixels: Pixels, images: number, into?: Float32Array): Float32Array;
  /** The linear function of each pixel, if that is all that the steps compute. */
  readonly lines: Lines | undefined;
}

/**
 * Converts the pixels of images (0–255) into the network's input by `steps`, in order. If no step changes them, the
 * values are the pixels themselves.
 * @param shape the shape of one image as stored
 * @param steps the steps without `whiten`: see `beforeWhitening`
 * @param fitted needed if the steps include `subtractMean`
 * @throws UserError when an image is too large to be padded or too small to be shrunk to the given size, steps are out
 *   of order or repeated, `subtract` does not have one value per channel, or `fitted` is missing or for images of
 *   another shape
 */
export function preprocessor(
  shape: ImageShape,
  steps: readonly Preprocess[],
  fitted: FittedPreprocess = {},
): Preprocessor {
  checkOrder(steps);
  if (beforeWhitening(steps).length < steps.length) throw new Error('expected steps before "whiten"');
  const [first, ...others] = steps;
  if (first?.kind === 'shrink') {
    shrink(new Uint8Array(), 0, shape, first); // throws if the shape cannot be shrunk
    const then = preprocessor([first.height, first.width, shape[2]], others, fitted);
    const apply: Preprocessor['apply'] = (pixels, images, into) =>
      then.apply(shrink(pixels, images, shape, first), images, into);
    return { shape: then.shape, apply, lines: undefined };
  }
  const onPixels = pixelSteps(shape, steps.filter(isPixelStep));
  const size = elementCount(onPixels.shape);
  const mean = steps.some(({ kind }) => kind === 'subtractMean') ? meanOf(fitted, size) : undefined;
  const contrast = steps.find((step) => step.kind === 'contrastNormalise');
  return {
    shape: onPixels.shape,
    lines: mean || contrast ? undefined : onPixels.lines,
    apply: (pixels, images, values = new Float32Array(images * size)) => {
      onPixels.apply(pixels, images, values);
      if (mean) subtractMean(values, mean);
      if (contrast) contrastNormalise(values, images, contrast.scale);
      return values;
    },
  };
}

/** Applies `preprocessor` once. */
export function preprocess(
  pixels: Pixels,
  images: number,
  shape: ImageShape,
  steps: readonly Preprocess[],
  fitted: FittedPreprocess = {},
): { values: Float32Array; shape: ImageShape } {
  const prepared = preprocessor(shape, steps, fitted);
  return { values: prepared.apply(pixels, images), shape: prepared.shape };
}

/**
 * The shape that `preprocess` gives an image of the given shape.
 * @throws UserError as `preprocessor`, except about `fitted`
 */
export function preprocessedShape(shape: ImageShape, steps: readonly Preprocess[]): ImageShape {
  checkOrder(steps);
  const known = beforeWhitening(steps).filter(({ kind }) => kind !== 'subtractMean');
  return preprocessor(shape, known).shape;
}

/** Whether a step needs a mean image or a whitening matrix from `FittedPreprocess`. */
export function takesFitted(steps: readonly Preprocess[]): boolean {
  return steps.some(({ kind }) => kind === 'subtractMean' || kind === 'whiten');
}

/** The steps that are applied image by image: all but `whiten`, for which see `loader/whiten-batch.ts`. */
export function beforeWhitening(steps: readonly Preprocess[]): readonly Preprocess[] {
  return steps.filter(({ kind }) => kind !== 'whiten');
}

function isPixelStep(step: Preprocess): step is PixelStep {
  return step.kind === 'pad' || step.kind === 'range' || step.kind === 'subtract';
}

/**
 * The order of the steps: a step may be followed by steps with a higher number, and a padding also by another padding.
 */
const orderOf: Readonly<Record<Preprocess['kind'], number>> = {
  shrink: 0,
  pad: 1,
  range: 2,
  subtract: 2,
  subtractMean: 2,
  contrastNormalise: 3,
  whiten: 4,
};

function checkOrder(steps: readonly Preprocess[]): void {
  for (const [index, { kind }] of steps.entries()) {
    const before = steps[index - 1]?.kind;
    if (before === undefined || orderOf[before] < orderOf[kind] || (before === 'pad' && kind === 'pad'))
      continue;
    if (kind === 'shrink') {
      throw new UserError(`preprocess: expected "shrink" before all other steps, found it after "${before}"`);
    }
    const which = orderOf[kind] <= orderOf.subtract ? 'nothing' : `no "${kind}"`;
    throw new UserError(
      `preprocess: expected ${which} after "${before}", which ends the pixels, found "${kind}" there`,
    );
  }
}

function meanOf({ mean }: FittedPreprocess, size: number): Float32Array {
  if (mean?.length === size) return mean;
  throw new UserError(
    `preprocess: expected a training set's mean image of ${size} values for "subtractMean", found ${mean ? mean.length : 'none'}`,
  );
}

function subtractMean(values: Float32Array, mean: Float32Array): void {
  for (let start = 0; start < values.length; start += mean.length) {
    for (let at = 0; at < mean.length; at++) values[start + at]! -= mean[at]!;
  }
}

/** @throws UserError if a step depends on the position of a pixel in images of one size, or on the whole image */
export function requireSameEverywhere(steps: readonly Preprocess[]): void {
  const odd = steps.find(({ kind }) => kind !== 'range' && kind !== 'subtract');
  if (!odd) return;
  throw new UserError(
    `crops: expected preprocessing that is the same at every position (range, subtract) for dense crops, found ${odd.kind}`,
  );
}
