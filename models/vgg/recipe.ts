/** How the VGG networks were trained by their authors. */
import type { Recipe } from '../../src/core/network';

/** One training scale. Simonyan and Zisserman 2015. */
export const shallow = {
  dataset: 'ilsvrc2012',
  input: {
    shape: [224, 224, 3], // §2.1
    preprocess: [{ kind: 'subtract', mean: [123.68, 116.779, 103.939] }], // §2.1; values: the authors' released models
  },
  epochs: 74, // §3.1
  batchSize: 256, // §3.1
  weightDecay: 0.0005, // §3.1
  optimiser: { kind: 'momentum', momentum: 0.9 }, // §3.1
  schedule: { kind: 'plateau', from: 0.01, factor: 0.1, patience: 5, drops: 3 }, // §3.1
  loss: { kind: 'softmaxCrossEntropy' }, // §3.1
  augment: [
    { kind: 'randomCrop', size: 224, shortSide: 256 }, // §3.1, S = 256
    { kind: 'flip' }, // §3.1
    { kind: 'pcaLighting', deviation: 0.1 }, // §3.1, as in AlexNet
  ],
  initialiser: { kernel: { kind: 'gaussian', deviation: 0.1 }, bias: 0 }, // §3.1: a variance of 10⁻²
  guesses: {
    schedule:
      'The paper divides the rate when the validation accuracy stops improving; here it falls after 5 epochs without a new least error on the images held out.',
    augment:
      'The paper refers to AlexNet for the shift of colours; their components are those that fb.resnet.torch publishes for ImageNet, of colours from 0 to 1.',
  },
} as const satisfies Recipe;

export const deep = {
  ...shallow,
  // §3.1: the first four convolutional and the three fully connected layers of A.
  startFrom: {
    network: 'vgg-a',
    layers: ['conv1_1', 'conv2_1', 'conv3_1', 'conv3_2', 'fc6', 'fc7', 'fc8'],
  },
  guesses: {
    ...shallow.guesses,
    startFrom:
      'The paper does not say which of the deeper network’s layers take A’s first four convolutions; here those of the same name, whose shapes agree in every column.',
  },
} as const satisfies Recipe;
