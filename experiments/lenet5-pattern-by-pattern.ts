/** The experiment of LeCun et al. 1998 with LeNet-5 on MNIST, by the published optimiser. */
import type { Experiment } from '../src/workflows/reproduce/experiment';

/** LeCun et al. 1998, §III.B and Appendix C: LeNet-5 on MNIST as it was trained, one pattern after the other. */
export const lenet5PatternByPattern = {
  title: 'LeNet-5 on MNIST, pattern by pattern',
  paper: {
    citation: 'LeCun, Bottou, Bengio, Haffner 1998',
    error: 0.0095,
    where: '§III.B',
    protocol: '60,000 training images without distortions, 20 passes, 10,000 test images',
  },
  network: 'lenet5',
  data: 'mnist',
  seeds: [1],
  duration: 'about 25 minutes a seed on 2 cores',
  expected: {
    error: 0.0095,
    why: 'Optimiser, rates, batches of one, constant order and passes are the paper’s.',
  },
  changes: {
    batchSize: 1, // Appendix C
    order: 'constant', // Appendix C: "in a constant random order"
    optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 }, // §III.B, Appendix C
    schedule: {
      kind: 'steps', // §III.B
      steps: [
        { epoch: 0, rate: 0.0005 },
        { epoch: 2, rate: 0.0002 },
        { epoch: 5, rate: 0.0001 },
        { epoch: 8, rate: 0.00005 },
        { epoch: 12, rate: 0.00001 },
      ],
    },
    initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(3) }, bias: 'asKernel' },
  },
  reasons: {
    batchSize: 'Appendix C: an update after each pattern.',
    order: 'Appendix C: a constant random order.',
    optimiser: 'Appendix C, with the μ and the 500 samples of §III.B.',
    schedule: '§III.B.',
    initialiser:
      'Weights within ±2.4/F (Appendix A) let the states of C5 start near 0.01. Curvature that is estimated there makes the published rates so long steps that all units of F6 saturate within the first thousands of patterns and stay so. Within ±√3/√F, of variance 1/F, states start near 1 in every layer, and the rates hold; the range of effective rates that §III.B prints, 0.00007 to 0.016, also lies nearer to those.',
  },
  figures: ['passes', 'filters'],
} as const satisfies Experiment;
