import type { ImageShape, Preprocess, Recipe } from '../../core/network';
import { BadImageError, refused, type BadImagePolicy } from '../image/bad-image';
import type { SkippedImage } from './batches';
import { cropArray } from '../image/resample';
import { cropsOfImage } from '../image/load-crop';
import type { Crop } from '../image/crop';
import type { ImageSet } from '../dataset';
import { evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import type { Size } from '../image/header';
import { preprocessor, requireSameEverywhere } from '../preprocess/preprocess';

/** Whole images at several scales. */
export type DenseProtocol = Extract<CropProtocol, { readonly kind: 'dense' }>;

/** An image at one scale, preprocessed. */
export interface ScaledImage {
  /** `[height, width, channels]` of `shape` */
  readonly values: Float32Array;
  readonly shape: ImageShape;
}

/** One image of a data set: how it is seen, or why it is left out. */
export type ImageAtScales =
  | {
      readonly index: number;
      /** In the protocol's order, each made when it is asked for. */
      readonly views: Iterable<ScaledImage>;
    }
  | SkippedImage;

export interface ImagesAtScalesOptions {
  readonly data: ImageSet;
  readonly recipe: Pick<Recipe, 'input'>;
  readonly crops: DenseProtocol;
  /** The image to begin with. */
  readonly from: number;
  readonly onBadImage: BadImagePolicy;
}

/** Images that are decoded while a network sees one before. */
const ahead = 2;

/**
 * All images of a data set, from one on and in their order, as a network in its convolutional form sees them: whole, at
 * each scale, and mirrored if so.
 * @throws UserError for preprocessing that is not the same at every position, and for scales below the network's input;
 *   BadImageError when an image cannot be read, unless such are skipped
 */
export async function* imagesAtScales(options: ImagesAtScalesOptions): AsyncGenerator<ImageAtScales, void> {
  const { data, recipe, crops, from, onBadImage } = options;
  const { preprocess, shape } = recipe.input;
  requireSameEverywhere(preprocess);
  const cropsOf = (size: Size) => evaluationCrops(crops, size, { height: shape[0], width: shape[1] });
  const begin = (index: number) => {
    const pixels = index < data.labels.length ? cutsOfImage(data, index, shape[2], cropsOf) : undefined;
    pixels?.catch(() => undefined); // thrown when the image's turn comes
    return pixels;
  };
  const coming = Array.from({ length: ahead }, (_, at) => begin(from + at));
  for (let index = from; index < data.labels.length; index++) {
    coming.push(begin(index + ahead));
    try {
      const crops = await coming.shift()!;
      yield { index, views: preprocessed(crops, preprocess) };
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      if (onBadImage === 'fail') throw refused(error);
      yield { index, file: error.file, reason: error.reason };
    }
  }
}

/** What a crop takes out of an image, 0–255. */
interface CropPixels {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
}

async function cutsOfImage(
  data: ImageSet,
  index: number,
  channels: number,
  cropsOf: (size: Size) => readonly Crop[],
): Promise<readonly CropPixels[]> {
  let crops: readonly Crop[] = [];
  const noted = (size: Size) => (crops = cropsOf(size));
  const shapeOf = ({ window }: Crop, depth: number) => [window.height, window.width, depth] as const;
  if (data.kind === 'files') {
    const all = await cropsOfImage(data.files[index]!, channels, noted);
    return all.map((pixels, at) => ({ pixels, shape: shapeOf(crops[at]!, channels) }));
  }
  const stored = await data.pixels(Int32Array.of(index));
  const [height, width, depth] = data.shape;
  return noted({ height, width }).map((crop) => ({
    pixels: cropArray(stored, data.shape, crop),
    shape: shapeOf(crop, depth),
  }));
}

function* preprocessed(
  crops: readonly CropPixels[],
  steps: readonly Preprocess[],
): Generator<ScaledImage, void> {
  for (const { pixels, shape } of crops) {
    yield { values: preprocessor(shape, steps).apply(pixels, 1), shape };
  }
}
