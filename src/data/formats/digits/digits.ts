/** Draws digits by a program: a data set that needs no download. */
import type { ImageShape } from '../../../core/network';
import { deriveSeed, permutation, seededRandom, type Random } from '../../../core/random';
import { randomAffine, type AffineRanges } from '../../augment/affine';
import { datasetInMemory, type Dataset, type Splits } from '../../dataset';
import { digitSkeletons, type Point, type Skeleton } from './strokes';
import { ink, trace } from './pen';

const shape: ImageShape = [28, 28, 1];
const size = 28;
/** The unit square of the skeletons becomes a box of this many pixels in the middle of the image, as in MNIST. */
const box = 20;
/** The ranges of the paper's kinds of distortion; the paper itself gives no ranges. */
const distortion: AffineRanges = { kind: 'affine', shift: 2, scale: 0.18, squeeze: 0.18, shear: 0.4 };
/** How far a skeleton is bent as a whole, in units of the box. */
const bend = 0.1;
/** How far each point is moved by itself, in units of the box. */
const slip = 0.035;
/** Half the width of a stroke, in pixels. */
const penRadius = { least: 0.7, most: 1.9 };

/**
 * Draws digits that look handwritten, without a download. Skeletons of strokes are bent at random, distorted as in
 * section III.C of LeCun et al. 1998, and inked into 28x28 grey images. The digits are as equally frequent as the
 * counts allow. The same seed gives the same pixels on every machine.
 */
export function drawDigits({
  seed,
  train = 8000,
  test = 2000,
}: {
  readonly seed: number;
  readonly train?: number;
  readonly test?: number;
}): Splits<Dataset> {
  return {
    train: drawSet('digits train (synthetic)', train, deriveSeed(seed, 'digits', 'train')),
    test: drawSet('digits test (synthetic)', test, deriveSeed(seed, 'digits', 'test')),
  };
}

function drawSet(name: string, images: number, seed: number): Dataset {
  const random = seededRandom(seed);
  const labels = permutation(images, random).map((place) => place % digitSkeletons.length);
  const pixels = new Uint8Array(images * size * size);
  labels.forEach((digit, image) => {
    const styles = digitSkeletons[digit]!;
    const skeleton = styles[random.integer(styles.length)]!;
    drawSkeleton(skeleton, pixels.subarray(image * size * size, (image + 1) * size * size), random);
  });
  const classes = digitSkeletons.map((_, digit) => String(digit));
  return datasetInMemory({ name, synthetic: true, classes, shape, labels, pixels });
}

/** Draws one digit into the empty image `[28, 28]`. */
function drawSkeleton(skeleton: Skeleton, image: Uint8Array, random: Random): void {
  const hand = bentHand(random);
  const map = randomAffine(distortion, random);
  const radius = random.uniform(penRadius.least, penRadius.most);
  const pressure = random.uniform(-0.25, 0.25);
  for (const stroke of skeleton) {
    const path = trace({ kind: stroke.kind, points: stroke.points.map(hand) }).map(([x, y]): Point => {
      const right = (x - 0.5) * box;
      const down = (y - 0.5) * box;
      const middle = (size - 1) / 2;
      return [map.xx * right + map.xy * down + map.dx + middle, map.yy * down + map.dy + middle];
    });
    for (let piece = 1; piece < path.length; piece++) {
      const done = piece / path.length;
      ink(image, size, path[piece - 1]!, path[piece]!, radius * (1 + pressure * (2 * done - 1)));
    }
  }
}

/**
 * Returns a function that moves points as handwriting would: smoothly over the square, so that strokes that meet still
 * meet, and each distinct point a little by itself.
 */
function bentHand(random: Random): (point: Point) => Point {
  const corners = Array.from(
    { length: 9 },
    () => [random.uniform(-bend, bend), random.uniform(-bend, bend)] as const,
  );
  const slips = new Map<number, Point>();
  return ([x, y]) => {
    const column = x < 0.5 ? 0 : 1;
    const row = y < 0.5 ? 0 : 1;
    const right = 2 * x - column;
    const below = 2 * y - row;
    const shift = (axis: 0 | 1) => {
      const corner = (down: number, across: number) => corners[(row + down) * 3 + column + across]![axis];
      const north = corner(0, 0) * (1 - right) + corner(0, 1) * right;
      const south = corner(1, 0) * (1 - right) + corner(1, 1) * right;
      return north * (1 - below) + south * below;
    };
    const key = 1000 * x + y;
    const missed = slips.get(key) ?? [random.uniform(-slip, slip), random.uniform(-slip, slip)];
    slips.set(key, missed);
    return [x + shift(0) + missed[0], y + shift(1) + missed[1]];
  };
}
