/** Shows what a recipe's distortions make of one image: its crop for evaluation, and distorted samples. */
import { resolve } from 'node:path';
import { augmentPixels } from '../../data/augment/augment';
import type { Crop } from '../../data/image/crop';
import { openImage } from '../../data/image/open-image';
import { distortionStages } from '../../data/augment/stages';
import type { Size } from '../../data/image/header';
import { randomCrop, centreCrop } from '../../data/augment/random-crop';
import { UserError } from '../../core/errors';
import type { Augment, Recipe } from '../../core/network';
import { storedSize } from '../../core/shape';
import { deriveSeed, seededRandom } from '../../core/random';

/** An image in memory and what it shows. */
export interface Sample extends Size {
  readonly caption: string;
  /** Which image it is, below the caption. */
  readonly name?: string;
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;
}

/** Which image is distorted by which recipe, and how often. */
export interface SamplesOptions {
  /** The path of an image. */
  readonly file: string;
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
  /** The number of distorted samples; 0 where the recipe distorts nothing. */
  readonly samples: number;
  readonly seed: number;
}

/**
 * What a network with the recipe sees of one image, before preprocessing: the image itself, its deterministic crop as
 * in evaluation, and distorted samples. Distortions that training applies after whitening are shown without the
 * whitening; values outside 0–255 are clipped.
 * @throws UserError when the image cannot be read, the network takes neither grey nor colour images, or distortions
 *   need a training set
 */
export async function augmentedSamples(options: SamplesOptions): Promise<readonly Sample[]> {
  const { file, recipe, samples, seed } = options;
  const channels = recipe.input.shape[2];
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`augment: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  const stages = distortionStages(recipe);
  const wanted = storedSize(recipe.input);
  const source = { file: resolve(file) };
  const [coloured, image] = [await openImage(source, 3), await openImage(source, channels)];
  const whole = { ...coloured.size, pixels: await coloured.decode() };
  const shown: Sample[] = [{ ...whole, caption: `the image, ${sizeText(whole)}` }];
  const show = async (caption: string, crop: Crop, distort?: Distort) => {
    const { window } = crop;
    const pixels = await image.decode(crop);
    shown.push({
      height: window.height,
      width: window.width,
      caption: `${caption}: ${cropText(crop)}`,
      pixels: inColours(distort ? distort(pixels, window) : pixels, channels),
    });
  };
  await show('as evaluated', centreCrop(image.size, stages.crop, wanted));
  const steps = [...stages.pixels, ...stages.values].map(checked);
  for (let sample = 1; sample <= samples && recipe.augment.length > 0; sample++) {
    const random = seededRandom(deriveSeed(seed, 'sample', sample));
    await show(String(sample), randomCrop(image.size, stages.crop, wanted, random), (pixels, size) =>
      augmentPixels(pixels, [size.height, size.width, channels], steps, random),
    );
  }
  return shown;
}

/** A short description of the distortions that the samples show. */
export function stepsText({ augment, input }: Pick<Recipe, 'input' | 'augment'>): string {
  const kinds = augment.map(({ kind }) => kind).join(', ') || 'no distortions';
  const whitened = input.preprocess.some(({ kind }) => kind === 'whiten');
  return whitened ? `${kinds}, which in training follow whitening` : `${kinds}, before preprocessing`;
}

type Distort = (pixels: Uint8Array, size: Size) => ArrayLike<number>;

function checked(step: Augment): Augment {
  if (step.kind !== 'pcaLighting' || step.colours !== 'trainingSet') return step;
  throw new UserError(
    'augment: expected principal colours as numbers, found those of a training set, of which this is one image',
  );
}

/** A short description of where a crop lies. */
function cropText({ region, height, width, window, flip }: Crop): string {
  const whole = window.height === height && window.width === width;
  const from = whole
    ? `${sizeText(region)} at ${region.top},${region.left}`
    : `${window.top},${window.left} of ${sizeText({ height, width })}`;
  return flip ? `${from}, mirrored` : from;
}

function sizeText({ height, width }: Size): string {
  return `${height}×${width}`;
}

/** RGB values within 0–255, from an image of one or three channels. */
function inColours(values: ArrayLike<number>, channels: 1 | 3): Uint8Array {
  const pixels = new Uint8ClampedArray((values.length / channels) * 3);
  for (let at = 0; at < pixels.length; at++) pixels[at] = values[channels === 3 ? at : Math.floor(at / 3)]!;
  return new Uint8Array(pixels.buffer);
}
