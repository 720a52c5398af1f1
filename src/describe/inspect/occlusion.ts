/** What becomes of a class's score where parts of the image are covered. */
import { directionOf, scoreKind } from '../../core/score-kind';
import { UserError } from '../../core/errors';
import { wholeNumber } from '../../core/given/numbers';
import { option } from '../../core/text/wording';
import { forwardOf, type Forward } from '../../evaluate/scores/forward';
import { imagesAtOnce } from '../../evaluate/scores/predict';
import { probabilities } from '../../evaluate/scores/ranking';
import type { Loss } from '../../core/network';
import type { TrainedModel } from '../../weights/trained-model';
import { preparationOf, type ShownImage } from './shown-image';

/** The square that covers a part of the image. */
export interface Occluder {
  /** Its side in pixels of the input. Default: a sixth of the shorter side. */
  readonly size?: number | undefined;
  /** The pixels from one place to the next. Default: half of its side; 1 for inputs of up to 32 pixels. */
  readonly stride?: number | undefined;
  /** Its grey, 0–255, before the preprocessing. Default: 128 for photos, and 0 for images of one channel. */
  readonly fill?: number | undefined;
}

export interface OcclusionOptions extends Occluder {
  /** Computes the scores of the model; the caller disposes of it. Default: it is made for this image. */
  readonly forward?: Forward | undefined;
  /** Covered images that are computed at once. Default: as many as `predict` takes. */
  readonly batchSize?: number | undefined;
  /** Told how many places are done; what it promises is waited for, such as that a page has shown it. */
  readonly onProgress?: ((done: number, all: number) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A class's evidence with a part of the image covered, for each place of the occluder. */
export interface Occlusion {
  readonly size: number;
  readonly stride: number;
  readonly fill: number;
  /** The occluder's first row and column at each place. */
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
  /**
   * `[tops, lefts]`: the class's probability; where the scores give none, its score, of distances the negative distance.
   */
  readonly values: Float32Array;
  /** The same of the whole image. */
  readonly whole: number;
  readonly of: 'probability' | 'score';
}

/** The smallest input, in pixels, whose occluder does not move pixel by pixel. */
const smallInput = 32;

/**
 * @param shape of the input
 * @throws UserError for an occluder that covers nothing or everything, or leaves parts between its places uncovered
 */
export function occluderOf(
  { size, stride, fill }: Occluder,
  [height, width, channels]: readonly [number, number, number],
): Required<{ readonly [name in keyof Occluder]: number }> {
  const shorter = height < width ? height : width;
  const side = wholeNumber('occluder', size ?? Math.max(1, Math.round(shorter / 6)), 1, shorter - 1);
  const usual = shorter <= smallInput ? 1 : Math.max(1, Math.round(side / 2));
  const grey = fill ?? (channels === 1 ? 0 : 128);
  if (!(grey >= 0 && grey <= 255))
    throw new UserError(`${option('fill')}: expected a grey from 0 to 255, found ${grey}`);
  return { size: side, stride: wholeNumber('stride', stride ?? usual, 1, side), fill: grey };
}

/**
 * The occlusion map of a class (Zeiler and Fergus 2014, Visualizing and Understanding Convolutional Networks, §4.2 and
 * Fig. 6): a grey square covers one part of the image after the other, and the network is asked each time. The square
 * covers pixels, before the preprocessing; its last place in each direction ends with the image.
 * @param wanted the index of the class
 * @throws UserError as `occluderOf`
 */
export async function occlusion(
  trained: Pick<TrainedModel, 'model' | 'recipe' | 'fitted'>,
  { pixels, input }: Pick<ShownImage, 'pixels' | 'input'>,
  wanted: number,
  options: OcclusionOptions = {},
): Promise<Occlusion> {
  const { model, recipe } = trained;
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const { size, stride, fill } = occluderOf(options, shape);
  const [height, width, channels] = shape;
  const [tops, lefts] = [placesAlong(height, size, stride), placesAlong(width, size, stride)];
  const preparation = preparationOf(trained);
  const forward = options.forward ?? forwardOf(model);
  const evidence = evidenceOf(recipe.loss, wanted);
  try {
    const whole = evidence(await forward.run({ images: input, shape }));
    const all = tops.length * lefts.length;
    const most = options.batchSize ?? imagesAtOnce(model);
    // All batches are of one size, for which one graph is recorded; the last is filled up.
    const batch = Math.ceil(all / Math.ceil(all / most));
    const covered =
      pixels instanceof Uint8Array && Number.isInteger(fill)
        ? new Uint8Array(batch * pixels.length)
        : new Float32Array(batch * pixels.length);
    const values = new Float32Array(all);
    for (let start = 0; start < all; start += batch) {
      options.signal?.throwIfAborted();
      const count = all - start < batch ? all - start : batch;
      for (let row = 0; row < count; row++) {
        const image = covered.subarray(row * pixels.length, (row + 1) * pixels.length);
        image.set(pixels);
        const place = start + row;
        const left = lefts[place % lefts.length]!;
        const top = tops[(place - (place % lefts.length)) / lefts.length]!;
        for (let y = top; y < top + size; y++)
          image.fill(fill, (y * width + left) * channels, (y * width + left + size) * channels);
      }
      const scores = await forward.run({ images: await preparation.apply(covered, batch), shape });
      const classes = scores.length / batch;
      for (let row = 0; row < count; row++)
        values[start + row] = evidence(scores.subarray(row * classes, (row + 1) * classes));
      await options.onProgress?.(start + count, all);
    }
    const of = recipe.loss.kind === 'softmaxCrossEntropy' ? 'probability' : 'score';
    return { size, stride, fill, tops, lefts, values, whole, of };
  } finally {
    preparation.dispose();
    if (!options.forward) forward.dispose();
  }
}

/** Every `stride` pixels, and once more at the end where that leaves pixels over. */
function placesAlong(side: number, size: number, stride: number): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at + size <= side; at += stride) places.push(at);
  if (places.at(-1)! + size < side) places.push(side - size);
  return places;
}

/** How much scores speak for a class: its probability, or its score with the sign that makes more the better. */
function evidenceOf(loss: Loss, wanted: number): (scores: Float32Array) => number {
  const sign = directionOf(scoreKind(loss));
  return (scores) => probabilities(loss, scores)?.[wanted] ?? sign * scores[wanted]!;
}

/**
 * What covering takes from the class, pixel by pixel: the mean of `whole` − `values` over all places of the occluder
 * that cover the pixel.
 * @returns `[height, width]`, above 0 where the part speaks for the class
 */
export function lossByPixel(
  { tops, lefts, size, values, whole }: Occlusion,
  height: number,
  width: number,
): Float32Array {
  const sums = new Float64Array(height * width);
  const counts = new Uint32Array(height * width);
  tops.forEach((top, row) =>
    lefts.forEach((left, column) => {
      const lost = whole - values[row * lefts.length + column]!;
      for (let y = top; y < top + size; y++)
        for (let x = left; x < left + size; x++) {
          sums[y * width + x]! += lost;
          counts[y * width + x]!++;
        }
    }),
  );
  const found = new Float32Array(height * width);
  for (let at = 0; at < found.length; at++) found[at] = sums[at]! / counts[at]!;
  return found;
}
