import { zoo, type NetworkName } from '../../../models/registry';
import { CeilPool } from '../../../src/layers/ceil-pool';
import { AdaptiveAveragePool } from '../../../src/layers/adaptive-average-pool';
import { fullyConnected } from '../../../src/layers/fully-connected';
import { GroupedConv2D } from '../../../src/layers/grouped-conv';
import { Lrn } from '../../../src/layers/lrn';
import type { Network } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';

/**
 * Networks with the layers of the zoo's and a few maps each, as `fixtures/weights/make_torch_files.py` has them, for the
 * zoo's own lists of names.
 */
export const narrow = {
  'alexnet-torchvision': network('alexnet-torchvision', (image, classes) => {
    const padded = through(image, tf.layers.zeroPadding2d({ padding: [2, 2] }));
    const pool = (below: tf.SymbolicTensor) =>
      through(below, tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }));
    const first = pool(convolution(padded, 'conv1', 4, 11, { strides: 4, padding: 'valid' }));
    return [alexnetFrom(first, [6, 8, 6, 4], pool, classes, convolution)];
  }),
  'alexnet-bvlc': network('alexnet-bvlc', (image, classes) => {
    const pool = (below: tf.SymbolicTensor) =>
      through(below, new CeilPool({ kind: 'max', size: 3, stride: 2 }));
    const normalised = (below: tf.SymbolicTensor) =>
      through(below, new Lrn({ size: 5, k: 1, alpha: 1e-4 / 5, beta: 0.75 }));
    const first = pool(normalised(convolution(image, 'conv1', 4, 11, { strides: 4, padding: 'valid' })));
    const grouped: typeof convolution = (below, name, filters, kernelSize) => {
      const groups = name === 'conv3' ? 1 : 2;
      const layer = new GroupedConv2D({ name, filters, kernelSize, groups, activation: 'relu' });
      return name === 'conv2' ? normalised(through(below, layer)) : through(below, layer);
    };
    return [alexnetFrom(first, [6, 8, 6, 4], pool, classes, grouped)];
  }),
  'vgg-a': network('vgg-a', (image, classes) => {
    const pool = (below: tf.SymbolicTensor) =>
      through(below, tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
    const blocks = [[3], [4], [5, 5], [6, 6], [6, 4]];
    const features = blocks.reduce(
      (below, block, index) =>
        pool(
          block.reduce((from, maps, at) => convolution(from, `conv${index + 1}_${at + 1}`, maps, 3), below),
        ),
      image,
    );
    return [classifier(features, classes)];
  }),
  googlenet: network('googlenet', (image, classes) => {
    const pool = (below: tf.SymbolicTensor) =>
      through(below, new CeilPool({ kind: 'max', size: 3, stride: 2 }));
    const normal = (below: tf.SymbolicTensor) =>
      through(below, new Lrn({ size: 5, k: 1, alpha: 1e-4 / 5, beta: 0.75 }));
    const padded = through(image, tf.layers.zeroPadding2d({ padding: [3, 3] }));
    const stem = convolution(padded, 'conv1', 3, 7, { strides: 2, padding: 'valid' });
    const second = convolution(convolution(normal(pool(stem)), 'conv2_reduce', 3, 1), 'conv2', 4, 3);
    const threeA = inception(pool(normal(second)), '3a', convolution, 5);
    const fourA = inception(pool(threeA), '4a', convolution, 5);
    const fourD = inception(fourA, '4d', convolution, 5);
    const pooled = through(pool(fourD), tf.layers.globalAveragePooling2d({}));
    const scores = fullyConnected(pooled, { name: 'loss3/classifier', units: classes });
    return [scores, head(fourA, 'loss1', classes, convolution), head(fourD, 'loss2', classes, convolution)];
  }),
  'googlenet-torchvision': network('googlenet-torchvision', (image, classes) => {
    const pool = (below: tf.SymbolicTensor, size: number) =>
      through(below, new CeilPool({ kind: 'max', size, stride: 2 }));
    const padded = through(image, tf.layers.zeroPadding2d({ padding: [3, 3] }));
    const stem = normalised(padded, 'conv1', 3, 7, { strides: 2, padding: 'valid' });
    const second = normalised(normalised(pool(stem, 3), 'conv2_reduce', 3, 1), 'conv2', 4, 3);
    const fourA = inception(pool(inception(pool(second, 3), '3a'), 3), '4a');
    const fourD = inception(fourA, '4d');
    const pooled = through(pool(fourD, 2), tf.layers.globalAveragePooling2d({}));
    const scores = fullyConnected(pooled, { name: 'loss3/classifier', units: classes });
    return [scores, head(fourA, 'loss1', classes), head(fourD, 'loss2', classes)];
  }),
} as const satisfies { readonly [name in NetworkName]?: Network };

function network(
  name: NetworkName,
  outputsFor: (image: tf.SymbolicTensor, classes: number) => tf.SymbolicTensor[],
): Network {
  return {
    ...zoo[name],
    build: ({ classes, input }) => {
      const image = tf.input({ shape: [...input!], name: 'image' });
      return tf.model({ name, inputs: image, outputs: outputsFor(image, classes) });
    },
  };
}

function through(below: tf.SymbolicTensor, layer: tf.layers.Layer): tf.SymbolicTensor {
  return layer.apply(below) as tf.SymbolicTensor;
}

function convolution(
  below: tf.SymbolicTensor,
  name: string,
  filters: number,
  kernelSize: number,
  options: { strides?: number; padding?: 'same' | 'valid' } = {},
): tf.SymbolicTensor {
  const settings = { name, filters, kernelSize, padding: 'same', activation: 'relu', ...options } as const;
  return through(below, tf.layers.conv2d(settings));
}

function alexnetFrom(
  first: tf.SymbolicTensor,
  [second, third, fourth, fifth]: readonly [number, number, number, number],
  pool: (below: tf.SymbolicTensor) => tf.SymbolicTensor,
  classes: number,
  convolve: typeof convolution,
): tf.SymbolicTensor {
  const four = convolve(
    convolve(pool(convolve(first, 'conv2', second, 5)), 'conv3', third, 3),
    'conv4',
    fourth,
    3,
  );
  return classifier(pool(convolve(four, 'conv5', fifth, 3)), classes);
}

function classifier(features: tf.SymbolicTensor, classes: number): tf.SymbolicTensor {
  const six = fullyConnected(features, { name: 'fc6', units: 8, activation: 'relu' });
  const seven = fullyConnected(six, { name: 'fc7', units: 8, activation: 'relu' });
  return fullyConnected(seven, { name: 'fc8', units: classes });
}

function normalised(
  below: tf.SymbolicTensor,
  name: string,
  filters: number,
  kernelSize: number,
  options: { strides?: number; padding?: 'same' | 'valid' } = {},
): tf.SymbolicTensor {
  const settings = { name, filters, kernelSize, padding: 'same', useBias: false, ...options } as const;
  const sums = through(below, tf.layers.conv2d(settings));
  const scaled = through(sums, tf.layers.batchNormalization({ name: `${name}/normalise`, epsilon: 0.001 }));
  return through(scaled, tf.layers.reLU({}));
}

function inception(
  below: tf.SymbolicTensor,
  module: string,
  convolve: typeof convolution = normalised,
  five: 3 | 5 = 3,
): tf.SymbolicTensor {
  const branch = (from: tf.SymbolicTensor, name: string, maps: number, size: number) =>
    convolve(from, `inception_${module}/${name}`, maps, size);
  const pooled = through(below, tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }));
  const branches = [
    branch(below, 'one', 2, 1),
    branch(branch(below, 'threeReduce', 2, 1), 'three', 3, 3),
    branch(branch(below, 'fiveReduce', 2, 1), 'five', 2, five),
    branch(pooled, 'project', 1, 1),
  ];
  return tf.layers.concatenate({}).apply(branches) as tf.SymbolicTensor;
}

function head(
  below: tf.SymbolicTensor,
  name: string,
  classes: number,
  convolve: typeof convolution = normalised,
): tf.SymbolicTensor {
  const pooled = through(below, new AdaptiveAveragePool({ size: 4 }));
  const reduced = convolve(pooled, `${name}/conv`, 2, 1);
  const hidden = fullyConnected(reduced, { name: `${name}/fc`, units: 6, activation: 'relu' });
  return fullyConnected(hidden, { name: `${name}/classifier`, units: classes });
}

/** The images that `expected.json` holds the answers for, `[2, side, side, 3]`. */
export function testImages(side: number): tf.Tensor4D {
  const size = 2 * side * side * 3;
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, at) => ((7919 * at) % 2003) / 1001.5 - 1),
    [2, side, side, 3],
  );
}
