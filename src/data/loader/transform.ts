/** Turns stored images into what a network sees of them: crop, distort, preprocess. */
import { elementCount, storedSize } from '../../core/shape';
import type { ImageShape, Recipe } from '../../core/network';
import { seededRandom, type Random } from '../../core/random';
import { augmentPixels, colourMap, colourStepsLast } from '../augment/augment';
import { followedBy, identity, recoloured } from '../augment/colour-map';
import { cropCount, evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import { centreCrop, randomCrop } from '../augment/random-crop';
import { distortionStages, type DistortionStages } from '../augment/stages';
import type { Size } from '../image/header';
import { decodeCrops, type OpenImage } from '../image/opened-image';
import { isDarkOnLight, negative, type Pixels } from '../image/pixels';
import { cropArray } from '../image/resample';
import { shrink } from '../preprocess/area-resize';
import { beforeWhitening, preprocessor, type FittedPreprocess } from '../preprocess/preprocess';
import type { ColourNumbers } from '../augment/finishing';

/** The options of a transform. Plain data, so that they can be sent to worker threads. */
export interface TransformOptions {
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
  /** The shape of images in memory; null for image files, whose sizes differ. */
  readonly stored: ImageShape | null;
  readonly fitted?: FittedPreprocess;
  /** The crops of each image, one after the other; not `dense`. Default: the recipe's single crop. */
  readonly crops?: CropProtocol | undefined;
  /**
   * How many numbers say how an image's colours change, if pixels are left as bytes, for `finishingOf` does the rest.
   * Default: the transform does all of it.
   */
  readonly bytes?: ColourNumbers | undefined;
}

/** Turns stored images into a network's input, except for whitening and what follows it: see `batchWhitener`. */
export interface Transform {
  /** The shape of a crop as the network sees it, or of its bytes. */
  readonly shape: ImageShape;
  /** The number of crops of each image. */
  readonly cropsPerImage: number;
  /** The number of channels with which image files are opened. */
  readonly channels: number;
  /**
   * @param pixels the pixels of an image in memory
   * @param seed the seed of everything random about the image; null leaves it undistorted
   * @param into where its values go, or its bytes: as many as `shape` has for each crop
   * @param colours where the numbers of its colours go, if `bytes` says that there are any
   */
  fromPixels(pixels: Uint8Array, seed: number | null, into: Pixels, colours?: Float32Array): void;
  /**
   * Decodes the crops of an open image; `Decoded.write` then does the same as `fromPixels`. There are two steps so that
   * the next image can be decoded while this one is distorted.
   * @throws BadImageError when it cannot be decoded
   */
  decode(image: OpenImage, seed: number | null): Promise<Decoded>;
}

/** An image that has been decoded and cropped, but not yet distorted and preprocessed. */
export interface Decoded {
  /** Whether it was dark on light, and is shown inverted to a network that learned light on dark. */
  readonly inverted: boolean;
  /** As `Transform.fromPixels`. */
  write(into: Pixels, colours?: Float32Array): void;
}

/**
 * Creates a transform. Images are cropped as the recipe says. If it has no crop, image files are cropped to the middle
 * at `storedSize`, and images in memory keep their size. Image files that are dark on light are inverted where the
 * recipe names a background; images in memory never are.
 * @throws UserError where the recipe's distortions or preprocessing do not fit the images or the network
 */
export function createTransform({ recipe, stored, fitted, crops, bytes }: TransformOptions): Transform {
  const stages = distortionStages(recipe);
  const wanted = wantedSize({ recipe, stored });
  const cropped = croppedShape({ recipe, stored });
  const prepared =
    bytes === undefined
      ? preparation(recipe, stages, cropped, fitted)
      : bytesPreparation(recipe, stages, cropped, bytes);
  const shapes = {
    wanted,
    cropped,
    stored,
    asLearned: recipe.input.background ? lightOnDark(cropped) : asIs,
  };
  return crops ? severalCrops(crops, prepared, shapes) : oneCrop(stages, prepared, shapes);
}

type Sizes = Pick<TransformOptions, 'recipe' | 'stored'>;

/** The size that is cropped from, or to where nothing crops. */
function wantedSize({ recipe, stored }: Sizes): Size {
  return stored ? { height: stored[0], width: stored[1] } : storedSize(recipe.input);
}

/** The shape of a crop before preprocessing. */
export function croppedShape({ recipe, stored }: Sizes): ImageShape {
  const wanted = wantedSize({ recipe, stored });
  const { window } = centreCrop(wanted, distortionStages(recipe).crop, wanted);
  return [window.height, window.width, (stored ?? recipe.input.shape)[2]];
}

/** What happens to each crop after it is cut out. */
interface Preparation {
  readonly shape: ImageShape;
  /** Distorts the pixels if `random` is given, and preprocesses them. */
  write(pixels: Uint8Array, random: Random | null, into: Pixels, colours?: Float32Array): void;
}

function preparation(
  { input }: Pick<Recipe, 'input'>,
  stages: DistortionStages,
  cropped: ImageShape,
  fitted: FittedPreprocess | undefined,
): Preparation {
  const { shape, apply, lines } = preprocessor(cropped, beforeWhitening(input.preprocess), fitted);
  // Colours are changed and preprocessed in one pass where both are linear.
  const { first, colours } = lines ? colourStepsLast(stages.pixels) : { first: stages.pixels, colours: [] };
  return {
    shape,
    write: (pixels, random, into) => {
      const values = into as Float32Array; // which is what a transform is given that was not asked for bytes
      const image = random ? augmentPixels(pixels, cropped, first, random) : pixels;
      if (!lines || !random || colours.length === 0) apply(image, 1, values);
      else recoloured(image, followedBy(colourMap(image, colours, random), lines), values);
    },
  };
}

/** Only what bytes can hold: whole pixels that are moved and shrunk, and how their colours are to change. */
function bytesPreparation(
  { input }: Pick<Recipe, 'input'>,
  stages: DistortionStages,
  cropped: ImageShape,
  numbers: ColourNumbers,
): Preparation {
  const shrunk = input.preprocess.find((step) => step.kind === 'shrink');
  const { first, colours } = colourStepsLast(stages.pixels);
  return {
    shape: shrunk ? [shrunk.height, shrunk.width, cropped[2]] : cropped,
    write: (pixels, random, into, changes) => {
      const image = random ? augmentPixels(pixels, cropped, first, random) : pixels;
      into.set(shrunk ? shrink(image, 1, cropped, shrunk) : image);
      if (numbers === 0) return;
      const { matrix, offset } = random ? colourMap(image, colours, random) : identity;
      if (numbers === 12) changes!.set(matrix.flat());
      changes!.set(offset, numbers - 3);
    },
  };
}

interface Shapes {
  /** The size that is cropped from, or to where nothing crops. */
  readonly wanted: Size;
  /** The shape of a crop before preprocessing. */
  readonly cropped: ImageShape;
  readonly stored: ImageShape | null;
  /** The crops of an image file with the background that the network learned. */
  readonly asLearned: (crops: readonly Uint8Array[]) => Inverted;
}

interface Inverted {
  readonly crops: readonly Uint8Array[];
  readonly inverted: boolean;
}

const asIs: Shapes['asLearned'] = (crops) => ({ crops, inverted: false });

/** @param shape of each crop */
function lightOnDark(shape: ImageShape): Shapes['asLearned'] {
  return (crops) => {
    const inverted = isDarkOnLight(crops.map((pixels) => ({ pixels, shape })));
    return { crops: inverted ? crops.map(negative) : crops, inverted };
  };
}

/** The recipe's own crop: random with a seed, from the middle without one. */
function oneCrop(
  stages: DistortionStages,
  { shape, write }: Preparation,
  { wanted, cropped, stored, asLearned }: Shapes,
): Transform {
  const cropOf = (size: Size, random: Random | null) =>
    random ? randomCrop(size, stages.crop, wanted, random) : centreCrop(size, stages.crop, wanted);
  const randomOf = (seed: number | null) => (seed === null ? null : seededRandom(seed));
  const keepsAll = stages.crop.length === 0;
  return {
    shape,
    cropsPerImage: 1,
    channels: cropped[2],
    fromPixels: (pixels, seed, into, colours) => {
      const random = randomOf(seed);
      write(keepsAll ? pixels : cropArray(pixels, stored!, cropOf(wanted, random)), random, into, colours);
    },
    decode: async (image, seed) => {
      const random = randomOf(seed);
      const { crops, inverted } = asLearned([await image.decode(cropOf(image.size, random))]);
      return { inverted, write: (into, colours) => write(crops[0]!, random, into, colours) };
    },
  };
}

/** The crops of a protocol for evaluation, one after the other. */
function severalCrops(
  protocol: CropProtocol,
  { shape, write }: Preparation,
  { wanted, cropped: [height, width, channels], stored, asLearned }: Shapes,
): Transform {
  const cropsOf = (size: Size) => evaluationCrops(protocol, size, { height, width });
  const length = elementCount(shape);
  const writeAll = (crops: readonly Uint8Array[], into: Pixels) =>
    crops.forEach((crop, at) => write(crop, null, into.subarray(at * length, (at + 1) * length)));
  return {
    shape,
    cropsPerImage: cropCount(protocol),
    channels,
    fromPixels: (pixels, _, into) => {
      const crops = cropsOf(wanted).map((crop) => cropArray(pixels, stored!, crop));
      writeAll(crops, into);
    },
    decode: async (image) => {
      const { crops, inverted } = asLearned(await decodeCrops(image, cropsOf(image.size)));
      return { inverted, write: (into) => writeAll(crops, into) };
    },
  };
}
