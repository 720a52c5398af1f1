/** Arithmetic on the shapes of tensors and images. */

/** The number of elements of a shape: the product of its sides, 1 for a scalar's `[]`. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
