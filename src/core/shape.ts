/** Arithmetic on the shapes of tensors and images. */
import type { Input } from './network';

/** The number of elements of a shape: the product of its sides, 1 for a scalar's `[]`. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** The size from which a recipe's preprocessing starts, to which image files are brought where no step crops. */
export function storedSize({ shape, preprocess, stored }: Input): {
  readonly height: number;
  readonly width: number;
} {
  const padded = preprocess.some(({ kind }) => kind === 'pad');
  const [height, width] = (padded ? stored : undefined) ?? shape;
  return { height, width };
}
