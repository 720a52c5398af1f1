/** Distorts one image by the steps of a recipe, in their order. */
import type { Augment, ImageShape } from '../../core/network';
import type { Random } from '../../core/random';
import { affineDistort } from './affine';
import { identity, meanColour, recoloured, scaled, type ColourMap } from './colour-map';
import { flip } from '../image/resample';
import { lightingShift } from './pca-lighting';
import { photometric } from './photometric';
import type { Pixels } from '../image/pixels';
import { translateAtRandom } from './translate';

/**
 * One image `[height, width, channels]`, distorted by `steps` in their order; all randomness comes from `random`.
 * Consecutive steps that change colours are applied in one pass.
 * @param steps one stage of a recipe's steps, from `distortionStages`, which has checked them
 * @returns the same array if nothing changed; whole pixels unless colours did
 */
export function augmentPixels(
  pixels: Pixels,
  shape: ImageShape,
  steps: readonly Augment[],
  random: Random,
): Pixels {
  let image = pixels;
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!;
    switch (step.kind) {
      case 'affine':
        image = affineDistort(image, shape, step, random);
        break;
      case 'translate':
        image = translateAtRandom(image, shape, step, random);
        break;
      case 'flip':
        if (random.integer(2) === 1) image = flip(image, shape);
        break;
      case 'pcaLighting':
      case 'photometric': {
        const run = steps.slice(at).findIndex((later) => !changesColours(later));
        const colourSteps = steps.slice(at, run < 0 ? undefined : at + run).filter(changesColours);
        image = recoloured(image, colourMap(image, colourSteps, random));
        at += colourSteps.length - 1;
        break;
      }
      case 'randomCrop':
      case 'scaleJitter':
      case 'areaCrop':
        throw new Error(`expected distortions of an image that is cut out already, found ${step.kind}`);
      default:
        step satisfies never;
    }
  }
  return image;
}

/** The steps up to the last one that does not change colours, and the colour steps after it, which can be one pass. */
export function colourStepsLast(steps: readonly Augment[]): {
  readonly first: readonly Augment[];
  readonly colours: readonly ColourStep[];
} {
  const start = steps.findLastIndex((step) => !changesColours(step)) + 1;
  return { first: steps.slice(0, start), colours: steps.slice(start).filter(changesColours) };
}

type ColourStep = Extract<Augment, { readonly kind: 'pcaLighting' | 'photometric' }>;

export function changesColours(step: Augment): step is ColourStep {
  return step.kind === 'pcaLighting' || step.kind === 'photometric';
}

/** The map that the steps apply to the colours of an image `[height, width, 3]`. */
export function colourMap(image: Pixels, steps: readonly ColourStep[], random: Random): ColourMap {
  const mean = steps.some(({ kind }) => kind === 'photometric') ? meanColour(image) : ([0, 0, 0] as const);
  return steps.reduce<ColourMap>(
    (map, step) =>
      step.kind === 'pcaLighting'
        ? scaled(map, 1, lightingShift(step, random))
        : photometric(map, step, mean, random),
    identity,
  );
}
