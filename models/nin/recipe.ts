/** How the authors of Network in Network trained it for each data set. */
import type { Recipe } from '../../src/core/network';

/**
 * What the authors' files for cuda-convnet (mavenlin/cuda-convnet, NIN/*_def and *_params) have in common. They scale
 * the cost by a coefficient and the rates by its inverse; the values here are the products, which is what counts.
 */
const cudaConvnet = {
  epochs: 260, // README: 200 epochs, then twice 30
  batchSize: 128,
  weightDecay: 1e-4, // wc 0.00001 at cost coefficient 0.1
  optimiser: { kind: 'momentum', momentum: 0.9 }, // momW, momB
  schedule: {
    kind: 'steps', // README: "changing all the epsW to one tenth" after 200 and 230 epochs
    steps: [
      { epoch: 0, rate: 0.1 }, // epsW 1 at cost coefficient 0.1
      { epoch: 200, rate: 0.01 },
      { epoch: 230, rate: 0.001 },
    ],
  },
  loss: { kind: 'softmaxCrossEntropy' }, // cost.logreg
  augment: [],
  initialiser: { kernel: { kind: 'gaussian', deviation: 0.05 }, bias: 0 }, // initW
  multipliers: [
    { layers: 'all', weights: 'bias', rate: 2, decay: 0 }, // epsB; cuda-convnet decays no bias
    { layers: ['cccp6'], weights: 'kernel', rate: 0.1, decay: 1 }, // epsW 0.1
    { layers: ['cccp6'], weights: 'bias', rate: 0.2, decay: 0 }, // epsB 0.2
  ],
} as const satisfies Partial<Recipe>;

const batchSize = 'The authors’ files leave the batch size open; 128, as in their model for Caffe.';
const epochs = 'The authors give none for this data set; as many as they gave CIFAR-10.';
const schedule = 'The authors give the first rate; it falls as for CIFAR-10.';

export const ninCifar10 = {
  ...cudaConvnet,
  dataset: 'cifar10',
  input: {
    shape: [32, 32, 3],
    preprocess: [
      // §4.2, as in maxout networks; their code: pylearn2, make_cifar10_gcn_whitened.py and make_cifar100_gcn_whitened.py
      { kind: 'contrastNormalise', scale: 55 },
      { kind: 'whiten', bias: 0.1 },
    ],
  },
  augment: [{ kind: 'translate', shift: 8 }, { kind: 'flip' }], // §4.2, for the lower of the two errors
  guesses: {
    batchSize,
    augment:
      'The paper names translation and horizontal flipping without saying how far; 8 pixels of whitened images, as in the code of maxout networks, whose preprocessing it takes over.',
  },
} as const satisfies Recipe;

// The authors' model for Caffe, "cifar10_nin": solver.prototxt
export const ninCifar10Caffe = {
  ...ninCifar10,
  epochs: 307, // max_iter 120,000, with 50,000 images in batches of 128
  schedule: {
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 0.1 }, // base_lr
      { epoch: 256, rate: 0.01 }, // stepsize 100,000
    ],
  },
  augment: [],
  multipliers: [
    { layers: 'all', weights: 'bias', rate: 2, decay: 0 },
    { layers: ['cccp6'], weights: 'kernel', rate: 0.1, decay: 1 },
    { layers: ['cccp6'], weights: 'bias', rate: 0.1, decay: 0 },
  ],
  guesses: { augment: 'The solver and the readme name no distortions; none.' },
} as const satisfies Recipe;

export const ninCifar100 = {
  ...cudaConvnet,
  dataset: 'cifar100',
  input: ninCifar10.input,
  weightDecay: 5e-4, // wc 0.001 at cost coefficient 2
  schedule: {
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 0.02 }, // epsW 0.01 at cost coefficient 2
      { epoch: 200, rate: 0.002 },
      { epoch: 230, rate: 0.0002 },
    ],
  },
  initialiser: {
    ...cudaConvnet.initialiser,
    layers: {
      conv1: { kernel: { kind: 'gaussian', deviation: 0.001 } },
      cccp1: { kernel: { kind: 'gaussian', deviation: 0.01 } },
      cccp2: { kernel: { kind: 'gaussian', deviation: 0.01 } },
    },
  },
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0 }],
  guesses: { batchSize },
} as const satisfies Recipe;

export const ninMnist = {
  ...cudaConvnet,
  dataset: 'mnist',
  input: { shape: [28, 28, 1], preprocess: [{ kind: 'range', black: 0, white: 1 }] },
  guesses: {
    batchSize,
    epochs,
    schedule,
    input: 'Of MNIST the authors publish only the processed files; pixels from 0 to 1.',
    multipliers: 'The rates of cccp6 are those of the authors’ files for CIFAR-10 and SVHN.',
  },
} as const satisfies Recipe;

export const ninSvhn = {
  ...cudaConvnet,
  dataset: 'svhn',
  input: { shape: [32, 32, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  guesses: { batchSize, epochs, schedule },
} as const satisfies Recipe;

// The authors' model in Caffe's model zoo, "nin_imagenet": train_val.prototxt and solver.prototxt
export const ninImagenet = {
  dataset: 'ilsvrc2012',
  input: { shape: [224, 224, 3], preprocess: [{ kind: 'subtract', mean: [123, 117, 104] }] }, // crop_size
  epochs: 22, // max_iter 450,000 with batches of 64 from 1.28 million images: 22.5
  batchSize: 64,
  weightDecay: 5e-4,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: {
    kind: 'steps', // stepsize 200,000, gamma 0.1
    steps: [
      { epoch: 0, rate: 0.01 },
      { epoch: 10, rate: 0.001 },
      { epoch: 20, rate: 0.0001 },
    ],
  },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [{ kind: 'randomCrop', size: 224, shortSide: 256, longSide: 'squeezed' }, { kind: 'flip' }], // crop_size, mirror
  initialiser: {
    kernel: { kind: 'gaussian', deviation: 0.05 },
    bias: 0,
    layers: {
      conv1: { kernel: { kind: 'gaussian', deviation: 0.01 } },
      conv3: { kernel: { kind: 'gaussian', deviation: 0.01 } },
      'cccp8-1024': { kernel: { kind: 'gaussian', deviation: 0.01 } },
    },
  },
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0 }], // blobs_lr, weight_decay
  guesses: {
    augment:
      'The size that the images had before they were cropped is not given; 256 by 256, squeezed, as Caffe’s own examples make them.',
  },
} as const satisfies Recipe;
