/** What the papers say of AlexNet and its variants: counts, published errors, and our departures. */
import type { Departure, Paper, PublishedResult, Where } from '../../src/core/network';

const krizhevsky2012 = {
  title: 'ImageNet classification with deep convolutional neural networks',
  authors: 'A. Krizhevsky, I. Sutskever, G. E. Hinton',
  venue: 'Advances in Neural Information Processing Systems 25',
  year: 2012,
} as const;

const grouped = {
  conv1: 34_944,
  conv2: 307_456,
  conv3: 885_120,
  conv4: 663_936,
  conv5: 442_624,
  fc6: 37_752_832,
  fc7: 16_781_312,
  fc8: 4_097_000,
} as const;

const quoted = { quoted: '60 million', where: '§4' } as const;

const meanImage = {
  paper: 'The mean of the training set is subtracted pixel by pixel (§2).',
  ours: 'One mean a channel is subtracted.',
  why: 'So that the network takes images of any size; a mean over many photographs hardly depends on the place.',
} as const satisfies Departure;

const shared = [
  {
    paper: 'Images of 224×224 (§3.5).',
    ours: 'Images of 227×227, for training crops too.',
    why: '(224 − 11) / 4 is not whole; 227 pixels give the 55 positions of Fig. 2 without padding.',
  },
  {
    paper: 'At test time, outputs under dropout are multiplied by 0.5 (§4.2).',
    ours: 'In training, the outputs kept are divided by 0.5.',
    why: 'The same in expectation; the network for use then needs no factor.',
  },
  meanImage,
] as const satisfies readonly Departure[];

const discrepancies = [
  'The paper counts 253,440 neurons in conv1, 622,312 in all without the input; its own maps of 55×55×96 make 290,400, and 659,272 in all, as its "650,000 neurons" say.',
  'The α of LRN is not divided by n in the paper and in TensorFlow, but is in Caffe, cuda-convnet and PyTorch: 1e-4 here is 5e-4 there.',
] as const;

export const alexnet = {
  ...krizhevsky2012,
  parameters: { exact: 60_965_224, ...quoted, layers: grouped },
  lineage: {
    kind: 'after',
    network: 'lenet5',
    line: 'trunk',
    adds: 'Colour photos, 150,528 numbers each where LeNet-5 took 1,024: rectified units, dropout, response normalisation, two GPUs.',
  },
  results: [
    ...errors('ilsvrc2012', 'validation set, one network, ten crops', 0.407, 0.182, 'Table 2'),
    ...errors('ilsvrc2012', 'validation set, five networks, ten crops', 0.381, 0.164, 'Table 2'),
    ...errors('ilsvrc2010', 'test set, one network, ten crops', 0.375, 0.17, 'Table 1'),
    ...errors('ilsvrc2010', 'test set, one network, one crop', 0.39, 0.183, '§6'),
  ],
  departures: shared,
  discrepancies,
} as const satisfies Paper;

export const alexnetUngrouped = {
  ...krizhevsky2012,
  parameters: {
    exact: 62_378_344,
    layers: { ...grouped, conv2: 614_656, conv4: 1_327_488, conv5: 884_992 },
  },
  lineage: { kind: 'variant', network: 'alexnet' },
  results: [],
  departures: [
    {
      paper: 'conv2, conv4 and conv5 see only the maps on their own GPU (§3.5).',
      ours: 'They see all maps.',
      why: 'The variant for one device, as many later descriptions draw it.',
    },
    ...shared,
  ],
  discrepancies,
} as const satisfies Paper;

export const alexnetBvlc = {
  ...krizhevsky2012,
  parameters: { exact: 60_965_224, ...quoted, layers: grouped },
  lineage: { kind: 'variant', network: 'alexnet' },
  results: errors(
    'ilsvrc2012',
    'validation set, centre crop',
    0.429,
    0.198,
    'documentation of BVLC/caffe, models/bvlc_alexnet',
  ),
  departures: [
    ...caffeDepartures(),
    {
      paper: 'Biases that do not start at 0 start at 1 (§5).',
      ours: 'They start at 0.1.',
      why: 'BVLC found a flat loss with 1.',
    },
    ...shared,
  ],
  discrepancies,
} as const satisfies Paper;

export const caffenet = {
  ...krizhevsky2012,
  parameters: { exact: 60_965_224, ...quoted, layers: grouped },
  lineage: { kind: 'variant', network: 'alexnet' },
  results: errors(
    'ilsvrc2012',
    'validation set, centre crop',
    0.426,
    0.196,
    'documentation of BVLC/caffe, models/bvlc_reference_caffenet',
  ),
  departures: [
    {
      paper: 'Normalisation comes before pooling (§3.5).',
      ours: 'It comes after pooling.',
      why: 'CaffeNet is defined so; it normalises a quarter of the values.',
    },
    ...caffeDepartures(),
    ...shared,
  ],
  discrepancies,
} as const satisfies Paper;

export const alexnetTorchvision = {
  title: 'One weird trick for parallelizing convolutional neural networks',
  authors: 'A. Krizhevsky',
  venue: 'arXiv:1404.5997',
  year: 2014,
  parameters: {
    exact: 61_100_840,
    quoted: '61,100,840',
    where: 'documentation of torchvision, models/alexnet',
    layers: {
      conv1: 23_296,
      conv2: 307_392,
      conv3: 663_936,
      conv4: 884_992,
      conv5: 590_080,
      fc6: 37_752_832,
      fc7: 16_781_312,
      fc8: 4_097_000,
    },
  },
  lineage: { kind: 'variant', network: 'alexnet' },
  results: errors(
    'ilsvrc2012',
    'validation set, centre crop',
    0.43478,
    0.20934,
    'documentation of torchvision, models/alexnet',
  ),
  departures: [
    {
      paper: 'The authors’ own configuration normalises the responses of conv1 and conv2.',
      ours: 'No normalisation; dropout before fc6 and fc7 instead of after.',
      why: 'torchvision’s network is defined so.',
    },
    {
      paper: 'torchvision averages the maps before fc6 to 6×6 whatever their size.',
      ours: 'fc6 takes the maps as they are.',
      why: 'They are 6×6 for images of 224×224, where both are the same.',
    },
  ],
} as const satisfies Paper;

function caffeDepartures(): readonly Departure[] {
  const why = 'Caffe’s network is trained so.';
  return [
    {
      paper: 'LRN with k = 2 and α = 1e-4 (§3.3).',
      ours: 'k = 1, and α = 1e-4 divided by n = 5.',
      why: 'Caffe divides its α by n, and its k is 1 unless set.',
    },
    {
      paper: 'Batches of 128, the rate divided when the error stops falling (§5), colours relit (§4.1).',
      ours: 'Batches of 256, the rate divided every 100,000 updates, no relighting.',
      why,
    },
    {
      paper: 'One rate for all weights, all of them decay; all start with a deviation of 0.01 (§5).',
      ours: 'Biases learn at twice the rate and do not decay; fc6 and fc7 start with a deviation of 0.005.',
      why,
    },
  ];
}

function errors(
  dataset: string,
  protocol: string,
  top1: number,
  top5: number,
  where: Where,
): readonly PublishedResult[] {
  return [
    { dataset, metric: 'top-5 error', error: top5, protocol, where },
    { dataset, metric: 'top-1 error', error: top1, protocol, where },
  ];
}
