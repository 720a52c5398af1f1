/** The weights of Network in Network that its authors published for Caffe. */
import type { WeightSource } from '../../src/core/network';
import * as papers from './paper';
import * as recipes from './recipe';
import * as tables from './table';

/** The authors' layers have the same names in Caffe. */
function layersOf(rows: readonly tables.Row[]): WeightSource['layers'] {
  const weighted = rows.filter(({ kind }) => kind === 'convolution' || kind === 'cccp');
  return Object.fromEntries(weighted.map((row) => [row.name, row.name]));
}

// gist.github.com/mavenlin/d802a5849de39225bcc6
export const ninImagenet: readonly WeightSource[] = [
  {
    toolkit: 'caffe',
    layers: layersOf(tables.ninImagenet),
    blueFirst: 'conv1',
    preprocess: recipes.ninImagenet.input.preprocess,
    files: [
      {
        file: 'nin_imagenet.caffemodel',
        url: 'https://www.dropbox.com/s/0cidxafrb2wuwxw/nin_imagenet.caffemodel?dl=1',
        checksum: { kind: 'sha1', begins: '8e89c8fcd46e02780e16c867a5308e7bb7af0803' },
        licence: 'non-commercial',
        results: papers.ninImagenet.results,
        unchecked: ['address', 'checksum'],
      },
    ],
  },
];

// gist.github.com/mavenlin/e56253735ef32c3c296d; red comes first, as in CIFAR's files
export const ninCifar10Caffe: readonly WeightSource[] = [
  {
    toolkit: 'caffe',
    layers: layersOf(tables.ninCifar10Caffe),
    // §4.2, as for maxout networks: fitted on the training images, which the file does not hold
    preprocess: [
      { kind: 'contrastNormalise', scale: 55 },
      { kind: 'whiten', bias: 0.1 },
    ],
    files: [
      {
        file: 'cifar10_nin.caffemodel',
        url: 'https://www.dropbox.com/s/blrajqirr1p31v0/cifar10_nin.caffemodel?dl=1',
        licence: 'none stated',
        results: [],
        unchecked: ['address'],
      },
    ],
  },
];
