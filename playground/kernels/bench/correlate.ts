/** The correlation of a map with a kernel, in plain loops: what convolutional layers compute. */
import { planeOf, type Plane } from '../plane';
import type { Kernel } from './kernels';

/** Pixels around a map: none, as many as give an output of ⌈side / stride⌉, or a number on each side. */
export type Padding = 'valid' | 'same' | number;

/** How many pixels are put on each side of a map. */
export interface Borders {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How a quotient that is not whole is rounded: convolutions leave a rest out, pooling of Caffe does not. */
export type Rounding = 'floor' | 'ceil';

/**
 * The number of positions of a window along a side: ⌊(n + p − k) / s⌋ + 1, or with ⌈ ⌉; 0 if it does not fit.
 * @param side n
 * @param padding p, of both ends together
 * @param size k
 * @param stride s
 */
export function positions(
  side: number,
  padding: number,
  size: number,
  stride: number,
  rounding: Rounding = 'floor',
): number {
  const free = side + padding - size;
  return free < 0 ? 0 : Math[rounding](free / stride) + 1;
}

/** What a padding puts around a map. Of `same`, the smaller half comes first, as in TensorFlow. */
export function bordersOf(
  padding: Padding,
  { height, width }: Pick<Plane, 'height' | 'width'>,
  size: number,
  stride: number,
): Borders {
  const both = (side: number): readonly [number, number] => {
    if (padding === 'valid') return [0, 0];
    if (padding !== 'same') return [padding, padding];
    const missing = Math.max(0, (Math.ceil(side / stride) - 1) * stride + size - side);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  };
  const [[top, bottom], [left, right]] = [both(height), both(width)];
  return { top, bottom, left, right };
}

/** The map with its padding. */
export function padded(plane: Plane, { top, bottom, left, right }: Borders, value: number): Plane {
  const { height, width, values } = plane;
  return planeOf(height + top + bottom, width + left + right, (row, column) => {
    const [y, x] = [row - top, column - left];
    return y >= 0 && x >= 0 && y < height && x < width ? values[y * width + x]! : value;
  });
}

/** The values under the kernel at an output's place, row by row. */
export function patchAt(
  { width, values }: Plane,
  size: number,
  stride: number,
  [row, column]: readonly [number, number],
): readonly number[] {
  const first = row * stride * width + column * stride;
  return Array.from(
    { length: size ** 2 },
    (_, at) => values[first + Math.floor(at / size) * width + (at % size)]!,
  );
}

/**
 * y[r, c] = Σ x[r·s + i, c·s + j] · w[i, j] over the window's rows i and columns j, summed in double precision; null if
 * the kernel does not fit.
 * @param plane with its padding
 */
export function correlated(plane: Plane, { size, weights }: Kernel, stride: number): Plane | null {
  const { width, values } = plane;
  const rows = positions(plane.height, 0, size, stride);
  const columns = positions(width, 0, size, stride);
  if (rows * columns === 0) return null;
  return planeOf(rows, columns, (row, column) => {
    let sum = 0;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        sum += values[(row * stride + i) * width + column * stride + j]! * weights[i * size + j]!;
    return sum;
  });
}

/** √(x² + y²), value by value. */
export function magnitude(x: Plane, y: Plane): Plane {
  const at = (_: number, place: number) => Math.sqrt(x.values[place]! ** 2 + y.values[place]! ** 2);
  return { ...x, values: x.values.map(at) };
}

/** The formula of `positions` with its numbers, and what it gives. */
export function sizeFormula(
  side: number,
  [before, after]: readonly [number, number],
  size: number,
  stride: number,
  rounding: Rounding,
): string {
  const padding = before === after ? `2·${before}` : `${before} + ${after}`;
  const [open, close] = rounding === 'floor' ? ['⌊', '⌋'] : ['⌈', '⌉'];
  const count = positions(side, before + after, size, stride, rounding);
  return `${open}(${side} + ${padding} − ${size}) / ${stride}${close} + 1 = ${count}`;
}
