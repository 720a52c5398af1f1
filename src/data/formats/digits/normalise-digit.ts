/** Brings a handwritten digit to the size and place of MNIST’s, or of the 16×16 ones of 1989. */
import type { Rectangle } from '../../image/crop';
import { cropArray } from '../../image/resample';

/** A picture of one grey value a pixel, 0–255, light on dark. */
export interface GreyPicture {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Where a digit comes to lie. */
export interface DigitFrame {
  /** The side of the square image. */
  readonly side: number;
  /** The longer side of the digit in it. */
  readonly box: number;
  /** What comes to the middle of the image: the centre of mass of the ink, or that of the box around it. */
  readonly centre: 'mass' | 'box';
}

/**
 * MNIST’s: the digit fits a box of 20×20, its aspect ratio kept, and the centre of mass of its pixels lies in the middle
 * of 28×28. Source: LeCun, Bottou, Bengio, Haffner 1998, §III.A.
 */
export const mnistFrame: DigitFrame = { side: 28, box: 20, centre: 'mass' };

/** The digit fills the image, its aspect ratio kept. Source: LeCun et al. 1989, §3.2. */
export const frame1989: DigitFrame = { side: 16, box: 16, centre: 'box' };

/** Fainter pixels than this are no ink: noise of cameras, and rounding of resizes. */
const faintest = 16;

/**
 * The digit of a picture, scaled and centred; resized pixels are means of the picture’s, as MNIST’s are grey where ink
 * covers a pixel in part.
 * @returns `[side, side]`; undefined if there is no ink
 */
export function normaliseDigit(picture: GreyPicture, frame: DigitFrame): Uint8Array | undefined {
  const ink = inkBox(picture);
  if (!ink) return undefined;
  const { side, box, centre } = frame;
  const share = box / Math.max(ink.height, ink.width);
  const height = Math.max(1, Math.round(ink.height * share));
  const width = Math.max(1, Math.round(ink.width * share));
  const { pixels } = picture;
  const window = { top: 0, left: 0, height, width };
  const digit = cropArray(pixels, [picture.height, picture.width, 1], {
    region: ink,
    ...{ height, width, window },
    flip: false,
  });
  const [y, x] = centre === 'mass' ? centreOfMass(digit, width) : [height / 2, width / 2];
  const within = (place: number, length: number) => Math.min(side - length, Math.max(0, place));
  const top = within(Math.round(side / 2 - y), height);
  const left = within(Math.round(side / 2 - x), width);
  const placed = new Uint8Array(side * side);
  for (let row = 0; row < height; row++)
    placed.set(digit.subarray(row * width, (row + 1) * width), (top + row) * side + left);
  return placed;
}

/** The smallest rectangle that holds all ink; undefined if there is none. */
export function inkBox({ pixels, height, width }: GreyPicture): Rectangle | undefined {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      if (pixels[row * width + column]! < faintest) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  return bottom < 0 ? undefined : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** In pixels from the upper left corner; the middle of the first pixel lies at ½. */
function centreOfMass(pixels: Uint8Array, width: number): readonly [y: number, x: number] {
  let [mass, y, x] = [0, 0, 0];
  pixels.forEach((value, at) => {
    mass += value;
    y += value * (Math.floor(at / width) + 0.5);
    x += value * ((at % width) + 0.5);
  });
  return [y / mass, x / mass];
}
