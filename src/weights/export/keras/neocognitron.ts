/** Builds the neocognitron's cells from Keras layers. */
import { synapseValues, type CCells, type CCellsOptions } from '../../../layers/neocognitron/c-cells';
import type { ClassVotes } from '../../../layers/neocognitron/class-votes';
import type { SCells } from '../../../layers/neocognitron/s-cells';
import type { tf } from '../../../core/tf';
import {
  convolution,
  einsum,
  filled,
  power,
  product,
  rescaling,
  reshaped,
  steps,
  zeroPadding,
  type KerasStep,
  type KerasWeight,
} from './step';

const relu = { kind: 'ReLU', config: {} } as const;

/** u_S = r · φ((1 + Σ a u) / (1 + 2r/(1 + r) · b v) − 1), v = √(Σ c u²). */
export function sCells(layer: SCells): readonly KerasStep[] {
  const { planes, kernelSize, selectivity: r } = layer.options;
  const { margin, planesBelow, fixedWeights } = layer;
  const sides = [margin, margin] as const;
  const ones = { shape: [planes], values: filled(planes, () => 1) };
  const fixed: KerasWeight = {
    shape: [kernelSize, kernelSize, planesBelow, 1],
    values: filled(kernelSize ** 2 * planesBelow, (at) => fixedWeights[Math.floor(at / planesBelow)]!),
  };
  const shunting = (values: Float32Array) => values.map((b) => (b * 2 * r) / (1 + r));
  return steps(
    ['u', zeroPadding(sides, sides)],
    [
      'excited',
      convolution({ filters: planes, kernelSize }, ({ kernel }) => ({ kernel: kernel!, bias: ones })),
    ],
    ['squares', product('u', 'u')],
    ['sums', convolution({ filters: 1, kernelSize, useBias: false }, () => ({ kernel: fixed }))],
    ['v', power(0.5)],
    [
      'shunted',
      convolution({ filters: planes, kernelSize: 1 }, ({ inhibition }) => ({
        kernel: { shape: [1, 1, 1, planes], values: shunting(inhibition!.values) },
        bias: ones,
      })),
    ],
    ['inverse', power(-1)],
    ['quotients', product('excited', 'inverse')],
    ['drive', rescaling(1, -1)],
    ['positive', relu],
    ['', rescaling(r)],
  );
}

/** u_C = ψ((1 + e) / (1 + v) − 1), e = Σ d u, v = (1/K) Σ e, ψ(x) = max(x, 0) / (α + max(x, 0)). */
export function cCells(layer: CCells): readonly KerasStep[] {
  const options = layer.getConfig() as unknown as CCellsOptions;
  const { cells, saturation } = options;
  const [, side, , planes] = (layer.input as tf.SymbolicTensor).shape as [null, number, number, number];
  const synapses: KerasWeight = { shape: [cells ** 2, side ** 2], values: synapseValues(side, options) };
  const mean: KerasWeight = { shape: [planes, planes], values: filled(planes ** 2, () => 1 / planes) };
  return steps(
    ['below', reshaped(side ** 2, planes)],
    ['e', einsum('abc,db->adc', [cells ** 2, planes], synapses)],
    ['excited', rescaling(1, 1)],
    ['inhibited', einsum('abc,cd->abd', [cells ** 2, planes], mean)], // the mean of 1 + e is 1 + v
    ['inverse', power(-1)],
    ['quotients', product('excited', 'inverse')],
    ['drive', rescaling(1, -1)],
    ['positive', relu],
    ['saturated', rescaling(1, saturation)],
    ['fractions', power(-1)],
    ['response', product('positive', 'fractions')],
    ['', reshaped(cells, cells, planes)],
  );
}

/** The votes for each class, weighted by the cells' responses and divided by the sum of all responses. */
export function classVotes(layer: ClassVotes): readonly KerasStep[] {
  const { classes } = layer.getConfig() as unknown as { readonly classes: number };
  const cells = (layer.input as tf.SymbolicTensor).shape[1]!;
  const full = (values: (counts: Float32Array) => Float32Array): KerasStep => ({
    kind: 'Dense',
    config: { units: classes, use_bias: false, trainable: false },
    from: ['input'],
    weights: ({ counts }) => ({ kernel: { shape: [cells, classes], values: values(counts!.values) } }),
  });
  return steps(
    ['votes', full((counts) => rowShares(counts, classes))],
    ['responses', full(() => filled(cells * classes, () => 1))],
    // Too small to change a sum, but enough to make no votes divided by no responses 0.
    ['some', rescaling(1, 1e-30)],
    ['inverse', power(-1)],
    ['', product('votes', 'inverse')],
  );
}

/** Each row divided by its sum; a row of zeros is unchanged. */
function rowShares(counts: Float32Array, classes: number): Float32Array {
  return counts.map((count, at) => {
    const start = at - (at % classes);
    const sum = counts.subarray(start, start + classes).reduce((all, one) => all + one, 0);
    return sum === 0 ? 0 : count / sum;
  });
}
