/** Shows what a recipe makes of one image: its crop for evaluation, and distorted samples. */
import { resolve } from 'node:path';
import { augmentPixels } from '../../data/augment/augment';
import type { Crop } from '../../data/image/crop';
import { openImage } from '../../data/image/open-image';
import { distortionStages } from '../../data/augment/stages';
import type { Size } from '../../data/image/header';
import { randomCrop, centreCrop } from '../../data/augment/random-crop';
import { UserError } from '../../core/errors';
import type { Augment, Recipe } from '../../core/network';
import { deriveSeed, seededRandom } from '../../core/random';

/** An image in memory and what it shows. */
export interface Sample extends Size {
  readonly caption: string;
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;
}

export interface SamplesOptions {
  /** An image's path. */
  readonly file: string;
  readonly recipe: Pick<Recipe, 'input' | 'augment'>;
  /** How many distorted ones; none where nothing is distorted. */
  readonly samples: number;
  readonly seed: number;
}

/**
 * What a network with the recipe sees of one image, before its preprocessing: the image itself, its part without
 * chance, as in evaluation, and distorted samples. What comes after whitening in training is shown without it; values
 * beyond 0–255 are cut off.
 * @throws UserError when the image cannot be read, the network takes neither grey nor colours, or distortions need a
 *   training set
 */
export async function augmentedSamples(options: SamplesOptions): Promise<readonly Sample[]> {
  const { file, recipe, samples, seed } = options;
  const [height, width, channels] = recipe.input.shape;
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`augment: expected a network that takes 1 or 3 channels, found ${channels}`);
  }
  const stages = distortionStages(recipe);
  const wanted = { height, width };
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

/** The distortions that samples show, in few words. */
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

/** Where a crop lies, in few words. */
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

/** Three colours within 0–255 of one channel or three. */
function inColours(values: ArrayLike<number>, channels: 1 | 3): Uint8Array {
  const pixels = new Uint8ClampedArray((values.length / channels) * 3);
  for (let at = 0; at < pixels.length; at++) pixels[at] = values[channels === 3 ? at : Math.floor(at / 3)]!;
  return new Uint8Array(pixels.buffer);
}
