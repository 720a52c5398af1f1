/**
 * What remains to be done to images that reach the backend as bytes: colours, padding, range, means, contrast, whitening.
 * By operations of TensorFlow.js, so that it becomes part of a recorded graph, and runs on every backend without one. It
 * is what `preprocessor` and `whitener` compute, but for the rounding of float32.
 */
import { elementCount } from '../../core/shape';
import type { ImageShape, Preprocess, Recipe } from '../../core/network';
import { tf } from '../../core/tf';
import { colourStepsLast, changesColours } from './augment';
import { distortionStages } from './stages';
import { leastDivisor } from '../preprocess/contrast-normalise';
import { pixelSteps, type Lines } from '../preprocess/pixel-steps';
import {
  preprocessor,
  beforeWhitening,
  type FittedPreprocess,
  type Whitening,
} from '../preprocess/preprocess';

/** How the colours of each image change, as numbers beside its bytes: not at all, by a shift, or by a whole map. */
export type ColourNumbers = 0 | 3 | 12;

/**
 * Whether a computation takes images as bytes. One of lower precision takes them without products, which it would round:
 * a whitening, a change of saturation.
 */
export type TakesBytes = boolean | 'without products';

/** How images that are left as bytes are wanted. */
export interface BytesWanted {
  /** Whether they are distorted: for training. */
  readonly distorted: boolean;
  readonly takes: Exclude<TakesBytes, false>;
}

/** What is done to bytes on the backend. */
export interface Finishing {
  /** The shape of the pixels of one image, and of its values afterwards. */
  readonly from: ImageShape;
  readonly shape: ImageShape;
  /** How many numbers say how an image's colours change: a matrix by rows, if there is one, and offsets. */
  readonly colourNumbers: ColourNumbers;
  /** Puts the numbers that it takes on the backend. */
  open(): OpenFinishing;
}

/** A finishing whose numbers are on the backend. */
export interface OpenFinishing {
  /**
   * @param pixels `[images, …from]`, 0–255 in float32
   * @param colours `[images, colourNumbers]`; none where there are no such numbers
   * @returns `[images, …shape]`
   */
  apply(pixels: tf.Tensor, colours?: tf.Tensor): tf.Tensor;
  /** Frees the numbers. */
  dispose(): void;
}

/**
 * What is left to do of a recipe's distortions and preprocessing once pixels are cropped, moved and shrunk.
 * @param cropped the shape of a crop before preprocessing
 * @returns null where floats are needed earlier: for distortions after whitening, or after changes of colours, or for
 *   products that would be rounded
 * @throws UserError as `preprocessor`
 */
export function finishingOf(
  recipe: Pick<Recipe, 'input' | 'augment'>,
  cropped: ImageShape,
  fitted: FittedPreprocess | undefined,
  { distorted, takes }: BytesWanted,
): Finishing | null {
  const { preprocess } = recipe.input;
  const stages = distortionStages(recipe);
  const { first, colours } = colourStepsLast(stages.pixels);
  const shrunk = preprocess.find((step) => step.kind === 'shrink');
  if (distorted) {
    if (stages.values.length > 0 || first.some(changesColours)) return null;
    if (shrunk && colours.length > 0) return null;
  }
  const whitens = preprocess.some(({ kind }) => kind === 'whiten');
  if (whitens && !fitted?.whitening) return null; // whoever whitens says what is missing
  const { shape } = preprocessor(cropped, beforeWhitening(preprocess), fitted); // throws for what does not fit
  const from: ImageShape = shrunk ? [shrunk.height, shrunk.width, cropped[2]] : cropped;
  const colourNumbers: ColourNumbers =
    !distorted || colours.length === 0 ? 0 : colours.some(({ kind }) => kind === 'photometric') ? 12 : 3;
  if (takes !== true && (whitens || colourNumbers === 12)) return null;
  const key = JSON.stringify([preprocess, from, colourNumbers]);
  return known(fitted, key, () => ({
    ...{ from, shape, colourNumbers },
    open: opening(preprocess, from, shape, fitted ?? {}),
  }));
}

/**
 * By what was fitted, the finishings that have been asked for: the same object for the same computation, so that a graph
 * that was recorded for one request of batches serves the next.
 */
const found = new WeakMap<FittedPreprocess, Map<string, Finishing>>();
const nothingFitted: FittedPreprocess = {};

function known(fitted: FittedPreprocess = nothingFitted, key: string, make: () => Finishing): Finishing {
  const own = found.get(fitted) ?? new Map<string, Finishing>();
  found.set(fitted, own);
  const finishing = own.get(key) ?? make();
  own.set(key, finishing);
  return finishing;
}

function opening(
  steps: readonly Preprocess[],
  from: ImageShape,
  shape: ImageShape,
  fitted: FittedPreprocess,
): Finishing['open'] {
  const pads = steps.filter((step) => step.kind === 'pad');
  const ofPixels = steps.filter((step) => step.kind === 'range' || step.kind === 'subtract');
  const lines = pixelSteps(shape, ofPixels).lines!;
  const contrast = steps.find((step) => step.kind === 'contrastNormalise');
  const takesMean = steps.some(({ kind }) => kind === 'subtractMean');
  const whitening = steps.some(({ kind }) => kind === 'whiten') ? fitted.whitening : undefined;
  const margins = marginsOf(pads, from);
  return () => {
    const { slope, offset } = alongLines(lines, shape);
    const mean = takesMean ? tf.tensor(fitted.mean!, [1, ...shape]) : null;
    const whitener = whitening && whitenerOf(whitening);
    return {
      apply: (pixels, colours) =>
        tf.tidy(() => {
          let values = pixels as tf.Tensor4D;
          const changes = (colours ?? null) as tf.Tensor2D | null;
          if (margins.length === 0) values = recoloured(values, changes, slope, offset);
          else {
            values = recoloured(values, changes, null, null);
            for (const { sides, value } of margins) values = tf.pad4d(values, sides, value);
            values = recoloured(values, null, slope, offset);
          }
          if (mean) values = values.sub(mean);
          if (contrast) values = contrastNormalised(values, contrast.scale);
          return whitener ? whitener.apply(values) : values;
        }),
      dispose: () => {
        tf.dispose([slope, offset, mean].filter((tensor) => tensor !== null));
        whitener?.dispose();
      },
    };
  };
}

type Sides = [[number, number], [number, number], [number, number], [number, number]];

/** The margins that paddings give: of an odd one, the larger half is below or to the right. */
function marginsOf(
  pads: readonly Extract<Preprocess, { readonly kind: 'pad' }>[],
  [ofImage, widthOfImage]: ImageShape,
): readonly { readonly sides: Sides; readonly value: number }[] {
  const halves = (rest: number): [number, number] => [Math.floor(rest / 2), Math.ceil(rest / 2)];
  let [rows, columns] = [ofImage, widthOfImage];
  return pads.map(({ height, width, value }) => {
    const sides: Sides = [[0, 0], halves(height - rows), halves(width - columns), [0, 0]];
    [rows, columns] = [height, width];
    return { sides, value };
  });
}

/**
 * The lines of the channels for each value of a row of pixels, for adding three numbers again and again along a long row
 * is what backends do slowly. Null for what would change nothing.
 */
function alongLines(
  { slope, offset }: Lines,
  [, width]: ImageShape,
): { readonly slope: tf.Tensor1D | null; readonly offset: tf.Tensor1D | null } {
  const along = (values: Float64Array) =>
    tf.tensor1d(Float32Array.from({ length: width * values.length }, (_, at) => values[at % values.length]!));
  return {
    slope: slope.every((value) => value === 1) ? null : along(slope),
    offset: offset.every((value) => value === 0) ? null : along(offset),
  };
}

/** Changes the colours of each image, then each channel by its line. */
function recoloured(
  pixels: tf.Tensor4D,
  colours: tf.Tensor2D | null,
  slope: tf.Tensor1D | null,
  offset: tf.Tensor1D | null,
): tf.Tensor4D {
  const [images, height, width, channels] = pixels.shape;
  if (!colours && !slope && !offset) return pixels;
  let values: tf.Tensor = pixels;
  let added: tf.Tensor | null = offset;
  if (colours) {
    const numbers = colours.shape[1];
    if (numbers === 12) {
      const matrices = colours.slice([0, 0], [images, 9]).reshape<tf.Tensor3D>([images, 3, 3]);
      values = tf.matMul(pixels.reshape<tf.Tensor3D>([images, height * width, 3]), matrices, false, true);
    }
    const shift = colours
      .slice([0, numbers - 3], [images, 3])
      .reshape([images, 1, 3])
      .tile([1, 1, width]);
    const sloped = slope ? shift.mul(slope) : shift;
    added = offset ? sloped.add(offset) : sloped;
  }
  values = values.reshape([images, height, width * channels]);
  if (slope) values = values.mul(slope);
  if (added) values = values.add(added);
  return values.reshape([images, height, width, channels]);
}

/** As `contrastNormalise`. */
function contrastNormalised(values: tf.Tensor4D, scale: number): tf.Tensor4D {
  const flat = values.reshape([values.shape[0], elementCount(values.shape.slice(1))]);
  const centred = flat.sub(flat.mean(1, true));
  const divisor = centred.square().sum(1, true).sqrt().div(scale);
  const whole = tf.where(divisor.less(leastDivisor), tf.onesLike(divisor), divisor);
  return centred.div(whole).reshape(values.shape);
}

/** As `whitener`. The matrix is a variable: a session holds it once, and not with each graph. */
function whitenerOf({ mean, matrix }: Whitening) {
  const size = mean.length;
  const centre = tf.tensor2d(mean, [1, size]);
  const kept = tf.tidy(() => tf.variable(tf.tensor2d(matrix, [size, size]), false));
  return {
    apply: (values: tf.Tensor4D): tf.Tensor4D => {
      const flat = values.reshape<tf.Tensor2D>([values.shape[0], size]);
      return tf.matMul(flat.sub<tf.Tensor2D>(centre), kept as tf.Tensor as tf.Tensor2D).reshape(values.shape);
    },
    dispose: () => tf.dispose([centre, kept]),
  };
}
