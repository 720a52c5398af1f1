/** The crops of an image that a network sees in an evaluation, by the protocols of the papers. */
import { option } from '../../core/text/wording';
import type { CropKind } from './crop-kinds';
import { UserError } from '../../core/errors';
import {
  type Crop,
  type Rectangle,
  cropFrom,
  middle,
  rescaled,
  whole,
  type LongSide,
  type Rescaled,
} from '../image/crop';
import type { Size } from '../image/header';
import type { Recipe } from '../../core/network';
import { storedSize } from '../../core/shape';
import { distortionStages } from './stages';
import { centreCropOf } from './random-crop';
import { requireSameEverywhere } from '../preprocess/preprocess';

/**
 * Which crops of an image a network sees in an evaluation; its outputs for them are averaged. A `side` is the length to
 * which the shorter side of the image is resized; `none` does not resize.
 */
export type CropProtocol =
  /** One crop from the middle. */
  | { readonly kind: 'centre'; readonly side: number | 'none'; readonly longSide?: LongSide }
  /**
   * The four corners and the middle, and all five mirrored (AlexNet §4.1 takes them from the middle square: `cropped`).
   */
  | { readonly kind: 'ten'; readonly side: number | 'none'; readonly longSide?: LongSide }
  /**
   * The whole image at each scale, for a network applied densely; if `mirrored`, also mirrored (VGG §3.2, §4.1, §4.2).
   */
  | { readonly kind: 'dense'; readonly sides: readonly number[]; readonly mirrored: boolean }
  /** A regular grid of 5×5 crops at each scale, and all mirrored: 50 per scale, 150 at three (VGG §3.2, §4.3). */
  | { readonly kind: 'grid'; readonly sides: readonly number[] }
  /**
   * At each scale three squares: left, middle and right, or top, middle and bottom. From each square come the four
   * corners, the middle, and the square itself resized to the crop's size; then all of these mirrored (GoogLeNet §7:
   * 144 crops at four scales).
   */
  | { readonly kind: 'squares'; readonly sides: readonly number[] };

/** GoogLeNet §7: 4·3·6·2 = 144 crops. */
export const googlenetCrops = {
  kind: 'squares',
  sides: [256, 288, 320, 352],
} as const satisfies CropProtocol;

/**
 * The scales at which VGG's networks are tested, given the scale of their training: S − 32, S and S + 32 for a single
 * S; the ends and the middle for a range (VGG §4.2).
 */
export function vggSides(trained: number | readonly [least: number, most: number]): readonly number[] {
  if (typeof trained === 'number') return [trained - 32, trained, trained + 32];
  const [least, most] = trained;
  return [least, Math.round((least + most) / 2), most];
}

/**
 * The crops of a protocol for one image, in the order described above; at each scale, mirrored crops come last.
 * Fractional offsets are rounded down, for a grid to the nearest pixel.
 * @param size the size of the upright image
 * @param input the network's input size; `dense` crops may be larger, since the network is then convolutional
 * @throws UserError when a crop does not fit into the image
 */
export function evaluationCrops(protocol: CropProtocol, size: Size, input: Size): readonly Crop[] {
  switch (protocol.kind) {
    case 'centre': {
      const image = scaled(size, protocol.side, input, protocol.longSide);
      return [cropFrom(image, middle(image.field, input))];
    }
    case 'ten': {
      const image = scaled(size, protocol.side, input, protocol.longSide);
      return withMirrored(fiveOf(image.field, input).map((window) => cropFrom(image, window)));
    }
    case 'dense':
      return protocol.sides.flatMap((side) => {
        const image = scaled(size, side, input);
        const crop = cropFrom(image, image.field);
        return protocol.mirrored ? withMirrored([crop]) : [crop];
      });
    case 'grid':
      return protocol.sides.flatMap((side) => {
        const image = scaled(size, side, input);
        return withMirrored(gridOf(image.field, input).map((window) => cropFrom(image, window)));
      });
    case 'squares':
      return protocol.sides.flatMap((side) => withMirrored(squareCrops(size, side, input)));
  }
}

/** How many crops a protocol makes of each image. */
export function cropCount(protocol: CropProtocol): number {
  switch (protocol.kind) {
    case 'centre':
      return 1;
    case 'ten':
      return 10;
    case 'dense':
      return protocol.sides.length * (protocol.mirrored ? 2 : 1);
    case 'grid':
      return protocol.sides.length * 50;
    case 'squares':
      return protocol.sides.length * 36;
  }
}

function scaled(size: Size, side: number | 'none', input: Size, longSide?: LongSide): Rescaled {
  const least = side === 'none' ? size : { height: side, width: side };
  if (least.height < input.height || least.width < input.width) {
    throw new UserError(
      `crops: expected images of at least ${input.height}x${input.width} pixels, found ${least.height}x${least.width}; ${option('resize', String(Math.max(input.height, input.width)))}, or more, with ${option('crops')} enlarges them`,
    );
  }
  return rescaled(size, least, longSide);
}

function fiveOf(field: Rectangle, input: Size): readonly Rectangle[] {
  return [...cornersOf(field, input), middle(field, input)];
}

function cornersOf(field: Rectangle, input: Size): readonly Rectangle[] {
  return [0, 1].flatMap((down) => [0, 1].map((right) => placed(field, input, down, right)));
}

function gridOf(field: Rectangle, input: Size): readonly Rectangle[] {
  const steps = [0, 1, 2, 3, 4].map((step) => step / 4);
  return steps.flatMap((down) => steps.map((right) => placed(field, input, down, right)));
}

/** @param down, right the position as a share of the free space, 0 to 1 */
function placed(outer: Rectangle, { height, width }: Size, down: number, right: number): Rectangle {
  const top = outer.top + Math.round((outer.height - height) * down);
  const left = outer.left + Math.round((outer.width - width) * right);
  return { top, left, height, width };
}

/**
 * Six crops of each of three squares. The resized squares are cut from the original image, not from the one resized to
 * `side`, and so are the same at each scale.
 */
function squareCrops(size: Size, side: number, input: Size): readonly Crop[] {
  const image = scaled(size, side, input);
  const [inImage, inScaled] = [threeSquares(whole(size)), threeSquares(image.field)];
  return inScaled.flatMap((square, index) => [
    ...fiveOf(square, input).map((window) => cropFrom(image, window)),
    { region: inImage[index]!, ...input, window: whole(input), flip: false },
  ]);
}

function threeSquares(outer: Rectangle): readonly [Rectangle, Rectangle, Rectangle] {
  const side = Math.min(outer.height, outer.width);
  const square = { height: side, width: side };
  return [placed(outer, square, 0, 0), middle(outer, square), placed(outer, square, 1, 1)];
}

function withMirrored(crops: readonly Crop[]): readonly Crop[] {
  return [...crops, ...crops.map((crop) => ({ ...crop, flip: true }))];
}

/**
 * A protocol for a network. By default the scales are those of the papers: for the middle and the ten crops the scale
 * of the recipe; for the grid and for whole images VGG's three (§4.2), whole images also mirrored (§3.2); for the
 * squares GoogLeNet's four (§7).
 * @param sides the scales, each a length to which the shorter side of an image is resized; `none` does not resize
 * @throws UserError for scales that the protocol does not allow, and for preprocessing that is impossible on whole
 *   images
 */
export function cropsFor(
  kind: CropKind,
  sides: readonly number[] | 'none' | undefined,
  recipe: Pick<Recipe, 'input' | 'augment'>,
): CropProtocol {
  if (kind === 'grid' || kind === 'squares' || kind === 'dense') {
    if (sides === 'none')
      throw new UserError(`${option('resize')}: expected lengths for ${kind} crops, found none`);
    if (kind === 'squares') return { kind, sides: sides ?? googlenetCrops.sides };
    const scales = sides ?? vggSides(trainedAt(recipe));
    if (kind === 'grid') return { kind, sides: scales };
    requireSameEverywhere(recipe.input.preprocess);
    return { kind, sides: scales, mirrored: true };
  }
  if (sides !== undefined && sides !== 'none' && sides.length !== 1)
    throw new UserError(
      `${option('resize')}: expected one length for ${kind} crops, found ${sides.join(', ')}`,
    );
  if (sides === 'none') return { kind, side: sides };
  const { least, longSide } = centreCropOf(distortionStages(recipe).crop, storedSize(recipe.input));
  return { kind, side: sides?.[0] ?? least.height, longSide };
}

function trainedAt({ augment, input }: Pick<Recipe, 'input' | 'augment'>): Parameters<typeof vggSides>[0] {
  for (const step of augment) {
    if (step.kind === 'scaleJitter') return [step.least, step.most];
    if (step.kind === 'randomCrop') return step.shortSide;
  }
  return Math.round((input.shape[0] * 256) / 224) + 32; // the smallest of the three is then 256 for crops of 224
}
