import type { Experiment } from '../src/report/experiment';

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
  seeds: [1, 2, 3, 4, 5],
  duration: 'about 4 minutes a seed on 2 cores',
  expected: {
    error: 0.05,
    why: 'Network, criterion, passes and order are the paper’s, and the data are digits of the same zip codes.',
  },
  changes: {},
  reasons: {},
  figures: ['passes'],
} as const satisfies Experiment;
