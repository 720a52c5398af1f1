/** How LeNet-1, LeNet-5 and their variants were trained by their authors. */
import type { Recipe } from '../../src/core/network';

/** As LeNet-1 was trained on zip codes and printed digits, Le Cun et al., NIPS 1989, but for the optimiser. */
export const lenet1 = {
  dataset: 'mnist',
  input: {
    shape: [28, 28, 1], // p. 400
    preprocess: [
      { kind: 'pad', height: 28, width: 28, value: 0 }, // p. 400: digits of 16×16 in the middle
      { kind: 'range', black: -1, white: 1 }, // p. 400: background −1
    ],
  },
  epochs: 30, // p. 402
  batchSize: 32,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'cosine', from: 0.005, to: 0 },
  loss: { kind: 'squaredError', on: 1, off: -1 }, // p. 399, p. 402
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 2.4 }, bias: 'asKernel' },
  guesses: {
    dataset: "The paper's own data are not published; its network is measured on MNIST in the paper of 1998.",
    loss: 'The paper says mean squared error without its factor; it is ½ here.',
    initialiser: 'The paper does not say; these are the weights of its authors’ papers of 1989 and 1998.',
  },
} as const satisfies Recipe;

/** How LeNet-5 was trained on MNIST, LeCun et al. 1998, §III, but for its optimiser: see the paper's departures. */
export const lenet5 = {
  dataset: 'mnist',
  input: {
    shape: [32, 32, 1], // §II.B
    preprocess: [
      { kind: 'pad', height: 32, width: 32, value: 0 }, // §II.B: characters of at most 20×20, centred in 28×28
      { kind: 'range', black: -0.1, white: 1.175 }, // §II.B: background −0.1, ink 1.175
    ],
    stored: [28, 28], // §II.B
  },
  epochs: 20, // §III
  batchSize: 32,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'cosine', from: 0.001, to: 0 },
  loss: { kind: 'rbfPenalty', rival: 1 }, // eq. 9
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 2.4 }, bias: 'asKernel' }, // Appendix A
  guesses: {
    loss: 'Eq. 9 needs a positive constant j and the paper prints no value; j = 1.',
    initialiser:
      'The fan-in counts the inputs without the bias (25 in C1, 4 in S2), and biases are drawn like weights; the paper says neither.',
  },
} as const satisfies Recipe;

/** LeNet-5's, with the loss and the weights that its logits and its full C3 ask for. */
export const lenet5Modern = {
  ...lenet5,
  schedule: { kind: 'cosine', from: 0.01, to: 0 },
  loss: { kind: 'softmaxCrossEntropy' },
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(3) }, bias: 0 },
  guesses: {
    schedule: 'This network has no paper; the rate is one at which it learns.',
    initialiser: 'This network has no paper; weights have the variance 1 / fan-in.',
  },
} as const satisfies Recipe;

/** Caffe, examples/mnist/lenet_solver.prototxt and lenet_train_test.prototxt. */
export const lenetCaffe = {
  dataset: 'mnist',
  input: {
    shape: [28, 28, 1],
    preprocess: [{ kind: 'range', black: 0, white: 255 / 256 }], // scale: 0.00390625
  },
  epochs: 11, // max_iter: 10000
  batchSize: 64, // batch_size: 64
  weightDecay: 0.0005, // weight_decay: 0.0005
  optimiser: { kind: 'momentum', momentum: 0.9 }, // momentum: 0.9
  schedule: { kind: 'inverse', from: 0.01, gamma: 0.0001, power: 0.75 }, // lr_policy: "inv"
  loss: { kind: 'softmaxCrossEntropy' }, // SoftmaxWithLoss
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(3) }, bias: 0 }, // "xavier", "constant"
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 1 }], // lr_mult: 2
  guesses: {
    epochs: '10,000 updates of 64 images are 10.7 passes over the 60,000; these are 11 whole ones.',
  },
} as const satisfies Recipe;

/** Bouvrie's notes leave the data and every number of the training open. */
export const lenetBouvrie = {
  ...lenet1,
  epochs: 20,
  loss: { kind: 'squaredError', on: 1, off: -1 }, // §2: ½Σ(t − y)², targets ±1 for the tanh
  guesses: {
    dataset: 'The notes name no data; MNIST, as for the other networks of the family.',
    input: 'The notes ask for inputs of mean 0 and variance 1; black is −1 and white 1 here.',
    epochs: 'The notes give no number.',
    batchSize:
      'The notes describe batch and online updates; these are batches of 32, and 1 makes them online.',
    optimiser: 'The notes leave the rule and its rate open.',
    schedule: 'The notes leave the rate open.',
    initialiser:
      'The notes do not say; weights and biases are drawn as LeNet-5’s, and the c of C3 within ±2.4, so that its maps start as different combinations.',
  },
} as const satisfies Recipe;
