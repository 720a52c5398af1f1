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

/**
 * What a training step crops out of an image, drawn anew for each image and epoch: the crop and the flips of
 * `steps`, all others passed over.
 * - `randomCrop`: every place is equally likely (AlexNet §4.1; VGG §3.1).
 * - `scaleJitter`: so is every whole length of the shorter side, both ends included (VGG §3.1).
 * - `areaCrop`: see `areaOf`.
 * @param size of the upright image
 * @param wanted what the image is brought to and cut from the middle of, where no step crops
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
 * What evaluation and statistics take out of an image: the crop of `steps` without chance, from the middle.
 * @param wanted as `randomCrop`
 */
export function centreCrop(size: Size, steps: readonly Augment[], wanted: Size): Crop {
  const { least, longSide, window } = centreCropOf(steps, wanted);
  const field = rescaled(size, least, longSide);
  return cropFrom(field, middle(field.field, window));
}

/** How an image of any size is cut without chance. */
export interface CentreCrop {
  /** As `rescaled` takes them. */
  readonly least: Size;
  readonly longSide: LongSide;
  /** Taken out of the middle. */
  readonly window: Size;
}

/**
 * The crop of `steps` without chance. The shorter side is that of `randomCrop`; the middle of `scaleJitter`'s range
 * (VGG §4.1: Q = 0.5(Smin + Smax)); after `areaCrop` 256/224 of the crop's, as fb.resnet.torch and torchvision test
 * networks trained so.
 * @param wanted as `randomCrop`
 */
export function centreCropOf(steps: readonly Augment[], wanted: Size): CentreCrop {
  let view: CentreCrop = { least: wanted, longSide: 'kept', window: wanted };
  for (const step of steps) {
    const shortSide = shortSideOf(step);
    if (shortSide === undefined || !('size' in step)) continue;
    const longSide = (step.kind === 'randomCrop' ? step.longSide : undefined) ?? 'kept';
    view = { least: square(shortSide), longSide, window: square(step.size) };
  }
  return view;
}

function shortSideOf(step: Augment): number | undefined {
  switch (step.kind) {
    case 'randomCrop':
      return step.shortSide;
    case 'scaleJitter':
      return Math.round((step.least + step.most) / 2);
    case 'areaCrop':
      return Math.round((step.size * 256) / 224);
    case 'affine':
    case 'translate':
    case 'flip':
    case 'pcaLighting':
    case 'photometric':
      return undefined;
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

/** How often an area that does not fit into the image is drawn again. */
const attempts = 10;

/**
 * A part of an image whose share of the area is uniform and whose side ratio is uniform in its logarithm, anywhere it
 * fits (GoogLeNet §6). The distributions, the ten attempts and what follows them are torchvision's
 * `RandomResizedCrop`: then it is the largest part in the middle whose ratio lies within the range.
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
