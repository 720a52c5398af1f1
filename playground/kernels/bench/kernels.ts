/** The numbers of known kernels, as they lie on the picture: as a correlation reads them. */

/** A square of weights, row by row. */
export interface Kernel {
  readonly size: number;
  readonly weights: ArrayLike<number>;
}

/** The kernels that have names; those of a magnitude are two, and it is the root of the sum of their squares. */
export const namedKernels = [
  ...(['identity', 'box', 'gaussian'] as const),
  ...(['sobelX', 'sobelY', 'sobelMagnitude', 'prewittX', 'prewittY', 'prewittMagnitude'] as const),
  ...(['laplacian', 'laplacian8', 'sharpen', 'emboss'] as const),
] as const;

export type NamedKernel = (typeof namedKernels)[number];

/** The sizes of the kernels that have a rule for every size. */
export const oddSizes = [3, 5, 7, 9, 11] as const;

/** The largest side of a kernel: AlexNet's first layer has it. */
export const largestSize = 11;

/** Whether a kernel has a rule for every odd size; the others are 3×3. */
export function scales(name: NamedKernel): boolean {
  return !['laplacian', 'laplacian8', 'sharpen', 'emboss'].includes(name);
}

/**
 * The kernels of a name: one, or of a magnitude that of x and that of y.
 * @param size odd; kernels that do not scale have 3 whatever it is
 * @param sigma of the Gaussian, in pixels
 */
export function kernelsOf(name: NamedKernel, size: number, sigma: number): readonly Kernel[] {
  switch (name) {
    case 'identity':
      return [square(size, (row, column) => (row === 0 && column === 0 ? 1 : 0))];
    case 'box':
      return [square(size, () => 1 / size ** 2)];
    case 'gaussian':
      return [gaussian(size, sigma)];
    case 'sobelX':
      return [sobel(size)];
    case 'sobelY':
      return [transposed(sobel(size))];
    case 'prewittX':
      return [prewitt(size)];
    case 'prewittY':
      return [transposed(prewitt(size))];
    case 'sobelMagnitude':
      return [sobel(size), transposed(sobel(size))];
    case 'prewittMagnitude':
      return [prewitt(size), transposed(prewitt(size))];
    case 'laplacian':
      return [{ size: 3, weights: [0, 1, 0, 1, -4, 1, 0, 1, 0] }];
    case 'laplacian8':
      return [{ size: 3, weights: [1, 1, 1, 1, -8, 1, 1, 1, 1] }];
    case 'sharpen': // the picture less its Laplacian
      return [{ size: 3, weights: [0, -1, 0, -1, 5, -1, 0, -1, 0] }];
    case 'emboss':
      return [{ size: 3, weights: [-2, -1, 0, -1, 1, 1, 0, 1, 2] }];
    default:
      return name satisfies never;
  }
}

/** A kernel of the weight at each place, counted from the middle. */
function square(size: number, at: (row: number, column: number) => number): Kernel {
  const middle = (size - 1) / 2;
  const weights = Array.from({ length: size ** 2 }, (_, place) =>
    at(Math.floor(place / size) - middle, (place % size) - middle),
  );
  return { size, weights };
}

/** exp(−(x² + y²) / 2σ²), divided by the sum of all, so that a flat picture stays as it is. */
function gaussian(size: number, sigma: number): Kernel {
  const { weights } = square(size, (row, column) => Math.exp(-(row ** 2 + column ** 2) / (2 * sigma ** 2)));
  const sum = Array.from(weights).reduce((total, weight) => total + weight, 0);
  return { size, weights: Array.from(weights, (weight) => weight / sum) };
}

/**
 * The slope from left to right, smoothed: (1 2 1)ᵀ (−1 0 1) of Sobel and Feldman 1968, in Duda and Hart 1973, §7.3.
 * The larger ones are smoothed by further (1 2 1) along both sides, as OpenCV's `getDerivKernels` has them.
 */
function sobel(size: number): Kernel {
  const smooth = smoothed([1], (size - 1) / 2);
  const slope = smoothed([-1, 0, 1], (size - 3) / 2);
  return { size, weights: smooth.flatMap((down) => slope.map((across) => down * across)) };
}

function smoothed(line: readonly number[], times: number): readonly number[] {
  if (times === 0) return line;
  const wider = [...line, 0, 0].map((value, at) => value + 2 * (line[at - 1] ?? 0) + (line[at - 2] ?? 0));
  return smoothed(wider, times - 1);
}

/**
 * The slope from left to right of the plane that fits the window best, but for its factor: (1 1 1)ᵀ (−1 0 1) of
 * Prewitt 1970, and (−2 −1 0 1 2) in all rows for 5×5.
 */
function prewitt(size: number): Kernel {
  return square(size, (_, column) => column);
}

function transposed({ size, weights }: Kernel): Kernel {
  const at = (_: unknown, place: number) => weights[(place % size) * size + Math.floor(place / size)]!;
  return { size, weights: Array.from({ length: size ** 2 }, at) };
}

/** The kernel turned by 180°: correlating with it is convolving with the kernel. */
export function turned({ size, weights }: Kernel): Kernel {
  return { size, weights: Array.from(weights).reverse() };
}

/** Own numbers as text of an address. */
export function kernelText({ weights }: Kernel): string {
  return Array.from(weights, (weight) => String(Number(weight.toPrecision(7)))).join(',');
}

/** The kernel of such a text; undefined if it is not one of at most 11×11 numbers. */
export function kernelOfText(text: string): Kernel | undefined {
  const weights = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const size = Math.sqrt(weights.length);
  if (!Number.isInteger(size) || size > largestSize || !weights.every(Number.isFinite)) return undefined;
  return { size, weights };
}

/** A kernel cut, or filled with zeros, to another size, its middle kept in the middle. */
export function resized({ size, weights }: Kernel, to: number): Kernel {
  const shift = Math.floor((to - 1) / 2) - Math.floor((size - 1) / 2);
  const at = (_: unknown, place: number) => {
    const [row, column] = [Math.floor(place / to) - shift, (place % to) - shift];
    const inside = row >= 0 && column >= 0 && row < size && column < size;
    return inside ? weights[row * size + column]! : 0;
  };
  return { size: to, weights: Array.from({ length: to ** 2 }, at) };
}
