/** The crops and mirrorings of training, at random or without chance from the middle. */
import type { Augment } from '../../core/network';
import type { Random } from '../../core/random';
import {
  type Crop,
  type Rectangle,
  cropFrom,
  middle,
  rescaled,
  type LongSide,
  type Rescaled,
  whole,
} from '../image/crop';
import type { Size } from '../image/header';

type AreaCrop = Extract<Augment, { readonly kind: 'areaCrop' }>;

/** A step that crops, to squares of its `size`. */
export type CropStep = AreaCrop | Extract<Augment, { readonly kind: 'randomCrop' | 'scaleJitter' }>;

export function isCrop(step: Augment): step is CropStep {
  switch (step.kind) {
    case 'randomCrop':
    case 'scaleJitter':
    case 'areaCrop':
      return true;
    case 'affine':
    case 'translate':
    case 'flip':
    case 'pcaLighting':
    case 'photometric':
      return false;
    default:
      return step satisfies never;
  }
}

/**
 * The crop of an image for training, drawn anew for each image and epoch: the crop and the flips of `steps`; all other
 * steps are ignored.
 * - `randomCrop`: every place is equally likely (AlexNet §4.1; VGG §3.1).
 * - `scaleJitter`: every whole length of the shorter side is equally likely too, both ends included (VGG §3.1).
 * - `areaCrop`: see `areaOf`.
 * @param size the size of the upright image
 * @param wanted the size of the crop when no step crops: the image is resized to cover it, and the middle is cut out
 */
export function randomCrop(size: Size, steps: readonly Augment[], wanted: Size, random: Random): Crop {
  let crop = centreCrop(size, [], wanted);
  let flip = false;
  for (const step of steps) {
    switch (step.kind) {
      case 'randomCrop':
        crop = cropOf(rescaled(size, square(step.shortSide), step.longSide), step.size, random);
        break;
      case 'scaleJitter': {
        const shortSide = step.least + random.integer(step.most - step.least + 1);
        crop = cropOf(rescaled(size, square(shortSide)), step.size, random);
        break;
      }
      case 'areaCrop': {
        const box = square(step.size);
        crop = { region: areaOf(size, step, random), ...box, window: whole(box), flip: false };
        break;
      }
      case 'flip':
        flip = random.integer(2) === 1 ? !flip : flip;
        break;
      case 'affine':
      case 'translate':
      case 'pcaLighting':
      case 'photometric':
        break;
      default:
        step satisfies never;
    }
  }
  return { ...crop, flip };
}

/**
 * The crop of an image for evaluation and statistics: that of `steps`, but from the middle and not random.
 * @param wanted as `randomCrop`
 */
export function centreCrop(size: Size, steps: readonly Augment[], wanted: Size): Crop {
  const { least, longSide, window } = centreCropOf(steps, wanted);
  const field = rescaled(size, least, longSide);
  return cropFrom(field, middle(field.field, window));
}

/** The centre crop of an image of any size. */
export interface CentreCrop {
  /** The arguments of `rescaled`. */
  readonly least: Size;
  readonly longSide: LongSide;
  /** The size of the crop, which is taken from the middle. */
  readonly window: Size;
}

/**
 * The centre crop that corresponds to `steps`. The shorter side is that of `randomCrop`, or the middle of
 * `scaleJitter`'s range (VGG §4.1: Q = 0.5(Smin + Smax)), or for `areaCrop` 256/224 of the crop's side, as
 * fb.resnet.torch and torchvision test networks that were trained with such crops.
 * @param wanted as `randomCrop`
 */
export function centreCropOf(steps: readonly Augment[], wanted: Size): CentreCrop {
  let view: CentreCrop = { least: wanted, longSide: 'kept', window: wanted };
  for (const step of steps) {
    if (!isCrop(step)) continue;
    const longSide = (step.kind === 'randomCrop' ? step.longSide : undefined) ?? 'kept';
    view = { least: square(shortSideOf(step)), longSide, window: square(step.size) };
  }
  return view;
}

function shortSideOf(step: CropStep): number {
  switch (step.kind) {
    case 'randomCrop':
      return step.shortSide;
    case 'scaleJitter':
      return Math.round((step.least + step.most) / 2);
    case 'areaCrop':
      return Math.round((step.size * 256) / 224);
    default:
      return step satisfies never;
  }
}

function square(side: number): Size {
  return { height: side, width: side };
}

function cropOf(image: Rescaled, side: number, random: Random): Crop {
  const { top, left, height, width } = image.field;
  const down = random.integer(height - side + 1);
  const right = random.integer(width - side + 1);
  return cropFrom(image, { top: top + down, left: left + right, ...square(side) });
}

/** How many areas are drawn before giving up on one that fits into the image. */
const attempts = 10;

/**
 * A part of an image whose share of the area is uniform and whose side ratio is uniform in its logarithm, anywhere it
 * fits (GoogLeNet §6). The distributions and the ten attempts are those of torchvision's `RandomResizedCrop`. As there,
 * if all attempts fail, the result is the largest central part whose side ratio lies within the range.
 */
function areaOf({ height, width }: Size, { area, aspect }: AreaCrop, random: Random): Rectangle {
  const { exp, log, max, round } = Math;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const share = height * width * random.uniform(...area);
    const ratio = exp(random.uniform(log(aspect[0]), log(aspect[1])));
    const part: Size = { height: round((share / ratio) ** 0.5), width: round((share * ratio) ** 0.5) };
    if (part.height < 1 || part.width < 1 || part.height > height || part.width > width) continue;
    const top = random.integer(height - part.height + 1);
    return { top, left: random.integer(width - part.width + 1), ...part };
  }
  const ratio = width / height;
  const part: Size = {
    height: ratio < aspect[0] ? max(1, round(width / aspect[0])) : height,
    width: ratio > aspect[1] ? max(1, round(height * aspect[1])) : width,
  };
  return middle(whole({ height, width }), part);
}
