/** Whole images at several scales, for networks that are applied densely (VGG §3.2). */
import { alone, type Dealt } from '../../core/io/process/communicator';
import type { ImageShape, Preprocess, Recipe } from '../../core/network';
import { evaluationCrops, type CropProtocol } from '../augment/evaluation-crops';
import type { ImageSet } from '../dataset';
import { BadImageError, refused } from '../image/image-error';
import type { Crop } from '../image/crop';
import { decodeCrops } from '../image/opened-image';
import { isDarkOnLight, negative } from '../image/pixels';
import { preprocessor, requireSameEverywhere } from '../preprocess/preprocess';
import type { SkippedImage } from './batches';
import type { Loader } from './prefetch';

/** Whole images at several scales. */
export type DenseProtocol = Extract<CropProtocol, { readonly kind: 'dense' }>;

/** An image at one scale, preprocessed. */
export interface ScaledImage {
  /** `[height, width, channels]` of `shape` */
  readonly values: Float32Array;
  readonly shape: ImageShape;
}

/** One image of a data set at all scales, or why it is left out. */
export type ImageAtScales =
  | {
      readonly index: number;
      /** The scales in the protocol's order, each computed on demand. */
      readonly scales: Iterable<ScaledImage>;
      /** Whether it was dark on light, and is shown inverted: see `Input.background`. */
      readonly inverted: boolean;
    }
  | SkippedImage;

export interface ImagesAtScalesOptions {
  readonly data: ImageSet;
  readonly recipe: Pick<Recipe, 'input'>;
  readonly crops: DenseProtocol;
  /** The image to begin with. */
  readonly from: number;
  /** To whom images are dealt out one by one, of whom this is one. Default: it has all of them. */
  readonly dealt?: Dealt | undefined;
  readonly loader: Pick<Loader, 'open' | 'onBadImage'>;
}

/** Images that are decoded ahead while the network processes one. */
const ahead = 2;

/**
 * All images of a data set beginning with `from`, in order, prepared for a network in its convolutional form: whole, at
 * each scale, and also mirrored if the protocol says so.
 * @throws UserError for preprocessing that is not the same at every position, and for scales below the network's input;
 *   BadImageError when an image cannot be read, unless such images are skipped
 */
export async function* imagesAtScales(options: ImagesAtScalesOptions): AsyncGenerator<ImageAtScales, void> {
  const { data, recipe, loader, dealt: { rank, size } = alone } = options;
  const from = options.from + rank;
  const { preprocess } = recipe.input;
  requireSameEverywhere(preprocess);
  const begin = (index: number) => {
    const decoded = index < data.labels.length ? decodedAtScales(options, index) : undefined;
    decoded?.catch(() => undefined); // thrown when the image's turn comes
    return decoded;
  };
  const coming = Array.from({ length: ahead }, (_, at) => begin(from + at * size));
  for (let index = from; index < data.labels.length; index += size) {
    coming.push(begin(index + ahead * size));
    try {
      const decoded = await coming.shift()!;
      const inverted =
        data.kind === 'files' && recipe.input.background !== undefined && isDarkOnLight(decoded);
      const shown = inverted
        ? decoded.map(({ pixels, shape }) => ({ pixels: negative(pixels), shape }))
        : decoded;
      yield { index, scales: preprocessed(shown, preprocess), inverted };
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      if (loader.onBadImage === 'fail') throw refused(error);
      yield { index, file: error.file, reason: error.reason };
    }
  }
}

/** An image at one scale, 0–255. */
interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
}

async function decodedAtScales(
  { data, recipe, crops: protocol, loader }: ImagesAtScalesOptions,
  index: number,
): Promise<readonly DecodedImage[]> {
  const [height, width, channels] = recipe.input.shape;
  const image = await loader.open(data, index, channels);
  const crops = evaluationCrops(protocol, image.size, { height, width });
  const shapeOf = ({ window }: Crop) => [window.height, window.width, image.channels] as const;
  const decoded = await decodeCrops(image, crops);
  return decoded.map((pixels, at) => ({ pixels, shape: shapeOf(crops[at]!) }));
}

function* preprocessed(
  decoded: readonly DecodedImage[],
  steps: readonly Preprocess[],
): Generator<ScaledImage, void> {
  for (const { pixels, shape } of decoded) {
    yield { values: preprocessor(shape, steps).apply(pixels, 1), shape };
  }
}
