/** The experiment of LeCun et al. 1998, Fig. 6: the error of LeNet-5 by the number of training images. */
import type { Experiment } from '../src/workflows/reproduce/experiment';
import { lenet5 } from './lenet5';

const { search, changes, reasons, network, data } = lenet5;

/** LeCun et al. 1998, §III.B, Fig. 6: what more training images are worth, with the settings of `lenet5`. */
export const lenet5SetSizes = {
  title: 'LeNet-5 on parts of MNIST',
  paper: {
    citation: 'LeCun, Bottou, Bengio, Haffner 1998',
    error: 0.0095,
    where: 'Fig. 6',
    protocol: '15,000, 30,000 and 60,000 training images without distortions, 20 passes',
  },
  network,
  data,
  seeds: [1, 2, 3],
  duration: 'about 7 minutes a seed on 2 cores, for the three sizes together',
  expected: { error: 0.0095, why: 'The last part is the experiment lenet5.' },
  changes: { ...changes, ...search.candidates[search.chosen] },
  reasons: {
    ...reasons,
    loss: 'The j of eq. 9 is the one that the search of lenet5 chose.',
    weightDecay: 'That which the search of lenet5 chose.',
  },
  trainingImages: [15_000, 30_000, 60_000],
  figures: ['setSizes'],
} as const satisfies Experiment;
