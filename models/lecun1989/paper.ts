/** What LeCun et al. 1989 say of their network for zip codes: counts, error, and our departures. */
import type { Paper } from '../../src/core/network';

export const paper = {
  title: 'Backpropagation applied to handwritten zip code recognition',
  authors: 'Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel',
  venue: 'Neural Computation 1, 541–551',
  year: 1989,
  parameters: {
    exact: 9_760,
    quoted: '9760',
    where: '§3.3',
    layers: { H1: 1_068, H2: 2_592, H3: 5_790, output: 310 },
  },
  connections: {
    exact: 64_660,
    where: '§3.3',
    layers: { H1: 19_968, H2: 38_592, H3: 5_790, output: 310 },
  },
  lineage: {
    kind: 'after',
    network: 'neocognitron',
    line: 'trunk',
    adds: 'Shared weights are learned by back-propagation, end to end, from pixels to classes.',
  },
  results: [
    {
      dataset: 'usps',
      metric: 'error',
      error: 0.05,
      protocol: '7,291 training and 2,007 test images, 23 passes',
      where: '§5',
    },
  ],
  departures: [
    {
      paper: "A version of Newton's method with a positive, diagonal approximation of the Hessian (§4).",
      ours: 'Plain gradient descent at a rate of 0.005, which is a guess, one pattern at a time as in the paper.',
      why: 'The paper prints no rates for its method, which it credits with no great gain in speed. Its successor of 1998 is there as the optimiser diagonalLevenbergMarquardt.',
    },
    {
      paper: 'Each map of H2 reads 8 of the 12 maps of H1, by a scheme that is not printed (§3.3).',
      ours: 'Maps 0–3 of H2 read maps 0–7 of H1, maps 4–7 read 4–11, and maps 8–11 read 0–3 and 8–11.',
      why: "A guess: every map of H1 is read equally often; it is that of A. Karpathy's reproduction too.",
    },
    {
      paper: 'A scaled hyperbolic tangent, whose scale is not printed (§4).',
      ours: '1.7159 tanh(2a/3).',
      why: 'A guess: it is what the same authors print in 1998, and with it the targets ±1 lie in the bend of the curve, which plain tanh reaches only at infinity.',
    },
    {
      paper: 'Connections beyond the image come from a constant background of −1 (§3.3).',
      ours: 'The same border of −1 surrounds the maps of H1.',
      why: 'A guess: the paper says it of the image; H2 has as many connections only with a border of some value.',
    },
  ],
} as const satisfies Paper;
