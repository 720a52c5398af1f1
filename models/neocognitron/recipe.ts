/** How the neocognitron organised itself in Fukushima 1980. */
import type { Recipe } from '../../src/core/network';

/** How the neocognitron organised itself, Fukushima 1980, §3 and §5; but for the images: see the paper's departures. */
export const recipe = {
  dataset: 'digits',
  input: {
    shape: [16, 16, 1], // §5
    preprocess: [
      { kind: 'shrink', height: 16, width: 16 },
      { kind: 'range', black: 0, white: 1 },
    ],
  },
  epochs: 1,
  batchSize: 1, // §3: synapses are reinforced every time a pattern is presented
  weightDecay: 0, // eq. 7 and 8 only add
  optimiser: {
    kind: 'winnerTakeAll',
    layers: [
      // q and the cells of an S-column in one plane, §5
      { name: 'US1', speed: 1.0, column: 5 },
      { name: 'US2', speed: 16.0, column: 5 },
      { name: 'US3', speed: 16.0, column: 2 },
    ],
  },
  schedule: { kind: 'constant', rate: 1 },
  loss: { kind: 'squaredError', on: 1, off: 0 },
  augment: [],
  initialiser: { kernel: { kind: 'preferredDirections', sum: 0.1, preference: 0.2 }, bias: 0 }, // §3
  guesses: {
    input:
      'The paper draws its patterns on 16x16 cells; larger images are averaged down, with 0 for background and 1 for ink.',
    epochs: 'The paper presents each of its five patterns 20 times; other data is presented once.',
    optimiser:
      'The paper says that S-columns overlap, not how far: there is one at every place where its cells fit. All layers respond to a pattern before any of them learns from it.',
    loss: 'There is no criterion: the error of the class scores is watched, nothing descends it.',
    initialiser:
      'The paper wants small positive values without randomness that depend on v, k/K and the distance of k/K from its counterpart below, and prints no formula; the one of src/layers/initialise/preferred-directions.ts is ours, and so are its two constants.',
  },
} as const satisfies Recipe;
