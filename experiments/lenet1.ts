/** The experiment with LeNet-1 on MNIST, whose error LeCun et al. 1998 report. */
import type { Experiment } from '../src/workflows/reproduce/experiment';
import { cosine } from './cosine';

/** White and black as the paper of 1998 has them for LeNet-5 (§II.B): a mean of about 0 and a variance of about 1. */
const normalised = {
  input: { shape: [28, 28, 1], preprocess: [{ kind: 'range', black: -0.1, white: 1.175 }] },
} as const;

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
  duration: 'about 10 minutes a seed on 2 cores',
  expected: {
    error: 0.017,
    why: 'Network and criterion are the paper’s; MNIST’s digits are not shrunk to 16×16.',
  },
  changes: {},
  reasons: {
    epochs: 'The paper does not state the passes; they are searched.',
    schedule: 'The rate of momentum SGD, which is not the paper’s method, is searched.',
    input:
      'The paper of 1989 (NIPS) has a background of −1, that of 1998 says what LeNet-5 is given; it is searched.',
  },
  search: {
    hypothesis:
      '2,578 weights cannot learn 60,000 digits by heart: the error of training is that of the test, and what is left to gain is how far the descent gets, so that 60 passes make fewer mistakes than 30. With a background of −1 twice the rate of 0.005 diverges, for the mean of all inputs is far from 0 (§II.B); pixels with a mean of 0 bear higher rates.',
    validationImages: 10_000,
    seeds: [1, 2],
    candidates: {
      'rate 0.005': cosine(0.005),
      'pixels of 1998, rate 0.01': { ...normalised, ...cosine(0.01) },
      'pixels of 1998, rate 0.005': { ...normalised, ...cosine(0.005) },
      'pixels of 1998, rate 0.01, 60 passes': { ...normalised, ...cosine(0.01), epochs: 60 },
    },
    chosen: 'pixels of 1998, rate 0.01, 60 passes',
  },
  figures: ['passes', 'filters'],
} as const satisfies Experiment;
