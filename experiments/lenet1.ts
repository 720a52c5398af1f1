import type { Experiment } from '../src/report/experiment';
import { lenet5PatternByPattern } from './lenet5-pattern-by-pattern';

const cosine = (from: number) => ({ kind: 'cosine', from, to: 0 }) as const;

/** Appendix C, with the rates of §III.B. */
const method = {
  optimiser: lenet5PatternByPattern.changes.optimiser,
  schedule: lenet5PatternByPattern.changes.schedule,
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
  duration: 'about 5 minutes a seed on 2 cores',
  expected: {
    error: 0.017,
    why: 'Network and criterion are the paper’s; MNIST’s digits are not shrunk to 16×16.',
  },
  changes: {},
  reasons: {
    schedule: 'The rate of momentum SGD, which is not the paper’s method, is searched.',
    optimiser: 'Momentum SGD, or the paper’s method, one pattern after the other.',
    batchSize: 'The paper takes a step after each pattern; it is searched beside the rates.',
  },
  search: {
    hypothesis:
      '2,578 weights cannot learn 60,000 digits by heart: the error of training is that of the test, and what is left to gain is how far the descent gets in 30 passes. Twice the rate of 0.005 diverges. Smaller batches take more steps; the method of 1998 has a rate for each weight, and its noise may lead to other minima.',
    validationImages: 10_000,
    seeds: [1],
    candidates: {
      'rate 0.005': { schedule: cosine(0.005), batchSize: 32 },
      'rate 0.005, batches of 8': { schedule: cosine(0.005), batchSize: 8 },
      'diagonal Levenberg–Marquardt': { ...method, batchSize: 1 },
    },
    chosen: 'rate 0.005',
  },
  figures: ['passes', 'filters'],
} as const satisfies Experiment;
