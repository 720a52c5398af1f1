/** The experiment of LeCun et al. 1998 with LeNet-5 on MNIST, by momentum SGD. */
import type { Experiment } from '../src/workflows/reproduce/experiment';
import { cosine } from './cosine';

const decay = (weightDecay: number) => ({ loss: { kind: 'rbfPenalty', rival: 10 }, weightDecay }) as const;

/** A pass at a quarter of the highest rate, then as the cosine would fall. */
const warmUp = {
  schedule: {
    kind: 'steps',
    steps: [
      { epoch: 0, rate: 0.0005 },
      { epoch: 1, rate: 0.002 },
      { epoch: 8, rate: 0.0014 },
      { epoch: 11, rate: 0.0009 },
      { epoch: 14, rate: 0.0004 },
      { epoch: 17, rate: 0.0001 },
      { epoch: 19, rate: 0.00002 },
    ],
  },
} as const;

/** LeCun et al. 1998, §III: LeNet-5 on MNIST, by momentum SGD in place of the published method. */
export const lenet5 = {
  title: 'LeNet-5 on MNIST',
  paper: {
    citation: 'LeCun, Bottou, Bengio, Haffner 1998',
    error: 0.0095,
    where: '§III.B',
    protocol: '60,000 training images without distortions, 20 passes, 10,000 test images',
  },
  network: 'lenet5',
  data: 'mnist',
  seeds: [1, 2, 3],
  duration: 'about 4 minutes a seed on 2 cores',
  expected: {
    error: 0.0095,
    why: 'Network, images, passes and criterion are the paper’s, and momentum SGD descends the same criterion.',
  },
  changes: cosine(0.002),
  reasons: {
    loss: 'The j of eq. 9 is open; it is searched.',
    weightDecay:
      'The paper has none; its method, which takes a step after each pattern, is noisier than batches of 32. It is searched.',
    schedule: 'The rate of momentum SGD, which is not the paper’s method, is searched.',
  },
  search: {
    hypothesis:
      'The j of eq. 9 is open. Distances from wrong codes are 48 or more once an image is learned, so that a small j lets the criterion forget them and pull images to their codes alone; with a j of about 10 it ranks classes as long as that matters, and fits the training set so well that a small weight decay should help.',
    validationImages: 10_000,
    seeds: [1, 2],
    candidates: {
      'j 1': { loss: { kind: 'rbfPenalty', rival: 1 } },
      'j 10': { loss: { kind: 'rbfPenalty', rival: 10 } },
      'j 10, decay 0.001': decay(0.001),
      'j 10, decay 0.003': decay(0.003),
      'j 10, decay 0.003, rate 0.001': { ...decay(0.003), ...cosine(0.001) },
      'j 10, decay 0.01, rate 0.001': { ...decay(0.01), ...cosine(0.001) },
      'j 10, decay 0.02, rate 0.001': { ...decay(0.02), ...cosine(0.001) },
      'j 10, decay 0.006, rate 0.0014': { ...decay(0.006), ...cosine(0.0014) },
      'j 10, decay 0.01, rate 0.0014': { ...decay(0.01), ...cosine(0.0014) },
      'j 10, decay 0.003, slow first pass': { ...decay(0.003), ...warmUp },
    },
    chosen: 'j 10, decay 0.01, rate 0.001',
  },
  figures: ['passes', 'rejection', 'mistakes', 'filters'],
} as const satisfies Experiment;
