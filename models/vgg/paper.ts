/** What Simonyan and Zisserman 2015 say of each VGG network: counts, published errors, our departures. */
import type { Departure, Paper, PublishedResult, Where } from '../../src/core/network';

const simonyan2015 = {
  title: 'Very deep convolutional networks for large-scale image recognition',
  authors: 'K. Simonyan, A. Zisserman',
  venue: 'International Conference on Learning Representations',
  year: 2015,
} as const;

const a = {
  conv1_1: 1_792,
  conv2_1: 73_856,
  conv3_1: 295_168,
  conv3_2: 590_080,
  conv4_1: 1_180_160,
  conv4_2: 2_359_808,
  conv5_1: 2_359_808,
  conv5_2: 2_359_808,
  fc6: 102_764_544,
  fc7: 16_781_312,
  fc8: 4_097_000,
} as const;
const b = { ...a, conv1_2: 36_928, conv2_2: 147_584 } as const;
const c = { ...b, conv3_3: 65_792, conv4_3: 262_656, conv5_3: 262_656 } as const;
const d = { ...b, conv3_3: 590_080, conv4_3: 2_359_808, conv5_3: 2_359_808 } as const;
const e = { ...d, conv3_4: 590_080, conv4_4: 2_359_808, conv5_4: 2_359_808 } as const;

const discrepancies = [
  'The paper prints the variance 10⁻² of the first weights (§3.1), a deviation of 0.1; many ports take 0.01 for the deviation.',
  'Drawn as printed, A’s first loss on random images is about 10⁹, and its first update at the printed rate ends in no number; with a deviation of 0.01 it is 6.9, that of chance, and falls (both measured here).',
] as const;

const stages = [
  {
    paper:
      'Networks for the scale 384 start from those for 256, at a rate of 0.001, and those for 256 to 512 from those for 384 (§3.1).',
    ours: 'The recipe is that of the scale 256.',
    why: 'A recipe is one training; the next starts from its run, with another rate and augmentation set.',
  },
] as const satisfies readonly Departure[];

const at256 = 'validation set, dense, one scale, trained at 256';
const at384 = 'validation set, dense, one scale, trained at 384';
const jittered = 'validation set, dense, one scale, trained at 256 to 512';
const scales256 = 'validation set, dense, three scales, trained at 256';
const scales384 = 'validation set, dense, three scales, trained at 384';
const scalesJittered = 'validation set, dense, three scales, trained at 256 to 512';
const crops = 'validation set, 50 crops at three scales, trained at 256 to 512';
const cropsAndDense = 'validation set, crops and dense, trained at 256 to 512';

export const vggA = {
  ...simonyan2015,
  parameters: { exact: 132_863_336, quoted: '133 million', where: 'Table 2', layers: a },
  lineage: {
    kind: 'after',
    network: 'alexnet',
    line: 'deeper',
    adds: 'Nothing but 3×3 convolutions, stacked to 11 up to 19 layers.',
  },
  results: errors(at256, 0.296, 0.104, 'Table 3'),
  departures: [],
  discrepancies,
} as const satisfies Paper;

export const vggALrn = {
  ...simonyan2015,
  parameters: { exact: 132_863_336, quoted: '133 million', where: 'Table 2', layers: a },
  lineage: { kind: 'variant', network: 'vgg-a' },
  results: errors(at256, 0.297, 0.105, 'Table 3'),
  departures: [],
  discrepancies,
} as const satisfies Paper;

export const vggB = {
  ...simonyan2015,
  parameters: { exact: 133_047_848, quoted: '133 million', where: 'Table 2', layers: b },
  lineage: { kind: 'variant', network: 'vgg-a' },
  results: [...errors(at256, 0.287, 0.099, 'Table 3'), ...errors(scales256, 0.282, 0.096, 'Table 4')],
  departures: [],
  discrepancies,
} as const satisfies Paper;

export const vggC = {
  ...simonyan2015,
  parameters: { exact: 133_638_952, quoted: '134 million', where: 'Table 2', layers: c },
  lineage: { kind: 'variant', network: 'vgg-a' },
  results: [
    ...errors(at256, 0.281, 0.094, 'Table 3'),
    ...errors(at384, 0.281, 0.093, 'Table 3'),
    ...errors(jittered, 0.273, 0.088, 'Table 3'),
    ...errors(scales256, 0.277, 0.092, 'Table 4'),
    ...errors(scales384, 0.278, 0.092, 'Table 4'),
    ...errors(scalesJittered, 0.263, 0.082, 'Table 4'),
  ],
  departures: stages,
  discrepancies,
} as const satisfies Paper;

export const vggD = {
  ...simonyan2015,
  parameters: { exact: 138_357_544, quoted: '138 million', where: 'Table 2', layers: d },
  lineage: { kind: 'variant', network: 'vgg-a' },
  results: [
    ...errors(at256, 0.27, 0.088, 'Table 3'),
    ...errors(at384, 0.268, 0.087, 'Table 3'),
    ...errors(jittered, 0.256, 0.081, 'Table 3'),
    ...errors(scales256, 0.266, 0.086, 'Table 4'),
    ...errors(scales384, 0.265, 0.086, 'Table 4'),
    ...errors(scalesJittered, 0.248, 0.075, 'Table 4'),
    ...errors(crops, 0.246, 0.075, 'Table 5'),
    ...errors(cropsAndDense, 0.244, 0.072, 'Table 5'),
  ],
  departures: stages,
  discrepancies,
} as const satisfies Paper;

export const vggE = {
  ...simonyan2015,
  parameters: { exact: 143_667_240, quoted: '144 million', where: 'Table 2', layers: e },
  lineage: { kind: 'variant', network: 'vgg-a' },
  results: [
    ...errors(at256, 0.273, 0.09, 'Table 3'),
    ...errors(at384, 0.269, 0.087, 'Table 3'),
    ...errors(jittered, 0.255, 0.08, 'Table 3'),
    ...errors(scales256, 0.269, 0.087, 'Table 4'),
    ...errors(scales384, 0.267, 0.086, 'Table 4'),
    ...errors(scalesJittered, 0.248, 0.075, 'Table 4'),
    ...errors(crops, 0.246, 0.074, 'Table 5'),
    ...errors(cropsAndDense, 0.244, 0.071, 'Table 5'),
  ],
  departures: stages,
  discrepancies,
} as const satisfies Paper;

function errors(protocol: string, top1: number, top5: number, where: Where): readonly PublishedResult[] {
  return [
    { dataset: 'ilsvrc2012', metric: 'top-5 error', error: top5, protocol, where },
    { dataset: 'ilsvrc2012', metric: 'top-1 error', error: top1, protocol, where },
  ];
}
