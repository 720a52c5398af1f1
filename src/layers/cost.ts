/** What one image costs in one layer, counted as LeNet's papers count. */
export interface Cost {
  /** One per use of a weight that multiplies; no biases, pooling or activations. */
  readonly multiplyAdds: number;
  /** One per link into a unit, biases included. */
  readonly connections: number;
}

/** A layer of our own that knows its cost; `describe` counts tfjs's own layers itself. */
export interface CountedLayer {
  cost(): Cost;
}

/** The shape of one image's tensor in a layer's `inputShape` or `outputShape`, without the batch axis. */
export function withoutBatch(shape: unknown): number[] {
  if (!Array.isArray(shape) || Array.isArray(shape[0])) throw new TypeError('expected one tensor shape');
  return (shape as (number | null)[]).slice(1).map((size) => size ?? 0);
}
