/** The principal components of the colours of a training set (AlexNet §4.1). */
import { UserError } from '../../core/errors';
import type { Colour, PrincipalColours } from '../../core/network';
import { type Dataset, imageChunks } from '../dataset';

/**
 * The principal components of all pixels' colours in a data set (AlexNet §4.1), each image read once. The sign of each
 * component is chosen so that its largest entry by magnitude is positive.
 * @throws UserError when the images are not in three colours
 */
export async function principalColours(data: Dataset): Promise<PrincipalColours> {
  const channels = data.shape[2];
  if (channels !== 3) {
    throw new UserError(
      `${data.name}: expected images in three colours for their components, found ${channels} channels`,
    );
  }
  const sums = new Float64Array(9);
  let count = 0;
  for await (const { pixels } of imageChunks(data)) {
    addColours(pixels, sums);
    count += pixels.length / 3;
  }
  const [r, g, b, rr, gg, bb, rg, rb, gb] = Array.from(sums, (sum) => sum / count) as NineNumbers;
  const covariance = [
    [rr - r * r, rg - r * g, rb - r * b],
    [rg - r * g, gg - g * g, gb - g * b],
    [rb - r * b, gb - g * b, bb - b * b],
  ].map((row) => row.map((value) => value / 255 ** 2));
  return componentsOf(covariance as Matrix);
}

type NineNumbers = [number, number, number, number, number, number, number, number, number];
type Matrix = [[number, number, number], [number, number, number], [number, number, number]];

/** Adds the colours of pixels and their products to the sums, in whole numbers so that nothing is rounded. */
function addColours(pixels: Uint8Array, sums: Float64Array): void {
  let [r, g, b, rr, gg, bb, rg, rb, gb]: NineNumbers = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at]!;
    const green = pixels[at + 1]!;
    const blue = pixels[at + 2]!;
    r += red;
    g += green;
    b += blue;
    rr += red * red;
    gg += green * green;
    bb += blue * blue;
    rg += red * green;
    rb += red * blue;
    gb += green * blue;
  }
  [r, g, b, rr, gg, bb, rg, rb, gb].forEach((sum, at) => (sums[at]! += sum));
}

/** Eigenvalues and -vectors of a symmetric matrix by Jacobi's rotations, which end after a few rounds over 3×3. */
function componentsOf(matrix: Matrix): PrincipalColours {
  const vectors: Matrix = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  for (let round = 0; round < 20; round++) {
    for (const [p, q] of pairs) rotate(matrix, vectors, p, q);
  }
  const order = ([0, 1, 2] as const).toSorted((one, other) => matrix[other][other] - matrix[one][one]);
  const vector = (component: 0 | 1 | 2): Colour => {
    const [red, green, blue] = [vectors[0][component], vectors[1][component], vectors[2][component]] as const;
    const most = [red, green, blue].reduce((one, other) => (Math.abs(other) > Math.abs(one) ? other : one));
    return most < 0 ? [-red, -green, -blue] : [red, green, blue];
  };
  const value = (component: 0 | 1 | 2) => Math.max(0, matrix[component][component]);
  const [first, second, third] = order as [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2];
  return {
    eigenvalues: [value(first), value(second), value(third)],
    eigenvectors: [vector(first), vector(second), vector(third)],
  };
}

/** Turns the axes p and q so that the matrix becomes 0 at (p, q), and the vectors with them; in place. */
function rotate(matrix: Matrix, vectors: Matrix, p: 0 | 1 | 2, q: 0 | 1 | 2): void {
  if (matrix[p][q] === 0) return;
  const slope = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turnColumns = (rows: Matrix) => {
    for (const row of rows) {
      const [one, other] = [row[p], row[q]];
      row[p] = cosine * one - sine * other;
      row[q] = sine * one + cosine * other;
    }
  };
  turnColumns(matrix);
  for (const column of [0, 1, 2] as const) {
    const [one, other] = [matrix[p][column], matrix[q][column]];
    matrix[p][column] = cosine * one - sine * other;
    matrix[q][column] = sine * one + cosine * other;
  }
  turnColumns(vectors);
}
