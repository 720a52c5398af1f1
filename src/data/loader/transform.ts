import type { ImageShape, Recipe } from '../../core/network';
import { seededRandom, type Random } from '../../core/random';
import { augmentPixels, colourMap, colourStepsLast } from '../augment/augment';
import { followedBy, recoloured } from '../augment/colour-map';
import { cutArray } from '../image/resample';
import { cutPlace, cutsPlace } from '../image/load-crop';
import type { Cut } from '../image/crop';
import { distortionStages } from '../augment/stages';
import { cropCount, evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import { valuesOf, type Place } from '../dataset';
import type { Pixels } from '../image/pixels';
import type { Size } from '../image/header';
import { planCut, undistortedCut } from '../augment/random-crop';
import { beforeWhitening, preprocessor, type FittedPreprocess } from '../preprocess/preprocess';

/** How images are seen. Plain data, so that worker threads can be handed it. */
export interface ViewOptions {
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
  /** Of images that lie in memory; null for pictures, whose sizes differ. */
  readonly stored: ImageShape | null;
  readonly fitted?: FittedPreprocess;
  /** Which parts of an image are seen, one after the other, where it is not the recipe's middle; not `dense`. */
  readonly crops?: CropProtocol | undefined;
}

/** Makes of stored images what a network sees of them, but for whitening and what follows it: see `finisher`. */
export interface View {
  /** Of an image as it is seen. */
  readonly shape: ImageShape;
  /** How many parts of each image are seen. */
  readonly parts: number;
  /**
   * @param pixels of an image that lies in memory
   * @param seed of all that is random about it; null leaves it undistorted
   * @param into where its values go, as many as `shape` has for each part
   */
  ofPixels(pixels: Uint8Array, seed: number | null, into: Float32Array): void;
  /**
   * As `ofPixels`, of a picture: decodes what is wanted of it, and returns what does the rest.
   * @throws BadPicture when it cannot be decoded
   */
  ofPicture(place: Place, seed: number | null): Promise<(into: Float32Array) => void>;
}

/**
 * A picture is cut to the recipe's crop, or where it has none to the middle of the picture at the size of the network's
 * input; images that lie in memory keep their size unless the recipe crops.
 * @throws UserError where the recipe's distortions or preprocessing do not fit the images or the network
 */
export function viewOf({ recipe, stored, fitted, crops }: ViewOptions): View {
  const stages = distortionStages(recipe);
  const [height, width] = stored ?? recipe.input.shape;
  const wanted: Size = { height, width };
  const cutOf = (size: Size, random: Random | null): Cut =>
    random ? planCut(size, stages.cut, wanted, random) : undistortedCut(size, stages.cut, wanted);
  const { window } = cutOf(wanted, null);
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
    const cutsOf = (size: Size) => evaluationCrops(crops, size, window);
    const size = valuesOf(prepared.shape);
    const finishAll = (parts: readonly Pixels[], into: Float32Array) =>
      parts.forEach((part, at) => finish(part, null, into.subarray(at * size, (at + 1) * size)));
    return {
      shape: prepared.shape,
      parts: cropCount(crops),
      ofPixels: (pixels, _, into) =>
        finishAll(
          cutsOf(wanted).map((cut) => cutArray(pixels, stored!, cut)),
          into,
        ),
      ofPicture: async (place) => {
        const parts = await cutsPlace(place, seen[2], cutsOf);
        return (into) => finishAll(parts, into);
      },
    };
  }
  const keepsWhole = stages.cut.length === 0;
  return {
    shape: prepared.shape,
    parts: 1,
    ofPixels: (pixels, seed, into) => {
      const random = seed === null ? null : seededRandom(seed);
      finish(keepsWhole ? pixels : cutArray(pixels, stored!, cutOf(wanted, random)), random, into);
    },
    ofPicture: async (place, seed) => {
      const random = seed === null ? null : seededRandom(seed);
      const pixels = await cutPlace(place, seen[2], (size) => cutOf(size, random));
      return (into) => void finish(pixels, random, into);
    },
  };
}
