import type { ImageShape, Recipe } from '../../core/network';
import { seededRandom, type Random } from '../../core/random';
import { augmentPixels, colourMap, colourStepsLast } from '../augment/augment';
import { followedBy, recoloured } from '../augment/colour-map';
import { cropArray } from '../image/resample';
import { cropImage, cropsOfImage } from '../image/load-crop';
import type { Crop } from '../image/crop';
import { distortionStages } from '../augment/stages';
import { cropCount, evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import { valuesOf, type ImageFile } from '../dataset';
import type { Pixels } from '../image/pixels';
import type { Size } from '../image/header';
import { randomCrop, centreCrop } from '../augment/random-crop';
import { beforeWhitening, preprocessor, type FittedPreprocess } from '../preprocess/preprocess';

/** How images are seen. Plain data, so that worker threads can be handed it. */
export interface TransformOptions {
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
  /** Of images that lie in memory; null for images, whose sizes differ. */
  readonly stored: ImageShape | null;
  readonly fitted?: FittedPreprocess;
  /** Which parts of an image are seen, one after the other, where it is not the recipe's middle; not `dense`. */
  readonly crops?: CropProtocol | undefined;
}

/** Makes of stored images what a network sees of them, but for whitening and what follows it: see `batchWhitener`. */
export interface Transform {
  /** Of an image as it is seen. */
  readonly shape: ImageShape;
  /** How many parts of each image are seen. */
  readonly parts: number;
  /**
   * @param pixels of an image that lies in memory
   * @param seed of all that is random about it; null leaves it undistorted
   * @param into where its values go, as many as `shape` has for each part
   */
  fromPixels(pixels: Uint8Array, seed: number | null, into: Float32Array): void;
  /**
   * As `fromPixels`, of an image: decodes what is wanted of it, and returns what does the rest.
   * @throws BadImageError when it cannot be decoded
   */
  fromFile(imageFile: ImageFile, seed: number | null): Promise<(into: Float32Array) => void>;
}

/**
 * An image is cut to the recipe's crop, or where it has none to the middle of the image at the size of the network's
 * input; images that lie in memory keep their size unless the recipe crops.
 * @throws UserError where the recipe's distortions or preprocessing do not fit the images or the network
 */
export function createTransform({ recipe, stored, fitted, crops }: TransformOptions): Transform {
  const stages = distortionStages(recipe);
  const [height, width] = stored ?? recipe.input.shape;
  const wanted: Size = { height, width };
  const cropOf = (size: Size, random: Random | null): Crop =>
    random ? randomCrop(size, stages.crop, wanted, random) : centreCrop(size, stages.crop, wanted);
  const { window } = cropOf(wanted, null);
  const seen: ImageShape = [window.height, window.width, stored?.[2] ?? recipe.input.shape[2]];
  const prepared = preprocessor(seen, beforeWhitening(recipe.input.preprocess), fitted);
  const { lines } = prepared;
  // Colours are changed and preprocessed in one pass where both are linear.
  const { first, colours } = lines ? colourStepsLast(stages.pixels) : { first: stages.pixels, colours: [] };
  const finish = (pixels: Pixels, random: Random | null, into: Float32Array) => {
    const image = random ? augmentPixels(pixels, seen, first, random) : pixels;
    if (!lines || !random || colours.length === 0) return prepared.apply(image, 1, into);
    return recoloured(image, followedBy(colourMap(image, colours, random), lines), into);
  };
  if (crops) {
    const cropsOf = (size: Size) => evaluationCrops(crops, size, window);
    const size = valuesOf(prepared.shape);
    const finishAll = (parts: readonly Pixels[], into: Float32Array) =>
      parts.forEach((part, at) => finish(part, null, into.subarray(at * size, (at + 1) * size)));
    return {
      shape: prepared.shape,
      parts: cropCount(crops),
      fromPixels: (pixels, _, into) =>
        finishAll(
          cropsOf(wanted).map((crop) => cropArray(pixels, stored!, crop)),
          into,
        ),
      fromFile: async (imageFile) => {
        const parts = await cropsOfImage(imageFile, seen[2], cropsOf);
        return (into) => finishAll(parts, into);
      },
    };
  }
  const keepsWhole = stages.crop.length === 0;
  return {
    shape: prepared.shape,
    parts: 1,
    fromPixels: (pixels, seed, into) => {
      const random = seed === null ? null : seededRandom(seed);
      finish(keepsWhole ? pixels : cropArray(pixels, stored!, cropOf(wanted, random)), random, into);
    },
    fromFile: async (imageFile, seed) => {
      const random = seed === null ? null : seededRandom(seed);
      const pixels = await cropImage(imageFile, seen[2], (size) => cropOf(size, random));
      return (into) => void finish(pixels, random, into);
    },
  };
}
