/** Caffe's LeNet with a few maps: as a file that describes each of its layers, and as the network that imports it. */
import { caffeNet, settings, transform } from '../../__tests__/support/weights/caffe-net';
import { zoo } from '../../models/registry';
import { fullyConnected } from '../../src/layers/fully-connected';
import type { Network } from '../../src/core/network';
import { integer } from '../../src/core/io/protobuf';
import { tf } from '../../src/core/tf';

export const smallLenet: Network = {
  ...zoo['lenet-caffe'],
  build: ({ classes }) => {
    const image = tf.input({ shape: [28, 28, 1], name: 'image' });
    const layers = [
      tf.layers.conv2d({ name: 'conv1', filters: 2, kernelSize: 5 }),
      tf.layers.maxPooling2d({ name: 'pool1', poolSize: 2, strides: 2 }),
      tf.layers.conv2d({ name: 'conv2', filters: 3, kernelSize: 5 }),
      tf.layers.maxPooling2d({ name: 'pool2', poolSize: 2, strides: 2 }),
    ];
    const features = layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image);
    const hidden = fullyConnected(features, { name: 'ip1', units: 4, activation: 'relu' });
    const scores = fullyConnected(hidden, { name: 'ip2', units: classes });
    return tf.model({ name: 'lenet-caffe', inputs: image, outputs: scores });
  },
};

/**
 * The net of examples/mnist/lenet_train_test.prototxt in training, with a dead-end branch and settings that change
 * nothing.
 */
export function caffeFile(): Buffer {
  const full = (name: string, below: number, units: number) => ({
    ...{ name, type: 'InnerProduct', blobs: [[units, below], [units]] },
    fields: [settings.full(integer(1, units))],
  });
  return caffeNet([
    {
      ...{ name: 'data', type: 'Data', from: [], to: ['data', 'label'] },
      fields: [settings.include('TRAIN'), settings.transform(transform.scale(0.00390625))],
    },
    {
      ...{ name: 'conv1', type: 'Convolution', from: ['data'], blobs: [[2, 1, 5, 5], [2]] },
      fields: [settings.convolution(5)],
    },
    { name: 'pool1', type: 'Pooling', fields: [settings.pooling('MAX', 2, 2)] },
    { name: 'split', type: 'Split', to: ['conv2_in', 'aside'] },
    {
      ...{ name: 'conv2', type: 'Convolution', from: ['conv2_in'], blobs: [[3, 2, 5, 5], [3]] },
      fields: [settings.convolution(5)],
    },
    { name: 'pool2', type: 'Pooling', fields: [settings.pooling('MAX', 2, 2)] },
    full('ip1', 48, 4),
    { name: 'relu1', type: 'ReLU', fields: [settings.relu(0)] },
    { name: 'drop', type: 'Dropout' },
    full('ip2', 4, 10),
    { name: 'norm', type: 'LRN', from: ['aside'], to: ['norm'], fields: [settings.lrn(5, 1e-4, 0.75)] },
    { name: 'silence', type: 'Silence', from: ['norm'], to: [] },
    { name: 'loss', type: 'SoftmaxWithLoss', from: ['ip2', 'label'], to: ['loss'] },
  ]);
}
