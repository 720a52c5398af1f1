/**
 * The script `classify.js` beside an exported model: names what photos show, in the browser; nothing is sent anywhere.
 * Images are decoded by the browser, and cropped and prepared by the code that prepared them for the training. For pages
 * of your own, after tf.min.js: `await classify(await createImageBitmap(file))`.
 */
import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Recipe } from '../../core/network';
import type { Crop, Rectangle } from '../../data/image/crop';
import type { OpenImage } from '../../data/image/opened-image';
import { negative } from '../../data/image/pixels';
import { createTransform } from '../../data/loader/transform';
import { bestClasses, probabilities } from '../../evaluate/scores/ranking';
import type * as allOfTf from '../../core/tensorflow/parts';
import { openPageImage, pageImage, type ImageSource } from '../images/images';

declare global {
  /** TensorFlow.js, which tf.min.js puts there. */
  const tf: typeof allOfTf;
}

/** What the author of the model wrote of it: see `metadataOf` of the export. */
export interface Facts {
  readonly labels: readonly string[] | null;
  readonly scores: Recipe['loss']['kind'];
  readonly input: Recipe['input'];
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  /** Weights that affect the answers and were never trained. */
  readonly notLoaded?: readonly string[];
}

/** The model, and what is known of it. */
export const ready = loadModel();

async function loadModel(): Promise<{ readonly model: GraphModel; readonly facts: Facts }> {
  await tf.ready();
  const model = await tf.loadGraphModel('model.json');
  const facts = model.metadata as Facts;
  // The first answer takes long, for the graphics card's programs are made then.
  tf.tidy(() => (model.predict(tf.zeros([1, ...facts.input.shape])) as allOfTf.Tensor).dataSync());
  return { model, facts };
}

/** A class among the answers. */
export interface Answer {
  readonly label: string;
  readonly index: number;
  /** Null where the scores give none. */
  readonly probability: number | null;
  readonly score: number;
}

/** How an image is shown. */
export interface ClassifyOptions {
  /** How many classes are named. Default: 5. */
  readonly top?: number;
  /**
   * Whether the image's negative is shown. Default: where it is known that the network learned light on dark, and the
   * image is dark on light.
   */
  readonly inverted?: boolean | undefined;
}

/** The best classes of an image, the best first. */
export async function classify(
  image: ImageSource,
  { top = 5, inverted }: ClassifyOptions = {},
): Promise<readonly Answer[]> {
  return answersFor(await seenOf(image, inverted), top);
}

/** The best classes of what the network sees, the best first. @param top how many */
export async function answersFor({ values }: Pick<Seen, 'values'>, top = 5): Promise<readonly Answer[]> {
  const { facts } = await ready;
  const { loss } = facts.recipe;
  const scores = await scoresOf(values);
  const shares = probabilities(loss, scores);
  return bestClasses(loss, scores, top).map((index) => ({
    label: facts.labels?.[index] ?? `class ${index}`,
    index,
    probability: shares ? shares[index]! : null,
    score: scores[index]!,
  }));
}

/** The class scores of one image. @param values as the network takes them */
export async function scoresOf(values: Float32Array): Promise<Float32Array> {
  const { model, facts } = await ready;
  const scores = tf.tidy(() => model.predict(tf.tensor(values, [1, ...facts.input.shape])) as allOfTf.Tensor);
  const found = await scores.data<'float32'>();
  scores.dispose();
  return found;
}

/** What the network sees of an image. */
export interface Seen {
  /** The part of the image, at the size at which the network sees it: `[height, width, channels]`, 0–255. */
  readonly pixels: Uint8Array;
  readonly window: Rectangle;
  /** Whether it is the negative of the image. */
  readonly inverted: boolean;
  /** The values that the network takes. */
  readonly values: Float32Array;
}

/** Crops and prepares an image as in training; see `ClassifyOptions` for `inverted`. */
export async function seenOf(image: ImageSource, inverted?: boolean): Promise<Seen> {
  const { facts } = await ready;
  const { background, ...input } = { ...facts.recipe.input, preprocess: facts.input.preprocess };
  const asked = inverted !== undefined || background === undefined;
  const transform = createTransform({
    recipe: { input: asked ? input : { ...input, background }, augment: facts.recipe.augment },
    stored: null,
  });
  const opened = await openPageImage(pageImage(image, 'the image'), transform.channels);
  let shown: { pixels: Uint8Array; window: Rectangle } | undefined;
  const watched: OpenImage = {
    ...opened,
    decode: async (crop?: Crop) => {
      const pixels = await opened.decode(crop);
      shown = { pixels: inverted ? negative(pixels) : pixels, window: crop!.window };
      return shown.pixels;
    },
  };
  const decoded = await transform.decode(watched, null);
  const values = new Float32Array(transform.shape.reduce((size, side) => size * side, 1));
  decoded.write(values);
  const turned = inverted ?? decoded.inverted;
  return {
    pixels: decoded.inverted ? negative(shown!.pixels) : shown!.pixels,
    window: shown!.window,
    inverted: turned,
    values,
  };
}
