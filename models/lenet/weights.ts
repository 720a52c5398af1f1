/** What Caffe calls the layers of its LeNet; nobody publishes weights of the family. */
import type { WeightSource } from '../../src/core/network';
import * as recipes from './recipe';

export const lenetCaffe: readonly WeightSource[] = [
  {
    toolkit: 'caffe',
    layers: { conv1: 'conv1', conv2: 'conv2', ip1: 'ip1', ip2: 'ip2' }, // examples/mnist/lenet_train_test.prototxt
    preprocess: recipes.lenetCaffe.input.preprocess,
    files: [], // Caffe's example trains the network; nobody publishes weights of it
  },
];
