/** The neocognitron's initial weights: each map slightly prefers a direction of its own. */
import { UserError } from '../../core/errors';
import { tf } from '../../core/tf';

/**
 * Small positive weights without randomness, which make each map slightly prefer a direction of its own: with inputs j
 * of J, maps k of K and φ_v the direction of v from the middle of the window, they are
 * sum / inputs · (1 + preference · (cos 2(φ_v − πk/K) + cos 2π(j/J − k/K))); the first cosine is 0 in the middle, the
 * second is 0 for a single input map.
 * @param shape `[side, side, J, K]`
 * @throws UserError for weights of another shape
 */
export function preferredDirections(
  shape: readonly number[],
  { sum, preference }: { readonly sum: number; readonly preference: number },
): tf.Tensor {
  if (shape.length !== 4) {
    throw new UserError(
      `initialiser: expected kernels [side, side, inputs, maps] to give preferred directions, found [${shape.join(', ')}]`,
    );
  }
  const [height, width, inputs, maps] = shape as [number, number, number, number];
  const values = new Float32Array(height * width * inputs * maps);
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [down, right] = [row - (height - 1) / 2, column - (width - 1) / 2];
      for (let input = 0; input < inputs; input++) {
        for (let map = 0; map < maps; map++) {
          const along = down || right ? Math.cos(2 * (Math.atan2(down, right) - (Math.PI * map) / maps)) : 0;
          const alike = inputs > 1 ? Math.cos(2 * Math.PI * (input / inputs - map / maps)) : 0;
          values[at++] = (sum / (height * width * inputs)) * (1 + preference * (along + alike));
        }
      }
    }
  }
  return tf.tensor(values, [...shape]);
}
