/** How GoogLeNet was trained by its authors, and where they are silent, by Caffe’s. */
import type { Recipe } from '../../src/core/network';

/** How GoogLeNet was trained, Szegedy et al. 2015; what the paper leaves out is Caffe's, models/bvlc_googlenet. */
export const googlenet = {
  dataset: 'ilsvrc2012',
  input: { shape: [224, 224, 3], preprocess: [{ kind: 'subtract', mean: [123, 117, 104] }] }, // §5: mean subtraction
  epochs: 250,
  batchSize: 32,
  weightDecay: 2e-4,
  optimiser: { kind: 'momentum', momentum: 0.9 }, // §6
  schedule: { kind: 'staircase', from: 0.01, factor: 0.96, epochs: 8 }, // §6: 4 % less every 8 epochs
  loss: { kind: 'softmaxCrossEntropy' }, // Table 1
  augment: [
    { kind: 'areaCrop', size: 224, area: [0.08, 1], aspect: [3 / 4, 4 / 3] }, // §6
    { kind: 'photometric', strength: 0.4 }, // §6, after Howard
    { kind: 'flip' },
  ],
  initialiser: {
    // Caffe's "xavier": uniform with the variance 1/F.
    kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(3) },
    bias: 0.2,
    layers: {
      'loss1/classifier': { bias: 0 },
      'loss2/classifier': { bias: 0 },
      'loss3/classifier': { bias: 0 },
    },
  },
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0 }],
  auxiliary: { 'loss1/classifier': 0.3, 'loss2/classifier': 0.3 }, // §5
  averaging: { kind: 'exponential', decay: 0.9999 }, // §6: Polyak averaging
  guesses: {
    input: 'The paper subtracts a mean that it does not print; these are Caffe’s, of ImageNet’s colours.',
    epochs: 'Not in the paper; as long as Caffe’s solver.prototxt, 10 million batches of 32.',
    batchSize: 'Not in the paper; Caffe’s.',
    weightDecay: 'Not in the paper; Caffe’s.',
    schedule: 'The paper gives the fall, not the first rate, which is Caffe’s.',
    augment:
      'The paper names Howard’s photometric distortions without their strength, 0.4 as in fb.resnet.torch, side ratios without how they are spread, evenly in their logarithm here, and mirrored images in testing only.',
    initialiser: 'Not in the paper; Caffe’s.',
    multipliers: 'Not in the paper; Caffe’s.',
    averaging: 'The paper names Polyak averaging without the weights of the average.',
  },
} as const satisfies Recipe;

// pytorch/vision, torchvision/models/googlenet.py, whose trained weights come from TensorFlow-Slim.
export const googlenetTorchvision = {
  ...googlenet,
  input: { shape: [224, 224, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] }, // transform_input
  initialiser: { kernel: { kind: 'truncatedGaussian', deviation: 0.01 }, bias: 0 },
  guesses: {
    epochs: googlenet.guesses.epochs,
    batchSize: googlenet.guesses.batchSize,
    weightDecay: googlenet.guesses.weightDecay,
    schedule: 'torchvision publishes no training; this is the paper’s, from Caffe’s first rate.',
    augment: googlenet.guesses.augment,
    initialiser: 'torchvision draws the biases of full layers at random; they start as 0.',
    multipliers: googlenet.guesses.multipliers,
    averaging: googlenet.guesses.averaging,
    auxiliary: 'torchvision leaves the weights of the losses open; the paper’s.',
  },
} as const satisfies Recipe;
