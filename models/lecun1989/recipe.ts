/** How the network for zip codes of 1989 was trained by its authors. */
import type { Recipe } from '../../src/core/network';

/** How the network for zip codes was trained, LeCun et al. 1989, but for the optimiser: see the paper's departures. */
export const recipe = {
  dataset: 'usps', // §2: 7,291 digits for training and 2,007 for the test
  input: {
    shape: [16, 16, 1], // §2
    preprocess: [{ kind: 'range', black: -1, white: 1 }], // §2: [−1, 1]
  },
  epochs: 23, // §5
  batchSize: 1, // §4
  order: 'constant', // §4
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0 },
  schedule: { kind: 'constant', rate: 0.005 },
  loss: { kind: 'squaredError', on: 1, off: -1 }, // §4: mean squared error
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 2.4 }, bias: 'asKernel' }, // §4
  guesses: {
    loss: 'The paper prints neither the targets nor the factor: they are ±1 here, which lie within the range of the squashing function, and the factor is ½.',
    initialiser:
      'The fan-in counts the inputs without the bias (25 in H1, 200 in H2), and biases are drawn like weights; the paper says neither.',
  },
} as const satisfies Recipe;
