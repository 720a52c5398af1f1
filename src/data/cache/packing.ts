/** What is packed: images at the size from which all crops of a recipe can be cut. */
import type { Augment, ImageShape, Recipe } from '../../core/network';
import { storedSize } from '../../core/shape';
import type { LongSide } from '../image/crop';

/** The size to which images are resized when they are packed. Plain data that JSON preserves. */
export interface Packing {
  readonly shape: ImageShape;
  /** Whether the longer side is cropped to its middle or squeezed. */
  readonly longSide: Exclude<LongSide, 'kept'>;
}

/**
 * The packing that suits a recipe. Images become squares whose side is the shorter side that the recipe crops from;
 * they are cut from the middle of the image, as AlexNet's authors did (§2: 256x256). Without a crop, the size is the
 * one from which preprocessing starts.
 * - `randomCrop` then crops only within that square. Where its longer side is `cropped` or `squeezed`, it does so
 *   anyway, and the network sees exactly the pixels that it would see without packing.
 * - `scaleJitter` shrinks squares whose side is its largest shorter side.
 * - `areaCrop` crops from squares of 256/224 times the crop's side, and so enlarges small regions more than it would if
 *   it cropped from the original image.
 */
export function packingFor({ augment, input }: Pick<Recipe, 'augment' | 'input'>): Packing {
  const { height, width } = storedSize(input);
  const channels = input.shape[2];
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

/** The recipe with which a network would see exactly the packed images, in whole pixels 0–255. */
export function packingRecipe({ shape, longSide }: Packing): Pick<Recipe, 'augment' | 'input'> {
  const [side] = shape;
  const squeezed = { kind: 'randomCrop', size: side, shortSide: side, longSide } as const;
  return { input: { shape, preprocess: [] }, augment: longSide === 'squeezed' ? [squeezed] : [] };
}
