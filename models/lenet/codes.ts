/** The codes that LeNet-5’s outputs are compared with: bitmaps of digits, or drawn for other classes. */
import { UserError } from '../../src/core/errors';
import { deriveSeed, seededRandom, type Random } from '../../src/core/random';

/** Units of F6, and so values of a code: a bitmap 7 wide and 12 tall. LeCun et al. 1998, §II.B. */
export const codeLength = 84;

/** The smallest squared distance between two of the paper's digit codes (of 6 and 8), which other codes keep too. */
export const leastSquaredDistance = 48;

/** The stylised digits 0 to 9, `#` for +1 and `.` for −1. LeCun et al. 1998, Fig. 3. */
const digitBitmaps: readonly string[] = [
  `
  .#####.
  .......
  ..###..
  .##.##.
  ##...##
  ##...##
  ##...##
  ##...##
  .##.##.
  ..###..
  .......
  .......
  `,
  `
  ...##..
  ..###..
  .####..
  ...##..
  ...##..
  ...##..
  ...##..
  ...##..
  ...##..
  .######
  .......
  .......
  `,
  `
  .#####.
  .......
  .#####.
  ##...##
  #....##
  ....##.
  ..###..
  .##....
  ##.....
  #######
  .......
  .......
  `,
  `
  #######
  .....##
  ....##.
  ...##..
  ..####.
  .....##
  .....##
  .....##
  ##...##
  .#####.
  .......
  .......
  `,
  `
  .#####.
  .......
  .......
  .##..##
  .##..##
  ###..##
  ##...##
  ##...##
  ##..###
  .######
  .....##
  .....##
  `,
  `
  .#####.
  .......
  #######
  ##.....
  ##.....
  .####..
  ..####.
  .....##
  ##...##
  .#####.
  .......
  .......
  `,
  `
  ..####.
  .##....
  ##.....
  ##.....
  ######.
  ###..##
  ##...##
  ##...##
  ###..##
  .#####.
  .......
  .......
  `,
  `
  #######
  .....##
  .....##
  ....##.
  ...##..
  ...##..
  ..##...
  ..##...
  ..##...
  ..##...
  .......
  .......
  `,
  `
  .#####.
  ##...##
  ##...##
  ##...##
  .#####.
  ##...##
  ##...##
  ##...##
  ##...##
  .#####.
  .......
  .......
  `,
  `
  .#####.
  ##..###
  ##...##
  ##...##
  ##..###
  .######
  .....##
  .....##
  ....##.
  .####..
  .......
  .......
  `,
];

/**
 * One code of ±1 a class, `[classes, 84]`: the paper's bitmaps for ten classes; for any other number, codes drawn
 * from the seed of which every two lie at least `leastSquaredDistance` apart.
 * @throws UserError when so many codes are not found
 */
export function classCodes(classes: number, seed: number): readonly (readonly number[])[] {
  if (classes === digitBitmaps.length) {
    return digitBitmaps.map((bitmap) =>
      Array.from(bitmap.replace(/\s/g, ''), (dot) => (dot === '#' ? 1 : -1)),
    );
  }
  const random = seededRandom(deriveSeed(seed, 'codes'));
  const codes: (readonly number[])[] = [];
  // A draw comes too close to one of a thousand codes once in a million times, so that few are thrown away.
  for (let draws = 0; codes.length < classes; draws++) {
    if (draws > 2 * classes + 100) {
      throw new UserError(
        `lenet5: expected a number of classes for which codes of ${codeLength} values can lie apart, found ${classes}`,
      );
    }
    const code = drawCode(random);
    if (codes.every((other) => squaredDistance(code, other) >= leastSquaredDistance)) codes.push(code);
  }
  return codes;
}

function drawCode(random: Random): readonly number[] {
  return Array.from({ length: codeLength }, () => (random.integer(2) === 1 ? 1 : -1));
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
}
