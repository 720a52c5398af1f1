/** The cost of one image in one layer, counted as in LeNet's papers. */
export interface Cost {
  /** One for each use of a weight that multiplies; biases, pooling and activations do not count. */
  readonly multiplyAdds: number;
  /** One for each connection into a unit, including those from biases. */
  readonly connections: number;
}

/** A layer of our own that computes its cost; `describe` counts tfjs's own layers itself. */
export interface CountedLayer {
  /** What the layer costs for one image. */
  cost(): Cost;
}

/** The shape of one image's tensor in a layer's `inputShape` or `outputShape`, without the batch axis. */
export function withoutBatch(shape: unknown): number[] {
  if (!Array.isArray(shape) || Array.isArray(shape[0])) throw new TypeError('expected one tensor shape');
  return (shape as (number | null)[]).slice(1).map((size) => size ?? 0);
}
