import type { Experiment } from '../src/report/experiment';

/** LeCun et al. 1998, §III: the network of 1989 (NIPS), there called LeNet-1, on MNIST. */
export const lenet1 = {
  title: 'LeNet-1 on MNIST',
  paper: {
    citation: 'LeCun, Bottou, Bengio, Haffner 1998',
    error: 0.017,
    where: '§III.C',
    protocol: '60,000 training images without distortions, 10,000 test images; passes not stated',
  },
  network: 'lenet1',
  data: 'mnist',
  seeds: [1, 2, 3],
  duration: 'about 5 minutes a seed on 2 cores',
  expected: {
    error: 0.017,
    why: 'Network and criterion are the paper’s; MNIST’s digits are not shrunk to 16×16.',
  },
  changes: {},
  reasons: {},
  figures: ['passes', 'filters'],
} as const satisfies Experiment;
