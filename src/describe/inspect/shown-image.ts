/** An image as a network sees it: its pixels after the crop, and the numbers that its recipe makes of them. */
import { batchesInOrder, type SkippedImage } from '../../data/loader/batches';
import type { ImageSet } from '../../data/dataset';
import type { Pixels } from '../../data/image/pixels';
import type { Loader } from '../../data/loader/prefetch';
import { beforeWhitening, preprocessor } from '../../data/preprocess/preprocess';
import { whitener } from '../../data/preprocess/whitening';
import type { Preprocess } from '../../core/network';
import type { TrainedModel } from '../../weights/trained-model';

/** What prepares images for a network. */
export type Preparing = Pick<TrainedModel, 'recipe' | 'fitted'>;

/** An image as a network sees it. */
export interface ShownImage {
  /**
   * `[height, width, channels]`, 0–255: cropped, resized and padded to the size of the input. Whole numbers, unless the
   * recipe shrinks images by averaging.
   */
  readonly pixels: Pixels;
  /** The same after all steps of the recipe, as the model takes it. */
  readonly input: Float32Array;
  /** It is dark on light, and is shown inverted: see `Input.background`. */
  readonly inverted: boolean;
}

/** Makes a network's numbers of pixels that already have the size of its input. */
export interface Preparation {
  /** @param pixels `[images, height, width, channels]`, 0–255 */
  apply(pixels: Pixels, images: number): Promise<Float32Array>;
  dispose(): void;
}

/** Steps that change the size of an image, which all come before those that change its numbers. */
const resizing: ReadonlySet<Preprocess['kind']> = new Set(['shrink', 'pad']);

/** The steps of a recipe on pixels of the input's size: all but those that make it so large. */
export function preparationOf({ recipe, fitted }: Preparing): Preparation {
  const { shape, preprocess } = recipe.input;
  const steps = preprocess.filter(({ kind }) => !resizing.has(kind));
  const { apply } = preprocessor(shape, beforeWhitening(steps), fitted);
  const whitens = steps.some(({ kind }) => kind === 'whiten');
  const whitening = whitens ? whitener(fitted.whitening!) : undefined;
  return {
    apply: async (pixels, images) => {
      const values = apply(pixels, images);
      return whitening ? whitening.apply(values, images) : values;
    },
    dispose: () => whitening?.dispose(),
  };
}

/** The recipe that crops and resizes images, and leaves their numbers as they are. */
export function unprepared({ recipe }: Pick<TrainedModel, 'recipe'>): Preparing {
  const preprocess = recipe.input.preprocess.filter(({ kind }) => resizing.has(kind));
  return { recipe: { ...recipe, input: { ...recipe.input, preprocess } }, fitted: {} };
}

/**
 * The images of a data set as a network sees them.
 * @param onSkipped told of images that the loader leaves out
 * @throws BadImageError for one that cannot be read, unless the loader leaves such images out
 */
export async function* shownImages(
  trained: Preparing,
  data: ImageSet,
  loader?: Loader,
  onSkipped?: (image: SkippedImage) => void,
): AsyncGenerator<ShownImage, void> {
  const preparation = preparationOf(trained);
  try {
    const { recipe } = unprepared(trained);
    for await (const batch of batchesInOrder(data, recipe, 1, { loader })) {
      const { images, labels, inverted = [], skipped = [] } = batch;
      for (const bad of skipped) onSkipped?.(bad);
      if (labels.length === 0) continue;
      const pixels = asStored(images);
      const input = await preparation.apply(pixels, 1);
      yield { pixels, input, inverted: inverted.length > 0 };
    }
  } finally {
    preparation.dispose();
  }
}

/** A copy, as bytes where all values are: the steps then give the same numbers, to the last bit, as in an evaluation. */
function asStored(values: Float32Array): Pixels {
  const bytes = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) {
    bytes[at] = values[at]!;
    if (bytes[at] !== values[at]) return values.slice();
  }
  return bytes;
}
