import type { Multiplier } from '../network';

/**
 * The factors on the learning rate and the weight decay of one weight.
 * @param layer the layer's name
 * @param weight the weight's name, such as `conv1/bias`
 */
export function factorsOf(
  layer: string,
  weight: string,
  multipliers: readonly Multiplier[] = [],
): { rate: number; decay: number } {
  const kind = weight.endsWith('/bias') ? 'bias' : 'kernel';
  const rule = multipliers.findLast(
    ({ layers, weights }) =>
      (layers === 'all' || layers.includes(layer)) && (weights === 'all' || weights === kind),
  );
  return { rate: rule?.rate ?? 1, decay: rule?.decay ?? 1 };
}
