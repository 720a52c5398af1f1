/** What Fukushima 1980 says of the neocognitron: synapses, its place in the lineage, our departures. */
import type { Paper } from '../../src/core/network';

export const paper = {
  title:
    'Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position',
  authors: 'K. Fukushima',
  venue: 'Biological Cybernetics 36, 193–202',
  year: 1980,
  parameters: {
    exact: 29_472, // modifiable synapses a and b of one cell of each S-plane; the paper prints no sum
    layers: { US1: 624, UC1: 0, US2: 14_424, UC2: 0, US3: 14_424, UC3: 0 },
  },
  lineage: {
    kind: 'first',
    adds: 'Layers of cells that share their weights over the image, alternating with layers that tolerate shifts; learned without a teacher.',
  },
  results: [],
  departures: [
    {
      paper:
        'Nobody tells the network what a pattern is, and which cell of UC3 responds to it is looked at afterwards (§5).',
      ours: 'A layer "readout" counts in training which class the strongest cell of UC3 responds to; the cells vote for classes in those shares.',
      why: 'Class scores are what networks are compared by. The labels change no synapse.',
    },
    {
      paper: 'Five patterns, 0 to 4, on 16×16 cells, each presented 20 times at random places (§5).',
      ours: 'Thousands of different images of the ten digits, once each.',
      why: 'The paper reports no error rate that could be compared; it calls ten patterns critical for 24 planes.',
    },
    {
      paper: 'Fixed synapses c and d fall monotonically with the distance |v|; no formula (§2).',
      ours: 'c(v) proportional to 0.9^|v| and d(v) = 2 · 0.7^|v| in every module.',
      why: 'Guesses by which the experiment of §5 comes out; narrower c in the first module lowers the error on drawn digits, but then patterns share cells of UC3.',
    },
    {
      paper:
        'Planes become smaller from layer to layer, by cells that lie less densely (§2, §5); the figures of the places are not given.',
      ours: 'Cells of a C-plane lie evenly over the S-plane below, those of an S-plane over the middle of the C-planes below; beyond the edge nothing responds.',
      why: 'A guess that thins where the paper pools.',
    },
  ],
  discrepancies: [
    'Later neocognitrons (19×19 inputs, four modules, from 1983) are supervised and are other networks; descriptions of this one often borrow their sizes.',
    'Ports of this network set q1 to 0.1 or 0.2 and α to 0.4 or 0.478; the paper prints 1.0 and 0.5 (§5).',
  ],
} as const satisfies Paper;
