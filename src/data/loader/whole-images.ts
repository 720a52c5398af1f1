import type { ImageShape, Preprocess, Recipe } from '../../core/network';
import { BadPicture, refused, type BadPicturePolicy } from '../image/bad-image';
import type { SkippedImage } from './batches';
import { cutArray } from '../image/resample';
import { cutsPlace } from '../image/load-crop';
import type { Cut } from '../image/crop';
import type { ImageSet } from '../dataset';
import { evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import type { Size } from '../image/header';
import { preprocessor, requireSameEverywhere } from '../preprocess/preprocess';

/** Whole pictures at several scales. */
export type DenseProtocol = Extract<CropProtocol, { readonly kind: 'dense' }>;

/** A picture at one scale, preprocessed. */
export interface WholeView {
  /** `[height, width, channels]` of `shape` */
  readonly values: Float32Array;
  readonly shape: ImageShape;
}

/** One image of a data set: how it is seen, or why it is left out. */
export type Viewed =
  | {
      readonly index: number;
      /** In the protocol's order, each made when it is asked for. */
      readonly views: Iterable<WholeView>;
    }
  | SkippedImage;

export interface WholeViewsOptions {
  readonly data: ImageSet;
  readonly recipe: Pick<Recipe, 'input'>;
  readonly crops: DenseProtocol;
  /** The image to begin with. */
  readonly from: number;
  readonly onBadPicture: BadPicturePolicy;
}

/** Pictures that are decoded while a network sees one before. */
const ahead = 2;

/**
 * All images of a data set, from one on and in their order, as a network in its convolutional form sees them: whole, at
 * each scale, and mirrored if so.
 * @throws UserError for preprocessing that is not the same at every position, and for scales below the network's input;
 *   BadPicture when a picture cannot be read, unless such are skipped
 */
export async function* wholeViews(options: WholeViewsOptions): AsyncGenerator<Viewed, void> {
  const { data, recipe, crops, from, onBadPicture } = options;
  const { preprocess, shape } = recipe.input;
  requireSameEverywhere(preprocess);
  const cutsOf = (size: Size) => evaluationCrops(crops, size, { height: shape[0], width: shape[1] });
  const begin = (index: number) => {
    const pixels = index < data.labels.length ? cutsOfImage(data, index, shape[2], cutsOf) : undefined;
    pixels?.catch(() => undefined); // thrown when the image's turn comes
    return pixels;
  };
  const coming = Array.from({ length: ahead }, (_, at) => begin(from + at));
  for (let index = from; index < data.labels.length; index++) {
    coming.push(begin(index + ahead));
    try {
      const cuts = await coming.shift()!;
      yield { index, views: preprocessed(cuts, preprocess) };
    } catch (error) {
      if (!(error instanceof BadPicture)) throw error;
      if (onBadPicture === 'fail') throw refused(error);
      yield { index, file: error.file, reason: error.reason };
    }
  }
}

/** What a cut takes out of an image, 0–255. */
interface CutPixels {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
}

async function cutsOfImage(
  data: ImageSet,
  index: number,
  channels: number,
  cutsOf: (size: Size) => readonly Cut[],
): Promise<readonly CutPixels[]> {
  let cuts: readonly Cut[] = [];
  const noted = (size: Size) => (cuts = cutsOf(size));
  const shapeOf = ({ window }: Cut, depth: number) => [window.height, window.width, depth] as const;
  if (data.kind === 'pictures') {
    const all = await cutsPlace(data.places[index]!, channels, noted);
    return all.map((pixels, at) => ({ pixels, shape: shapeOf(cuts[at]!, channels) }));
  }
  const stored = await data.pixels(Int32Array.of(index));
  const [height, width, depth] = data.shape;
  return noted({ height, width }).map((cut) => ({
    pixels: cutArray(stored, data.shape, cut),
    shape: shapeOf(cut, depth),
  }));
}

function* preprocessed(cuts: readonly CutPixels[], steps: readonly Preprocess[]): Generator<WholeView, void> {
  for (const { pixels, shape } of cuts) {
    yield { values: preprocessor(shape, steps).apply(pixels, 1), shape };
  }
}
