/** Published weights of AlexNet and its variants, and what other toolkits call the layers. */
import type { PublishedWeights, WeightSource } from '../../src/core/network';
import * as papers from './paper';
import * as recipes from './recipe';

/** models/bvlc_alexnet and models/bvlc_reference_caffenet, deploy.prototxt. */
const caffe = {
  toolkit: 'caffe',
  layers: {
    conv1: 'conv1',
    conv2: 'conv2',
    conv3: 'conv3',
    conv4: 'conv4',
    conv5: 'conv5',
    fc6: 'fc6',
    fc7: 'fc7',
    fc8: 'fc8',
  },
  blueFirst: 'conv1',
  // Trained with the mean image, data/ilsvrc12/imagenet_mean.binaryproto; these are its means of each colour.
  preprocess: [{ kind: 'subtract', mean: [122.679, 116.669, 104.007] }],
} as const satisfies Partial<WeightSource>;

const bvlc = {
  licence: 'unrestricted use',
  unchecked: ['address', 'checksum'],
} as const satisfies Partial<PublishedWeights>;

// models/bvlc_alexnet/readme.md
export const alexnetBvlc: readonly WeightSource[] = [
  {
    ...caffe,
    files: [
      {
        ...bvlc,
        file: 'bvlc_alexnet.caffemodel',
        url: 'http://dl.caffe.berkeleyvision.org/bvlc_alexnet.caffemodel',
        checksum: { kind: 'sha1', begins: '9116a64c0fbe4459d18f4bb6b56d647b63920377' },
        results: papers.alexnetBvlc.results,
      },
    ],
  },
];

// models/bvlc_reference_caffenet/readme.md
export const caffenet: readonly WeightSource[] = [
  {
    ...caffe,
    files: [
      {
        ...bvlc,
        file: 'bvlc_reference_caffenet.caffemodel',
        url: 'http://dl.caffe.berkeleyvision.org/bvlc_reference_caffenet.caffemodel',
        checksum: { kind: 'sha1', begins: '4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46' },
        results: papers.caffenet.results,
      },
    ],
  },
];

// pytorch/vision, torchvision/models/alexnet.py, AlexNet_Weights.IMAGENET1K_V1
export const alexnetTorchvision: readonly WeightSource[] = [
  {
    toolkit: 'pytorch',
    layers: {
      conv1: 'features.0',
      conv2: 'features.3',
      conv3: 'features.6',
      conv4: 'features.8',
      conv5: 'features.10',
      fc6: 'classifier.1',
      fc7: 'classifier.4',
      fc8: 'classifier.6',
    },
    preprocess: recipes.alexnetTorchvision.input.preprocess,
    files: [
      {
        file: 'alexnet-owt-7be5be79.pth',
        url: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
        checksum: { kind: 'sha256', begins: '7be5be79' },
        licence: 'none of its own; torchvision’s is BSD 3-Clause',
        results: papers.alexnetTorchvision.results,
        unchecked: ['address', 'checksum'],
      },
    ],
  },
];
