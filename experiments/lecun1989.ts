/** The experiment of LeCun et al. 1989: the network for zip codes, on the digits of USPS. */
import type { Experiment } from '../src/workflows/reproduce/experiment';

/** From the 10th and the 17th of 23 passes on a quarter each of the rate. */
const falling = (rate: number) =>
  ({
    kind: 'steps',
    steps: [
      { epoch: 0, rate },
      { epoch: 10, rate: rate / 4 },
      { epoch: 17, rate: rate / 16 },
    ],
  }) as const;

/** Rates by second derivatives, estimated before each pass, as LeCun et al. 1998 print the method (Appendix C). */
const secondDerivatives = {
  optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 },
  schedule: falling(0.0002),
} as const;

/** LeCun et al. 1989, §§4–5: the network for zip codes, one pattern after the other in a constant order, 23 passes. */
export const lecun1989 = {
  title: 'The network for zip codes of 1989',
  paper: {
    citation: 'LeCun et al. 1989',
    error: 0.05,
    where: '§5',
    protocol: '7,291 training and 2,007 test images, 23 passes',
  },
  network: 'lecun1989',
  data: 'usps',
  seeds: [1, 2, 3],
  duration: 'about 4 minutes a seed on 2 cores',
  expected: {
    error: 0.05,
    why: 'Network, criterion, passes and order are the paper’s, and the data are digits of the same zip codes.',
  },
  changes: {},
  reasons: {
    optimiser:
      'The paper’s method sets the rate of each weight by second derivatives; the form that the paper of 1998 prints, and plain SGD, are searched.',
    schedule: 'The paper does not state the rates; they are searched.',
    weightDecay: 'The paper has none; it is searched beside the rates.',
  },
  search: {
    hypothesis:
      'Rates by second derivatives, as the paper has them, fit in 23 passes better than one rate for all weights. A constant rate jumps about at the end of 23 passes, one that falls settles. 9,760 weights learn 7,291 digits nearly without mistakes, so that weight decay may help with others; a fifth of the training set, another one for each seed, tells how much.',
    validationImages: 1458,
    seeds: [1, 2, 3, 4],
    candidates: {
      constant: { schedule: { kind: 'constant', rate: 0.003 }, weightDecay: 0 },
      falling: { schedule: falling(0.004), weightDecay: 0 },
      'falling, decay 0.001': { schedule: falling(0.004), weightDecay: 0.001 },
      'falling, decay 0.003': { schedule: falling(0.004), weightDecay: 0.003 },
      'falling, decay 0.006': { schedule: falling(0.004), weightDecay: 0.006 },
      'falling from 0.008, decay 0.003': { schedule: falling(0.008), weightDecay: 0.003 },
      'second derivatives, decay 0.001': { ...secondDerivatives, weightDecay: 0.001 },
      'second derivatives, decay 0.003': { ...secondDerivatives, weightDecay: 0.003 },
    },
    // The last candidate makes as many mistakes: the one stays that was taken before it was tried.
    chosen: 'falling, decay 0.003',
  },
  figures: ['passes', 'filters'],
} as const satisfies Experiment;
