/** How AlexNet and its variants were trained by their authors. */
import type { Recipe } from '../../src/core/network';

/** RGB means of the training set, as the authors of VGG released theirs. */
const mean = [123.68, 116.779, 103.939] as const;

/** Krizhevsky, Sutskever, Hinton 2012. */
export const alexnet = {
  dataset: 'ilsvrc2012',
  input: {
    shape: [227, 227, 3], // see the paper's departures
    preprocess: [{ kind: 'subtract', mean }], // §2
  },
  epochs: 90, // §5
  batchSize: 128, // §5
  weightDecay: 0.0005, // §5
  optimiser: { kind: 'momentum', momentum: 0.9 }, // §5
  schedule: { kind: 'plateau', from: 0.01, factor: 0.1, patience: 5, drops: 3 }, // §5
  loss: { kind: 'softmaxCrossEntropy' }, // §3.5
  augment: [
    { kind: 'randomCrop', size: 227, shortSide: 256, longSide: 'cropped' }, // §2, §4.1
    { kind: 'flip' }, // §4.1
    { kind: 'pcaLighting', deviation: 0.1 }, // §4.1
  ],
  initialiser: {
    kernel: { kind: 'gaussian', deviation: 0.01 }, // §5
    bias: 0, // §5, as the layers that follow
    layers: {
      conv2: { bias: 1 },
      conv4: { bias: 1 },
      conv5: { bias: 1 },
      fc6: { bias: 1 },
      fc7: { bias: 1 },
    },
  },
  guesses: {
    schedule:
      'The authors divided the rate by hand when the validation error stopped improving; here it falls after 5 epochs without a new least error on the images held out.',
    augment:
      'The paper does not print the components of the colours, nor the unit of their eigenvalues; they are those that fb.resnet.torch publishes for ImageNet, of colours from 0 to 1.',
  },
} as const satisfies Recipe;

/** BVLC/caffe, models/bvlc_reference_caffenet: train_val.prototxt and solver.prototxt. */
export const caffenet = {
  ...alexnet,
  epochs: 90, // 450,000 updates of 256 images, 1.28 million images an epoch
  batchSize: 256,
  schedule: { kind: 'staircase', from: 0.01, factor: 0.1, epochs: 20 }, // every 100,000 updates
  // train_val.prototxt; examples/imagenet/create_imagenet.sh squeezes images to 256 by 256
  augment: [{ kind: 'randomCrop', size: 227, shortSide: 256, longSide: 'squeezed' }, { kind: 'flip' }],
  initialiser: {
    kernel: { kind: 'gaussian', deviation: 0.01 },
    bias: 0,
    layers: {
      conv2: { bias: 1 },
      conv4: { bias: 1 },
      conv5: { bias: 1 },
      fc6: { kernel: { kind: 'gaussian', deviation: 0.005 }, bias: 1 },
      fc7: { kernel: { kind: 'gaussian', deviation: 0.005 }, bias: 1 },
    },
  },
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0 }],
  guesses: {},
} as const satisfies Recipe;

/** BVLC/caffe, models/bvlc_alexnet: train_val.prototxt and solver.prototxt. */
export const alexnetBvlc = {
  ...caffenet,
  initialiser: {
    kernel: { kind: 'gaussian', deviation: 0.01 },
    bias: 0,
    layers: {
      conv2: { bias: 0.1 },
      conv4: { bias: 0.1 },
      conv5: { bias: 0.1 },
      fc6: { kernel: { kind: 'gaussian', deviation: 0.005 }, bias: 0.1 },
      fc7: { kernel: { kind: 'gaussian', deviation: 0.005 }, bias: 0.1 },
    },
  },
} as const satisfies Recipe;

/** pytorch/vision, references/classification: README.md, "AlexNet and VGG", and the script's presets. */
export const alexnetTorchvision = {
  dataset: 'ilsvrc2012',
  input: {
    shape: [224, 224, 3],
    preprocess: [
      // 255 times [0.485, 0.456, 0.406] and [0.229, 0.224, 0.225]
      { kind: 'subtract', mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] },
    ],
  },
  epochs: 90,
  batchSize: 256, // 32 on each of eight devices
  weightDecay: 0.0001,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'staircase', from: 0.01, factor: 0.1, epochs: 30 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [{ kind: 'areaCrop', size: 224, area: [0.08, 1], aspect: [3 / 4, 4 / 3] }, { kind: 'flip' }],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1 }, bias: 'asKernel' }, // PyTorch's default
  guesses: {
    schedule:
      'The recipe is the one that the project documents for all its AlexNet and VGG models; nothing says that its first released weights were trained so.',
  },
} as const satisfies Recipe;
