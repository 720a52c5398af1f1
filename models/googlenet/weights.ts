/** Published weights of GoogLeNet, from Caffe and torchvision, and what those call its layers. */
import type { WeightSource } from '../../src/core/network';
import * as papers from './paper';
import * as recipes from './recipe';
import { table, variants } from './table';

type Layers = WeightSource['layers'];

/** A module's branches in other toolkits' words: models/bvlc_googlenet/deploy.prototxt; torchvision's Inception. */
const branches = {
  one: { caffe: '1x1', torchvision: 'branch1' },
  threeReduce: { caffe: '3x3_reduce', torchvision: 'branch2.0' },
  three: { caffe: '3x3', torchvision: 'branch2.1' },
  fiveReduce: { caffe: '5x5_reduce', torchvision: 'branch3.0' },
  five: { caffe: '5x5', torchvision: 'branch3.1' },
  project: { caffe: 'pool_proj', torchvision: 'branch4.1' },
} as const;

const modules = table(variants.googlenet).flatMap((row) => (row.kind === 'inception' ? [row.name] : []));

/** models/bvlc_googlenet/train_val.prototxt; a file for use may lack the heads, loss1 and loss2. */
const caffeLayers: Layers = {
  conv1: 'conv1/7x7_s2',
  conv2_reduce: 'conv2/3x3_reduce',
  conv2: 'conv2/3x3',
  ...byModule((module, branch) => `inception_${module}/${branches[branch].caffe}`),
  'loss3/classifier': 'loss3/classifier',
  'loss1/conv': 'loss1/conv',
  'loss1/fc': 'loss1/fc',
  'loss1/classifier': 'loss1/classifier',
  'loss2/conv': 'loss2/conv',
  'loss2/fc': 'loss2/fc',
  'loss2/classifier': 'loss2/classifier',
};

/** pytorch/vision, torchvision/models/googlenet.py: each convolution is a `conv` and its normalisation `bn`. */
const torchvisionLayers: Layers = {
  ...withNormalisation({
    conv1: 'conv1',
    conv2_reduce: 'conv2',
    conv2: 'conv3',
    ...byModule((module, branch) => `inception${module}.${branches[branch].torchvision}`),
    'loss1/conv': 'aux1.conv',
    'loss2/conv': 'aux2.conv',
  }),
  'loss3/classifier': 'fc',
  'loss1/fc': 'aux1.fc1',
  'loss1/classifier': 'aux1.fc2',
  'loss2/fc': 'aux2.fc1',
  'loss2/classifier': 'aux2.fc2',
};

function byModule(theirs: (module: string, branch: keyof typeof branches) => string): Layers {
  const names = Object.keys(branches) as (keyof typeof branches)[];
  return Object.fromEntries(
    modules.flatMap((module) =>
      names.map((branch) => [`inception_${module}/${branch}`, theirs(module, branch)]),
    ),
  );
}

function withNormalisation(layers: Layers): Layers {
  return Object.fromEntries(
    Object.entries(layers).flatMap(([ours, theirs]) => [
      [ours, `${theirs}.conv`],
      [`${ours}/normalise`, `${theirs}.bn`],
    ]),
  );
}

// BVLC/caffe, models/bvlc_googlenet/readme.md
export const googlenet: readonly WeightSource[] = [
  {
    toolkit: 'caffe',
    layers: caffeLayers,
    blueFirst: 'conv1',
    preprocess: [{ kind: 'subtract', mean: [123, 117, 104] }], // train_val.prototxt, mean_value
    files: [
      {
        file: 'bvlc_googlenet.caffemodel',
        url: 'http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel',
        checksum: { kind: 'sha1', begins: '405fc5acd08a3bb12de8ee5e23a96bec22f08204' },
        licence: 'unrestricted use',
        results: [bvlc('top-5 error', 0.111), bvlc('top-1 error', 0.313)],
        unchecked: ['address', 'checksum'],
      },
    ],
  },
];

// pytorch/vision, torchvision/models/googlenet.py, GoogLeNet_Weights.IMAGENET1K_V1
export const googlenetTorchvision: readonly WeightSource[] = [
  {
    toolkit: 'pytorch',
    layers: torchvisionLayers,
    preprocess: recipes.googlenetTorchvision.input.preprocess,
    files: [
      {
        file: 'googlenet-1378be20.pth',
        url: 'https://download.pytorch.org/models/googlenet-1378be20.pth',
        checksum: { kind: 'sha256', begins: '1378be20' },
        licence: 'none of its own; torchvision’s is BSD 3-Clause',
        results: papers.googlenetTorchvision.results,
        unchecked: ['address', 'checksum'],
      },
    ],
  },
];

function bvlc(metric: 'top-1 error' | 'top-5 error', error: number) {
  return {
    dataset: 'ilsvrc2012',
    metric,
    error,
    protocol: 'validation set, centre crop',
    where: 'documentation of BVLC/caffe, models/bvlc_googlenet',
  } as const;
}
