import { UserError } from '../errors';
import type { Recipe } from '../network';
import { distortionStages } from './distortion-stages';
import { googlenetCrops, vggSides, type CropProtocol } from './evaluation-crops';
import { middleView } from './plan-cut';
import { requireSameEverywhere } from './whole-views';

/** The protocols that have a name of their own. */
export const cropKinds = ['centre', 'ten', 'dense', 'grid', 'squares'] as const;
export type CropKind = (typeof cropKinds)[number];

/**
 * A protocol for a network, with what its paper says where nothing is asked for: the middle and the ten crops at the
 * scale of its recipe, the grid and whole pictures at VGG's three (§4.2), the latter mirrored as well (§3.2), the
 * squares at GoogLeNet's four (§7).
 * @param sides of the scales, each what a picture's shorter side is brought to; `none` leaves pictures as they are
 * @throws UserError for scales that the protocol cannot have, and for preprocessing that whole pictures cannot
 */
export function cropsFor(
  kind: CropKind,
  sides: readonly number[] | 'none' | undefined,
  recipe: Pick<Recipe, 'input' | 'augment'>,
): CropProtocol {
  if (kind === 'grid' || kind === 'squares' || kind === 'dense') {
    if (sides === 'none') throw new UserError(`--resize: expected lengths for ${kind} crops, found none`);
    if (kind === 'squares') return { kind, sides: sides ?? googlenetCrops.sides };
    const scales = sides ?? vggSides(trainedAt(recipe));
    if (kind === 'grid') return { kind, sides: scales };
    requireSameEverywhere(recipe.input.preprocess);
    return { kind, sides: scales, mirrored: true };
  }
  if (sides !== undefined && sides !== 'none' && sides.length !== 1)
    throw new UserError(`--resize: expected one length for ${kind} crops, found ${sides.join(', ')}`);
  if (sides === 'none') return { kind, side: sides };
  const [height, width] = recipe.input.shape;
  const { least, longSide } = middleView(distortionStages(recipe).cut, { height, width });
  return { kind, side: sides?.[0] ?? least.height, longSide };
}

function trainedAt({ augment, input }: Pick<Recipe, 'input' | 'augment'>): Parameters<typeof vggSides>[0] {
  for (const step of augment) {
    if (step.kind === 'scaleJitter') return [step.least, step.most];
    if (step.kind === 'randomCrop') return step.shortSide;
  }
  return Math.round((input.shape[0] * 256) / 224) + 32; // the smallest of the three is then 256 for crops of 224
}
