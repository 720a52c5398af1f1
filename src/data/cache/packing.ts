/** What is packed: images at the size from which all crops of a recipe can be cut. */
import type { Augment, ImageShape, Recipe } from '../../core/network';
import type { LongSide } from '../image/crop';

/** What images are brought to when they are packed. Plain data, equal to its own JSON. */
export interface Packing {
  readonly shape: ImageShape;
  /** Of the longer side only the middle is kept, or it is squeezed. */
  readonly longSide: Exclude<LongSide, 'kept'>;
}

/**
 * What a recipe needs of packed images: squares of the shorter side that its crop is taken from, the middle of the
 * image as AlexNet's authors kept it (§2: 256x256); without a crop, the network's input.
 * - `randomCrop` then has its places in that square only, which is all that it has where its longer side is `cropped`
 *   or `squeezed`: there the network sees the very pixels that it would without packing.
 * - `scaleJitter` shrinks squares of its largest shorter side.
 * - `areaCrop` takes its part of squares of 256/224 of the crop's side, and enlarges small parts more than it would
 *   have to of the image itself.
 */
export function packingFor({ augment, input }: Pick<Recipe, 'augment' | 'input'>): Packing {
  const [height, width, channels] = input.shape;
  for (const step of augment) {
    const side = squareFor(step);
    if (side === undefined) continue;
    const squeezed = step.kind === 'randomCrop' && step.longSide === 'squeezed';
    return { shape: [side, side, channels], longSide: squeezed ? 'squeezed' : 'cropped' };
  }
  return { shape: [height, width, channels], longSide: 'cropped' };
}

function squareFor(step: Augment): number | undefined {
  if (step.kind === 'randomCrop') return step.shortSide;
  if (step.kind === 'scaleJitter') return step.most;
  return step.kind === 'areaCrop' ? Math.round((step.size * 256) / 224) : undefined;
}

/** The recipe by which a network would see images as they are packed, in whole pixels 0–255. */
export function packingRecipe({ shape, longSide }: Packing): Pick<Recipe, 'augment' | 'input'> {
  const [side] = shape;
  const squeezed = { kind: 'randomCrop', size: side, shortSide: side, longSide } as const;
  return { input: { shape, preprocess: [] }, augment: longSide === 'squeezed' ? [squeezed] : [] };
}
