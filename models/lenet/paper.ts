/** What the papers say of LeNet-1, LeNet-5 and their variants: counts, errors, and our departures. */
import type { Departure, Paper } from '../../src/core/network';

const lecun1998 = {
  title: 'Gradient-based learning applied to document recognition',
  authors: 'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner',
  venue: 'Proceedings of the IEEE 86(11), 2278–2324',
  year: 1998,
} as const;

/** In place of a method that needs second derivatives. */
function momentumFor(paper: string, rate: number): Departure {
  return {
    paper,
    ours: `Momentum SGD with batches of 32, momentum 0.9, a rate of ${rate} that falls to 0 along half a cosine.`,
    why: 'Momentum SGD fits the same function many times faster, in batches; the method of 1998 is there as the optimiser diagonalLevenbergMarquardt.',
  };
}

export const lenet1 = {
  title: 'Handwritten digit recognition with a back-propagation network',
  authors: 'Y. Le Cun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel',
  venue: 'Advances in Neural Information Processing Systems 2 (NIPS 1989), 396–404',
  year: 1989,
  parameters: {
    exact: 2_578,
    quoted: '2578',
    where: 'p. 402',
    layers: { H1: 104, H2: 8, H3: 512, H4: 24, output: 1_930 },
  },
  connections: {
    exact: 98_442,
    where: 'p. 402',
    layers: { H1: 59_904, H2: 2_880, H3: 32_768, H4: 960, output: 1_930 },
  },
  lineage: {
    kind: 'after',
    network: 'lecun1989',
    line: 'trunk',
    adds: 'Averaging layers between the convolutions, as the neocognitron has them, with a quarter of the parameters.',
  },
  results: [
    {
      dataset: 'mnist',
      metric: 'error',
      error: 0.017,
      protocol: 'named LeNet-1 and measured in LeCun et al. 1998',
      where: '§III',
    },
  ],
  departures: [
    momentumFor('A second-order version of back-propagation (p. 402).', 0.005),
    {
      paper: 'Each convolution is followed by a squashing function that is not named (p. 399).',
      ours: 'Every layer, the sub-sampling and the output too, is followed by 1.7159 tanh(2a/3).',
      why: 'A guess: it is what the same authors print in 1998, and with it the targets ±1 lie within its range.',
    },
    {
      paper: 'Each window is averaged, and the average multiplied by a trainable coefficient (p. 400).',
      ours: 'Each window is summed, and the sum multiplied by the coefficient, as in LeNet-5.',
      why: 'The coefficient takes up the factor 4; functions, parameters and connections are the same.',
    },
    {
      paper: 'Digits of 16×16 pixels in the middle of 28×28 (p. 400).',
      ours: "MNIST's images as they are: digits of at most 20×20 in 28×28. Smaller images are put in the middle.",
      why: 'Shrinking them would throw pixels away that the network has room for.',
    },
  ],
} as const satisfies Paper;

export const lenet5 = {
  ...lecun1998,
  parameters: {
    exact: 60_000,
    quoted: '60,000',
    where: '§II.B',
    layers: { C1: 156, S2: 12, C3: 1_516, S4: 32, C5: 48_120, F6: 10_164, output: 0 },
  },
  connections: {
    exact: 340_908,
    where: '§II.B',
    layers: { C1: 122_304, S2: 5_880, C3: 151_600, S4: 2_000, C5: 48_120, F6: 10_164, output: 840 },
  },
  lineage: {
    kind: 'after',
    network: 'lenet1',
    line: 'trunk',
    adds: 'More and partly connected maps, trainable sub-sampling, and an output of distances to drawn codes.',
  },
  results: [
    {
      dataset: 'mnist',
      metric: 'error',
      error: 0.0095,
      protocol: '60,000 images, 20 passes, no distortions',
      where: '§III',
      distorted: false,
    },
    {
      dataset: 'mnist',
      metric: 'error',
      error: 0.008,
      protocol: '540,000 distorted and 60,000 original images',
      where: '§III',
      distorted: true,
    },
  ],
  departures: [
    momentumFor(
      'One pattern at a time by the stochastic diagonal Levenberg–Marquardt method, rates from 0.0005 to 0.00001 (Appendix C).',
      0.001,
    ),
  ],
  discrepancies: [
    'Some editions print 345,308 connections. That is the sum with 156,000 in C3; 100 positions of 1,516 weights are 151,600, and the sum is 340,908.',
    'The 340,908 connections include the 840 from F6 to the RBF codes, which are no trainable parameters.',
  ],
} as const satisfies Paper;

export const lenet5Modern = {
  ...lecun1998,
  parameters: {
    exact: 61_706,
    layers: { C1: 156, S2: 0, C3: 2_416, S4: 0, C5: 48_120, F6: 10_164, output: 850 },
  },
  lineage: { kind: 'variant', network: 'lenet5' },
  results: [],
  departures: [
    {
      paper: 'Maps of C3 read subsets of the maps of S2 (Table I).',
      ours: 'Every map of C3 reads all six.',
      why: 'This is the network that is usually taught as LeNet-5, here to compare with the published one.',
    },
    {
      paper: 'S2 and S4 have a coefficient and a bias a map, and are squashed (§II.B).',
      ours: 'S2 and S4 average.',
      why: 'As above.',
    },
    {
      paper: 'Distances from codes, and a criterion that ranks them (eq. 9).',
      ours: 'Logits and the cross-entropy of their softmax; weights start with the variance 1 / fan-in.',
      why: 'As above.',
    },
    momentumFor(
      'The stochastic diagonal Levenberg–Marquardt method, one pattern at a time (Appendix C).',
      0.01,
    ),
  ],
} as const satisfies Paper;

export const lenetCaffe = {
  title: 'Training LeNet on MNIST with Caffe (examples/mnist)',
  authors: 'BVLC',
  venue: 'github.com/BVLC/caffe',
  year: 2014,
  parameters: {
    exact: 431_080,
    layers: { conv1: 520, conv2: 25_050, ip1: 400_500, ip2: 5_010 },
  },
  lineage: { kind: 'variant', network: 'lenet5' },
  results: [
    {
      dataset: 'mnist',
      metric: 'error',
      error: 0.0103,
      protocol: '10,000 updates; the log that the tutorial shows',
      where: 'documentation of Caffe, examples/mnist/readme.md',
    },
  ],
  departures: [],
} as const satisfies Paper;

export const lenetBouvrie = {
  title: 'Notes on convolutional neural networks',
  authors: 'J. Bouvrie',
  venue: 'MIT',
  year: 2006,
  parameters: {
    exact: 2_356,
    layers: { C1: 156, S2: 12, C3: 234, S4: 24, output: 1_930 },
  },
  lineage: { kind: 'variant', network: 'lenet5' },
  results: [],
  departures: [
    {
      paper: 'No network is given, only its layers (§3).',
      ours: 'Two convolutions of 6 and 12 maps with 5×5 kernels, each followed by sub-sampling, and one full layer.',
      why: 'A guess: the smallest network that has every layer of the notes.',
    },
    {
      paper: 'A logistic function or a scaled hyperbolic tangent (§2).',
      ours: '1.7159 tanh(2a/3), with the targets ±1 that the notes give it.',
      why: 'One of the two, and that of the other networks of the family.',
    },
    {
      paper: 'A term λ Σ |α_ij| in the loss makes combinations sparse (§3.3.1).',
      ours: 'The loss has no such term.',
      why: 'The α of an output map are a softmax: none is negative and they sum to 1, so the term is constant and its derivative 0.',
    },
  ],
} as const satisfies Paper;
