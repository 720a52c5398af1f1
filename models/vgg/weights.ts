/** Published weights of the VGG networks, and what Caffe, PyTorch and Keras call the layers. */
import type {
  Checksum,
  Paper,
  PublishedResult,
  PublishedWeights,
  WeightSource,
} from '../../src/core/network';
import * as papers from './paper';
import { deep } from './recipe';

type Layers = WeightSource['layers'];

const full: Layers = { fc6: 'fc6', fc7: 'fc7', fc8: 'fc8' };

/** The convolutions of each network, block by block; the rows after our own names are other toolkits'. */
// prettier-ignore
const convolutions = {
  a: {
    ours:        ['conv1_1',              'conv2_1',              'conv3_1', 'conv3_2',                       'conv4_1', 'conv4_2',                       'conv5_1', 'conv5_2'],
    torchvision: [0,                      3,                      6,         8,                               11,        13,                              16,        18],
  },
  b: {
    ours:        ['conv1_1', 'conv1_2',   'conv2_1', 'conv2_2',   'conv3_1', 'conv3_2',                       'conv4_1', 'conv4_2',                       'conv5_1', 'conv5_2'],
    torchvision: [0,         2,           5,         7,           10,        12,                              15,        17,                              20,        22],
  },
  d: {
    ours:        ['conv1_1', 'conv1_2',   'conv2_1', 'conv2_2',   'conv3_1', 'conv3_2', 'conv3_3',            'conv4_1', 'conv4_2', 'conv4_3',            'conv5_1', 'conv5_2', 'conv5_3'],
    torchvision: [0,         2,           5,         7,           10,        12,        14,                   17,        19,        21,                   24,        26,        28],
  },
  e: {
    ours:        ['conv1_1', 'conv1_2',   'conv2_1', 'conv2_2',   'conv3_1', 'conv3_2', 'conv3_3', 'conv3_4', 'conv4_1', 'conv4_2', 'conv4_3', 'conv4_4', 'conv5_1', 'conv5_2', 'conv5_3', 'conv5_4'],
    torchvision: [0,         2,           5,         7,           10,        12,        14,        16,        19,        21,        23,        25,        28,        30,        32,        34],
  },
} as const;

/** www.robots.ox.ac.uk/~vgg/research/very_deep: the authors' own, in Caffe's format. */
function caffe(column: 'd' | 'e', layers: 16 | 19, paper: Paper): WeightSource {
  const file = `VGG_ILSVRC_${layers}_layers.caffemodel`;
  const scales = ['Table 3', 'Table 4'].map((where) =>
    paper.results.filter(
      (result) => result.where === where && result.protocol.endsWith('trained at 256 to 512'),
    ),
  );
  return {
    toolkit: 'caffe',
    layers: { ...named(convolutions[column].ours, (name) => name), ...full },
    blueFirst: 'conv1_1',
    preprocess: deep.input.preprocess,
    files: [
      {
        file,
        url: `http://www.robots.ox.ac.uk/~vgg/software/very_deep/caffe/${file}`,
        licence: 'Creative Commons Attribution 4.0',
        results: scales.flat(),
        unchecked: ['address'],
      },
    ],
  };
}

/** 255 times [0.485, 0.456, 0.406] and [0.229, 0.224, 0.225]. */
const torchPreprocess = [
  { kind: 'subtract', mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] },
] as const;

function torchConvolutions(column: keyof typeof convolutions): Layers {
  const { ours, torchvision: features } = convolutions[column];
  return named(ours, (_, index) => `features.${features[index]}`);
}

/** pytorch/vision, torchvision/models/vgg.py, IMAGENET1K_V1: trained anew, on another preprocessing. */
function torchvision(
  column: keyof typeof convolutions,
  file: string,
  top1: number,
  top5: number,
): WeightSource {
  return {
    toolkit: 'pytorch',
    layers: { ...torchConvolutions(column), fc6: 'classifier.0', fc7: 'classifier.3', fc8: 'classifier.6' },
    preprocess: torchPreprocess,
    files: [
      {
        file,
        url: `https://download.pytorch.org/models/${file}`,
        checksum: { kind: 'sha256', begins: file.slice(-12, -4) },
        licence: 'none of its own; torchvision’s is BSD 3-Clause',
        results: centreCrop(top1, top5, 'torchvision'),
        unchecked: ['address', 'checksum'],
      },
    ],
  };
}

/** huggingface/pytorch-image-models, timm/models/vgg.py: torchvision's weights; the full layers are convolutions there. */
function timm(column: keyof typeof convolutions): WeightSource {
  return {
    toolkit: 'pytorch',
    layers: { ...torchConvolutions(column), fc6: 'pre_logits.fc1', fc7: 'pre_logits.fc2', fc8: 'head.fc' },
    preprocess: torchPreprocess,
    files: [], // each is called model.safetensors, on pages of its own
  };
}

/** keras/src/applications/vgg16.py and vgg19.py: the authors' weights, with the colours still blue first. */
function keras(column: 'd' | 'e', layers: 16 | 19, md5: string, top1: number, top5: number): WeightSource {
  const file = `vgg${layers}_weights_tf_dim_ordering_tf_kernels.h5`;
  const checksum: Checksum = { kind: 'md5', begins: md5 };
  const published: PublishedWeights = {
    file,
    url: `https://storage.googleapis.com/tensorflow/keras-applications/vgg${layers}/${file}`,
    checksum,
    licence: 'Creative Commons Attribution 4.0, as the authors’',
    results: centreCrop(top1, top5, 'keras-applications'),
    unchecked: ['address', 'checksum'],
    preferred: true, // the authors' own weights, and unlike their file it has a published checksum
  };
  return {
    toolkit: 'keras',
    layers: {
      ...named(convolutions[column].ours, (name) => name.replace('conv', 'block').replace('_', '_conv')),
      fc6: 'fc1',
      fc7: 'fc2',
      fc8: 'predictions',
    },
    blueFirst: 'conv1_1',
    preprocess: deep.input.preprocess,
    files: [published],
  };
}

function named(ours: readonly string[], theirs: (name: string, index: number) => string): Layers {
  return Object.fromEntries(ours.map((name, index) => [name, theirs(name, index)]));
}

function centreCrop(top1: number, top5: number, documentation: string): readonly PublishedResult[] {
  const protocol = 'validation set, centre crop';
  const where = `documentation of ${documentation}` as const;
  return [
    { dataset: 'ilsvrc2012', metric: 'top-5 error', error: top5, protocol, where },
    { dataset: 'ilsvrc2012', metric: 'top-1 error', error: top1, protocol, where },
  ];
}

export const vggA = [torchvision('a', 'vgg11-8a719046.pth', 0.3098, 0.11372), timm('a')];

export const vggB = [torchvision('b', 'vgg13-19584684.pth', 0.30072, 0.10754), timm('b')];

export const vggD = [
  caffe('d', 16, papers.vggD),
  torchvision('d', 'vgg16-397923af.pth', 0.28408, 0.09618),
  timm('d'),
  keras('d', 16, '64373286793e3c8b2b4e3219cbf3544b', 0.28732, 0.0995),
];

export const vggE = [
  caffe('e', 19, papers.vggE),
  torchvision('e', 'vgg19-dcbb9e9d.pth', 0.27624, 0.09124),
  timm('e'),
  keras('e', 19, 'cbe5617147190e668d6c5d5026f83318', 0.28744, 0.10012),
];
