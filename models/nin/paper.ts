/** What Lin et al. 2014 say of Network in Network: counts, published errors, and our departures. */
import type { Paper } from '../../src/core/network';

const lin2014 = {
  title: 'Network In Network',
  authors: 'M. Lin, Q. Chen, S. Yan',
  venue: 'International Conference on Learning Representations',
  year: 2014,
} as const;

const cifar10Layers = {
  conv1: 14_592,
  cccp1: 30_880,
  cccp2: 15_456,
  conv2: 460_992,
  cccp3: 37_056,
  cccp4: 37_056,
  conv3: 331_968,
  cccp5: 37_056,
  cccp6: 1_930,
} as const;

export const ninCifar10 = {
  ...lin2014,
  parameters: { exact: 966_986, layers: cifar10Layers },
  lineage: {
    kind: 'after',
    network: 'alexnet',
    line: 'modules',
    adds: '1×1 convolutions after each convolution, a small network at every position; averages of whole maps in place of full layers.',
  },
  results: [
    {
      dataset: 'cifar10',
      metric: 'error',
      error: 0.0881,
      protocol: 'dropout, translated and mirrored images',
      where: 'Table 1',
      distorted: true,
    },
    {
      dataset: 'cifar10',
      metric: 'error',
      error: 0.1041,
      protocol: 'dropout, no distortions',
      where: 'Table 1',
      distorted: false,
    },
  ],
  departures: [],
} as const satisfies Paper;

export const ninCifar10Caffe = {
  ...lin2014,
  parameters: { exact: 966_986, layers: cifar10Layers },
  lineage: { kind: 'variant', network: 'nin-cifar10' },
  results: [
    {
      dataset: 'cifar10',
      metric: 'error',
      error: 0.104,
      protocol: 'validation images',
      where: 'documentation of cifar10_nin in Caffe’s model zoo',
    },
  ],
  departures: [
    {
      paper: 'The second pooling takes the maximum.',
      ours: 'It averages.',
      why: 'This is the authors’ later model for Caffe, so that its weights can be read.',
    },
  ],
} as const satisfies Paper;

export const ninCifar100 = {
  ...lin2014,
  parameters: { exact: 984_356, layers: { ...cifar10Layers, cccp6: 19_300 } },
  lineage: { kind: 'variant', network: 'nin-cifar10' },
  results: [
    {
      dataset: 'cifar100',
      metric: 'error',
      error: 0.3568,
      protocol: 'dropout, no distortions',
      where: '§4.3',
    },
  ],
  departures: [],
} as const satisfies Paper;

export const ninMnist = {
  ...lin2014,
  parameters: {
    exact: 349_674,
    layers: {
      conv1: 2_496,
      cccp1: 6_208,
      cccp2: 3_120,
      conv2: 153_728,
      cccp3: 12_384,
      cccp4: 4_656,
      conv3: 153_728,
      cccp5: 12_384,
      cccp6: 970,
    },
  },
  lineage: { kind: 'variant', network: 'nin-cifar10' },
  results: [
    {
      dataset: 'mnist',
      metric: 'error',
      error: 0.0047,
      protocol: 'dropout, no distortions',
      where: '§4.5',
    },
  ],
  departures: [],
} as const satisfies Paper;

export const ninSvhn = {
  ...lin2014,
  parameters: {
    exact: 1_986_026,
    layers: {
      conv1: 9_728,
      cccp1: 12_384,
      cccp2: 6_208,
      conv2: 512_320,
      cccp3: 82_176,
      cccp4: 32_896,
      conv3: 1_229_184,
      cccp5: 98_560,
      cccp6: 2_570,
    },
  },
  lineage: { kind: 'variant', network: 'nin-cifar10' },
  results: [{ dataset: 'svhn', metric: 'error', error: 0.0235, protocol: 'dropout', where: '§4.4' }],
  departures: [
    {
      paper: 'Images after local contrast normalisation.',
      ours: 'Pixels brought to −1…1.',
      why: 'The input pipeline has no such step yet.',
    },
  ],
} as const satisfies Paper;

export const ninImagenet = {
  ...lin2014,
  parameters: {
    exact: 7_595_176,
    layers: {
      conv1: 34_944,
      cccp1: 9_312,
      cccp2: 9_312,
      conv2: 614_656,
      cccp3: 65_792,
      cccp4: 65_792,
      conv3: 885_120,
      cccp5: 147_840,
      cccp6: 147_840,
      'conv4-1024': 3_539_968,
      'cccp7-1024': 1_049_600,
      'cccp8-1024': 1_025_000,
    },
  },
  lineage: { kind: 'variant', network: 'nin-cifar10' },
  results: [
    {
      dataset: 'ilsvrc2012',
      metric: 'top-1 error',
      error: 0.4064,
      protocol: 'validation images, one crop',
      where: 'documentation of nin_imagenet in Caffe’s model zoo',
    },
  ],
  departures: [
    {
      paper: 'No network for ImageNet.',
      ours: 'The authors’ later model for Caffe, with a fourth block of layers.',
      why: 'It is the one that they published trained weights of.',
    },
    {
      paper: 'The model subtracts the mean image of the training set.',
      ours: 'One mean a colour: 123 red, 117 green, 104 blue.',
      why: 'The mean image is not published with the model; these are Caffe’s means of ImageNet’s colours.',
    },
  ],
} as const satisfies Paper;
